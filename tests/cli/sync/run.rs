//! `swr sync run`: copies by hand.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{OTHER, TARGET, cloud, pairs, statuses};
use crate::support::{Cloud, EAST, NORTH};

#[test]
fn tags_are_copied_and_followed() {
    let cloud = cloud(&[]);
    let line = format!("sync run -n team -r web/api v1 v2 {TARGET} --wait --verify -o json");
    let document = cloud.swr(&line).exits(0).document("sync-run");
    assert_eq!(
        statuses(&document),
        pairs(&[("v1", "success"), ("v2", "success")])
    );
    assert_eq!(document["items"][0]["verify"], "same");
    assert_eq!(cloud.tags(EAST, "team", "web/api").len(), 2);
    assert_data_eq!(
        cloud
            .swr(&format!(
                "sync run -n team -r web/api v1 latest {TARGET} --wait"
            ))
            .to_string(),
        str![[r#"
exit: 0
--- stdout
success: team/web/api:latest → team (cn-east-3) in 6 s
existed: team/web/api:v1 → team (cn-east-3) in 6 s, same digest
1 existed, 1 success

"#]]
    );
}

#[test]
fn a_run_without_wait_says_that_it_was_accepted() {
    let cloud = cloud(&[]);
    let run = cloud
        .swr(&format!(
            "sync run -n team -r web/api --all {TARGET} -o json"
        ))
        .exits(0);
    assert_eq!(run.counts("sync-run"), json!({"accepted": 3}));
    assert_eq!(cloud.copies("team", "web/api").len(), 3);
}

#[test]
fn tags_that_are_not_there_are_refused_before_anything_is_copied() {
    let cloud = cloud(&[]);
    let run = cloud
        .swr(&format!(
            "sync run -n team -r web/api v1 v9 {TARGET} -o json"
        ))
        .exits(8);
    assert_eq!(run.json_error()["kind"], "unmet");
    assert_eq!(cloud.copies("team", "web/api"), Vec::<String>::new());
}

#[test]
fn globs_and_latest_choose() {
    let cloud = cloud(&[]);
    let line =
        format!("sync run -n team -r web/api --all --match v* --exclude v1 {TARGET} -o json");
    let document = cloud.swr(&line).exits(0).document("sync-run");
    assert_eq!(statuses(&document), pairs(&[("v2", "accepted")]));
    let line = format!("sync run -n team -r web/api --all --latest 1 {TARGET} -o json");
    let document = cloud.swr(&line).exits(0).document("sync-run");
    assert_eq!(statuses(&document), pairs(&[("latest", "accepted")]));
}

#[test]
fn existed_is_told_apart_by_digest() {
    for (digest, exit) in [(None, 8), (Some("same"), 0)] {
        let cloud = cloud(&[]);
        let source = cloud.tags(NORTH, "team", "web/api");
        let v1 = source
            .iter()
            .find(|(tag, _)| tag == "v1")
            .unwrap()
            .1
            .clone();
        cloud.emulator().add_repository(EAST, "team", "web/api");
        let there = digest.map_or(Some(OTHER), |_| Some(v1.as_str()));
        cloud.emulator().push(EAST, "team", "web/api", "v1", there);
        let line = format!("sync run -n team -r web/api v1 {TARGET} --wait -o json");
        let run = cloud.swr(&line).exits(exit);
        let item = &run.document("sync-run")["items"][0];
        assert_eq!(item["status"], "existed");
        assert_eq!(
            item["verify"],
            if digest.is_some() {
                "same"
            } else {
                "different"
            }
        );
        assert_eq!(item["exit_code"], exit);
    }
}

#[test]
fn a_failed_copy_is_incomplete_and_failed_runs_it_again() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1", "v2"]);
    // The target namespace is missing: the service takes the request, and the copies fail.
    let line = format!("sync run -n team -r web/api --all {TARGET} --wait");
    let run = cloud.swr(&format!("{line} -o json")).exits(9);
    assert_eq!(run.counts("sync-run"), json!({"failed": 2}));
    let error = run.json_error();
    assert_eq!(
        (&error["kind"], &error["exit_code"]),
        (&"incomplete".into(), &9.into())
    );
    // The cause is named, and the hint mends it before it tries again.
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("there is no namespace 'team' in cn-east-3"),
        "{error}"
    );
    let hints = error["hint"].as_str().unwrap();
    let (first, hint) = hints.split_once('\n').unwrap();
    assert_eq!(first, "swr namespace create team --region cn-east-3");
    assert!(
        hint.starts_with("swr sync run --failed -n team -r web/api"),
        "{hint}"
    );
    cloud.emulator().add_namespace(EAST, "team");
    let again = format!("{} -o json", hint.trim_start_matches("swr "));
    let run = cloud.swr(&again).exits(0);
    assert_eq!(run.counts("sync-run"), json!({"success": 2}));
    let run = cloud.swr(&again).exits(0);
    assert_eq!(run.counts("sync-run"), json!({}));
}

#[test]
fn overriding_many_asks_and_nobody_there_is_exit_2() {
    let cloud = cloud(&[]);
    let line = format!("sync run -n team -r web/api --all {TARGET} --override");
    let run = cloud.swr(&line).exits(2);
    assert!(run.stderr.contains("--yes"), "{run}");
    assert_eq!(cloud.copies("team", "web/api"), Vec::<String>::new());
    let _ = cloud.swr(&format!("{line} --yes")).exits(0);
    let _ = cloud
        .swr(&format!(
            "sync run -n team -r web/api v1 {TARGET} --override"
        ))
        .exits(0);
}

#[test]
fn two_thousand_tags_arrive_once_though_one_answer_in_twenty_is_lost() {
    let tags: Vec<String> = (0..2000).map(|number| format!("v{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let cloud = Cloud::as_if(&["copies=instant"])
        .repository("team", "web/api", &tags)
        .namespace(EAST, "team")
        .failing("* *: cut-after every=20 x*");
    let line = format!("sync run -n team -r web/api --all {TARGET} --wait --verify -o json");
    let run = cloud.swr(&line).exits(0);
    assert_eq!(run.counts("sync-run"), json!({"success": 2000}));
    let mut copies = cloud.copies("team", "web/api");
    assert_eq!(copies.len(), 2000);
    copies.sort();
    copies.dedup();
    assert_eq!(copies.len(), 2000, "none twice");
    let largest = cloud
        .emulator()
        .received()
        .iter()
        .filter(|one| one.path.contains("sync_images"))
        .map(|one| one.body.matches("\"v").count())
        .max();
    assert_eq!(largest, Some(100));
}
