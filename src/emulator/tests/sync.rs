//! The sync family as the service is, its silences included.

use serde_json::json;

use super::{EAST, NORTH, Played, REPO};

fn task(namespace: &str, more: &str) -> String {
    format!(r#"{{"remoteRegionId":"cn-east-3","remoteNamespace":"{namespace}"{more}}}"#)
}

#[test]
fn a_task_is_made_listed_and_deleted() {
    let played = Played::start();
    let path = format!("{REPO}/sync_repo");
    let answer = played.post(&path, &task("demo", r#","syncAuto":true,"override":true"#));
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    let listed = played.get(&path).json();
    let mut expected = json!([{
        "createdAt": listed[0]["createdAt"], "domainID": listed[0]["domainID"],
        "domainName": "demo", "id": listed[0]["id"], "namespace": "demo", "override": true,
        "remoteNamespace": "demo", "remoteRegionId": "cn-east-3", "repoName": "web/api",
        "syncAuto": true, "updatedAt": listed[0]["createdAt"],
    }]);
    assert_eq!(listed, expected);
    assert!(listed[0]["id"].as_u64().unwrap() > u64::from(u32::MAX));
    let answer = played.delete(&path, &task("demo", ""));
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    expected = json!([]);
    assert_eq!(played.get(&path).json(), expected);
    assert_eq!(
        played.delete(&path, &task("demo", "")).code(),
        (400, "4001158".to_owned())
    );
}

#[test]
fn a_second_task_of_the_same_key_is_a_duplicate() {
    let played = Played::start();
    let path = format!("{REPO}/sync_repo");
    assert_eq!(played.post(&path, &task("demo", "")).status, 200);
    let answer = played.post(&path, &task("demo", r#","syncAuto":true"#));
    assert_eq!(answer.code(), (400, "4000014".to_owned()));
    assert_eq!(answer.json()["error_msg"], "duplicate sync repo");
    assert_eq!(
        played.emulator.tasks(NORTH, "demo", "web/api"),
        [(EAST.to_owned(), "demo".to_owned(), false, false)]
    );
}

#[test]
fn a_missing_target_namespace_is_taken_and_an_unknown_region_is_an_internal_error() {
    let played = Played::start();
    let path = format!("{REPO}/sync_repo");
    assert_eq!(played.post(&path, &task("nobody", "")).status, 200);
    let body = r#"{"remoteRegionId":"cn-nowhere-9","remoteNamespace":"demo"}"#;
    assert_eq!(played.post(&path, body).code(), (500, "5001101".to_owned()));
}

#[test]
fn a_broken_body_is_400_and_a_missing_place_404() {
    let played = Played::start();
    let code = |path: &str, body: &str| played.post(path, body).code();
    let path = format!("{REPO}/sync_repo");
    for (body, expected) in [
        ("", "4001018"),
        ("[]", "4001018"),
        ("{", "4001018"),
        ("{}", "4001014"),
        (r#"{"remoteRegionId":"cn-east-3"}"#, "4001014"),
        (r#"{"remoteRegionId":1,"remoteNamespace":"a"}"#, "4001018"),
        (&task("a", r#","syncAuto":"true""#), "4001018"),
    ] {
        assert_eq!(code(&path, body), (400, expected.to_owned()), "{body}");
    }
    let body = task("demo", "");
    let other = |place: &str| format!("/v2/manage/namespaces/{place}/sync_repo");
    assert_eq!(
        code(&other("none/repos/web$api"), &body),
        (404, "4040058".to_owned())
    );
    assert_eq!(
        code(&other("demo/repos/none"), &body),
        (404, "4040010".to_owned())
    );
}

#[test]
fn tasks_without_auto_are_not_listed() {
    let played = Played::start();
    played.task(false, false);
    assert_eq!(played.get(&format!("{REPO}/sync_repo")).body, "[]");
}

#[test]
fn a_dollar_may_be_encoded_and_a_slash_may_not() {
    let played = Played::start();
    let status = |name: &str| {
        let path = format!("/v2/manage/namespaces/demo/repos/{name}/sync_repo");
        played.get(&path).status
    };
    assert_eq!(["web$api", "web%24api"].map(status), [200, 200]);
    assert_eq!(
        ["web%2Fapi", "web%2fapi", "web/api", "web%2524api"].map(status),
        [404; 4]
    );
    let path = "/v2/manage/namespaces/demo/repos/web%2Fapi/sync_repo";
    assert_eq!(played.get(path).code().1, "APIGW.0101");
}

#[test]
fn a_push_is_copied_by_a_task_with_auto_and_moves_when_it_is_looked_at() {
    let played = Played::start();
    played.task(true, false);
    let digest = played.emulator.push(NORTH, "demo", "web/api", "v2", None);
    assert_eq!(played.statuses(), ["waiting"]);
    assert_eq!(played.statuses(), ["running"]);
    assert_eq!(
        played.emulator.tags(EAST, "demo", "web/api"),
        [("v2".to_owned(), digest)]
    );
    assert_eq!(played.statuses(), ["success"]);
}

#[test]
fn a_look_at_the_target_moves_copies_too() {
    let played = Played::start();
    played.task(true, false);
    played.emulator.push(NORTH, "demo", "web/api", "v2", None);
    let look = || {
        played
            .ask(EAST, "GET", &format!("{REPO}/tags/v2"), "")
            .status
    };
    assert_eq!([look(), look()], [404, 200]);
}

#[test]
fn copies_end_as_the_target_has_it() {
    let played = Played::start();
    let copy = |tags: &str, namespace: &str, more: &str| {
        let body = task(namespace, &format!(r#","imageTag":[{tags}]{more}"#));
        let answer = played.post(&format!("{REPO}/sync_images"), &body);
        assert_eq!((answer.status, answer.body.as_str()), (200, "[]"));
    };
    copy(r#""v1.0.0","nothing""#, "demo", "");
    copy(r#""v1.0.0""#, "nobody", "");
    assert_eq!(played.settle(), ["success", "failed", "failed"]);
    copy(r#""v1.0.0""#, "demo", "");
    copy(r#""v1.0.0""#, "demo", r#","override":true"#);
    assert_eq!(played.settle()[3..], ["existed", "success"]);
}

#[test]
fn a_copy_by_hand_needs_its_tags_as_texts() {
    let played = Played::start();
    let path = format!("{REPO}/sync_images");
    for (more, expected) in [
        ("", "4001014"),
        (r#","imageTag":[]"#, "4001014"),
        (r#","imageTag":"v1""#, "4001018"),
        (r#","imageTag":[1]"#, "4001018"),
    ] {
        let answer = played.post(&path, &task("demo", more));
        assert_eq!(answer.code(), (400, expected.to_owned()), "{more}");
    }
}

#[test]
fn jobs_are_listed_by_a_filter_newest_first() {
    let played = Played::start();
    let body = task("demo", r#","imageTag":["v1.0.0","v1.1.0","latest"]"#);
    played.post(&format!("{REPO}/sync_images"), &body);
    let listed = |filter: &str| {
        let answer = played.get(&format!("{REPO}/sync_job?filter={filter}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        let tags: Vec<String> = answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|job| job["tag"].as_str().unwrap().to_owned())
            .collect();
        (tags, answer.header("content-range").unwrap().to_owned())
    };
    let all = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        listed("limit::2|offset::0"),
        (all(&["latest", "v1.1.0"]), "0-2/3".to_owned())
    );
    assert_eq!(
        listed("limit%3A%3A2%7Coffset%3A%3A2%7Corder%3A%3Adesc"),
        (all(&["v1.0.0"]), "2-1/3".to_owned())
    );
    assert_eq!(
        listed("limit::9|offset::0|order::asc").0,
        all(&["v1.0.0", "v1.1.0", "latest"])
    );
    assert_eq!(listed("limit::9|offset::9"), (all(&[]), "9-0/3".to_owned()));
    let job = played
        .get(&format!(
            "{REPO}/sync_job?filter=limit::1|offset::0|order::asc"
        ))
        .json();
    let keys: Vec<&String> = job[0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "createdAt",
            "domainID",
            "domainName",
            "id",
            "namespace",
            "override",
            "remoteNamespace",
            "remoteRegionId",
            "repoName",
            "status",
            "syncOperatorId",
            "syncOperatorName",
            "tag",
            "updatedAt",
        ]
    );
}

#[test]
fn a_filter_that_breaks_the_grammar_is_refused() {
    let played = Played::start();
    let code = |query: &str| played.get(&format!("{REPO}/sync_job{query}")).code();
    assert_eq!(code(""), (400, "4001036".to_owned()));
    for filter in [
        "limit::10",
        "offset::0",
        "limit:10|offset:0",
        "limit::10,offset::0",
        "limit::ten|offset::0",
        "limit::10|offset::0|order::up",
        "limit::10|offset::0|tag::v1",
        "limit::10|offset::0|limit::10",
    ] {
        assert_eq!(
            code(&format!("?filter={filter}")),
            (400, "4001035".to_owned()),
            "{filter}"
        );
    }
    for filter in ["limit::0|offset::0", "limit::1001|offset::0"] {
        assert_eq!(
            code(&format!("?filter={filter}")),
            (400, "4000056".to_owned()),
            "{filter}"
        );
    }
}

#[test]
fn the_regions_are_a_flat_list_with_the_one_that_is_asked() {
    let played = Played::start();
    let regions = played.get("/v2/manage/regions").json();
    let regions = regions.as_array().unwrap();
    assert_eq!(regions.len(), 11);
    for region in [NORTH, EAST, "ap-southeast-1"] {
        assert!(regions.contains(&json!({"regionID": region})), "{region}");
    }
}
