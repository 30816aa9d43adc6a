//! `swr export`: what is there as a file, which then says what is there.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::cloud;
use crate::faults::{FAULTS, is_clear, limits, side_by_side};
use crate::support::{Cloud, EAST, Home, NORTH, Reply, Run, Wire};

/// Exports with these options, and plans what was written: nothing is to do.
#[track_caller]
fn round(home: &Home, options: &str) -> String {
    let run = home.swr(&format!("export {options}")).exits(0);
    let again = home.swr(&format!("export --concurrency 1 {options}"));
    assert_eq!(run.stdout, again.stdout, "{options}");
    home.write("swr.toml", &run.stdout);
    let plan = home.swr("plan --exit-code");
    assert_eq!(plan.code, Some(0), "{options}:\n{plan}{}", run.stdout);
    run.stdout
}

/// A cloud with every shape of a task that a file can declare.
fn shapes() -> Cloud {
    cloud()
        .repository("team", "web/admin/ui", &[])
        .repository("team", "webhook", &[])
        .repository("other", "x", &[])
        .namespace(EAST, "other")
        .task(("team", "web/api"), "team", true, false)
        .task(("team", "web/ui"), "team", true, false)
        .task(("team", "web/admin/ui"), "team", true, false)
        .task(("team", "base"), "team", true, false)
        .task(("team", "base"), "old", true, true)
        .task(("other", "x"), "other", true, true)
}

#[test]
fn what_is_written_is_what_is_there() {
    let cloud = shapes();
    let home = cloud.user();
    assert_data_eq!(
        round(&home, ""),
        str![[r#"
[defaults]
region  = "cn-north-4"

# without a task, in "demo":
#     "web/api",
#     "web/worker",

[[sync]]
namespace    = "other"
repositories = ["x"]
to           = ["cn-east-3"]
override     = true

[[sync]]
namespace    = "team"
repositories = ["base"]
to           = [{ region = "cn-east-3", namespace = "old", override = true }, "cn-east-3"]

[[sync]]
namespace    = "team"
repositories = ["web/admin/ui", "web/api", "web/ui"]
to           = ["cn-east-3"]

# without a task, in "team":
#     "webhook",

"#]]
    );
    let globs = round(&home, "--globs -n team");
    assert!(globs.contains(r#"repositories = ["web/**"]"#), "{globs}");
    assert!(!globs.contains("other"), "{globs}");
    let all = round(&home, "-n team --namespace other -n demo -n team");
    assert_eq!(all, round(&home, ""));
}

#[test]
fn a_glob_is_written_only_where_all_that_it_matches_is_in_the_group() {
    let cloud = cloud()
        .task(("team", "web/api"), "team", true, false)
        .task(("team", "web/ui"), "team", true, true)
        .task(("team", "base"), "team", true, false);
    let text = round(&cloud.user(), "--globs");
    assert!(!text.contains('*'), "{text}");
    let cloud = cloud.task(("team", "web/ui"), "team", true, false);
    let text = round(&cloud.user(), "--globs");
    assert!(!text.contains("**"), "{text}");
    let cloud = Cloud::start().namespace(EAST, "team");
    let cloud = ["a", "a/b", "a/c", "d"].iter().fold(cloud, |cloud, name| {
        let cloud = cloud.repository("team", name, &[]);
        cloud.task(("team", name), "team", true, false)
    });
    let text = round(&cloud.user(), "--globs");
    assert!(text.contains(r#"repositories = ["**"]"#), "{text}");
    let cloud = cloud.repository("team", "d/e", &[]);
    let text = round(&cloud.user(), "--globs");
    assert!(
        text.contains(r#"repositories = ["a", "a/**", "d"]"#),
        "{text}"
    );
}

/// Whether each of a few repositories has a task to each of a few targets, with auto and override.
type Tasks = Vec<Vec<Option<(bool, bool)>>>;

const NAMES: [&str; 7] = ["a", "a/b", "a/b/c", "a/b-d", "a.b/c", "Upper--case", "z/9"];
const TARGETS: [&str; 3] = ["team", "one", "two--x"];

fn random() -> impl Strategy<Value = Tasks> {
    let task = prop::option::of((any::<bool>(), any::<bool>()));
    prop::collection::vec(prop::collection::vec(task, 3), NAMES.len())
}

#[test]
fn whatever_is_there_nothing_is_to_do_after_an_export() {
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&(random(), any::<bool>()), |(tasks, all_are_listed)| {
            let listed = if all_are_listed { "all" } else { "auto" };
            let mut cloud = Cloud::as_if(&[&format!("tasks-listed={listed}")]);
            for target in TARGETS {
                cloud = cloud.namespace(EAST, target);
            }
            for (name, tasks) in NAMES.iter().zip(&tasks) {
                cloud = cloud.repository("team", name, &[]);
                for (target, task) in TARGETS.iter().zip(tasks) {
                    if let Some((auto, override_)) = task {
                        cloud = cloud.task(("team", name), target, *auto, *override_);
                    }
                }
            }
            let home = cloud.user();
            for options in ["", "--globs"] {
                let text = round(&home, options);
                let automatic = tasks.iter().flatten().flatten().any(|task| task.0);
                prop_assert_eq!(text.contains("\nto           = []"), !automatic, "{}", text);
            }
            let blocks = terraform(&home.swr("export --format terraform").exits(0));
            let there: BTreeSet<String> = NAMES
                .iter()
                .zip(&tasks)
                .flat_map(|(name, tasks)| TARGETS.iter().zip(tasks).map(move |task| (name, task)))
                .filter(|(_, (_, task))| task.is_some_and(|(auto, _)| auto))
                .map(|(name, (target, task))| {
                    let override_ = task.is_some_and(|(_, override_)| override_);
                    format!("team,{name},{EAST},{target} {override_}")
                })
                .collect();
            prop_assert_eq!(blocks, there);
            Ok(())
        })
        .unwrap();
}

/// Reads what was written for Terraform: the id of every import, with the override of its resource.
fn terraform(run: &Run) -> BTreeSet<String> {
    let block = regex::Regex::new(
        "(?m)^import \\{\n  to = huaweicloud_swr_image_auto_sync\\.([A-Za-z_][A-Za-z0-9_-]*)\n  id = \"([^\"]+)\"\n\\}\n\n\
         resource \"huaweicloud_swr_image_auto_sync\" \"([^\"]+)\" \\{\n  organization        = \"([^\"]+)\"\n  \
         repository          = \"([^\"]+)\"\n  target_region       = \"([^\"]+)\"\n  \
         target_organization = \"([^\"]+)\"\n  override            = (true|false)\n\\}\n",
    )
    .unwrap();
    let rest = block.replace_all(&run.stdout, "");
    let is_left = |line: &str| !line.is_empty() && !line.starts_with('#');
    assert!(!rest.lines().any(is_left), "{rest}\n{run}");
    let mut labels = BTreeSet::new();
    let blocks = block.captures_iter(&run.stdout).map(|found| {
        let text = |index: usize| found[index].to_owned();
        assert_eq!(text(1), text(3), "{run}");
        assert!(labels.insert(text(1)), "{} comes twice: {run}", text(1));
        assert_eq!(
            text(2),
            [text(4), text(5), text(6), text(7)].join(","),
            "{run}"
        );
        format!("{} {}", text(2), text(8))
    });
    blocks.collect()
}

#[test]
fn resources_of_terraform_have_names_of_their_own() {
    let names = ["a/b", "a.b", "a_b", "a_b_2", "9"];
    let cloud = names.iter().fold(cloud(), |cloud, name| {
        let cloud = cloud.repository("team", name, &[]);
        cloud.task(("team", name), "team", true, false)
    });
    let run = cloud.swr("export --format terraform -n team").exits(0);
    assert_eq!(terraform(&run).len(), names.len());
}

#[test]
fn only_tasks_to_a_region_are_exported_and_the_others_left_alone() {
    let cloud = shapes();
    cloud.emulator().add_task(
        NORTH,
        "team",
        "webhook",
        "ap-southeast-1",
        "team",
        true,
        false,
    );
    cloud.emulator().add_task(
        NORTH,
        "team",
        "web/api",
        "ap-southeast-1",
        "team",
        true,
        false,
    );
    let home = cloud.user();
    let text = round(&home, "--to-region cn-east-3");
    assert!(text.contains("ignore  = [\"ap-southeast-1\"]"), "{text}");
    assert!(
        text.contains("# without a task to cn-east-3, in \"team\":"),
        "{text}"
    );
    // Neither its own tasks nor the other's are to change now.
    let plan = home.swr("plan --prune -o json --all").exits(0).json();
    assert_eq!(plan["summary"]["unchanged"], 6, "{plan}");
    assert_eq!(plan["items"].as_array().unwrap().len(), 6, "{plan}");
    // A region without tasks is pointed out; what was written leaves all others alone.
    let text = round(&home, "--to-region cn-south-1");
    assert!(
        text.contains("ignore  = [\"ap-southeast-1\", \"cn-east-3\"]"),
        "{text}"
    );
    let run = home.swr("export --to-region cn-south-1");
    assert!(
        run.stderr
            .contains("warning: there are no tasks to cn-south-1, so "),
        "{run}"
    );
    let run = home
        .swr("export --format terraform --to-region cn-east-3,cn-south-1")
        .exits(0);
    assert_eq!(terraform(&run).len(), 6);
}

#[test]
fn a_task_that_no_file_can_declare_is_a_comment_and_left_alone() {
    let cloud = cloud().task(("team", "base"), "team", true, false);
    for repository in ["base", "web/ui"] {
        cloud
            .emulator()
            .add_task(NORTH, "team", repository, NORTH, "team", true, false);
    }
    let home = cloud.user();
    let text = round(&home, "");
    let remark =
        "# not declared: the task of team/base to team (cn-north-4) goes to its own source\n";
    assert!(text.contains(remark), "{text}");
    assert!(!text.contains("\n    \"web/ui\""), "{text}");
    let run = home.swr("export --format terraform").exits(0);
    assert_eq!(terraform(&run).len(), 1);
    let warning =
        "warning: left out: the task of team/web/ui to team (cn-north-4) goes to its own source";
    assert!(run.stderr.contains(warning), "{run}");
}

#[test]
fn a_fleet_without_tasks_wishes_none() {
    let cloud = cloud().namespace(NORTH, "empty");
    let home = cloud.user();
    for options in ["", "--globs", "-n empty", "-n team -n empty"] {
        let text = round(&home, options);
        assert!(text.contains("to           = []"), "{options}: {text}");
    }
    for options in ["", "--format terraform"] {
        let run = home.swr(&format!("export {options}")).exits(0);
        assert!(run.stderr.contains("warning: there are no tasks"), "{run}");
    }
    // A task that comes later is not wished.
    let cloud = cloud.task(("team", "base"), "team", true, false);
    let _ = cloud;
    home.write("swr.toml", &home.swr("export -n empty").exits(0).stdout);
    let _ = home.swr("plan --exit-code").exits(0);
    let wire = Wire::serve([Reply::json(200, r#"{"repos":[]}"#)]);
    let nothing = wire.user().swr("export").exits(8);
    assert_eq!(nothing.stdout, "");
    assert!(
        nothing.stderr.contains("no repository is visible"),
        "{nothing}"
    );
    let run = cloud.swr("export -n team -n nope").exits(4);
    assert_eq!(run.stdout, "");
}

#[test]
fn region_and_profile_in_force_are_written_down() {
    let cloud = shapes();
    let mut home = cloud.user();
    let endpoint = home.variables().find(|(name, _)| *name == "SWR_ENDPOINT");
    let endpoint = endpoint.unwrap().1.to_owned();
    let name = "pr\\\"od\u{7f}\u{202e} #";
    let config = format!(
        "[profiles.{}]\nendpoint = \"{endpoint}\"\nregion = \"cn-north-4\"\n",
        json!(name).to_string().replace('\u{7f}', "\\u007f")
    );
    home = home.config(&config).with("SWR_PROFILE", name);
    let text = round(&home, "");
    assert!(
        text.starts_with(
            "[defaults]\nregion  = \"cn-north-4\"\nprofile = \"pr\\\\\\\"od\\U0000007F\\U0000202E #\"\n"
        ),
        "{text}"
    );
    // The file now says it, and the variable does not have to.
    let home = home.without("SWR_PROFILE");
    let _ = home.swr("plan --exit-code").exits(0);
    let wire = Wire::serve([Reply::json(200, r#"{"repos":[]}"#)]);
    let text = wire.user().swr("export -n team").stdout;
    assert!(!text.contains("defaults"), "{text}");
}

#[test]
fn the_form_is_not_json() {
    let cloud = shapes();
    for form in ["json", "jsonl"] {
        let run = cloud.swr(&format!("export -o {form}")).exits(2);
        assert_eq!(run.json_error()["field"], "--output");
        assert_eq!(run.stdout, "");
    }
    let run = cloud
        .swr("export --format terraform --globs --to-region X -n T")
        .exits(2);
    for option in ["--globs", "--to-region", "--namespace"] {
        assert!(run.stderr.contains(&format!("({option})")), "{run}");
    }
    assert_eq!(cloud.received(), [""; 0]);
    // As a setting it is about what is said beside.
    let run = cloud
        .user()
        .with("SWR_OUTPUT", "json")
        .swr("export")
        .exits(0);
    assert!(
        run.stdout.contains("[[sync]]") && run.stderr.starts_with("{\"note\":"),
        "{run}"
    );
}

#[test]
fn what_could_not_be_read_is_named_and_nothing_is_written() {
    for (fault, code) in [
        ("503 retry-after=0 x99", 5),
        ("500 x99", 5),
        ("404 x99", 4),
        ("cut x99", 6),
        ("401", 4),
    ] {
        for place in ["sync_repo", "repos"] {
            let cloud = shapes().failing(&format!("GET {place}: {fault}"));
            let run = cloud.swr("export --retries 0 --concurrency 1");
            assert_eq!(run.code, Some(code), "{place} {fault}: {run}");
            assert_eq!(run.stdout, "", "{place} {fault}");
            let is_refused = run.stderr.contains("-n NAME exports a namespace");
            assert_eq!(is_refused, code == 4 && fault != "401", "{run}");
            assert!(run.stderr.contains("error: nothing was written: "), "{run}");
            if place == "sync_repo" && fault != "401" {
                let names = ["other/x", "team/base", "team/web/api", "team/webhook"];
                let all = names
                    .iter()
                    .all(|name| run.stderr.contains(&format!("warning: {name}: ")));
                assert!(all, "{fault}: {run}");
            }
        }
    }
    // One of many is enough.
    let cloud = shapes().failing("GET sync_repo: 500 x9 after=2");
    let run = cloud.swr("export --retries 0 --concurrency 1").exits(5);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_list_of_tasks_that_was_cut_is_a_failure() {
    let cloud = cloud();
    for number in 0..100 {
        let target = format!("t{number}");
        cloud
            .emulator()
            .add_task(NORTH, "team", "base", EAST, &target, true, false);
    }
    let run = cloud.swr("export").exits(5);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr
            .contains("warning: team/base: the list of tasks is incomplete"),
        "{run}"
    );
}

#[test]
fn what_the_service_does_not_say_is_a_failure() {
    let task = |more: &str| {
        format!(
            r#"{{"remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":true{more}}}"#
        )
    };
    let plain = task(r#","override":true"#);
    for tasks in [
        task(""),
        task(r#","override":null"#),
        task(r#","override":"maybe""#),
        format!("{plain},{}", task(r#","override":false"#)),
        format!(
            "{plain},{}",
            plain.replace("\"syncAuto\":true", "\"syncAuto\":false")
        ),
        plain.replace("cn-east-3", "\\u0000"),
        plain.replace("\"team\"", "\"te/am\""),
    ] {
        let body = format!("[{tasks}]");
        let wire = Wire::play(move |_, heard| {
            Reply::json(
                200,
                if heard.line.contains("sync_repo") {
                    &body
                } else {
                    r#"{"repos":[{"name":"base","namespace":"team"}]}"#
                },
            )
        });
        let run = wire.user().swr("export").exits(5);
        assert_eq!(run.stdout, "", "{tasks}");
        assert!(
            run.stderr.contains("warning: team/base: "),
            "{tasks}: {run}"
        );
    }
    // The same task twice is one task.
    let body = format!("[{plain},{plain}]");
    let wire = Wire::play(move |_, heard| {
        Reply::json(
            200,
            if heard.line.contains("sync_repo") {
                &body
            } else {
                r#"{"repos":[{"name":"base","namespace":"team"}]}"#
            },
        )
    });
    let text = wire.user().swr("export").exits(0).stdout;
    assert!(
        text.contains("to           = [\"cn-east-3\"]\noverride     = true\n"),
        "{text}"
    );
}

#[test]
fn hostile_names_reach_neither_the_file_nor_the_terminal() {
    let names = [
        "${x}",
        "a\"b",
        "a\nb",
        "]",
        "a\\b",
        "*",
        "!a",
        "\u{1b}[2J",
        "../x",
        "a,b",
        "#",
    ];
    let repositories: Vec<_> = names
        .iter()
        .flat_map(|name| {
            [
                json!({"name": name, "namespace": "team"}),
                json!({"name": "x", "namespace": name}),
            ]
        })
        .chain([json!({"name": "Good--one", "namespace": "a--b"})])
        .collect();
    let list = json!({"repos": repositories}).to_string();
    let wire = Wire::play(move |_, heard| {
        let task = r#"[{"remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":true,"override":false}]"#;
        Reply::json(
            200,
            if heard.line.contains("sync_repo") {
                task
            } else {
                &list
            },
        )
    });
    for options in ["", "--globs", "--format terraform"] {
        let run = wire.user().swr(&format!("export {options}")).exits(0);
        assert!(run.stderr.contains("22 of the repositories"), "{run}");
        assert!(!run.to_string().contains('\u{1b}'), "{run}");
        if options.contains("terraform") {
            let task = "a--b,Good--one,cn-east-3,team false".to_owned();
            assert_eq!(terraform(&run), BTreeSet::from([task]));
        } else {
            let table: toml::Table = run.stdout.parse().unwrap();
            let entries = table["sync"].as_array().unwrap();
            assert_eq!(entries.len(), 1, "{run}");
            assert_eq!(entries[0]["namespace"].as_str(), Some("a--b"));
        }
    }
}

#[test]
fn every_fault_at_every_request_of_an_export_ends_well_or_clearly() {
    let line = "export --globs --concurrency 1";
    let cloud = shapes();
    let whole = cloud.swr(line).exits(0).stdout;
    let requests = cloud.received().len();
    let storms: Vec<(&str, usize)> = FAULTS
        .iter()
        .flat_map(|fault| (0..requests).map(move |at| (*fault, at)))
        .collect();
    side_by_side(&storms, |(fault, at)| {
        let cloud = shapes().failing(&format!("* *: {fault} after={at}"));
        let run = cloud.swr(&format!("{line} {}", limits(fault)));
        let expected = if run.code == Some(0) { &whole } else { "" };
        (!is_clear(&run) || run.stdout != expected)
            .then(|| format!("{fault} at request {at}: {run}"))
    });
}

#[test]
fn an_export_comes_through_however_the_service_lists() {
    let switches = [
        "v3=closed",
        "tasks-listed=all",
        "regions=closed",
        "content-type=always",
        "error=D",
    ];
    for switch in switches {
        let cloud = Cloud::as_if(&[switch])
            .repository("team", "web/api", &[])
            .namespace(EAST, "team")
            .task(("team", "web/api"), "team", true, true);
        let _ = round(&cloud.user(), "--globs");
    }
}
