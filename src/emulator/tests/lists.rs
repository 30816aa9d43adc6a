//! Namespaces, repositories, tags and the account, with the spellings of section 3.

use serde_json::{Value, json};

use super::{NORTH, Played, REPO};

const NAMESPACES: &str = "/v2/manage/namespaces";

/// Returns the texts of a field, in the order of the list.
fn texts(list: &Value, field: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[field].as_str().unwrap().to_owned())
        .collect()
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn namespaces_are_listed_shown_made_and_deleted() {
    let played = Played::start();
    let listed = played.get(NAMESPACES).json();
    assert_eq!(texts(&listed["namespaces"], "name"), ["demo"]);
    let shown = played.get(&format!("{NAMESPACES}/demo")).json();
    assert_eq!(shown, listed["namespaces"][0]);
    assert_eq!(
        keys(&shown),
        [
            "access_user_count",
            "auth",
            "creator_name",
            "id",
            "name",
            "repo_count"
        ]
    );
    assert_eq!(
        (&shown["auth"], &shown["repo_count"]),
        (&json!(7), &json!(2))
    );
    assert_eq!(
        played.post(NAMESPACES, r#"{"namespace":"team"}"#).status,
        201
    );
    let code = |body: &str| played.post(NAMESPACES, body).code();
    assert_eq!(code(r#"{"namespace":"team"}"#), (409, "4090060".to_owned()));
    assert_eq!(code(r#"{"namespace":"Team"}"#), (400, "4001008".to_owned()));
    assert_eq!(
        code(r#"{"namespace":"library"}"#),
        (400, "4001008".to_owned())
    );
    assert_eq!(code("{}"), (400, "4001014".to_owned()));
    let gone = played.delete(&format!("{NAMESPACES}/team"), "");
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    let code = |name: &str| played.delete(&format!("{NAMESPACES}/{name}"), "").code();
    assert_eq!(code("team"), (404, "4040058".to_owned()));
    assert_eq!(code("demo"), (406, "4060074".to_owned()));
}

#[test]
fn a_namespace_of_another_account_is_invisible_and_taken() {
    let played = Played::start();
    played.emulator.add_foreign_namespace(NORTH, "theirs");
    assert_eq!(
        texts(&played.get(NAMESPACES).json()["namespaces"], "name"),
        ["demo"]
    );
    let code = |path: &str| played.get(&format!("{NAMESPACES}/{path}")).code();
    assert_eq!(code("theirs"), (404, "4040058".to_owned()));
    assert_eq!(
        code("theirs/repos/x/sync_repo"),
        (404, "4040058".to_owned())
    );
    let taken = played.post(NAMESPACES, r#"{"namespace":"theirs"}"#);
    assert_eq!(taken.code(), (409, "4090060".to_owned()));
}

#[test]
fn namespaces_have_a_quota_that_can_be_read() {
    let played = Played::start();
    for name in ["a", "b", "c", "d"] {
        assert_eq!(
            played
                .post(NAMESPACES, &format!(r#"{{"namespace":"{name}"}}"#))
                .status,
            201
        );
    }
    let full = played.post(NAMESPACES, r#"{"namespace":"e"}"#);
    assert_eq!(full.code(), (400, "4000097".to_owned()));
    let project = played.emulator.regions()[0].project_id.clone();
    let quotas = played
        .get(&format!("/v2/manage/projects/{project}/quotas"))
        .json();
    let expected =
        json!({"quotas": [{"quota_key": "namespace", "quota_limit": 5, "used": 5, "unit": ""}]});
    assert_eq!(quotas, expected);
    let other = played.get("/v2/manage/projects/0123/quotas");
    assert_eq!(other.code(), (403, "4039001".to_owned()));
}

#[test]
fn repositories_are_made_shown_changed_and_deleted() {
    let played = Played::start();
    let path = format!("{NAMESPACES}/demo/repos");
    let code = |body: &str| played.post(&path, body).code();
    let made = played.post(
        &path,
        r#"{"repository":"a/b","is_public":true,"category":"linux"}"#,
    );
    assert_eq!(made.status, 200);
    assert_eq!(
        code(r#"{"repository":"a/b","is_public":true}"#),
        (409, "4090006".to_owned())
    );
    assert_eq!(
        code(r#"{"repository":"A","is_public":true}"#),
        (400, "4001028".to_owned())
    );
    assert_eq!(code(r#"{"repository":"c"}"#), (400, "4001014".to_owned()));
    assert_eq!(code(r#"{"is_public":true}"#), (400, "4001014".to_owned()));
    let own = format!("{path}/a$b");
    let changed = played.ask(NORTH, "PATCH", &own, r#"{"description":"more"}"#);
    assert_eq!(changed.status, 201);
    let shown = played.get(&own).json();
    assert_eq!(
        keys(&shown),
        [
            "category",
            "created",
            "creator_id",
            "creator_name",
            "description",
            "domain_id",
            "id",
            "internal_path",
            "is_public",
            "name",
            "ns_id",
            "num_download",
            "num_images",
            "path",
            "priority",
            "size",
            "updated",
            "url",
        ]
    );
    let pick = |field: &str| shown[field].clone();
    assert_eq!(
        ["name", "category", "description", "is_public", "path"].map(pick),
        [
            json!("a/b"),
            json!("linux"),
            json!("more"),
            json!(true),
            json!(format!("{}/demo/a/b", played.host(NORTH))),
        ]
    );
    assert_eq!(played.delete(&own, "").status, 204);
    assert_eq!(played.get(&own).code(), (404, "4040010".to_owned()));
}

#[test]
fn repositories_are_listed_loosely_and_in_pages() {
    let played = Played::start();
    for (namespace, name) in [("demo", "api"), ("demo-2", "web/api")] {
        played.emulator.add_repository(NORTH, namespace, name);
    }
    let listed = |query: &str| {
        let answer = played.get(&format!(
            "/v2/manage/repos?order_column=name&order_type=asc&{query}"
        ));
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        texts(&answer.json(), "name").join(" ")
    };
    assert_eq!(listed("namespace=demo&name=api"), "api web/api web/api");
    assert_eq!(listed("namespace=demo-2"), "web/api");
    assert_eq!(listed("name=web$worker"), "web/worker");
    // The filter wins, and what is beside it is ignored.
    assert_eq!(listed("name=worker&filter=namespace::demo-2"), "web/api");
    let page = played.get("/v2/manage/repos?limit=2&offset=3");
    assert_eq!(page.header("content-range"), Some("3-1/4"));
    assert_eq!(page.json()[0]["total_range"], 4);
    assert_eq!(played.get("/v2/manage/repos").header("content-range"), None);
    let row = &played.get("/v2/manage/repos?name=worker").json()[0];
    assert_eq!(
        keys(row),
        [
            "category",
            "created_at",
            "description",
            "domain_name",
            "internal_path",
            "is_public",
            "logo",
            "name",
            "namespace",
            "num_download",
            "num_images",
            "path",
            "size",
            "status",
            "tags",
            "total_range",
            "updated_at",
            "url",
        ]
    );
    assert_eq!(row["tags"], json!(["latest", "v1.0.0"]));
}

#[test]
fn repositories_are_filtered_by_category_and_by_who_sees_them() {
    let played = Played::start();
    let body = r#"{"repository":"base","is_public":true,"category":"linux"}"#;
    assert_eq!(
        played
            .post(&format!("{NAMESPACES}/demo/repos"), body)
            .status,
        200
    );
    for query in [
        "category=linux",
        "is_public=true",
        "filter=is_public::true|category::linux",
    ] {
        let found = played.get(&format!("/v2/manage/repos?{query}")).json();
        assert_eq!(texts(&found, "name"), ["base"], "{query}");
    }
}

#[test]
fn a_list_refuses_what_the_service_refuses() {
    let played = Played::start();
    let code = |query: &str| played.get(&format!("/v2/manage/repos?{query}")).code();
    for column in ["updated_at", "num_images", "x"] {
        assert_eq!(
            code(&format!("order_column={column}")),
            (400, "4001096".to_owned())
        );
    }
    for column in ["name", "updated_time", "tag_count"] {
        let path = format!("/v2/manage/repos?order_column={column}&order_type=desc");
        assert_eq!(played.get(&path).status, 200);
    }
    for query in ["limit=1", "offset=0", "limit=x&offset=0", "order_type=up"] {
        assert_eq!(code(query), (400, "4001024".to_owned()), "{query}");
    }
    for query in ["limit=0&offset=0", "limit=1001&offset=0"] {
        assert_eq!(code(query), (400, "4000056".to_owned()), "{query}");
    }
}

#[test]
fn a_list_holds_a_hundred_unless_more_is_asked() {
    let played = Played::start();
    for number in 0..101 {
        played
            .emulator
            .push(NORTH, "demo", "many", &format!("v{number}"), None);
    }
    let path = format!("{NAMESPACES}/demo/repos/many/tags");
    let count = |query: &str| {
        let answer = played.get(&format!("{path}{query}"));
        answer.json().as_array().unwrap().len()
    };
    assert_eq!(count(""), 100);
    assert_eq!(count("?limit=1000&offset=0"), 101);
}

#[test]
fn tags_are_spelled_with_a_capital_in_their_list_alone() {
    let played = Played::start();
    let answer = played.get(&format!("{REPO}/tags?limit=10&offset=0"));
    assert_eq!(answer.header("content-range"), Some("0-3/3"));
    let row = &answer.json()[0];
    assert_eq!(
        keys(row),
        [
            "Tag",
            "created",
            "deleted",
            "digest",
            "domain_id",
            "id",
            "image_id",
            "internal_path",
            "is_trusted",
            "manifest",
            "path",
            "repo_id",
            "scanned",
            "schema",
            "size",
            "tag_type",
            "updated",
        ]
    );
    let one = played.get(&format!("{REPO}/tags/v1.0.0")).json();
    assert_eq!(one["tag"], "v1.0.0");
    let mut expected: Vec<&str> = keys(row);
    expected.retain(|key| !["Tag", "deleted", "scanned"].contains(key));
    expected.push("tag");
    expected.sort_unstable();
    assert_eq!(keys(&one), expected);
    assert_eq!(one["repo_id"], played.get(REPO).json()["id"]);
    let manifest: Value = serde_json::from_str(one["manifest"].as_str().unwrap()).unwrap();
    assert_eq!(manifest["schemaVersion"], 2);
    assert_eq!(
        played.get(&format!("{REPO}/tags/no")).code(),
        (404, "4040048".to_owned())
    );
}

#[test]
fn tags_are_found_loosely_and_ordered() {
    let played = Played::start();
    let listed =
        |query: &str| texts(&played.get(&format!("{REPO}/tags?{query}")).json(), "Tag").join(" ");
    assert_eq!(listed("tag=v1"), "v1.1.0 v1.0.0");
    assert_eq!(
        listed("order_column=tag&order_type=asc"),
        "latest v1.0.0 v1.1.0"
    );
    assert_eq!(listed("filter=tag::late"), "latest");
    let code = played.get(&format!("{REPO}/tags?order_column=name")).code();
    assert_eq!(code, (400, "4001096".to_owned()));
    let empty = format!("{NAMESPACES}/demo/repos/empty");
    assert_eq!(
        played.get(&format!("{empty}/tags")).code(),
        (404, "4040010".to_owned())
    );
    played.emulator.add_repository(NORTH, "demo", "empty");
    assert_eq!(played.get(&format!("{empty}/tags")).body, "[]");
}

#[test]
fn the_v3_lists_have_markers_and_other_words() {
    let played = Played::start();
    let first = played.get("/v3/manage/repos?limit=1").json();
    assert_eq!(texts(&first["repos"], "namespace_name"), ["demo"]);
    assert_eq!(first["repos"][0].get("tags"), None);
    assert_eq!(first["repos"][0].get("path"), None);
    let second = played.get(&format!(
        "/v3/manage/repos?limit=1&marker={}",
        first["nextMarker"]
    ));
    let second = second.json();
    assert_eq!(texts(&second["repos"], "name"), ["web/worker"]);
    assert_eq!(second["nextMarker"], 0);
    let tags = "/v3/manage/namespaces/demo/repos/web$api/tags";
    let (mut marker, mut seen) = (String::new(), Vec::new());
    loop {
        let page = played
            .get(&format!("{tags}?limit=2&marker={marker}"))
            .json();
        seen.extend(texts(&page["tags"], "tag"));
        assert_eq!(page["tags"][0].get("manifest"), None);
        page["nextMarker"].as_str().unwrap().clone_into(&mut marker);
        if page["has_more"] == false {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["latest", "v1.0.0", "v1.1.0"]);
    let with = played.get(&format!("{tags}?with_manifest=true")).json();
    assert!(with["tags"][0]["manifest"].is_string());
}

#[test]
fn the_accounts_own_calls_answer() {
    let played = Played::start();
    let agency = played.get("/v2/manage/agency").json();
    assert_eq!(
        (keys(&agency), &agency["is_agency"]),
        (vec!["domain_id", "is_agency"], &json!(true))
    );
    let project = played.emulator.regions()[0].project_id.clone();
    let gates = played
        .get(&format!("/v2/manage/projects/{project}/feature-gates"))
        .json();
    assert_eq!(gates["enable_image_sync"], true);
    for (path, user) in [
        ("secret?projectname=cn-north-4", "cn-north-4@"),
        ("authorizationtoken", "bearertoken@"),
    ] {
        let login = played.post(&format!("/v2/manage/utils/{path}"), "");
        assert_eq!(login.status, 200);
        let auth = &login.json()["auths"][played.host(NORTH)]["auth"];
        assert!(auth.is_string(), "{login:?}");
        assert!(
            login
                .header("x-swr-dockerlogin")
                .unwrap()
                .starts_with(&format!("docker login -u {user}"))
        );
        assert!(login.header("x-swr-expireat").is_some());
    }
    let versions = played.send(NORTH, "GET /", &[], "").unwrap().json();
    assert_eq!(versions["versions"][0]["id"], "v2");
    assert_eq!(keys(&versions["versions"][0]["links"]), ["href", "rel"]);
}
