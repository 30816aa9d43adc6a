//! `swr sync wait`.

use serde_json::json;

use super::{ANSWERS, TARGET, cloud};
use crate::support::{Cloud, EAST, NORTH};

#[test]
fn wait_returns_when_the_very_image_has_arrived() {
    for answer in ANSWERS {
        let cloud = cloud(&[answer]).task(("team", "web/api"), "team", true, true);
        cloud.emulator().push(NORTH, "team", "web/api", "v3", None);
        let run = cloud.swr(&format!("sync wait -n team -r web/api v3 {TARGET} -o json"));
        assert_eq!(run.code, Some(0), "{answer}: {run}");
        let item = run.document("sync-wait")["items"][0].clone();
        assert_eq!(item["status"], "arrived", "{answer}");
        assert_eq!(item["digest"], item["remote_digest"], "{answer}");
    }
}

#[test]
fn a_poll_is_one_request_a_repository_and_not_one_a_tag() {
    let tags: Vec<String> = (0..30).map(|number| format!("v{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let cloud = Cloud::start()
        .repository("team", "web/api", &tags)
        .namespace(EAST, "team")
        .failing("COPY *: late x240");
    let _ = cloud
        .swr(&format!("sync run -n team -r web/api --all {TARGET}"))
        .exits(0);
    let before = cloud.received().len();
    let line = format!("sync wait -n team -r web/api {} {TARGET}", tags.join(" "));
    let _ = cloud.swr(&line).exits(0);
    let requests = cloud.received().split_off(before);
    let polls = requests
        .iter()
        .filter(|line| line.contains("sync_job"))
        .count();
    assert!(polls >= 3, "{requests:#?}");
    // After the first look, target, jobs and source in turns.
    let polled: Vec<_> = requests
        .iter()
        .skip_while(|line| !line.contains("sync_job"))
        .collect();
    assert!(polled.len() <= 3 * polls, "{requests:#?}");
}

#[test]
fn wait_ends_at_once_when_the_copy_fails() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1"]).task(
        ("team", "web/api"),
        "team",
        true,
        false,
    );
    cloud.emulator().push(NORTH, "team", "web/api", "v2", None);
    let run = cloud
        .swr(&format!("sync wait -n team -r web/api v2 {TARGET} -o json"))
        .exits(9);
    assert_eq!(run.document("sync-wait")["items"][0]["status"], "failed");
    assert_eq!(run.json_error()["kind"], "incomplete");
}

#[test]
fn wait_has_a_limit() {
    // Nothing copies it.
    let cloud = cloud(&[]);
    let line = format!("sync wait -n team -r web/api v1 {TARGET} --wait-timeout 300ms -o json");
    let run = cloud.swr(&line).exits(7);
    assert_eq!(run.json_error()["kind"], "timeout");
    let item = &run.document("sync-wait")["items"][0];
    assert_eq!(
        (&item["status"], &item["exit_code"]),
        (&"missing".into(), &7.into())
    );
}

#[test]
fn wait_without_tags_waits_for_every_job() {
    let cloud = cloud(&[]);
    let _ = cloud
        .swr(&format!("sync run -n team -r web/api v1 v2 {TARGET}"))
        .exits(0);
    let run = cloud
        .swr(&format!(
            "sync wait -n team -r web/api --all {TARGET} -o json"
        ))
        .exits(0);
    assert_eq!(run.counts("sync-wait"), json!({"success": 2}));
    let run = cloud
        .swr(&format!("sync wait -n team -r web/api --all {TARGET}"))
        .exits(0);
    assert!(run.stderr.contains("final already"), "{run}");
}
