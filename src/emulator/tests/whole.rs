//! The emulator as a whole: ids, what was received, who may enter, files, pushes, determinism.

use std::io::BufReader;
use std::time::Duration;

use serde_json::json;

use super::super::Options;
use super::support::{Answered, read, write, write_to};
use super::{EAST, NORTH, Played, REPO};

#[test]
fn every_answer_carries_an_id_that_counts() {
    let played = Played::start();
    let id = |path: &str| {
        let answer = played.get(path);
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(
            id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()),
            "{id}"
        );
        (u128::from_str_radix(&id, 16).unwrap(), answer)
    };
    let (first, _) = id(REPO);
    let (second, answer) = id("/nowhere");
    assert_eq!(second, first + 1);
    assert_eq!(answer.json()["request_id"], format!("{second:032x}"));
    let unknown = played
        .send(NORTH, "POST /v3/auth/tokens", &[], "{}")
        .unwrap();
    assert!(unknown.header("x-iam-trace-id").is_some());
}

#[test]
fn unknown_paths_and_methods_are_not_published() {
    let played = Played::start();
    for line in [
        "GET /nowhere",
        "GET /v2/manage/nowhere",
        "POST /v2/manage/regions",
        "PUT /v2/manage/namespaces/demo",
        "DELETE /",
        "GET /emulator/push",
    ] {
        let (method, path) = line.split_once(' ').unwrap();
        let answer = played.ask(NORTH, method, path, "");
        assert_eq!(answer.code(), (404, "APIGW.0101".to_owned()), "{line}");
    }
}

#[test]
fn nobody_enters_without_a_token_of_the_region() {
    let played = Played::start();
    let enter = |headers: &[(&str, &str)]| {
        let answer = played
            .send(NORTH, "GET /v2/manage/namespaces", headers, "")
            .unwrap();
        answer.code()
    };
    let refused = (401, "APIGW.0301".to_owned());
    assert_eq!(enter(&[]), refused);
    assert_eq!(enter(&[("X-Auth-Token", "wrong")]), refused);
    assert_eq!(enter(&[("X-Auth-Token", &played.token(EAST))]), refused);
    assert_eq!(
        enter(&[("Authorization", "SDK-HMAC-SHA256 Access=a")]),
        refused
    );
}

#[test]
fn what_was_received_is_kept_in_its_order() {
    let played = Played::start();
    played.post("/v2/manage/namespaces?x=%2F", r#"{"namespace":"Ä"}"#);
    played.ask(EAST, "GET", "/v2/manage/regions", "");
    let received = played.emulator.received();
    let lines: Vec<_> = received
        .iter()
        .map(|one| {
            (
                one.region.to_string(),
                one.method.as_str(),
                one.path.as_str(),
                one.status,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (NORTH.to_owned(), "POST", "/v2/manage/namespaces?x=%2F", 400),
            (EAST.to_owned(), "GET", "/v2/manage/regions", 200),
        ]
    );
    assert_eq!(received[0].body, r#"{"namespace":"Ä"}"#);
    let header = |name: &str| {
        let found = received[0].headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("x-auth-token"), Some(played.token(NORTH).as_str()));
}

#[test]
fn a_body_over_12_megabytes_is_read_and_refused() {
    let played = Played::start();
    let path = "/v2/manage/namespaces";
    let body = " ".repeat(12 * 1024 * 1024 + 1);
    let answer = played.post(path, &body);
    assert_eq!(answer.code(), (413, "APIGW.0201".to_owned()));
    assert!(answer.header("x-request-id").is_some());
    assert_eq!(played.emulator.received()[0].status, 413);
    assert_eq!(
        played.post(path, &body[1..]).code(),
        (400, "4001018".to_owned())
    );
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let played = Played::start();
    let token = played.token(NORTH);
    let mut reader = BufReader::new(played.connect(NORTH));
    for _ in 0..3 {
        let headers = [("X-Auth-Token", token.as_str())];
        write(reader.get_ref(), "GET /v2/manage/regions", &headers, "");
        assert_eq!(read(&mut reader).unwrap().status, 200);
    }
}

#[test]
fn a_delay_is_for_every_request() {
    let latency = Duration::from_millis(1);
    let played = Played::of(Options {
        latency,
        ..Options::default()
    });
    assert_eq!(played.get("/v2/manage/regions").status, 200);
}

#[test]
fn a_push_makes_the_repository_but_not_the_namespace() {
    let played = Played::start();
    let pushed = |namespace: &str, digest: Option<&str>| {
        let mut body = json!({"namespace": namespace, "repository": "new/one"});
        body["tags"] = json!(["v1", "v2"]);
        if let Some(digest) = digest {
            body["digest"] = digest.into();
        }
        played.post("/emulator/push", &body.to_string())
    };
    let digests = |answer: &Answered| -> Vec<(String, String)> {
        let digests = answer.json()["digests"].clone();
        serde_json::from_value::<std::collections::BTreeMap<_, _>>(digests)
            .unwrap()
            .into_iter()
            .collect()
    };
    let first = digests(&pushed("demo", None));
    assert_eq!(played.emulator.tags(NORTH, "demo", "new/one"), first);
    assert_ne!(digests(&pushed("demo", None)), first);
    let named = digests(&pushed("demo", Some("sha256:aa")));
    assert_eq!(
        named,
        [("v1", "sha256:aa"), ("v2", "sha256:aa")]
            .map(|(tag, digest)| (tag.to_owned(), digest.to_owned()))
    );
    assert_eq!(pushed("none", None).code(), (404, "4040058".to_owned()));
}

#[test]
fn a_web_page_reaches_nothing() {
    let played = Played::start();
    let token = played.token(NORTH);
    let port = played.emulator.regions()[0].address.port();
    let status = |host: &str, headers: &[(&str, &str)]| {
        let mut all = vec![("X-Auth-Token", token.as_str())];
        all.extend(headers);
        let stream = played.connect(NORTH);
        write_to(&stream, host, super::support::SWR, &all, "");
        read(&mut BufReader::new(stream)).unwrap().status
    };
    for host in ["127.0.0.1", "localhost", "[::1]", "127.1.2.3", "LOCALHOST"] {
        assert_eq!(status(host, &[]), 200, "{host}");
        assert_eq!(status(&format!("{host}:{port}"), &[]), 200, "{host}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""] {
        assert_eq!(status(host, &[]), 403, "{host}");
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        assert_eq!(status("127.0.0.1", &[("Origin", origin)]), 403, "{origin}");
    }
    // Nothing was done for them: not a push, not a token of the metadata service.
    let lines = ["POST /emulator/push", "PUT /meta-data/latest/api/token"];
    for line in lines {
        let headers = [("Origin", "https://evil.example")];
        let answer = played.send(NORTH, line, &headers, "{}").unwrap();
        assert_eq!(answer.status, 403);
    }
}

#[test]
fn requests_are_kept_only_for_a_test_that_asks() {
    let emulator = super::super::Emulator::start(Options::default()).unwrap();
    let played = Played { emulator };
    assert_eq!(played.get("/v2/manage/regions").status, 200);
    assert!(played.emulator.received().is_empty());
}

#[test]
fn two_runs_of_the_same_requests_answer_the_same_bytes() {
    let run = || {
        let played = Played::start();
        played.task(true, true);
        played.emulator.push(NORTH, "demo", "web/api", "v2", None);
        let mut bodies: Vec<String> = Vec::new();
        for path in [
            "",
            "/tags",
            "/sync_repo",
            "/sync_job?filter=limit::9|offset::0",
        ] {
            let answer = played.get(&format!("{REPO}{path}"));
            bodies.push(answer.header("x-request-id").unwrap().to_owned());
            // The port is a free one, another each time.
            bodies.push(answer.body.replace(&played.host(NORTH), "host"));
        }
        (bodies, played.token(NORTH))
    };
    assert_eq!(run(), run());
}

#[test]
fn the_state_is_kept_from_one_run_to_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let (state, seed) = (
        directory.path().join("state"),
        directory.path().join("seed"),
    );
    std::fs::write(
        &seed,
        r#"{"regions": {"cn-north-4": {"namespaces": {
        "team": {"repositories": {"web": {"tags": {"v1": null}, "tasks": [
            {"remote_region_id": "cn-east-3", "remote_namespace": "team", "auto": true}]}}},
        "theirs": {"foreign": true}
    }}}}"#,
    )
    .unwrap();
    let start = || {
        Played::of(Options {
            state: Some(state.clone()),
            seed: Some(seed.clone()),
            ..Options::default()
        })
    };
    let played = start();
    let task = (EAST.to_owned(), "team".to_owned(), true, false);
    assert_eq!(played.emulator.tasks(NORTH, "team", "web"), [task]);
    assert_eq!(played.get("/v2/manage/namespaces/theirs").status, 404);
    let digest = played.emulator.push(NORTH, "team", "web", "v1", None);
    played.emulator.save().unwrap();
    played.delete("/v2/manage/namespaces/demo/repos/web$worker", "");
    drop(played);
    let played = start();
    assert_eq!(
        played.emulator.tags(NORTH, "team", "web"),
        [("v1".to_owned(), digest)]
    );
    assert_eq!(
        played
            .get("/v2/manage/namespaces/demo/repos/web$worker")
            .status,
        404
    );
    let jobs = played.emulator.jobs(NORTH, "team", "web");
    assert_eq!(jobs.len(), 1, "{jobs:?}");
}

#[test]
fn the_seed_of_the_documentation_grows() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/emulator.md");
    let page = std::fs::read_to_string(page).unwrap();
    let text = page.split("```json\n").nth(1).unwrap();
    let text = text.split("```").next().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let seed = directory.path().join("seed.json");
    std::fs::write(&seed, text).unwrap();
    let played = Played::of(Options {
        seed: Some(seed),
        ..Options::default()
    });
    let tags = played.emulator.tags(NORTH, "team", "web/api");
    let names: Vec<&str> = tags.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["v1.0.0", "v1.1.0"]);
    let task = (EAST.to_owned(), "team".to_owned(), true, false);
    assert_eq!(played.emulator.tasks(NORTH, "team", "web/api"), [task]);
}

#[test]
fn a_file_that_is_broken_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("broken.json");
    std::fs::write(&file, "{").unwrap();
    for options in [
        Options {
            state: Some(file.clone()),
            ..Options::default()
        },
        Options {
            seed: Some(file.clone()),
            ..Options::default()
        },
        Options {
            seed: Some(directory.path().join("none")),
            ..Options::default()
        },
    ] {
        let error = super::super::Emulator::start(options).unwrap_err();
        assert!(
            error
                .message()
                .contains(&directory.path().display().to_string()),
            "{error:?}"
        );
        assert_eq!(error.exit_code().code(), 1);
    }
}

#[test]
fn a_port_that_is_taken_is_told_and_the_next_regions_take_the_next_ones() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = super::super::Emulator::start(Options {
        port: Some(port),
        ..Options::default()
    })
    .unwrap_err();
    assert!(error.what().contains(&port.to_string()), "{error:?}");
}

#[test]
fn the_variables_lead_to_every_region() {
    let played = Played::start();
    let variables = played.emulator.variables();
    let value = |name: &str| {
        let found = variables.iter().find(|(known, _)| known == name);
        found
            .unwrap_or_else(|| panic!("{name} is missing"))
            .1
            .clone()
    };
    let [north, east] = played.emulator.regions() else {
        panic!("two regions")
    };
    for (name, expected) in [
        ("SWR_ENDPOINT", &north.endpoint),
        ("SWR_TOKEN", &north.token),
        ("SWR_EMULATOR", &north.endpoint),
        ("SWR_ENDPOINT_CN_NORTH_4", &north.endpoint),
        ("SWR_ENDPOINT_CN_EAST_3", &east.endpoint),
        ("SWR_TOKEN_CN_EAST_3", &east.token),
        ("HUAWEICLOUD_SDK_REGION_SWR_CN_EAST_3", &east.endpoint),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &north.endpoint),
        ("HUAWEICLOUD_SDK_STS_ENDPOINT", &north.endpoint),
        ("HUAWEICLOUD_SDK_PROJECT_ID", &north.project_id),
    ] {
        assert_eq!(&value(name), expected, "{name}");
    }
    assert_eq!(value("SWR_REGION"), NORTH);
    for name in [
        "HUAWEICLOUD_SDK_AK",
        "HUAWEICLOUD_SDK_SK",
        "SWR_EMULATOR_USER",
    ] {
        assert_ne!(value(name), "");
    }
}
