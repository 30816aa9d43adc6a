//! `swr apply`: creates first, deletes last, and nothing of anybody else's.

use swr::emulator::Switches;

use super::{cloud, fleet, statuses, user};
use crate::faults::{is_clear, side_by_side};
use crate::support::{Cloud, EAST, NORTH, at_a_terminal};

fn east(namespace: &str, override_: bool) -> (String, String, bool, bool) {
    (EAST.to_owned(), namespace.to_owned(), true, override_)
}

#[test]
fn an_apply_makes_the_tasks_as_wished() {
    let cloud = cloud()
        .task(("team", "web/api"), "team", true, true)
        .task(("team", "web/ui"), "team", false, true)
        .task(("team", "web/ui"), "old", true, false);
    let home = user(&cloud, &fleet("['**']"));
    let run = home.swr("apply -o json --all").exits(0);
    assert_eq!(
        statuses(&run.document("apply")),
        [
            "web/api → team: replaced",
            "web/ui → team: replaced",
            "web/ui → old: surplus",
            "base → team: created"
        ]
    );
    let items = run.json()["items"].clone();
    assert_eq!(
        (&items[0]["hidden"], &items[1]["hidden"]),
        (&false.into(), &true.into())
    );
    assert_eq!(cloud.tasks("team", "base"), [east("team", false)]);
    assert_eq!(cloud.tasks("team", "web/api"), [east("team", false)]);
    let mut of_ui = cloud.tasks("team", "web/ui");
    of_ui.sort();
    assert_eq!(of_ui, [east("old", false), east("team", false)]);
    let again = home.swr("apply -o json").exits(0);
    assert_eq!(statuses(&again.json()), ["web/ui → old: surplus"]);
    let _ = home.swr("plan --exit-code").exits(8);
}

#[test]
fn deletes_come_last_and_are_approved() {
    let cloud = cloud().task(("team", "base"), "old", true, false);
    let home = user(&cloud, &fleet("['base']"));
    let run = home.swr("apply --prune").exits(2);
    assert_eq!(
        run.stderr,
        "error: --prune deletes tasks; nobody is there to answer\nhint: --yes answers the question\n"
    );
    assert_eq!(cloud.received(), [""; 0]);
    let run = home.swr("apply --prune --yes -o json").exits(0);
    assert_eq!(
        statuses(&run.json()),
        ["base → team: created", "base → old: deleted"]
    );
    let last = cloud.received().pop().unwrap();
    assert!(last.starts_with("DELETE "), "{last}");
    assert_eq!(cloud.tasks("team", "base"), [east("team", false)]);
    let _ = home.swr("plan --prune --exit-code").exits(0);
}

#[test]
fn nothing_is_deleted_above_the_limit_or_after_a_failure() {
    let mut cloud = cloud();
    for number in 0..11 {
        cloud = cloud.task(("team", "base"), &format!("n{number}"), true, false);
    }
    let home = user(&cloud, &fleet("['base']"));
    let run = home.swr("apply --prune --yes").exits(8);
    assert!(
        run.stderr.contains(
            "error: 11 tasks would be deleted, more than 10: nothing was deleted\n\
        hint: look at 'swr plan --prune'; --max-deletes 11 allows it\n"
        ),
        "{run}"
    );
    assert_eq!(cloud.tasks("team", "base").len(), 12, "the create happens");
    let broken = user(
        &cloud,
        &fleet("['base', 'web/*']").replace("[\"cn-east-3\"]", "[\"cn-east-3\", 'cn-west-9']"),
    );
    let run = broken
        .swr("apply --prune --yes --max-deletes 11 -o json")
        .exits(8);
    assert_eq!(run.json()["summary"]["deleted"], 0, "{run}");
    assert_eq!(run.json()["summary"]["surplus"], 11, "{run}");
    let run = home
        .swr("apply --prune --yes --max-deletes 11 -o json")
        .exits(0);
    assert_eq!(run.json()["summary"]["deleted"], 11);
}

#[test]
fn what_is_wrong_on_the_command_line_is_said_before_anything_is_sent() {
    let cloud = cloud();
    let home = user(&cloud, &fleet("['base']")).file("plan.jsonl", "");
    for line in [
        "plan --shard 0/4",
        "plan --shard job/4",
        "plan --only [",
        "plan --wait",
        "apply --shard 5/4",
        "apply --shard x",
        "apply -f - -f -",
        "check -f - -f -",
        "plan -f - -f -",
        "apply --prune",
        "apply plan.jsonl --max-deletes x",
        "sync status --shard 5/4",
        "sync status --shard job/4",
        "sync status --only [",
        "sync status -f swr.toml -n team",
        "sync status -n Team",
        "sync status --updated-within 3",
        "apply --yes",
        "apply --max-deletes 3",
        "apply --wait",
        "apply --backfill --verify",
        "apply plan.jsonl -f swr.toml",
        "apply plan.jsonl --prune",
        "apply plan.jsonl --create-namespace",
        "apply --only [",
        "apply --backfill --wait --wait-timeout 3",
    ] {
        let run = home.swr(line).exits(2);
        assert!(run.stderr.starts_with("error: "), "{run}");
    }
    assert_eq!(cloud.received(), [""; 0]);
}

#[test]
fn one_command_leads_to_the_proven_state() {
    let cloud = Cloud::start()
        .repository("team", "web/api", &["v1", "v2"])
        .repository("team", "base", &["v1"]);
    let home = user(&cloud, &fleet("['**']"));
    let _ = home.swr("plan").exits(8);
    let line = "apply --create-namespace --backfill --wait --verify -o json";
    let run = home.swr(line).exits(0);
    let document = run.document("apply");
    // Each is written when its copies have ended.
    let mut ended = statuses(&document);
    ended.sort();
    assert_eq!(ended, ["base → team: created", "web/api → team: created"]);
    let items = document["items"].as_array().unwrap();
    let of_api = items
        .iter()
        .find(|item| item["repository"] == "web/api")
        .unwrap();
    assert_eq!(
        (&of_api["backfill"]["success"], &of_api["verify"]["same"]),
        (&2.into(), &2.into())
    );
    for repository in ["base", "web/api"] {
        let source = cloud.tags(NORTH, "team", repository);
        assert_eq!(cloud.tags(EAST, "team", repository), source);
    }
    let again = home.swr(&format!("{line} --all")).exits(0);
    assert_eq!(
        statuses(&again.json()),
        ["web/api → team: unchanged", "base → team: unchanged"]
    );
    assert_eq!(again.json()["items"][0]["backfill"]["same"], 2);
}

#[test]
fn a_push_while_a_task_is_replaced_is_copied() {
    use std::process::Stdio;
    let cloud = cloud()
        .task(("team", "base"), "team", true, true)
        .failing("POST sync_repo: slow");
    let home = user(&cloud, &fleet("['base']"));
    let mut command = home.command("apply -o json --timeout 1s".split(' '));
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // GET tasks, regions, namespace, tags; DELETE; POST, which is slow: the task is gone.
    let is_gone = || {
        cloud
            .received()
            .iter()
            .any(|request| request.starts_with("POST "))
    };
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !is_gone() {
        assert!(std::time::Instant::now() < end, "{:?}", cloud.received());
        std::thread::yield_now();
    }
    cloud.emulator().push(NORTH, "team", "base", "pushed", None);
    let run = home.run_of(child.wait_with_output().unwrap()).exits(0);
    let item = run.json()["items"][0].clone();
    assert_eq!(item["status"], "replaced");
    assert_eq!(item["window"], serde_json::json!(["pushed"]));
    assert_eq!(cloud.copies("team", "base"), ["pushed"]);
}

#[test]
fn a_no_at_the_terminal_leaves_the_deletes() {
    for (answer, code, end) in [("n\r", 8, 2), ("\r", 8, 2), ("y\r", 0, 1)] {
        let cloud = cloud().task(("team", "base"), "old", true, false);
        let home = user(&cloud, &fleet("['base']"));
        let steps = serde_json::json!([["wait", "delete this task?"], ["type", answer]]);
        let Some(typed) = at_a_terminal(&home, "apply --prune", &steps) else {
            return;
        };
        assert_eq!(typed.code, code, "{}", typed.screen);
        // The list comes with the question; the create has happened before.
        assert!(
            typed.screen.contains("delete team/base → old (cn-east-3)"),
            "{}",
            typed.screen
        );
        assert_eq!(cloud.tasks("team", "base").len(), end, "{}", typed.screen);
        assert!(cloud.tasks("team", "base").contains(&east("team", false)));
        if code == 8 {
            assert!(typed.screen.contains("surplus"), "{}", typed.screen);
            assert!(
                typed.screen.contains("the answer was no"),
                "{}",
                typed.screen
            );
        }
    }
}

#[test]
fn a_signal_at_the_question_ends_it() {
    for (signal, code) in [(2, 130), (15, 143)] {
        let cloud = cloud().task(("team", "base"), "old", true, false).task(
            ("team", "base"),
            "older",
            true,
            false,
        );
        let home = user(&cloud, &fleet("['base']"));
        let steps = serde_json::json!([["wait", "delete these 2 tasks?"], ["signal", signal]]);
        let line = "apply --prune --metrics swr.prom";
        let Some(typed) = at_a_terminal(&home, line, &steps) else {
            return;
        };
        assert_eq!(typed.code, code, "{}", typed.screen);
        assert_eq!(cloud.tasks("team", "base").len(), 3, "{}", typed.screen);
        let metrics = std::fs::read_to_string(home.path().join("swr.prom")).unwrap();
        assert!(
            metrics.contains("swr_run_complete{command=\"apply\"} 0\n"),
            "{metrics}"
        );
    }
}

#[test]
fn a_repository_that_failed_stops_the_deletes() {
    let cloud = cloud()
        .task(("team", "base"), "old", true, false)
        .failing("GET /web$ui/sync_repo: 500 x*");
    let home = user(&cloud, &fleet("['**']"));
    let run = home.swr("apply --prune --yes --retries 0").exits(5);
    assert!(
        run.stderr
            .contains("warning: nothing was deleted, for 1 of 3 repositories failed\n"),
        "{run}"
    );
    assert!(cloud.tasks("team", "base").contains(&east("old", false)));
    assert!(
        cloud
            .tasks("team", "web/api")
            .contains(&east("team", false))
    );
}

#[test]
fn under_every_answer_of_the_service_an_apply_ends_right_or_says_why() {
    let mut runs = Vec::new();
    for row in Switches::rows() {
        runs.extend(row.values.iter().map(|value| (row.name, *value)));
    }
    assert!(runs.len() > 60, "{runs:?}");
    side_by_side(&runs, |(name, value)| {
        let cloud = Cloud::as_if(&[&format!("{name}={value}")])
            .repository("team", "web/api", &["v1", "v2"])
            .repository("team", "web/ui", &["v1"])
            .repository("team", "base", &["v1"])
            .task(("team", "web/api"), "team", true, true)
            .task(("team", "web/ui"), "team", false, true)
            .task(("team", "base"), "old", true, false);
        let home = user(&cloud, &fleet("['**']"));
        // Where the service sets no pace, a wait would take its own.
        let wait = if *value == "silent" {
            ""
        } else {
            "--wait --verify"
        };
        let line = format!("apply --prune --yes --create-namespace --backfill {wait}");
        let run = home.swr(&line);
        let name = format!("{name}={value}");
        if !is_clear(&run) {
            return Some(format!("{name}: not clear: {run}"));
        }
        let are_right = ["web/api", "web/ui", "base"]
            .iter()
            .all(|repository| cloud.tasks("team", repository) == [east("team", false)]);
        let are_copied = ["web/api", "web/ui", "base"].iter().all(|repository| {
            cloud.tags(EAST, "team", repository) == cloud.tags(NORTH, "team", repository)
        });
        match run.code {
            Some(0) if are_right && (are_copied || wait.is_empty()) => None,
            Some(0) => Some(format!("{name}: success with a wrong end: {run}")),
            // The named reason: without the agency no copy can work.
            Some(9) if name == "agency=missing" && run.stderr.contains("agency") => None,
            _ => Some(format!("{name}: {run}\n{:?}", cloud.received())),
        }
    });
}
