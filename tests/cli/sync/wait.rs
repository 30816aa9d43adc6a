//! `swr sync wait`.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{ANSWERS, TARGET, Two, WHOLE, at_once, cloud, digest, job, pairs, statuses, tag, tags};
use crate::support::{Cloud, EAST, Heard, NORTH, Reply};

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

/// Times of a push and of its job are kept by different parts of the service.
#[test]
fn a_job_a_moment_before_its_tag_is_the_tags_own() {
    for (created, exit) in [
        ("2026-01-02T00:00:00.7Z", 9),
        ("2026-01-02T00:00:00.2Z", 9),
        ("2026-01-01T23:59:59Z", 9),
        // A job from before the last push copies another image.
        ("2026-01-01T23:59:50Z", 7),
    ] {
        let two = Two::play(
            move |_, heard| {
                if heard.line.contains("/sync_job") {
                    return Some(at_once(json!([job(2, "v1", "failed", created)])));
                }
                let one = [tag("v1", &digest('a'), "2026-01-02T00:00:00.6Z")];
                tags(heard, &one)
            },
            |_, heard| {
                heard
                    .line
                    .contains("/namespaces/team HTTP")
                    .then(|| at_once(json!({"name": "team"})))
            },
        );
        let run = two.swr(&format!(
            "sync wait -n team -r web/api v1 {TARGET} --wait-timeout 300ms -o json"
        ));
        assert_eq!(run.code, Some(exit), "{created}: {run}");
    }
}

/// A tag that is pushed again counts as it is now; what will not come is not waited for.
#[test]
fn a_tag_that_is_pushed_again_ends_the_wait() {
    for (there, exit, word) in [
        ('b', 0, "arrived"),
        ('c', 8, "different"),
        ('-', 8, "missing"),
    ] {
        let looks = AtomicUsize::new(0);
        let two = Two::play(
            move |_, heard| {
                if heard.line.contains("/sync_job") {
                    return Some(at_once(json!([])));
                }
                let first = looks.fetch_add(1, Ordering::SeqCst) == 0;
                let now = if first { 'a' } else { 'b' };
                tags(heard, &[tag("v1", &digest(now), "2026-01-01T00:00:00Z")])
            },
            move |_, heard| {
                if heard.line.contains("/namespaces/team HTTP") {
                    return Some(at_once(json!({"name": "team"})));
                }
                tags(heard, &[tag("v1", &digest(there), "2026-01-01T00:00:00Z")])
                    .filter(|_| there != '-')
            },
        );
        let run = two.swr(&format!("sync wait -n team -r web/api v1 {TARGET} -o json"));
        assert_eq!(run.code, Some(exit), "{there}: {run}");
        assert_eq!(run.counts("sync-wait"), json!({word: 1}), "{there}");
        if exit == 8 {
            let said = run.json_error()["message"].as_str().unwrap().to_owned();
            assert!(said.contains("pushed again: sha256:aaa"), "{said}");
        }
    }
}

/// What cannot come ends the wait with its reason; what does not come by itself is pointed out.
#[test]
fn a_wait_for_nothing_says_so() {
    let cloud = cloud(&[]);
    let line = "sync wait -n team -r web/api v1 --to-region cn-east-3 -o json";
    let run = cloud
        .swr(&format!("{line} --to-namespace nowhere"))
        .exits(8);
    let error = run.json_error();
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("there is no namespace 'nowhere'"),
        "{error}"
    );
    let run = cloud
        .swr(&format!("{line} --to-namespace team --wait-timeout 3s"))
        .exits(7);
    assert!(run.stderr.contains("will not come by itself"), "{run}");
    assert!(run.stderr.contains("swr sync run v1 "), "{run}");
    assert!(!run.stderr.contains("copies go on"), "{run}");
    for line in [
        format!("sync wait -n team -r web/api {TARGET}"),
        format!("sync wait -n team -r web/api v1 --all {TARGET}"),
    ] {
        let _ = cloud.swr(&line).exits(2);
    }
}

/// A gateway that asks to look again at once does not get a storm of requests.
#[test]
fn a_poll_has_a_floor() {
    let two = Two::play(
        |_, heard| {
            if heard.line.contains("/sync_job") {
                let running = json!([job(2, "v1", "running", "2026-01-02T00:00:00Z")]);
                return Some(
                    Reply::json(200, &running.to_string())
                        .header("Retry-After", "0")
                        .header("Content-Range", "0-1/1")
                        .header("Date", "Fri, 02 Jan 2026 00:00:05 GMT"),
                );
            }
            tags(heard, &[tag("v1", &digest('a'), "2026-01-01T00:00:00Z")])
        },
        |_, _| None,
    );
    for line in [
        "wait -n team -r web/api v1",
        "wait -n team -r web/api --all",
    ] {
        let before = two.count("GET", "sync_job");
        let _ = two
            .swr(&format!(
                "sync {line} {TARGET} --wait-timeout 1200ms -o json"
            ))
            .exits(7);
        let looks = two.count("GET", "sync_job") - before;
        assert!(looks <= 4, "{line}: {looks} looks");
    }
}

/// A job that has not moved for a day is not a copy under way, by the service's own clock.
#[test]
fn a_stuck_job_is_asked_for_again() {
    for (date, asked, exit, limit) in [
        // The copy that is asked for never shows a job here, which so many looks end, not the time.
        ("Sat, 03 Jan 2026 00:00:00 GMT", 1, 9, "5m"),
        ("Fri, 02 Jan 2026 01:00:00 GMT", 0, 7, "300ms"),
    ] {
        let both = move |_: usize, heard: &Heard| {
            if heard.line.contains("/sync_job") {
                let running = json!([job(2, "v1", "running", "2026-01-02T00:00:00Z")]);
                return Some(at_once(running).header("Date", date));
            }
            if heard.line.starts_with("POST ") {
                return Some(at_once(json!({})));
            }
            if heard.line.contains("/manage/regions") {
                return Some(at_once(json!([{"regionID": EAST}])));
            }
            if heard.line.contains("/repos/web$api HTTP")
                || heard.line.contains("/namespaces/team HTTP")
            {
                return Some(at_once(json!({"name": "x"})));
            }
            tags(heard, &[tag("v1", &digest('a'), "2026-01-01T00:00:00Z")])
        };
        let two = Two::play(both, move |count, heard| {
            both(count, heard).filter(|_| !heard.line.contains("/tags"))
        });
        let run = two.swr(&format!("{WHOLE} --wait-timeout {limit} -o json"));
        assert_eq!(run.code, Some(exit), "{date}: {run}");
        assert_eq!(two.count("POST", "sync_images"), asked, "{date}: {run}");
        assert_eq!(
            run.stderr.contains("has not moved for 1d"),
            asked == 1,
            "{run}"
        );
    }
}

#[test]
fn a_link_that_cannot_be_waited_for_ends_no_other() {
    let cloud = cloud(&[]).repository("team", "web/ui", &["v1"]);
    let run = cloud
        .swr(&format!("sync run -n team -r web/ui v1 {TARGET} --wait"))
        .exits(0);
    drop(run);
    let line = "sync wait team/web/api:v9 team/web/ui:v1 --to cn-east-3 -o json --concurrency 1";
    let run = cloud.swr(line).exits(8);
    assert_eq!(
        statuses(&run.document("sync-wait")),
        pairs(&[("v1", "arrived")])
    );
    let message = run.json_error()["message"].as_str().unwrap().to_owned();
    assert_eq!(
        message,
        "1 of 2 tags did not arrive: team/web/api has no tag 'v9'"
    );
}
