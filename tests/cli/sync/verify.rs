//! `swr sync verify`.

use serde_json::{Value, json};

use super::{OTHER, TARGET, Two, WHOLE, at_once, cloud, digest, job, pairs, statuses, tag, tags};
use crate::support::{Cloud, EAST, Heard, NORTH, Reply};

#[test]
fn verify_tells_same_different_missing_and_extra() {
    let cloud = cloud(&[]);
    let digest = cloud.tags(NORTH, "team", "web/api")[0].clone();
    cloud.emulator().add_repository(EAST, "team", "web/api");
    cloud
        .emulator()
        .push(EAST, "team", "web/api", &digest.0, Some(&digest.1));
    cloud
        .emulator()
        .push(EAST, "team", "web/api", "v1", Some(OTHER));
    cloud
        .emulator()
        .push(EAST, "team", "web/api", "only-there", None);
    let line = format!("sync verify -n team -r web/api {TARGET}");
    let run = cloud
        .swr(&format!(
            "{line} -o json --summary page.md --junit report.xml"
        ))
        .exits(8);
    assert_eq!(
        statuses(&run.document("sync-verify")),
        pairs(&[
            ("latest", "same"),
            ("only-there", "extra"),
            ("v1", "different"),
            ("v2", "missing")
        ])
    );
    let error = run.json_error();
    assert_eq!(error["kind"], "unmet");
    assert!(
        error["hint"].as_str().unwrap().starts_with("swr sync run"),
        "{error}"
    );
    let run = cloud
        .swr(&format!(
            "{line} --match latest --match v2 --ignore-missing -o json"
        ))
        .exits(0);
    assert_eq!(run.counts("sync-verify"), json!({"missing": 1, "same": 1}));
    let _ = cloud.swr(&format!("{line} latest")).exits(0);
    let user = cloud.user();
    let _ = user
        .swr(&format!("{line} --summary page.md --junit report.xml"))
        .exits(8);
    let page = std::fs::read_to_string(user.path().join("page.md")).unwrap();
    assert!(
        page.starts_with("<!-- swr sync verify -->\n### swr sync verify: 1 different, 1 missing, 1 extra, 1 same\n"),
        "{page}"
    );
    let report = std::fs::read_to_string(user.path().join("report.xml")).unwrap();
    assert!(
        report.contains("tests=\"4\" failures=\"2\" errors=\"0\""),
        "{report}"
    );
    assert!(report.trim_end().ends_with("</testsuites>"), "{report}");
}

#[test]
fn verify_compares_every_repository_of_a_namespace() {
    for answer in ["v3=open", "v3=closed"] {
        let cloud = cloud(&[answer])
            .repository("team", "web/worker", &["v1"])
            .repository("team2", "other", &["v1"]);
        cloud
            .emulator()
            .add_repository(NORTH, "team", "we..rd/../x");
        let run = cloud
            .swr(&format!("sync verify -n team {TARGET} -o json"))
            .exits(8);
        assert_eq!(
            run.counts("sync-verify"),
            json!({"failed": 1, "missing": 4}),
            "{answer}"
        );
        let strange = cloud
            .received()
            .into_iter()
            .find(|line| line.contains(".."));
        assert_eq!(strange, None);
    }
}

#[test]
fn names_that_the_service_lists_are_taken_as_they_come() {
    let cloud = Cloud::start().namespace(EAST, "team");
    for name in ["a--b", "Legacy_Repo"] {
        cloud.emulator().add_namespace(NORTH, "team");
        cloud.emulator().add_repository(NORTH, "team", name);
        cloud.emulator().push(NORTH, "team", name, "v1", None);
    }
    let run = cloud
        .swr(&format!("sync verify -n team {TARGET} -o json"))
        .exits(8);
    assert_eq!(run.counts("sync-verify"), json!({"missing": 2}));
    let run = cloud
        .swr(&format!("sync verify -n team -r a--b {TARGET}"))
        .exits(2);
    assert!(run.stderr.contains("swr api"), "{run}");
}

/// Text that is not a digest says nothing about an image, whichever verb reads it.
#[test]
fn what_is_no_digest_is_never_the_same() {
    for text in ["", " ", "sha256:", "sha256:1", "md5:0", "unknown"] {
        let both = move |_: usize, heard: &Heard| {
            if heard.line.starts_with("POST ") {
                return Some(at_once(json!({})));
            }
            if heard.line.contains("/sync_job") {
                let at = "2026-01-02T00:00:00Z";
                return Some(at_once(json!([job(9, "v1", "success", at)])));
            }
            if heard.line.contains("/manage/regions") {
                return Some(at_once(json!([{"regionID": EAST}])));
            }
            if heard.line.contains("/repos/web$api HTTP")
                || heard.line.contains("/namespaces/team HTTP")
            {
                return Some(at_once(json!({"name": "x"})));
            }
            tags(heard, &[tag("v1", text, "2026-01-01T00:00:00Z")])
        };
        let two = Two::play(both, both);
        let run = two.swr(&format!("sync verify -n team -r web/api {TARGET} -o json"));
        assert_eq!(run.code, Some(8), "{text:?}: {run}");
        assert_eq!(
            run.counts("sync-verify"),
            json!({"different": 1}),
            "{text:?}"
        );
        let run = two.swr(&format!("sync wait -n team -r web/api v1 {TARGET} -o json"));
        assert_eq!(run.code, Some(8), "{text:?}: {run}");
        assert_eq!(run.counts("sync-wait"), json!({"different": 1}), "{text:?}");
        let run = two.swr(&format!(
            "sync run -n team -r web/api v1 {TARGET} --wait --verify --wait-timeout 300ms -o json"
        ));
        assert_ne!(run.code, Some(0), "{text:?}: {run}");
        let run = two.swr(&format!("{WHOLE} --wait-timeout 300ms -o json"));
        assert_ne!(run.code, Some(0), "{text:?}: {run}");
        let created = run.document("sync-create");
        assert_eq!(created["backfill"]["same"], 0, "{text:?}: {created:#}");
        assert_eq!(created["verify"]["same"], 0, "{text:?}: {created:#}");
    }
}

/// Nothing that was compared is no proof.
#[test]
fn nothing_compared_is_not_success() {
    let cloud = cloud(&[])
        .namespace(NORTH, "empty")
        .namespace(EAST, "empty");
    cloud.emulator().add_repository(NORTH, "team", "none");
    cloud.emulator().push(EAST, "team", "none", "extra", None);
    for (line, exit, allowed) in [
        ("-n nope", 4, 4),
        ("-n empty", 8, 0),
        ("-n team -r nope", 4, 4),
        ("-n team -r none", 8, 0),
        ("-n team -r web/api --match zz*", 8, 0),
        ("-n team -r web/api --exclude *", 8, 0),
        ("-n team -r web/api v1 --exclude v*", 8, 0),
        ("-n team --match zz*", 8, 0),
    ] {
        let line = format!("sync verify {line} {TARGET} -o json");
        let run = cloud.swr(&line);
        assert_eq!(run.code, Some(exit), "{line}: {run}");
        assert_eq!(run.json_error()["exit_code"], exit, "{line}");
        if exit == 8 {
            assert_eq!(run.json_error()["kind"], "unmet", "{line}");
        }
        let run = cloud.swr(&format!("{line} --allow-empty"));
        assert_eq!(run.code, Some(allowed), "{line} --allow-empty: {run}");
    }
}

/// What cannot be sent in a request is compared and counted all the same.
#[test]
fn tags_that_cannot_be_sent_are_items() {
    let names = ["ü", "sha256:1", "a b", "../x", ""];
    let list = |names: &'static [&'static str], more: bool| {
        move |_: usize, heard: &Heard| {
            let mut listed: Vec<Value> = names
                .iter()
                .map(|name| tag(name, &digest('a'), "2026-01-01T00:00:00Z"))
                .collect();
            if more {
                listed.push(tag("v1", &digest('b'), "2026-01-01T00:00:00Z"));
            }
            if heard.line.contains("/sync_job") || heard.line.starts_with("POST ") {
                return Some(at_once(json!([])));
            }
            tags(heard, &listed)
        }
    };
    let two = Two::play(
        list(&["ü", "sha256:1", "a b", "../x", ""], true),
        list(&["ü"], true),
    );
    let line = format!("sync verify -n team -r web/api {TARGET} -o json");
    let run = two.swr(&line).exits(8);
    assert_eq!(run.counts("sync-verify"), json!({"same": 2, "missing": 4}));
    let run = two
        .swr(&format!(
            "sync run -n team -r web/api --all {TARGET} -o json"
        ))
        .exits(8);
    assert_eq!(
        run.counts("sync-run"),
        json!({"accepted": 1, "failed": names.len()})
    );
    let asked: Vec<String> = two
        .source
        .heard()
        .into_iter()
        .filter(|heard| heard.line.starts_with("POST "))
        .map(|heard| heard.body)
        .collect();
    assert!(
        asked.len() == 1 && asked[0].contains(r#"["v1"]"#),
        "{asked:?}"
    );
}

#[test]
fn the_source_is_no_target_of_itself() {
    let cloud = cloud(&[]);
    let circle = "-n team -r web/api --to-region cn-north-4 --to-namespace team";
    for line in [
        format!("sync create {circle} --auto"),
        format!("sync create {circle} --backfill --dry-run"),
        format!("sync run v1 {circle}"),
        format!("sync run --all {circle} --to-region cn-east-3"),
        format!("sync wait v1 {circle}"),
        format!("sync verify {circle}"),
        format!("sync delete {circle}"),
    ] {
        let run = cloud.swr(&format!("{line} -o json"));
        assert_eq!(run.code, Some(2), "{line}: {run}");
        let message = run.json_error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("source"), "{line}: {message}");
    }
    assert_eq!(cloud.received(), Vec::<String>::new());
}

/// A repository of many tags costs time by its number of tags, not by their square.
#[test]
fn many_tags_are_compared_in_linear_time() {
    let names: Vec<String> = (0..20_000).map(|number| format!("v{number}")).collect();
    let listed: Vec<Value> = names
        .iter()
        .map(|name| tag(name, &digest('a'), "2026-01-01T00:00:00Z"))
        .collect();
    let body = json!({"tags": listed}).to_string();
    let list =
        move |_: usize, heard: &Heard| heard.line.contains("/v3/").then(|| Reply::json(200, &body));
    let two = Two::play(list.clone(), list);
    let run = two
        .swr(&format!("sync verify -n team -r web/api {TARGET} -o json"))
        .exits(0);
    assert_eq!(run.counts("sync-verify"), json!({"same": names.len()}));
}
