//! Images and targets as people write them, in every verb that takes them.

use crate::support::{Cloud, EAST, Home, Run};

fn cloud() -> Cloud {
    Cloud::start()
        .repository("team", "web/api", &["v1", "v2"])
        .repository("team", "worker", &["v1"])
        .namespace(EAST, "team")
}

/// Every way to name the repository `team/web/api`.
const SPELLINGS: [&str; 5] = [
    "team/web/api",
    "swr.cn-north-4.myhuaweicloud.com/team/web/api",
    "-n team -r web/api",
    "--organization team --repository web/api",
    "--namespace team --repo web/api",
];

fn text(run: &Run) -> String {
    format!("{}\n{}", run.stdout, run.stderr)
}

#[test]
fn every_spelling_of_a_repository_sends_the_same_request() {
    for verb in [
        "sync create IMAGE --to cn-east-3 --auto",
        "sync list IMAGE",
        "sync jobs IMAGE",
        "sync run IMAGE --all --to cn-east-3",
        "sync verify IMAGE --to cn-east-3 --ignore-missing",
        "sync delete IMAGE --to cn-east-3 --ignore-missing",
        "tag list IMAGE",
        "repo show IMAGE",
    ] {
        let sent: Vec<Vec<String>> = SPELLINGS
            .iter()
            .map(|spelling| {
                let cloud = cloud();
                let run = cloud.swr(&verb.replace("IMAGE", spelling));
                assert_eq!(run.code, Some(0), "{verb} of {spelling}: {run}");
                cloud.received()
            })
            .collect();
        assert!(!sent[0].is_empty());
        for (spelling, sent_so) in SPELLINGS.iter().zip(&sent) {
            assert_eq!(sent_so, &sent[0], "{verb} of {spelling}");
        }
    }
}

#[test]
fn every_spelling_of_a_target_is_the_same_target() {
    for spelling in [
        "--to cn-east-3",
        "--to cn-east-3/team",
        "--to-region cn-east-3",
        "--to-region cn-east-3 --to-namespace team",
        "--to cn-east-3 --to-namespace team",
        "--to cn-east-3,cn-east-3/team",
    ] {
        let cloud = cloud();
        let run = cloud.swr(&format!("sync create team/web/api {spelling} --auto -q"));
        let tasks = cloud.tasks("team", "web/api");
        let wanted = (EAST.to_owned(), "team".to_owned(), true, false);
        assert!(tasks.contains(&wanted), "{spelling}: {run}");
    }
}

#[test]
fn targets_may_stand_in_a_list_with_commas() {
    for spelling in [
        "--to cn-east-3/a,cn-east-3/b",
        "--to cn-east-3/a --to cn-east-3/b",
    ] {
        let cloud = cloud().namespace(EAST, "a").namespace(EAST, "b");
        let run = cloud.swr(&format!(
            "sync create team/web/api {spelling} --auto -o json"
        ));
        assert_eq!(run.code, Some(0), "{run}");
        assert_eq!(run.json()["summary"]["created"], 2, "{run}");
        assert_eq!(cloud.tasks("team", "web/api").len(), 2);
    }
}

#[test]
fn a_tag_may_stand_in_the_reference() {
    let cloud = cloud();
    let shown = cloud.swr("tag show team/web/api:v1 -o json");
    assert_eq!(shown.json()["tag"], "v1", "{shown}");
    let run = cloud.swr("sync run team/web/api:v1 --to cn-east-3 --wait --verify");
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(cloud.tags(EAST, "team", "web/api").len(), 1);
    let wait = cloud.swr("sync wait team/web/api:v1 --to cn-east-3");
    assert_eq!(wait.code, Some(0), "{wait}");
}

#[test]
fn several_repositories_are_worked_on_in_one_command() {
    let cloud = cloud();
    let images = "team/web/api:v1 team/worker:v1 team/web/api:v2";
    let run = cloud.swr(&format!(
        "sync run {images} --to cn-east-3 --wait --verify -o json"
    ));
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(run.json()["items"].as_array().unwrap().len(), 3, "{run}");
    for verb in ["wait", "verify"] {
        let run = cloud.swr(&format!("sync {verb} {images} --to cn-east-3 -o json"));
        assert_eq!(run.code, Some(0), "{run}");
        let items = run.json()["items"].clone();
        let mut seen: Vec<String> = items
            .as_array()
            .unwrap()
            .iter()
            .map(|item| format!("{}:{}", item["repository"], item["tag"]).replace('"', ""))
            .collect();
        seen.sort();
        assert_eq!(seen, ["web/api:v1", "web/api:v2", "worker:v1"], "{verb}");
    }
    let jobs = cloud.swr("sync jobs team/web/api team/worker:v1 -o json");
    assert_eq!(jobs.json().as_array().unwrap().len(), 3, "{jobs}");
}

#[test]
fn a_digest_is_what_has_to_be_in_the_target() {
    let cloud = cloud();
    let _ = cloud
        .swr("sync run team/web/api:v1 --to cn-east-3 --wait")
        .exits(0);
    let there = cloud.tags(EAST, "team", "web/api")[0].1.clone();
    let other = format!("sha256:{}", "0".repeat(64));
    for (verb, digest, code) in [
        ("verify", &there, 0),
        ("verify", &other, 8),
        ("wait", &there, 0),
        ("wait", &other, 8),
    ] {
        let run = cloud.swr(&format!(
            "sync {verb} team/web/api:v1@{digest} --to cn-east-3"
        ));
        assert_eq!(run.code, Some(code), "{verb} {digest}: {run}");
    }
    let before = cloud.received().len();
    for line in [
        format!("sync run team/web/api:v1@{there} --to cn-east-3"),
        format!("sync create team/web/api@{there} --to cn-east-3"),
        format!("sync wait team/web/api@{there} --to cn-east-3"),
    ] {
        let run = cloud.swr(&line);
        assert_eq!(run.code, Some(2), "{line}: {run}");
    }
    assert_eq!(cloud.received().len(), before, "nothing is sent");
}

#[test]
fn what_is_pasted_whole_gets_the_right_spelling() {
    let cloud = cloud();
    for (line, hint) in [
        ("tag list -n team -r web/api:v1", "-n team -r web/api v1"),
        ("tag list -n team -r team/web/api", "-n team -r web/api"),
        (
            "tag list -r swr.cn-north-4.myhuaweicloud.com/team/web/api",
            "swr.cn-north-4.myhuaweicloud.com/team/web/api without -n and -r",
        ),
        ("sync create team/web/api:v1 --to cn-east-3", "team/web/api"),
    ] {
        let run = cloud.swr(line);
        assert_eq!(run.code, Some(2), "{run}");
        assert!(text(&run).contains(hint), "{line}: {run}");
    }
    assert_eq!(cloud.received(), [""; 0]);
}

#[test]
fn a_registry_names_the_source_region_and_never_contradicts_another() {
    let cloud = cloud();
    let endpoints = cloud.emulator().variables();
    let north = endpoints
        .iter()
        .find(|(name, _)| name == "SWR_ENDPOINT_CN_NORTH_4");
    let user = cloud
        .user()
        .without("SWR_REGION")
        .without("SWR_ENDPOINT")
        .with("SWR_ENDPOINT_CN_NORTH_4", north.unwrap().1.clone());
    let image = "swr.cn-north-4.myhuaweicloud.com/team/web/api";
    let run = user.swr(&format!("tag list {image} -o json"));
    assert_eq!(run.json().as_array().map(Vec::len), Some(2), "{run}");
    let sent = cloud.received().len();
    for line in [
        format!("tag list {image} --region cn-east-3"),
        format!("sync jobs {image} swr.cn-east-3.myhuaweicloud.com/team/web/api"),
    ] {
        let run = user.swr(&line);
        assert_eq!(run.code, Some(2), "{run}");
        assert!(run.stderr.contains("the image is in cn-"), "{run}");
    }
    assert_eq!(cloud.received().len(), sent, "nothing is sent");
}

#[test]
fn the_settings_give_the_namespace_and_the_targets() {
    let cloud = cloud();
    let with = |user: Home| {
        user.with("SWR_NAMESPACE", "team")
            .with("SWR_TO", "cn-east-3")
    };
    let by_variable = with(cloud.user());
    let run = by_variable.swr("sync create -r web/api --auto -q");
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(cloud.tasks("team", "web/api").len(), 1);
    let by_file = cloud
        .user()
        .config("namespace = \"team\"\nto = [\"cn-east-3\"]\n");
    let run = by_file.swr("sync run -r web/api v1 --wait");
    assert_eq!(run.code, Some(0), "{run}");
    // What is deleted is named on the line.
    let run = by_variable.swr("sync delete -r web/api");
    assert_eq!(run.code, Some(2), "{run}");
    assert_eq!(cloud.tasks("team", "web/api").len(), 1);
}

#[test]
fn what_is_not_named_is_asked_for_and_nothing_is_sent() {
    let cloud = cloud();
    for (line, missing) in [
        ("sync create --to cn-east-3", "no repository is named"),
        (
            "sync create -n team --to cn-east-3",
            "no repository is named: --repo",
        ),
        ("sync create team/web/api", "no target is named: --to"),
        (
            "sync run team/web/api --to cn-east-3",
            "name the tags to copy",
        ),
        (
            "sync run team/web/api:v1 --all --to cn-east-3",
            "name the tags to copy",
        ),
        (
            "sync wait team/web/api --to cn-east-3",
            "name the tags to wait for",
        ),
        (
            "sync wait -n team -r web/api --to cn-east-3",
            "name the tags to wait for",
        ),
        (
            "sync delete team/web/api --to cn-east-3,ap-southeast-1",
            "only one target",
        ),
        (
            "sync create team/web/api --to cn-north-4",
            "the target is the source itself",
        ),
        (
            "sync verify team/web/api --to cn-north-4/team",
            "the target is the source itself",
        ),
        ("tag show team/web/api", "one tag is needed"),
        ("tag list team/web/api -n team", "cannot be used with"),
    ] {
        let run = cloud.swr(line);
        assert_eq!(run.code, Some(2), "{line}: {run}");
        assert!(run.stderr.contains(missing), "{line}: {run}");
    }
    assert_eq!(cloud.received(), [""; 0]);
}

#[test]
fn a_name_that_is_not_there_is_answered_with_the_nearest_one() {
    for (line, near) in [
        ("sync create team/web/apo --to cn-east-3 --auto", "web/api"),
        ("sync list team/web/ap", "web/api"),
        ("tag list teem/web/api", "team"),
        ("sync verify -n taem --to cn-east-3", "team"),
        ("sync run team/web/api:v11 --to cn-east-3", "v1"),
        ("sync wait team/web/api:v11 --to cn-east-3", "v1"),
        ("sync verify team/web/api:v11 --to cn-east-3", "v1"),
        ("sync jobs team/web/apo", "web/api"),
        ("tag show team/web/api:v11", "v1"),
        ("repo show team/web/apo", "web/api"),
        ("repo list -n teem", "team"),
        ("namespace show teem", "team"),
        // The target: its region, and its namespace there.
        ("sync create team/web/api --to cn-est-3", "cn-east-3"),
        ("sync run team/web/api:v1 --to cn-est-3", "cn-east-3"),
        ("sync delete team/web/api --to cn-est-3", "cn-east-3"),
        ("sync wait team/web/api:v1 --to cn-east-3/dmeo", "demo"),
        (
            "sync create team/web/api --to cn-est-3/team --preflight",
            "cn-east-3",
        ),
        (
            "sync create team/web/api --to cn-east-3/dmeo --preflight",
            "demo",
        ),
        (
            "sync create team/web/apo --to cn-east-3/demo --preflight",
            "web/api",
        ),
    ] {
        let run = cloud().swr(line);
        assert!(matches!(run.code, Some(4 | 5 | 8)), "{run}");
        assert!(
            run.stderr.contains(&format!("did you mean '{near}'?")),
            "{line}: {run}"
        );
    }
    // The name is there: it is not the reason.
    let cloud_that_denies = cloud().failing("GET sync_repo: 404");
    let run = cloud_that_denies.swr("sync list team/web/api");
    assert_eq!(run.code, Some(4), "{run}");
    assert!(!run.stderr.contains("did you mean"), "{run}");
    // Several at once are reported at once.
    let run = cloud().swr("sync create team/web/apo --to cn-east-3/dmeo --preflight");
    assert!(
        run.stderr.contains("did you mean 'web/api' and 'demo'?"),
        "{run}"
    );
    // Jobs were read anyway.
    let cloud_with_job = cloud();
    let copied = cloud_with_job.swr("sync run team/web/api:v1 --to cn-east-3/demo -q");
    assert_eq!(copied.code, Some(0), "{copied}");
    let run = cloud_with_job.swr("sync jobs team/web/api:v2");
    assert!(run.stderr.contains("did you mean 'v1'?"), "{run}");
    // The emulator's sandbox knows no other hosts, as name resolution outside knows none of a
    // region that is none.
    let sandboxed = Home::new()
        .with("SWR_TOKEN", "token-of-the-test")
        .with("SWR_REGION", "cn-nort-4")
        .with("SWR_EMULATOR", "1");
    let run = sandboxed.swr("namespace list").exits(1);
    assert!(
        run.stderr.contains("did you mean the region 'cn-north-4'?"),
        "{run}"
    );
    // Nothing is near.
    let run = cloud().swr("sync list team/entirely/different");
    assert!(!run.stderr.contains("did you mean"), "{run}");
}

#[test]
fn an_option_without_the_one_it_needs_says_why() {
    for (line, why) in [
        ("--wait", "--wait waits for the copies of --backfill"),
        (
            "--backfill --verify",
            "--verify compares the digests after --wait",
        ),
    ] {
        let cloud = cloud();
        let run = cloud.swr(&format!("sync create team/web/api --to cn-east-3 {line}"));
        assert_eq!(run.code, Some(2), "{run}");
        assert!(run.stderr.contains(why), "{run}");
        assert_eq!(cloud.received(), [""; 0]);
    }
}

#[test]
fn a_long_limit_of_a_request_is_pointed_out_where_a_wait_is_meant() {
    let cloud = cloud();
    let _ = cloud
        .swr("sync run team/web/api:v1 --to cn-east-3 --wait")
        .exits(0);
    for (line, is_pointed_out) in [
        (
            "sync wait team/web/api:v1 --to cn-east-3 --timeout 5m",
            true,
        ),
        (
            "sync run team/web/api:v1 --to cn-east-3 --wait --timeout 5m",
            true,
        ),
        (
            "sync wait team/web/api:v1 --to cn-east-3 --timeout 20s",
            false,
        ),
        (
            "sync run team/web/api:v1 --to cn-east-3 --timeout 5m",
            false,
        ),
        ("sync wait team/web/api:v1 --to cn-east-3", false),
    ] {
        let run = cloud.swr(line);
        assert_eq!(run.code, Some(0), "{run}");
        assert_eq!(
            run.stderr.contains("--wait-timeout"),
            is_pointed_out,
            "{line}: {run}"
        );
    }
}
