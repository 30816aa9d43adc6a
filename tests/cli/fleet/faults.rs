//! Storms over a fleet: every fault at every request of an apply, kill -9 between any two, two at
//! once, random fleets against random services.

use std::collections::BTreeSet;
use std::process::Stdio;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{fleet, user};
use crate::faults::{FAULTS, is_clear, limits, side_by_side};
use crate::support::{Cloud, EAST, Home};

/// Something to create, to replace, to replace that is hidden, and to delete.
fn scene() -> (Cloud, Home) {
    let cloud = Cloud::start()
        .repository("team", "web/api", &["v1"])
        .repository("team", "web/ui", &["v1"])
        .repository("team", "base", &[])
        .repository("team", "other", &[])
        .namespace(EAST, "team")
        .task(("team", "web/api"), "team", true, true)
        .task(("team", "web/ui"), "team", false, false)
        .task(("team", "base"), "old", true, false)
        .task(("team", "other"), "old", true, false);
    let home = user(&cloud, &fleet("['web/*', 'base']"));
    (cloud, home)
}

const LINE: &str = "apply --prune --yes --concurrency 1";

type Tasks = Vec<(String, BTreeSet<(String, String, bool, bool)>)>;

fn tasks(cloud: &Cloud) -> Tasks {
    ["web/api", "web/ui", "base", "other"]
        .map(|name| {
            (
                name.to_owned(),
                cloud.tasks("team", name).into_iter().collect(),
            )
        })
        .to_vec()
}

fn right() -> Tasks {
    let task = |namespace: &str| (EAST.to_owned(), namespace.to_owned(), true, false);
    ["web/api", "web/ui", "base", "other"]
        .map(|name| {
            let target = if name == "other" { "old" } else { "team" };
            (name.to_owned(), BTreeSet::from([task(target)]))
        })
        .to_vec()
}

#[test]
fn every_fault_at_every_request_of_an_apply_ends_well_or_clearly() {
    let (cloud, home) = scene();
    let _ = home.swr(LINE).exits(0);
    assert_eq!(tasks(&cloud), right());
    let requests = cloud.received().len();
    let storms: Vec<(&str, usize)> = FAULTS
        .iter()
        .flat_map(|fault| (0..requests).map(move |at| (*fault, at)))
        .collect();
    side_by_side(&storms, |(fault, at)| {
        let (cloud, home) = scene();
        let cloud = cloud.failing(&format!("* *: {fault} after={at}"));
        let name = format!("{fault} at request {at}");
        let run = home.swr(&format!("{LINE} {}", limits(fault)));
        if !is_clear(&run) {
            return Some(format!("{name}: not clear: {run}"));
        }
        let changed = cloud
            .received()
            .get(*at)
            .is_some_and(|line| !line.starts_with("GET "));
        // A service that says 'done' and has not done it is found out by looking again only.
        let lies = matches!(*fault, "empty" | "shape" | "404") && changed;
        if run.code == Some(0) && tasks(&cloud) != right() && !lies {
            return Some(format!(
                "{name}: success with a wrong end: {run}\n{:?}",
                cloud.received()
            ));
        }
        if cloud.tasks("team", "other").len() != 1 {
            return Some(format!("{name}: somebody else's task was touched: {run}"));
        }
        let again = home.swr(LINE);
        if again.code != Some(0) || tasks(&cloud) != right() {
            return Some(format!(
                "{name}: again: {again}\n{:?}\nafter: {run}",
                tasks(&cloud)
            ));
        }
        None
    });
}

/// What a plan says, without what differs from run to run.
fn planned(home: &Home) -> BTreeSet<String> {
    let text = std::fs::read_to_string(home.path().join("plan.jsonl")).unwrap_or_default();
    let lines = text
        .lines()
        .skip(1)
        .filter(|line| line.contains("\"status\""));
    lines
        .map(|line| {
            let mut change: serde_json::Value = serde_json::from_str(line).unwrap();
            change["endpoint"] = "".into();
            change.to_string()
        })
        .collect()
}

#[test]
fn every_fault_at_every_request_of_a_plan_shows_nothing_that_is_not_so() {
    let line = "plan --prune --exit-code --out plan.jsonl --concurrency 1";
    let (cloud, home) = scene();
    let _ = home.swr(line).exits(8);
    let expected = planned(&home);
    assert_eq!(expected.len(), 4, "{expected:?}");
    let requests = cloud.received().len();
    let storms: Vec<(&str, usize)> = FAULTS
        .iter()
        .flat_map(|fault| (0..requests).map(move |at| (*fault, at)))
        .collect();
    side_by_side(&storms, |(fault, at)| {
        let (cloud, home) = scene();
        let before = tasks(&cloud);
        let cloud = cloud.failing(&format!("* *: {fault} after={at}"));
        let run = home.swr(&format!("{line} {}", limits(fault)));
        let name = format!("{fault} at request {at}: {run}");
        // Something is to do, so that nothing that goes wrong may end with 0.
        if !is_clear(&run) || run.code == Some(0) {
            return Some(format!("not clear: {name}"));
        }
        if tasks(&cloud) != before {
            return Some(format!("a plan changed something: {name}"));
        }
        let found = planned(&home);
        if !found.is_subset(&expected) {
            return Some(format!("not so: {:?}: {name}", found.difference(&expected)));
        }
        // What it lacks it has named.
        let says = |word: &str| run.stdout.contains(word);
        if found != expected
            && !(says("failed") || says("missing") || says("unmet") || says("skipped"))
        {
            return Some(format!("lacks {:?}: {name}", expected.difference(&found)));
        }
        // What it has saved can be carried out.
        let is_whole = std::fs::read_to_string(home.path().join("plan.jsonl")).is_ok_and(|text| {
            text.trim_end()
                .ends_with(&format!("{{\"changes\":{}}}", found.len()))
        });
        if !is_whole {
            let refused = home.swr("apply plan.jsonl");
            let is_cut = refused.code == Some(1) && refused.stderr.contains("cut off");
            return (!is_cut).then(|| format!("{refused}\nafter {name}"));
        }
        let run = home.swr("apply plan.jsonl");
        let others = cloud.tasks("team", "other").len();
        (run.code != Some(0) || others != 1).then(|| format!("{run}\nafter {name}"))
    });
}

#[test]
fn every_fault_at_every_request_of_a_saved_plan_ends_well_or_clearly() {
    let line = "apply plan.jsonl --concurrency 1";
    let planned_scene = || {
        let (cloud, home) = scene();
        let _ = home.swr("plan --prune --out plan.jsonl").exits(0);
        let before = cloud.received().len();
        (cloud, home, before)
    };
    let (cloud, home, before) = planned_scene();
    let _ = home.swr(line).exits(0);
    assert_eq!(tasks(&cloud), right());
    let requests = cloud.received().len() - before;
    // Those that lead to other ends; an apply meets all of them above.
    let faults = [
        "503 retry-after=0",
        "cut",
        "cut-after",
        "html",
        "401",
        "404",
        "500",
    ];
    let storms: Vec<(&str, usize)> = faults
        .iter()
        .flat_map(|fault| (0..requests).map(move |at| (*fault, at)))
        .collect();
    side_by_side(&storms, |(fault, at)| {
        let (cloud, home, before) = planned_scene();
        let cloud = cloud.failing(&format!("* *: {fault} after={at}"));
        let name = format!("{fault} at request {at}");
        let run = home.swr(&format!("{line} {}", limits(fault)));
        if !is_clear(&run) {
            return Some(format!("{name}: not clear: {run}"));
        }
        let changed = cloud
            .received()
            .get(before + at)
            .is_some_and(|line| !line.starts_with("GET "));
        let lies = matches!(*fault, "empty" | "shape" | "404") && changed;
        if run.code == Some(0) && tasks(&cloud) != right() && !lies {
            return Some(format!("{name}: success with a wrong end: {run}"));
        }
        if cloud.tasks("team", "other").len() != 1 {
            return Some(format!("{name}: somebody else's task was touched: {run}"));
        }
        // The same plan again: done, or stale where half of a replacement was done.
        let again = home.swr(line);
        if !matches!(again.code, Some(0 | 8)) {
            return Some(format!("{name}: again: {again}\nafter: {run}"));
        }
        if tasks(&cloud) != right() {
            let _ = home.swr(LINE);
        }
        (tasks(&cloud) != right()).then(|| format!("{name}: a wrong end: {:?}", tasks(&cloud)))
    });
}

#[test]
fn killed_between_any_two_requests_an_apply_run_again_ends_in_the_same_state() {
    let (cloud, home) = scene();
    let _ = home.swr(LINE).exits(0);
    let requests: Vec<usize> = (0..cloud.received().len()).collect();
    side_by_side(&requests, |at| {
        for fault in ["slow", "slow-after"] {
            let (cloud, home) = scene();
            let cloud = cloud.failing(&format!("* *: {fault} after={at}"));
            let mut command = home.command(LINE.split(' '));
            let mut child = command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            cloud.wait_for(at + 1);
            child.kill().unwrap();
            child.wait().unwrap();
            let run = home.swr(LINE);
            if run.code != Some(0) || tasks(&cloud) != right() {
                return Some(format!(
                    "killed at request {at} ({fault}): {run}\n{:?}",
                    tasks(&cloud)
                ));
            }
        }
        None
    });
}

#[test]
fn two_applies_at_once_end_in_the_wished_state() {
    for duplicate in ["400", "409"] {
        let cloud = Cloud::as_if(&[&format!("duplicate={duplicate}")])
            .repository("team", "web/api", &["v1"])
            .repository("team", "base", &[])
            .namespace(EAST, "team")
            .task(("team", "base"), "team", false, true);
        let home = user(&cloud, &fleet("['**']"));
        let children: Vec<_> = (0..2)
            .map(|_| {
                let mut command = home.command(["apply"]);
                command
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in children {
            let run = home.run_of(child.wait_with_output().unwrap());
            assert!(is_clear(&run), "{run}");
        }
        let _ = home.swr("apply").exits(0);
        let wished = [(EAST.to_owned(), "team".to_owned(), true, false)];
        assert_eq!(cloud.tasks("team", "web/api"), wished);
        assert_eq!(cloud.tasks("team", "base"), wished);
    }
}

#[test]
fn two_applies_at_once_of_different_files_leave_each_others_tasks_alone() {
    // Each owns the repositories, and leaves the other's target alone.
    let text = |own: &str, other: &str| {
        format!(
            "[[sync]]\nnamespace = 'team'\nrepositories = ['**']\n\
             to = [{{region = '{EAST}', namespace = '{own}'}}]\n\
             ignore = [{{region = '{EAST}', namespace = '{other}'}}]\n"
        )
    };
    let mut cloud = Cloud::start().namespace(EAST, "one").namespace(EAST, "two");
    let names: Vec<String> = (0..12).map(|number| format!("n{number}")).collect();
    for name in &names {
        cloud = cloud
            .repository("team", name, &[])
            .task(("team", name), "one", true, true)
            .task(("team", name), "old", true, false);
    }
    let home = cloud
        .user()
        .file("one.toml", &text("one", "two"))
        .file("two.toml", &text("two", "one"));
    let children: Vec<_> = ["one.toml", "two.toml"]
        .iter()
        .map(|file| {
            let words = format!("apply -f {file} --prune --yes --max-deletes 20");
            let mut command = home.command(words.split(' '));
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        // Both delete what neither wishes; that it is gone already is fine.
        let _ = home.run_of(child.wait_with_output().unwrap()).exits(0);
    }
    let task = |namespace: &str| (EAST.to_owned(), namespace.to_owned(), true, false);
    for name in &names {
        let now: BTreeSet<_> = cloud.tasks("team", name).into_iter().collect();
        assert_eq!(now, BTreeSet::from([task("one"), task("two")]), "{name}");
    }
    for file in ["one.toml", "two.toml"] {
        let line = format!("plan -f {file} --prune --exit-code");
        let _ = home.swr(&line).exits(0);
    }
}

/// Which of a few repositories and targets a random fleet and a random service have.
#[derive(Debug, Clone)]
struct Random {
    /// Each repository: its tasks there, by target, with auto and override.
    there: Vec<Vec<Option<(bool, bool)>>>,
    /// The entries: which repositories, which targets, which override.
    entries: Vec<(Vec<usize>, Vec<usize>, bool)>,
}

const NAMES: [&str; 4] = ["a", "b/c", "b/d", "e"];
const TARGETS: [&str; 3] = ["team", "one", "two"];

fn random() -> impl Strategy<Value = Random> {
    let task = prop::option::of((any::<bool>(), any::<bool>()));
    let there = prop::collection::vec(prop::collection::vec(task, 3), 4);
    let repositories = prop::sample::subsequence((0..4).collect::<Vec<_>>(), 1..4);
    let targets = prop::sample::subsequence((0..3).collect::<Vec<_>>(), 0..3);
    let entries = prop::collection::vec((repositories, targets, any::<bool>()), 1..3);
    (there, entries).prop_map(|(there, entries)| Random { there, entries })
}

#[test]
fn after_an_apply_the_owned_part_is_as_wished_and_nothing_else_has_changed() {
    let mut runner = TestRunner::new(Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    });
    runner.run(&random(), |random| {
        let mut cloud = Cloud::start();
        for target in TARGETS {
            cloud = cloud.namespace(EAST, target);
        }
        for (name, tasks) in NAMES.iter().zip(&random.there) {
            cloud = cloud.repository("team", name, &[]);
            for (target, task) in TARGETS.iter().zip(tasks) {
                if let Some((auto, override_)) = task {
                    cloud = cloud.task(("team", name), target, *auto, *override_);
                }
            }
        }
        let mut text = String::new();
        let mut wished = vec![Some(BTreeSet::new()); NAMES.len()];
        let mut owned = [false; NAMES.len()];
        for (repositories, targets, override_) in &random.entries {
            let names: Vec<&str> = repositories.iter().map(|index| NAMES[*index]).collect();
            let to: Vec<String> = targets
                .iter()
                .map(|index| format!("{{region = '{EAST}', namespace = '{}'}}", TARGETS[*index]))
                .collect();
            text.push_str(&format!(
                "[[sync]]\nnamespace = 'team'\nrepositories = {names:?}\nto = [{}]\noverride = {override_}\n",
                to.join(", ")
            ));
            for index in repositories {
                owned[*index] = true;
                for target in targets {
                    let target = TARGETS[*target];
                    if let Some(set) = &mut wished[*index] {
                        let other = (target, !*override_);
                        if set.contains(&other) {
                            wished[*index] = None; // a conflict
                        } else {
                            set.insert((target, *override_));
                        }
                    }
                }
            }
        }
        let home = user(&cloud, &text);
        let run = home.swr("apply --prune --yes --max-deletes 100");
        let is_conflict = wished.iter().any(Option::is_none);
        if is_conflict {
            prop_assert_eq!(run.code, Some(1), "{}", run);
            prop_assert!(run.stderr.contains("conflict at team/"), "{}", run);
        } else {
            prop_assert_eq!(run.code, Some(0), "{}\n{}", run, text);
        }
        for (index, name) in NAMES.iter().enumerate() {
            let now: BTreeSet<_> = cloud.tasks("team", name).into_iter().collect();
            let before: BTreeSet<_> = TARGETS
                .iter()
                .zip(&random.there[index])
                .filter_map(|(target, task)| task.map(|(auto, override_)| (EAST.to_owned(), (*target).to_owned(), auto, override_)))
                .collect();
            if is_conflict || !owned[index] {
                prop_assert_eq!(now, before, "{}\n{}", name, text);
                continue;
            }
            let Some(set) = &wished[index] else { continue };
            let mut expected: BTreeSet<_> = set
                .iter()
                .map(|(target, override_)| (EAST.to_owned(), (*target).to_owned(), true, *override_))
                .collect();
            // Hidden tasks to other targets are nobody's to see.
            expected.extend(before.into_iter().filter(|(_, target, auto, _)| {
                !auto && !set.iter().any(|(wished, _)| wished == target)
            }));
            prop_assert_eq!(now, expected, "{}\n{}", name, text);
        }
        Ok(())
    }).unwrap();
}
