//! `swr apply`: creates first, deletes last, and nothing of anybody else's.

use super::{cloud, fleet, statuses, user};
use crate::support::{Cloud, EAST, NORTH};

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
