//! `swr apply --backfill --wait` of a fleet: copies under way hold no worker.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{fleet, statuses, user};
use crate::support::{Cloud, EAST, Home};

const LINE: &str = "apply --backfill --wait";

/// A cloud with so many repositories of one tag each.
fn many(count: usize) -> Cloud {
    (0..count).fold(Cloud::start().namespace(EAST, "team"), |cloud, number| {
        cloud.repository("team", &format!("r{number:03}"), &["v1"])
    })
}

/// Two repositories that are copied, and before them one whose copy never ends.
fn one_stuck() -> (Cloud, Home) {
    let cloud = Cloud::start()
        .repository("team", "a", &["stuck"])
        .repository("team", "b", &["v1"])
        .repository("team", "c", &["v1", "v2"])
        .namespace(EAST, "team")
        .failing("COPY team/a:stuck: stuck x*");
    let home = user(&cloud, &fleet("['a', 'b', 'c']"));
    (cloud, home)
}

fn started(home: &Home, line: &str) -> Child {
    home.command(line.split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn every_copy_of_a_large_fleet_ends_though_there_are_two_workers() {
    let cloud = many(300).failing("COPY *: late x4");
    let two = format!("\"{EAST}\", {{ region = '{EAST}', namespace = 'b' }}");
    let wide = fleet("['**']").replace(&format!("\"{EAST}\""), &two);
    let cloud = cloud.namespace(EAST, "b");
    let home = user(&cloud, &wide);
    let run = home
        .swr(&format!("{LINE} --verify --concurrency 2 -o json"))
        .exits(0);
    let document = run.document("apply");
    assert_eq!(document["summary"]["created"], 600, "{run}");
    for item in document["items"].as_array().unwrap() {
        assert_eq!(item["backfill"]["success"], 1, "{item}");
        assert_eq!(item["verify"]["same"], 1, "{item}");
    }
    // Two looks before each copy is asked for, and one list a look for both targets together.
    let lists = cloud
        .received()
        .iter()
        .filter(|line| line.starts_with("GET ") && line.contains("/r007/sync_job"))
        .count();
    assert!((5..=7).contains(&lists), "{lists}");
}

/// The ways to apply a fleet.
const WAYS: [&str; 2] = [LINE, "apply plan.jsonl --backfill --wait"];

#[test]
fn a_copy_that_never_ends_has_its_own_limit() {
    for line in WAYS {
        let (cloud, home) = one_stuck();
        let _ = home.swr("plan --out plan.jsonl").exits(0);
        // Long for a copy that ends, also on a busy machine.
        let run = home
            .swr(&format!(
                "{line} --concurrency 1 --wait-timeout 3s -o jsonl"
            ))
            .exits(7);
        let mut items: Vec<Value> = run
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        items.sort_by_key(|item| item["repository"].to_string());
        assert_eq!(
            statuses(&json!({ "items": items })),
            [
                "a → team: created",
                "b → team: created",
                "c → team: created"
            ]
        );
        let codes: Vec<&Value> = items.iter().map(|item| &item["exit_code"]).collect();
        assert_eq!(codes, [7, 0, 0], "{run}");
        assert_eq!(items[0]["backfill"]["accepted"], 1, "{run}");
        assert_eq!(cloud.tags(EAST, "team", "c").len(), 2);
        let message = items[0]["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("not done within 3s: 0 of 1 copies done, 'stuck' is "),
            "{message}"
        );
        assert!(
            items[0]["error"]["hint"]
                .as_str()
                .unwrap()
                .contains("swr sync wait stuck -n team -r a"),
            "{run}"
        );
    }
}

#[test]
fn a_copy_that_never_ends_holds_nobody_up_and_a_signal_tells_what_was_reached() {
    for line in WAYS {
        let (_cloud, home) = one_stuck();
        let _ = home.swr("plan --out plan.jsonl").exits(0);
        let mut child = started(&home, &format!("{line} --concurrency 1 -o jsonl"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next =
            || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
        // Written as they end, while the first one of the file is still under way.
        let mut ended =
            [next(), next()].map(|item| item["repository"].as_str().unwrap().to_owned());
        ended.sort();
        assert_eq!(ended, ["b", "c"], "{line}");
        let killed = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        let last = next();
        assert_eq!(last["repository"], "a", "{line}");
        assert_eq!(
            (&last["status"], &last["exit_code"]),
            (&"created".into(), &130.into())
        );
        assert_eq!(last["backfill"]["accepted"], 1, "{last}");
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
}

#[test]
fn killed_while_copies_are_under_way_and_run_again_each_tag_is_copied_once() {
    let names: Vec<String> = (0..20).map(|number| format!("r{number:03}")).collect();
    let cloud = many(20).failing("COPY *: late x3");
    let home = user(&cloud, &fleet("['**']"));
    for requests in [60, 120, 160] {
        let mut child = started(&home, LINE);
        cloud.wait_for(requests);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let _ = home.swr(&format!("{LINE} --verify")).exits(0);
    for name in &names {
        assert_eq!(cloud.copies("team", name), ["v1"], "{name}");
        assert_eq!(cloud.tags(EAST, "team", name).len(), 1, "{name}");
    }
}

#[test]
fn a_copy_that_fails_is_told_beside_those_that_do_not() {
    let cloud = many(3).failing("COPY team/r001:v1: failed");
    let home = user(&cloud, &fleet("['**']"));
    let run = home.swr(&format!("{LINE} -o json")).exits(9);
    let document = run.document("apply");
    let codes: std::collections::BTreeMap<_, _> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let name = item["repository"].as_str().unwrap().to_owned();
            (name, item["exit_code"].as_u64().unwrap())
        })
        .collect();
    let expected = [("r000", 0), ("r001", 9), ("r002", 0)];
    assert_eq!(
        codes,
        expected.map(|(name, code)| (name.to_owned(), code)).into()
    );
}

#[test]
fn a_credential_that_dies_while_copies_are_under_way_stops_all() {
    let cloud = many(30).failing("COPY *: stuck x*");
    let home = user(&cloud, &fleet("['**']"));
    let child = started(&home, &format!("{LINE} --concurrency 1 -o json"));
    cloud.wait_for(120);
    cloud
        .emulator()
        .add_fault(swr::emulator::Fault::parse("GET sync_job: 401 x*").unwrap());
    let run = home.run_of(child.wait_with_output().unwrap());
    let run = run.exits(4);
    let refused = cloud
        .emulator()
        .received()
        .iter()
        .filter(|one| one.status == 401)
        .count();
    assert!(refused <= 2, "{refused}: {run}");
}
