//! Each switch has its effect: its second value changes what a client sees.

use serde_json::json;

use super::{EAST, NORTH, Played, REPO};

const NAMESPACES: &str = "/v2/manage/namespaces";
const TASK: &str = r#"{"remoteRegionId":"cn-east-3","remoteNamespace":"demo"}"#;

fn sync_repo() -> String {
    format!("{REPO}/sync_repo")
}

fn images(tags: &str, more: &str) -> String {
    format!(
        r#"{{"imageTag":[{tags}],"remoteRegionId":"cn-east-3","remoteNamespace":"demo"{more}}}"#
    )
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn every_switch_has_a_test_here() {
    let text = concat!(
        include_str!("switches.rs"),
        include_str!("registry/access.rs"),
        include_str!("registry/manifests.rs")
    );
    for row in super::super::Switches::rows() {
        for value in &row.values[1..] {
            assert!(
                text.contains(&format!("{}={value}\"", row.name)),
                "{}={value}",
                row.name
            );
        }
    }
}

#[test]
fn duplicates_and_missing_tasks() {
    let played = Played::as_if(&["duplicate=409", "missing-task=404"]);
    assert_eq!(
        played.delete(&sync_repo(), TASK).code(),
        code(404, "4040113")
    );
    played.task(false, false);
    let answer = played.post(&sync_repo(), TASK);
    assert_eq!(
        (answer.status, &answer.json()["error_msg"]),
        (409, &json!("duplicate sync repo"))
    );
}

#[test]
fn tasks_that_are_listed() {
    let played = Played::as_if(&["tasks-listed=all"]);
    played.task(false, false);
    assert_eq!(played.get(&sync_repo()).json()[0]["syncAuto"], false);
}

#[test]
fn targets_that_are_looked_at() {
    let played = Played::as_if(&["target=strict"]);
    let body = TASK.replace("demo", "nobody");
    assert_eq!(played.post(&sync_repo(), &body).status, 404);
    assert_eq!(played.post(&sync_repo(), TASK).status, 200);
    let path = format!("{REPO}/sync_images");
    assert_eq!(
        played.post(&path, &images(r#""nothing""#, "")).code(),
        code(404, "4040048")
    );
    let played = Played::as_if(&["same-region=refused"]);
    let body = TASK.replace(EAST, NORTH);
    assert_eq!(
        played.post(&sync_repo(), &body).code(),
        code(400, "4000014")
    );
    assert_eq!(Played::start().post(&sync_repo(), &body).status, 200);
}

#[test]
fn regions_and_their_addresses() {
    let played = Played::as_if(&["regions=closed"]);
    assert_eq!(
        played.get("/v2/manage/regions").code(),
        code(404, "APIGW.0101")
    );
    let played = Played::as_if(&["region-key=with-registry-url"]);
    let regions = played.get("/v2/manage/regions").json();
    assert!(regions[0]["regionID"].is_string() && regions[0]["registryURL"].is_string());
    let last = regions.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (last.get("regionID"), last["registryURL"].is_string()),
        (None, true)
    );
}

#[test]
fn failed_tags_are_told_and_the_others_copied() {
    let played = Played::as_if(&["images-answer=failed-tags"]);
    let path = format!("{REPO}/sync_images");
    let answer = played.post(&path, &images(r#""v1.0.0","no","none""#, ""));
    assert_eq!((answer.status, answer.json()), (400, json!(["no", "none"])));
    assert_eq!(played.settle(), ["success"]);
}

#[test]
fn how_jobs_come_and_go() {
    let copied = |switches: &[&str]| {
        let played = Played::as_if(switches);
        played.post(
            &format!("{REPO}/sync_images"),
            &images(r#""v1.0.0","v1.1.0""#, ""),
        );
        played
    };
    assert_eq!(copied(&["jobs=late"]).statuses(), [""; 0]);
    assert_eq!(copied(&["jobs=late"]).settle(), [""; 0]);
    let late = copied(&["jobs=late"]);
    let seen: Vec<usize> = (0..2).map(|_| late.statuses().len()).collect();
    assert_eq!(seen, [0, 2]);
    assert_eq!(
        copied(&["copies=instant"]).statuses(),
        ["success", "success"]
    );
    let first = |played: &Played| {
        let path = format!("{REPO}/sync_job?filter=limit::1|offset::0");
        played.get(&path).json()[0]["tag"].clone()
    };
    assert_eq!(first(&copied(&["jobs-order=oldest"])), "v1.0.0");
    assert_eq!(first(&copied(&[])), "v1.1.0");
}

#[test]
fn how_copies_end_that_find_their_image() {
    let played = Played::as_if(&["existed=same-digest-success"]);
    let path = format!("{REPO}/sync_images");
    played.post(&path, &images(r#""v1.0.0""#, ""));
    played.settle();
    played.post(&path, &images(r#""v1.0.0""#, ""));
    assert_eq!(played.settle(), ["success", "success"]);
}

#[test]
fn pushes_while_a_copy_runs() {
    for (switches, count) in [(&[][..], 2), (&["pushed-while-running=absorbed"][..], 1)] {
        let played = Played::as_if(switches);
        played.task(true, true);
        played.emulator.push(NORTH, "demo", "web/api", "v2", None);
        let digest = played.emulator.push(NORTH, "demo", "web/api", "v2", None);
        assert_eq!(played.settle().len(), count);
        assert_eq!(
            played.emulator.tags(EAST, "demo", "web/api"),
            [("v2".to_owned(), digest)]
        );
    }
}

#[test]
fn filters_and_limits() {
    let played = Played::as_if(&["missing-filter=4001035", "high-limit=capped"]);
    let path = format!("{REPO}/sync_job");
    assert_eq!(played.get(&path).code(), code(400, "4001035"));
    assert_eq!(
        played
            .get(&format!("{path}?filter=limit::5000|offset::0"))
            .status,
        200
    );
}

#[test]
fn bodies_and_errors_and_what_they_need() {
    let played = Played::as_if(&["empty=nothing"]);
    assert_eq!(played.post(&sync_repo(), TASK).body, "");
    for (shape, pointer) in [
        ("error=A", "/error_code"),
        ("error=B", "/errors/0/errorCode"),
        ("error=C", "/0/errorCode"),
        ("error=D", "/errorCode"),
    ] {
        let body = Played::as_if(&[shape])
            .get("/v2/manage/namespaces/no")
            .json();
        assert_eq!(
            body.pointer(pointer),
            Some(&json!("SVCSTG.SWR.4040058")),
            "{shape}"
        );
    }
    let played = Played::as_if(&["content-type=always"]);
    let token = played.token(NORTH);
    let headers = [("X-Auth-Token", token.as_str())];
    let get = |played: &Played| {
        played
            .send(NORTH, "GET /v2/manage/namespaces", &headers, "")
            .unwrap()
    };
    assert_eq!(get(&played).code(), code(400, "4001018"));
    assert_eq!(get(&Played::start()).status, 200);
}

#[test]
fn names_in_filters_and_on_new_things() {
    let played = Played::as_if(&[
        "namespace-filter=exact",
        "tag-filter=exact",
        "hyphens=taken",
    ]);
    let names = |path: &str| played.get(path).body;
    assert_eq!(
        names(&format!("{NAMESPACES}?namespace=dem")),
        r#"{"namespaces":[]}"#
    );
    assert_eq!(names(&format!("{REPO}/tags?tag=v1")), "[]");
    for name in ["a--b", "a---b", "a----b"] {
        let body = format!(r#"{{"namespace":"{name}"}}"#);
        assert_eq!(played.post(NAMESPACES, &body).status, 201, "{name}");
        assert_eq!(
            Played::start().post(NAMESPACES, &body).code(),
            code(400, "4001008")
        );
        let body = format!(r#"{{"repository":"{name}","is_public":false}}"#);
        assert_eq!(
            played
                .post(&format!("{NAMESPACES}/demo/repos"), &body)
                .status,
            200
        );
    }
    for name in ["a-_b", "-a"] {
        let body = format!(r#"{{"namespace":"{name}"}}"#);
        assert_eq!(
            played.post(NAMESPACES, &body).code(),
            code(400, "4001008"),
            "{name}"
        );
    }
}

#[test]
fn quotas_and_what_belongs_to_others() {
    let played = Played::as_if(&["quota=none", "foreign=403"]);
    for number in 0..9 {
        let body = format!(r#"{{"namespace":"n{number}"}}"#);
        assert_eq!(played.post(NAMESPACES, &body).status, 201);
    }
    played.emulator.add_foreign_namespace(NORTH, "theirs");
    assert_eq!(
        played.get(&format!("{NAMESPACES}/theirs")).code(),
        code(403, "4037017")
    );
    assert_eq!(
        played.get(&format!("{NAMESPACES}/nobodys")).code(),
        code(404, "4040058")
    );
}

#[test]
fn what_can_be_deleted() {
    let played = Played::as_if(&[
        "delete-namespace=with-content",
        "delete-repository=only-empty",
    ]);
    assert_eq!(played.delete(REPO, "").code(), code(406, "4060012"));
    assert_eq!(played.delete(&format!("{NAMESPACES}/demo"), "").status, 204);
    assert_eq!(Played::start().delete(REPO, "").status, 204);
}

#[test]
fn what_is_missing_or_closed() {
    let played = Played::as_if(&["agency=missing"]);
    assert_eq!(played.get("/v2/manage/agency").json()["is_agency"], false);
    let path = format!("{REPO}/sync_images");
    played.post(&path, &images(r#""v1.0.0""#, ""));
    assert_eq!(played.settle(), ["failed"]);
    assert_eq!(
        played.post("/v2/manage/agency", "").json()["is_agency"],
        true
    );
    played.post(&path, &images(r#""v1.0.0""#, ""));
    assert_eq!(played.settle(), ["failed", "success"]);
    let played = Played::as_if(&[
        "v3=closed",
        "secret=refused",
        "authorization-token=refused",
        "versions=token",
    ]);
    for path in [
        "/v3/manage/repos",
        "/v3/manage/namespaces/demo/repos/web$api/tags",
    ] {
        assert_eq!(played.get(path).code(), code(404, "APIGW.0101"), "{path}");
    }
    for kind in ["secret", "authorizationtoken"] {
        let refused = played.post(&format!("/v2/manage/utils/{kind}"), "");
        assert_eq!(refused.code(), code(403, "4030170"));
        assert!(refused.json()["encoded_authorization_message"].is_string());
    }
    assert_eq!(
        played.send(NORTH, "GET /", &[], "").unwrap().code(),
        code(401, "APIGW.0301")
    );
    assert_eq!(played.get("/").status, 200);
}

#[test]
fn tokens_and_pace() {
    let played = Played::as_if(&["token=global", "pace=told"]);
    let token = played.token(NORTH);
    let headers = [("X-Auth-Token", token.as_str())];
    let line = format!("GET {NAMESPACES}");
    assert_eq!(played.send(EAST, &line, &headers, "").unwrap().status, 200);
    assert_eq!(
        Played::start()
            .send(EAST, &line, &headers, "")
            .unwrap()
            .code(),
        code(401, "APIGW.0301")
    );
    for path in ["sync_job?filter=limit::1|offset::0", "tags", "tags/v1.0.0"] {
        let path = format!("{REPO}/{path}");
        assert_eq!(played.get(&path).header("retry-after"), Some("0"), "{path}");
        assert_eq!(
            Played::start().get(&path).header("retry-after"),
            None,
            "{path}"
        );
    }
}
