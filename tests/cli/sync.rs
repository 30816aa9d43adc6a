//! The sync family against the emulated service: tasks, copies, proof.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::{Cloud, EAST, NORTH};

const TARGET: &str = "--to-region cn-east-3 --to-namespace team";
const WHOLE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --auto --backfill --wait --verify";

/// The digest of an image that the source does not have.
const OTHER: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A repository with three tags, and a namespace to copy them to.
fn cloud(switches: &[&str]) -> Cloud {
    Cloud::as_if(switches)
        .repository("team", "web/api", &["v1", "v2", "latest"])
        .namespace(EAST, "team")
}

fn statuses(document: &Value) -> Vec<(String, String)> {
    let mut found: Vec<_> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap_or("-").to_owned();
            (text("tag"), text("status"))
        })
        .collect();
    found.sort();
    found
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(tag, status)| ((*tag).to_owned(), (*status).to_owned()))
        .collect()
}

/// What nobody recorded, in each of its answers: the client has to be right under all of them.
const ANSWERS: &[&str] = &[
    "pace=told",
    "duplicate=409",
    "missing-task=404",
    "tasks-listed=all",
    "target=strict",
    "regions=closed",
    "region-key=with-registry-url",
    "images-answer=failed-tags",
    "jobs=late",
    "jobs-order=oldest",
    "copies=instant",
    "existed=same-digest-success",
    "pushed-while-running=absorbed",
    "missing-filter=4001035",
    "high-limit=capped",
    "empty=nothing",
    "error=B",
    "error=C",
    "error=D",
    "content-type=always",
    "namespace-filter=exact",
    "tag-filter=exact",
    "hyphens=taken",
    "quota=none",
    "foreign=403",
    "v3=closed",
    "token=global",
];

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

#[test]
fn tasks_are_listed_of_a_repository_a_namespace_and_everything() {
    let cloud = cloud(&[])
        .repository("team", "web/worker", &["v1"])
        .repository("other", "x", &["v1"])
        .task(("team", "web/api"), "team", true, true)
        .task(("team", "web/worker"), "team", true, false)
        .task(("other", "x"), "team", true, false);
    for (line, count) in [("-n team -r web/api", 1), ("-n team", 2), ("", 3)] {
        let run = cloud.swr(&format!("sync list {line} -o json")).exits(0);
        assert_eq!(
            run.document("sync-list").as_array().unwrap().len(),
            count,
            "{line}"
        );
        assert!(run.stderr.contains("not listed"), "{run}");
    }
    assert_data_eq!(
        cloud.swr("sync list -n team -q").to_string(),
        str![[r#"
exit: 0
--- stdout
team/web/api	team (cn-east-3)	yes	yes	2026-01-01T00:00:26Z
team/web/worker	team (cn-east-3)	yes	no	2026-01-01T00:00:27Z

"#]]
    );
}

#[test]
fn a_task_is_deleted_and_the_way_back_is_told() {
    for answer in ["missing-task=400", "missing-task=404"] {
        let cloud = cloud(&[answer]).task(("team", "web/api"), "team", true, true);
        let line = format!("sync delete -n team -r web/api {TARGET}");
        let run = cloud.swr(&format!("{line} -o json")).exits(0);
        assert_eq!(run.document("sync-delete")["status"], "deleted");
        assert!(
            run.stderr.contains("--auto") && run.stderr.contains("--override"),
            "{run}"
        );
        assert_eq!(cloud.tasks("team", "web/api"), []);
        let _ = cloud.swr(&line).exits(4);
        let run = cloud
            .swr(&format!("{line} --ignore-missing -o json"))
            .exits(0);
        assert_eq!(run.document("sync-delete")["status"], "missing");
    }
}

#[test]
fn jobs_are_shown_with_filters() {
    let cloud = cloud(&[]);
    let _ = cloud
        .swr(&format!(
            "sync run -n team -r web/api --all {TARGET} --wait"
        ))
        .exits(0);
    let list = |line: &str| {
        let run = cloud
            .swr(&format!("sync jobs -n team -r web/api {line} -o json"))
            .exits(0);
        run.document("sync-jobs").as_array().unwrap().len()
    };
    assert_eq!(
        [
            "",
            "v1",
            "--status success",
            "--status failed",
            "--limit 1",
            "--to-region cn-east-2"
        ]
        .map(list),
        [3, 1, 3, 0, 1, 0]
    );
}

#[test]
fn regions_are_listed_or_the_call_is_closed() {
    let run = cloud(&[]).swr("sync regions -o json").exits(0);
    assert!(
        run.document("sync-regions")
            .to_string()
            .contains("cn-east-3")
    );
    let run = cloud(&["regions=closed"]).swr("sync regions").exits(4);
    assert!(run.stderr.contains("cn-east-3"), "{run}");
}

#[test]
fn the_doctor_finds_a_healthy_set_up_healthy() {
    let cloud = cloud(&[]);
    let line = "doctor --to-region cn-east-3 --to-namespace team";
    let run = cloud.swr(&format!("{line} -o json")).exits(0);
    let document = run.document("doctor");
    assert!(document["summary"].get("error").is_none(), "{document:#}");
    let changed = cloud
        .received()
        .into_iter()
        .find(|line| !line.starts_with("GET "));
    assert_eq!(changed, None);
}

#[test]
fn the_doctor_names_each_fault() {
    for (switches, fault, id, exit) in [
        (vec!["agency=missing"], None, "agency", 8),
        (
            vec![],
            Some("GET /v2/manage/namespaces: 401 x*"),
            "permission",
            4,
        ),
        (
            vec![],
            Some("GET /v2/manage/namespaces: 503 retry-after=0 x*"),
            "permission",
            5,
        ),
    ] {
        let mut cloud = cloud(&switches);
        if let Some(fault) = fault {
            cloud = cloud.failing(fault);
        }
        let run = cloud.swr("doctor -o json").exits(exit);
        let document = run.document("doctor");
        let found = document["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["status"] == "error");
        assert_eq!(found.unwrap()["id"], id, "{document:#}");
    }
    let run = cloud(&[])
        .user()
        .without("SWR_TOKEN")
        .without("SWR_TOKEN_CN_NORTH_4")
        .swr("doctor")
        .exits(1);
    assert!(run.stdout.contains("no credential is set"), "{run}");
}
