//! `swr sync create` against the emulated service.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{ANSWERS, TARGET, WHOLE, cloud};
use crate::support::{Cloud, EAST, NORTH};

#[test]
fn one_command_takes_a_repository_to_its_end_state_under_every_answer() {
    for answer in ANSWERS {
        let cloud = cloud(&[answer]);
        let run = cloud.swr(&format!("{WHOLE} -o json"));
        assert_eq!(run.code, Some(0), "{answer}: {run}");
        let created = run.document("sync-create");
        assert_eq!(created["status"], "created", "{answer}");
        assert_eq!(created["backfill"]["tags"], 3, "{answer}: {created}");
        assert_eq!(
            created["verify"],
            json!({"same": 3, "different": 0, "missing": 0}),
            "{answer}"
        );
        assert_eq!(
            cloud.tags(NORTH, "team", "web/api"),
            cloud.tags(EAST, "team", "web/api")
        );
        let copies = cloud.copies("team", "web/api").len();

        let again = cloud.swr(&format!("{WHOLE} -o json"));
        assert_eq!(again.code, Some(0), "{answer}, again: {again}");
        assert_eq!(
            again.document("sync-create")["backfill"]["same"],
            3,
            "{answer}"
        );
        assert_eq!(
            cloud.copies("team", "web/api").len(),
            copies,
            "{answer}: copied twice"
        );
        assert_eq!(
            cloud.tasks("team", "web/api"),
            [(EAST.to_owned(), "team".to_owned(), true, false)],
            "{answer}"
        );
    }
}

#[test]
fn the_end_state_is_shown_to_a_person() {
    assert_data_eq!(
        cloud(&[]).swr(WHOLE).to_string(),
        str![[r#"
exit: 0
--- stdout
created: team/web/api (cn-north-4) → team (cn-east-3)
  each push is copied; a different image of the same tag is left alone
  checked before: target region offered, repository exists, target namespace exists
  backfill: 3 tags: 3 copied
  verified: 3 same, 0 different, 0 missing

"#]]
    );
}

#[test]
fn the_target_namespace_is_made_when_that_is_asked_for() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1"]);
    let run = cloud.swr(&format!("{WHOLE} -o json")).exits(8);
    assert_eq!(run.json_error()["kind"], "unmet");
    assert_eq!(cloud.tasks("team", "web/api"), []);
    let run = cloud
        .swr(&format!("{WHOLE} --create-namespace -o json"))
        .exits(0);
    assert_eq!(
        run.document("sync-create")["preflight"]["target_namespace"],
        "created"
    );
}

#[test]
fn a_namespace_of_another_account_is_no_target() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1"]);
    cloud.emulator().add_foreign_namespace(EAST, "team");
    let run = cloud
        .swr(&format!("{WHOLE} --create-namespace -o json"))
        .exits(4);
    assert_eq!(run.json_error()["kind"], "exists");
    assert_eq!(cloud.tasks("team", "web/api"), []);
}

#[test]
fn preflight_tells_what_is_missing_and_makes_no_task() {
    let cloud = cloud(&[]);
    let line =
        "sync create -n team -r no/such --to-region cn-east-3 --to-namespace nowhere --preflight";
    let run = cloud.swr(&format!("{line} -o json")).exits(8);
    let message = run.json_error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("no/such"), "{message}");
    let line = format!("sync create -n team -r web/api {TARGET} --preflight -o json");
    let found = cloud.swr(&line).exits(0).document("sync-create");
    assert_eq!(
        found["preflight"],
        json!({"target_region": "offered", "repository": "exists", "target_namespace": "exists"})
    );
}

#[test]
fn a_target_that_cannot_be_looked_at_is_a_warning() {
    let cloud = cloud(&[]);
    let user = cloud.user().without("SWR_TOKEN_CN_EAST_3");
    let line = format!("sync create -n team -r web/api {TARGET} --preflight -o json");
    let run = user.swr(&line).exits(0);
    assert_eq!(
        run.document("sync-create")["preflight"]["target_namespace"],
        "unknown"
    );
    assert!(run.stderr.contains("SWR_TOKEN_CN_EAST_3"), "{run}");
    let run = user.swr(&format!("{line} --create-namespace"));
    assert_eq!(run.code, Some(4), "{run}");
}

/// A setting of the target that is there and broken is found before anything is deleted, created
/// or copied.
#[test]
fn a_broken_setting_of_the_target_changes_nothing() {
    let cloud = cloud(&[]).task(("team", "web/api"), "team", true, true);
    let create = format!("sync create -n team -r web/api {TARGET} --auto --if-exists replace");
    let lines = [
        format!("{create} --preflight"),
        format!("{create} --create-namespace"),
        format!("{create} --backfill"),
        format!("{create} --backfill --wait --verify"),
        format!("sync run -n team -r web/api --all {TARGET} --wait"),
        format!("sync run -n team -r web/api --all {TARGET} --wait --verify"),
        format!("sync wait -n team -r web/api v1 {TARGET}"),
        format!("sync verify -n team -r web/api {TARGET}"),
    ];
    for broken in [
        ("SWR_TOKEN_FILE_CN_EAST_3", "both"),
        ("SWR_ENDPOINT_CN_EAST_3", "nonsense"),
        ("SWR_ENDPOINT_CN_EAST_3", "http://far.example"),
    ] {
        for line in &lines {
            let user = cloud.user().with(broken.0, broken.1);
            let run = user.swr(line);
            assert_eq!(run.code, Some(1), "{broken:?}: {line}: {run}");
        }
    }
    let user = cloud
        .user()
        .without("SWR_TOKEN_CN_EAST_3")
        .with("SWR_TOKEN_FILE_CN_EAST_3", "missing");
    for line in &lines {
        let run = user.swr(line);
        assert_eq!(run.code, Some(1), "missing file: {line}: {run}");
    }
    let changes: Vec<String> = cloud
        .received()
        .into_iter()
        .filter(|line| !line.starts_with("GET "))
        .collect();
    assert_eq!(changes, Vec::<String>::new());
}

/// Each tag of a backfill that did not end well is named, with its reason.
#[test]
fn a_backfill_names_what_did_not_end_well() {
    let cloud = cloud(&[]).failing("COPY v1: failed x*");
    let run = cloud.swr(&format!("{WHOLE} -o json")).exits(9);
    let created = run.document("sync-create");
    assert_eq!(created["status"], "created");
    assert_eq!(created["backfill"]["failed"], 1, "{created:#}");
    let items = created["backfill"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{created:#}");
    assert_eq!(items[0]["tag"], "v1");
    assert!(items[0]["error"]["message"].is_string());
    let run = cloud.swr(WHOLE).exits(9);
    assert!(run.stdout.contains("failed: v1: the copy failed"), "{run}");

    // What was done before an error is reported.
    let cloud = super::cloud(&[]).failing("POST sync_images: 403 x*");
    let run = cloud.swr(&format!("{WHOLE} -o json")).exits(4);
    let created = run.document("sync-create");
    assert_eq!(created["status"], "created");
    assert_eq!(created["backfill"]["items"].as_array().unwrap().len(), 3);
}

#[test]
fn a_dry_run_shows_what_may_be_sent() {
    let cloud = cloud(&[]);
    let line = "--auto --if-exists replace --create-namespace --backfill --dry-run -o json";
    let run = cloud
        .swr(&format!("sync create -n team -r web/api {TARGET} {line}"))
        .exits(0);
    let document = run.document("dry-run-several");
    let shown: Vec<String> = document["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| {
            let url = request["url"].as_str().unwrap();
            let path = url.rsplit('/').next().unwrap();
            format!("{} {path}", request["method"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        shown,
        [
            "POST namespaces",
            "DELETE sync_repo",
            "POST sync_repo",
            "POST sync_images"
        ]
    );
    assert!(run.stderr.contains("only if"), "{run}");
    assert_eq!(cloud.received(), Vec::<String>::new());
}
