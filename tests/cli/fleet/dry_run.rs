//! `swr apply --dry-run`: the plan, shown as requests.

use serde_json::{Value, json};

use super::{fleet, user};
use crate::support::{Cloud, EAST, Home, Run};

/// Something to create, to replace, to delete, and to leave alone.
fn scene() -> (Cloud, Home) {
    let cloud = Cloud::start()
        .repository("team", "base", &["v1"])
        .repository("team", "same", &[])
        .repository("team", "web/api", &["v1"])
        .namespace(EAST, "team")
        .namespace(EAST, "old")
        .task(("team", "web/api"), "team", true, true)
        .task(("team", "base"), "old", true, false)
        .task(("team", "same"), "team", true, false);
    let home = user(&cloud, &fleet("['**']"));
    (cloud, home)
}

/// The requests of a document: method and path.
fn shown(run: &Run) -> Vec<String> {
    let document = run.document("dry-run-several");
    assert_eq!(document["dry_run"], true);
    let requests = document["requests"].as_array().unwrap().iter();
    requests.map(line).collect()
}

fn line(request: &Value) -> String {
    let url = request["url"].as_str().unwrap();
    let path = url.find("/v2/").map_or(url, |at| &url[at..]);
    format!("{} {path}", request["method"].as_str().unwrap()).replace("%24", "$")
}

/// The requests that change something, of those that were sent.
fn changes(cloud: &Cloud) -> Vec<String> {
    let mut sent = cloud.received();
    sent.retain(|line| !line.starts_with("GET "));
    sent
}

#[test]
fn the_requests_that_are_shown_are_those_that_are_sent() {
    for lines in [
        ["apply --dry-run -o json", "apply"],
        ["apply --prune --dry-run -o json", "apply --prune --yes"],
        ["apply plan.jsonl --dry-run -o json", "apply plan.jsonl"],
    ] {
        let (cloud, home) = scene();
        let _ = home.swr("plan --prune --out plan.jsonl").exits(0);
        let run = home.swr(lines[0]).exits(0);
        assert_eq!(changes(&cloud), Vec::<String>::new(), "{run}");
        let expected = shown(&run);
        assert!(expected.len() >= 3, "{run}");
        let _ = home.swr(&format!("{} --concurrency 1", lines[1])).exits(0);
        assert_eq!(changes(&cloud), expected, "{}", lines[0]);
        let run = home.swr(lines[0]).exits(0);
        assert_eq!(shown(&run), Vec::<String>::new(), "{run}");
    }
}

#[test]
fn each_form_shows_them() {
    let (cloud, home) = scene();
    let run = home.swr("apply --prune --dry-run").exits(0);
    let requests: Vec<&str> = run.stdout.split("\n\n").collect();
    assert!(
        requests[0]
            .starts_with("POST /v2/manage/namespaces/team/repos/base/sync_repo HTTP/1.1\nHost: "),
        "{run}"
    );
    let body = r#"{"remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":true,"override":false}"#;
    assert_eq!(requests[1], body);
    assert_eq!(run.stdout.matches(" HTTP/1.1\n").count(), 4, "{run}");
    assert!(
        run.stdout
            .trim_end()
            .ends_with(r#"{"remoteRegionId":"cn-east-3","remoteNamespace":"old"}"#),
        "{run}"
    );
    assert!(
        run.stderr.contains(
            "note: 1 to create, 1 to replace, 1 to delete, 1 unchanged; 3 of 3 repositories selected\n"
        ),
        "{run}"
    );
    assert!(
        !run.stdout.contains(
            cloud
                .user()
                .variables()
                .find(|(name, _)| *name == "SWR_TOKEN")
                .unwrap()
                .1
        )
    );

    let run = home.swr("apply --prune --dry-run=curl").exits(0);
    assert_eq!(run.stdout.matches("curl -sS -X ").count(), 4, "{run}");
    assert_eq!(
        run.stdout.matches("X-Auth-Token: $SWR_TOKEN\"").count(),
        4,
        "{run}"
    );

    let run = home.swr("apply --prune --dry-run -o jsonl").exits(0);
    let lines: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4, "{run}");
    for line in lines {
        assert_eq!(line["dry_run"], true);
        assert_eq!(line["request"]["headers"]["X-Auth-Token"], "[redacted]");
    }
    // It is no result of a run.
    let _ = home
        .swr("apply --dry-run --summary page.md --junit a.xml --html a.html --metrics a.prom")
        .exits(0);
    for name in ["page.md", "a.xml", "a.html", "a.prom"] {
        assert!(!home.path().join(name).exists(), "{name}");
    }
    assert_eq!(changes(&cloud), Vec::<String>::new());
}

#[test]
fn a_missing_target_namespace_is_created_once_and_copies_are_shown() {
    let cloud = Cloud::start()
        .repository("team", "base", &["v1"])
        .repository("team", "web/api", &["v1"]);
    let home = user(&cloud, &fleet("['**']"));
    let line = "apply --dry-run -o json --create-namespace --backfill --wait --verify";
    let run = home.swr(line).exits(0);
    let mut copies = shown(&run);
    assert_eq!(copies.remove(0), "POST /v2/manage/namespaces");
    assert_eq!(copies.len(), 4, "{run}");
    let document = run.json();
    assert_eq!(
        document["requests"][0]["body"],
        json!({"namespace": "team"})
    );
    assert!(run.stderr.contains("the copies are of the tags"), "{run}");
    assert_eq!(changes(&cloud), Vec::<String>::new(), "{run}");
    // Without the option such a task cannot work, and none is shown.
    let run = home.swr("apply --dry-run -o json").exits(8);
    assert_eq!(shown(&run), Vec::<String>::new());
    assert!(
        run.stderr
            .contains("there is no namespace 'team' in cn-east-3"),
        "{run}"
    );
}

#[test]
fn what_an_apply_would_refuse_is_refused() {
    let mut cloud = Cloud::start()
        .repository("team", "base", &[])
        .namespace(EAST, "team");
    for number in 0..11 {
        cloud = cloud.task(("team", "base"), &format!("old{number}"), true, false);
    }
    let home = user(&cloud, &fleet("['base', 'gone']"));
    // A missing name does not stop deletes, the limit does.
    let run = home.swr("apply --prune --dry-run -o json").exits(8);
    assert_eq!(shown(&run).len(), 1, "{run}");
    assert!(
        run.stderr
            .contains("11 tasks would be deleted, more than 10"),
        "{run}"
    );
    let run = home
        .swr("apply --prune --max-deletes 11 --dry-run -o json")
        .exits(8);
    assert_eq!(shown(&run).len(), 12, "{run}");
    assert!(
        run.stderr
            .contains("team/gone: there is no repository 'gone'"),
        "{run}"
    );
    let cloud = cloud.failing("GET /base/sync_repo: 500 x*");
    let run = home.swr("apply --dry-run -o json --retries 0").exits(5);
    assert_eq!(shown(&run), Vec::<String>::new(), "{run}");
    assert_eq!(changes(&cloud), Vec::<String>::new());
}

#[test]
fn a_stale_plan_shows_nothing() {
    let (cloud, home) = scene();
    let _ = home
        .swr("plan --prune --out plan.jsonl --only team/web/api")
        .exits(0);
    let before = shown(&home.swr("apply plan.jsonl --dry-run -o json"));
    assert_eq!(before.len(), 2);
    let _ = home
        .swr("sync delete -n team -r web/api --to cn-east-3/team")
        .exits(0);
    let sent = changes(&cloud).len();
    let run = home.swr("apply plan.jsonl --dry-run -o json").exits(8);
    assert_eq!(shown(&run), Vec::<String>::new());
    assert!(run.stderr.contains("gone or hidden"), "{run}");
    assert_eq!(changes(&cloud).len(), sent);
}
