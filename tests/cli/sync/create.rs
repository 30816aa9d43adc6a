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
        "sync create -n team -r no/such --to-region cn-east-2 --to-namespace nowhere --preflight";
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
