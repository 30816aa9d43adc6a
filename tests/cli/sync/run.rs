//! `swr sync run`: copies manually.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{OTHER, TARGET, Two, at_once, cloud, digest, job, pairs, statuses, tag, tags};
use crate::support::{Cloud, EAST, Heard, NORTH};

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

/// A refusal ends the tags that it is about, whatever its body names: no copy is asked for without
/// end, and every tag is reported.
#[test]
fn a_refusal_is_the_end_of_its_tags() {
    let whole = r#"{"errors":[{"errorCode":"SVCSTG.SWR.4001029","errorMessage":"no"}]}"#;
    for status in [400, 403, 409, 500, 502] {
        for (body, failed) in [
            (r#"["other"]"#, 3),
            (r#"["v1"]"#, 1),
            (r#"["v1","other"]"#, 1),
            (r#"["latest","v1","v2"]"#, 3),
            ("[]", 3),
            (whole, 3),
            ("<html>busy</html>", 3),
        ] {
            let fault = format!("POST sync_images: {status} x* body={body}");
            let cloud = cloud(&[]).failing(&fault);
            let run = cloud.swr(&format!(
                "sync run -n team -r web/api --all {TARGET} -o json --retries 0"
            ));
            let items = run.document("sync-run")["items"].as_array().unwrap().len();
            assert_eq!(items, 3, "{fault}: {run}");
            let posts = cloud
                .received()
                .iter()
                .filter(|line| line.starts_with("POST"))
                .count();
            assert!(posts <= 8, "{fault}: {posts} requests");
            let code = run.code.unwrap();
            let expected = if status < 500 { 4 } else { 5 };
            assert_eq!(code, expected, "{fault}: {run}");
            // A named tag is not asked for again; a fault that lasts names it each time.
            let first = run.document("sync-run")["items"][0].clone();
            assert_eq!(first["status"], "failed", "{fault}");
            assert!(
                run.counts("sync-run")["failed"].as_u64().unwrap() >= failed,
                "{fault}"
            );
            let hint = run.json_error()["hint"].as_str().unwrap().to_owned();
            assert!(hint.starts_with("swr sync run "), "{fault}: {hint}");
            assert!(!hint.contains("--failed"), "{fault}: {hint}");
        }
    }
}

/// What the service took is reported, also when another batch is refused or the run cannot go on.
#[test]
fn a_refused_batch_does_not_stop_the_others() {
    let names: Vec<String> = (0..250).map(|number| format!("v{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (fault, accepted, rest) in [
        ("POST sync_images: 403 x1", 150, ("failed", 100)),
        ("POST sync_images: 403 after=1 x1", 150, ("failed", 100)),
        ("POST sync_images: 403 after=1 x*", 100, ("failed", 150)),
        ("POST sync_images: 400 after=2 x*", 200, ("failed", 50)),
    ] {
        let cloud = Cloud::start()
            .repository("team", "web/api", &names)
            .namespace(EAST, "team")
            .failing(fault);
        let run = cloud
            .swr(&format!(
                "sync run -n team -r web/api --all {TARGET} -o json"
            ))
            .exits(4);
        assert_eq!(
            run.counts("sync-run"),
            json!({"accepted": accepted, rest.0: rest.1}),
            "{fault}"
        );
        assert_eq!(cloud.copies("team", "web/api").len(), accepted, "{fault}");
        let items = run.json()["items"].as_array().unwrap().clone();
        let untold = items
            .iter()
            .find(|item| item["status"] != "accepted" && item["error"].is_null());
        assert_eq!(untold, None, "{fault}");
    }
    // A dead credential stops the batches behind it.
    let cloud = Cloud::start()
        .repository("team", "web/api", &names)
        .namespace(EAST, "team")
        .failing("POST sync_images: 401 after=1 x*");
    let run = cloud
        .swr(&format!(
            "sync run -n team -r web/api --all {TARGET} -o json"
        ))
        .exits(4);
    assert_eq!(
        run.counts("sync-run"),
        json!({"accepted": 100, "failed": 100, "skipped": 50})
    );
}

/// Why a copy failed is looked up.
#[test]
fn a_failed_copy_says_why() {
    let faulty = |switches: &[&str]| cloud(switches).failing("COPY v1: failed x*");
    for (cloud, target, why) in [
        (
            cloud(&[]),
            "nowhere",
            "there is no namespace 'nowhere' in cn-east-3",
        ),
        (
            cloud(&["agency=missing"]),
            "team",
            "the service's agency is missing",
        ),
        (faulty(&[]), "team", "the service gives no reason"),
    ] {
        let line =
            format!("-n team -r web/api v1 --to-region cn-east-3 --to-namespace {target} -o json");
        let run = cloud.swr(&format!("sync run {line} --wait")).exits(9);
        let item = run.document("sync-run")["items"][0].clone();
        let message = item["error"]["message"].as_str().unwrap();
        assert!(message.contains(why), "{message}");
        assert!(run.json_error()["message"].as_str().unwrap().contains(why));
    }
    // Another image of the same tag is no reason for trying again without --override.
    let cloud = cloud(&[]);
    cloud.emulator().add_repository(EAST, "team", "web/api");
    cloud
        .emulator()
        .push(EAST, "team", "web/api", "v1", Some(OTHER));
    let run = cloud
        .swr(&format!(
            "sync run -n team -r web/api v1 {TARGET} --wait -o json"
        ))
        .exits(8);
    let error = run.json_error();
    assert!(
        error["message"].as_str().unwrap().contains("another image"),
        "{error}"
    );
    assert!(
        error["hint"].as_str().unwrap().contains("--override"),
        "{error}"
    );
}

/// What was reached is reported when the wait ends early, and the hint goes on watching.
#[test]
fn results_are_told_when_the_wait_is_cut_short() {
    let cloud = cloud(&[]).failing("COPY v1: stuck x*");
    let line = format!("sync run -n team -r web/api --all {TARGET} --wait");
    let run = cloud
        // Long for the copies that end, also on a busy machine.
        .swr(&format!("{line} --wait-timeout 3s -o json"))
        .exits(7);
    assert_eq!(run.counts("sync-run"), json!({"success": 2, "accepted": 1}));
    let error = run.json_error();
    assert_eq!(error["kind"], "timeout");
    assert!(
        error["hint"]
            .as_str()
            .unwrap()
            .contains("swr sync wait v1 -n team -r web/api"),
        "{error}"
    );
    let user = cloud.user();
    let mut command = user.command(format!("{line} -o jsonl").split(' '));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The items come while the run goes on.
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..2 {
        assert!(lines.next().unwrap().unwrap().contains("existed"));
    }
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let last = lines.next().unwrap().unwrap();
    assert!(
        last.contains("accepted") && last.contains("interrupted"),
        "{last}"
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("swr sync wait v1"), "{said}");
}

#[test]
fn a_selection_that_leaves_nothing_is_not_success() {
    let cloud = cloud(&[]);
    for line in [
        "--all --match zz*",
        "--all --exclude *",
        "v1 --exclude v*",
        "v1 v2 --match x",
    ] {
        let line = format!("sync run -n team -r web/api {line} {TARGET} -o json");
        let run = cloud.swr(&line).exits(8);
        let error = run.json_error();
        assert_eq!(error["kind"], "unmet", "{line}");
        assert!(
            error["message"].as_str().unwrap().contains(", of "),
            "{error}"
        );
        let _ = cloud.swr(&format!("{line} --allow-empty")).exits(0);
        let _ = cloud.swr(&format!("{line} --dry-run")).exits(8);
    }
    for line in ["--failed", "--failed --wait"] {
        let run = cloud
            .swr(&format!("sync run -n team -r web/api {line} {TARGET}"))
            .exits(0);
        assert!(
            run.stderr.contains("nothing to do: no failed copy"),
            "{run}"
        );
    }
    cloud.emulator().add_repository(NORTH, "team", "none");
    let run = cloud
        .swr(&format!("sync run -n team -r none --all {TARGET}"))
        .exits(0);
    assert!(run.stderr.contains("nothing to do"), "{run}");
    assert_eq!(cloud.copies("team", "web/api"), Vec::<String>::new());
}

#[test]
fn the_latest_cannot_be_chosen_without_times() {
    for updated in [json!(null), json!("2026-01-03 00:00:00"), json!("")] {
        let listed = move |_: usize, heard: &Heard| {
            let rows = ["v10", "v9", "v8"]
                .map(|name| json!({"tag": name, "digest": digest('a'), "updated": updated}));
            tags(heard, &rows)
        };
        let two = Two::play(listed.clone(), listed);
        let line = format!("sync run -n team -r web/api --all {TARGET} -o json --latest");
        let run = two.swr(&format!("{line} 2")).exits(5);
        assert!(
            run.json_error()["message"]
                .as_str()
                .unwrap()
                .contains("time"),
            "{run}"
        );
        assert_eq!(two.count("POST", "sync_images"), 0);
    }
}

/// A repository that is missing is not a missing tag, however many tags are named.
#[test]
fn a_missing_repository_is_not_a_missing_tag() {
    let cloud = cloud(&[]);
    for line in ["run", "run --wait", "wait", "verify"] {
        for (repository, tags, exit) in [
            ("nope", "v1", 4),
            ("nope", "v1 v2", 4),
            ("web/api", "nope", 8),
            ("web/api", "v1 nope", 8),
        ] {
            let line = format!("sync {line} -n team -r {repository} {tags} {TARGET} -o json");
            let run = cloud.swr(&line);
            assert_eq!(run.code, Some(exit), "{line}: {run}");
        }
    }
    assert_eq!(cloud.copies("team", "web/api"), Vec::<String>::new());
}

/// A copy that never shows a job has arrived or it has not; it is not both.
#[test]
fn a_copy_without_a_job_is_settled_by_the_digests() {
    for (there, exit, status) in [(true, 0, "same"), (false, 9, "unseen")] {
        let one = [tag("v1", &digest('a'), "2026-01-01T00:00:00Z")];
        let here = one.clone();
        let two = Two::play(
            move |_, heard| {
                if heard.line.contains("/sync_") {
                    return Some(at_once(json!([])));
                }
                tags(heard, &here)
            },
            move |_, heard| if there { tags(heard, &one) } else { None },
        );
        let run = two
            .swr(&format!(
                "sync run -n team -r web/api v1 {TARGET} --wait -o json"
            ))
            .exits(exit);
        assert_eq!(run.counts("sync-run"), json!({status: 1}));
        if exit == 9 {
            let hint = run.json_error()["hint"].as_str().unwrap().to_owned();
            assert!(hint.starts_with("swr sync run v1 "), "{hint}");
        }
    }
}

/// A 200 that names tags is settled by the jobs.
#[test]
fn tags_that_a_success_names_are_settled_by_the_jobs() {
    let two = Two::play(
        move |_, heard| {
            if heard.line.contains("/sync_images") {
                return Some(at_once(json!(["v1", "v2", "other"])));
            }
            if heard.line.contains("/sync_job") {
                let mut jobs = vec![job(1, "old", "success", "2026-01-01T00:00:00Z")];
                if heard.line.contains("sync_job") && heard.body.is_empty() {
                    jobs.insert(0, job(2, "v2", "running", "2026-01-02T00:00:00Z"));
                }
                return Some(at_once(json!(jobs)));
            }
            let rows = ["v1", "v2", "v3"].map(|name| tag(name, &digest('a'), ""));
            tags(heard, &rows)
        },
        |_, _| None,
    );
    // The newest job before the request is the one of v2, so none of the named has a new one.
    let run = two
        .swr(&format!(
            "sync run -n team -r web/api --all {TARGET} -o json"
        ))
        .exits(9);
    assert_eq!(run.counts("sync-run"), json!({"accepted": 1, "failed": 2}));
    assert_eq!(two.count("POST", "sync_images"), 1);
}
