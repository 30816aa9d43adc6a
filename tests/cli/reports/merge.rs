//! `swr report`: one report out of the parts of several shards.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::{FILES, VERIFY, cloud, junit, read};
use crate::support::{Cloud, Home};

fn item(repository: &str, tag: &str, status: &str, exit_code: &Value) -> Value {
    json!({
        "status": status, "namespace": "team", "repository": repository, "tag": tag,
        "region": "cn-north-4", "remote_region_id": "cn-east-3", "remote_namespace": "mirror",
        "digest": null, "remote_digest": null, "exit_code": exit_code, "error": null,
    })
}

fn part(shard: &str, exit_code: u8, items: &[Value]) -> String {
    json!({
        "command": "sync verify", "shard": shard, "items": items,
        "summary": {}, "exit_code": exit_code,
    })
    .to_string()
}

fn user() -> Home {
    Home::new()
        .file(
            "1.json",
            &part("1/3", 0, &[item("web/api", "v1", "same", &json!(0))]),
        )
        .file(
            "2.json",
            &part(
                "2/3",
                8,
                &[
                    item("web/worker", "v1", "missing", &json!(8)),
                    item("web/worker", "v2", "same", &json!(0)),
                ],
            ),
        )
        .file("3.json", &part("3/3", 0, &[]))
}

#[test]
fn a_verbs_own_document_makes_the_verbs_own_reports() {
    let cloud = cloud();
    let user = cloud.user();
    let run = user.swr(&format!("{VERIFY} {FILES} -o json")).exits(8);
    user.write("verify.json", &run.stdout);
    let of_verify = ["page.html", "report.xml", "swr.prom"].map(|name| read(&user, name));
    let merged = user
        .swr(&format!("report verify.json {FILES} -o json"))
        .exits(8);
    assert_eq!(merged.document("report"), run.document("sync-verify"));
    let of_report = ["page.html", "report.xml", "swr.prom"].map(|name| read(&user, name));
    // The words and numbers are the same; reasons and commands that only the verb knows are not.
    assert_eq!(junit(&of_verify[1]).counts, junit(&of_report[1]).counts);
    let counts = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("swr_tags"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(counts(&of_verify[2]), counts(&of_report[2]));
    assert!(of_report[0].contains("<h1>swr sync verify</h1>"));
}

#[test]
fn the_parts_are_one_result() {
    let user = user();
    let run = user
        .swr(&format!("report 1.json 2.json 3.json {FILES}"))
        .exits(8);
    assert_data_eq!(
        run.to_string(),
        str![[r#"
exit: 8
--- stdout
missing: team/web/worker:v1 → mirror (cn-east-3)
1 missing, 2 same

"#]]
    );
    assert_eq!(junit(&read(&user, "report.xml")).counts, [3, 1, 0, 0]);
    let page = read(&user, "page.md");
    assert!(
        page.contains("### swr sync verify: 1 missing, 2 same\n\n`3 files` · "),
        "{page}"
    );
    let run = user.swr("report 3.json 1.json 2.json -o json").exits(8);
    let document = run.document("report");
    assert_eq!(document["summary"], json!({"missing": 1, "same": 2}));
    assert_eq!(document["exit_code"], 8);
    assert_eq!(document["items"].as_array().unwrap().len(), 3);
    let lines = user
        .swr("report 3.json 1.json 2.json -o jsonl")
        .exits(8)
        .stdout;
    assert_eq!(lines.lines().count(), 3, "{lines}");
}

#[test]
fn a_shard_that_was_interrupted_is_not_good() {
    let user = user().file(
        "3.json",
        &part("3/3", 130, &[item("web/x", "v1", "skipped", &Value::Null)]),
    );
    let run = user
        .swr(&format!("report 1.json 2.json 3.json {FILES}"))
        .exits(130);
    assert!(run.stdout.contains("skipped: team/web/x:v1"), "{run}");
    assert_ne!(junit(&read(&user, "report.xml")).counts[2], 0);
}

/// Files, exit code, and what is said.
const REFUSED: &[(&str, i32, &str)] = &[
    ("1.json 2.json", 1, "2 of 3 shards are here: 3/3 is missing"),
    ("2.json", 1, "1 of 3 shards are here: 1/3, 3/3 are missing"),
    (
        "1.json 2.json cut.json",
        1,
        "'cut.json' is cut off (byte 100)",
    ),
    (
        "1.json 2.json empty.json",
        1,
        "'empty.json' is cut off (byte 0)",
    ),
    ("1.json 2.json lines.json", 1, "'lines.json' is JSON Lines"),
    (
        "1.json 2.json list.json",
        1,
        "'list.json' is not a document",
    ),
    (
        "1.json 2.json foreign.json",
        1,
        "'foreign.json' is not a document",
    ),
    ("1.json 2.json no.json", 1, "'no.json' cannot be read"),
    (
        "1.json 2.json other.json",
        2,
        "'1.json' is of 'swr sync verify', 'other.json' of 'swr sync run'",
    ),
    (
        "1.json 2.json of8.json",
        2,
        "'1.json' is one of 3 shards, 'of8.json' one of 8",
    ),
    (
        "1.json 2.json of0.json",
        1,
        "invalid shard '0/3' in 'of0.json'",
    ),
    (
        "1.json 2.json 2.json",
        2,
        "shard 2/3 is given twice (2.json)",
    ),
    (
        "1.json 2.json 3.json whole.json",
        2,
        "'1.json' is a shard, 'whole.json' is not",
    ),
    (
        "1.json 2.json open.json",
        1,
        "'open.json' is from a run that did not finish",
    ),
    (
        "doctor.json",
        2,
        "'doctor' writes nothing that can be merged",
    ),
];

#[test]
fn what_does_not_belong_together_is_refused_and_nothing_is_written() {
    let whole = json!({"command": "sync verify", "items": [], "summary": {}, "exit_code": 0});
    let other =
        json!({"command": "sync run", "shard": "3/3", "items": [], "summary": {}, "exit_code": 0});
    let user = user()
        .file(
            "cut.json",
            &part("3/3", 0, &[item("web/api", "v1", "same", &json!(0))])[..100],
        )
        .file("empty.json", "")
        .file(
            "lines.json",
            "{\"status\":\"same\"}\n{\"status\":\"same\"}\n",
        )
        .file("list.json", "[]")
        .file("other.json", &other.to_string())
        .file("of8.json", &part("3/8", 0, &[]))
        .file("of0.json", &part("0/3", 0, &[]))
        .file("whole.json", &whole.to_string())
        .file(
            "open.json",
            "{\"command\":\"sync verify\",\"shard\":\"3/3\",\"items\":[],\"summary\":{}}",
        )
        .file("foreign.json", "{\"items\":[],\"summary\":{}}")
        .file(
            "doctor.json",
            "{\"command\":\"doctor\",\"items\":[],\"summary\":{},\"exit_code\":0}",
        )
        .file("item.json", &part("3/3", 0, &[json!({"status": 1})]));
    for (files, code, says) in REFUSED.iter().copied() {
        let run = user.swr(&format!("report {files} {FILES}")).exits(code);
        assert!(run.stderr.contains(says), "{files}: {run}");
        assert_eq!(run.stdout, "", "{files}");
        assert!(!user.path().join("page.html").exists(), "{files}");
    }
    let run = user.swr("report 1.json 2.json item.json -o json").exits(1);
    assert!(
        run.stderr
            .contains("'item.json' has an item that swr did not write"),
        "{run}"
    );
    let _ = user.swr("report").exits(2);
}

#[test]
fn every_verdict_of_a_plan_is_known() {
    let item = |status: &str, exit_code: u8| {
        json!({
            "status": status, "profile": "prod", "region": "cn-north-4", "namespace": "team",
            "repository": format!("web/{status}"), "remote_region_id": "cn-east-3",
            "remote_namespace": "team", "override": false, "exit_code": exit_code,
            "error": (exit_code != 0).then(|| json!({"message": "why", "hint": "do this"})),
        })
    };
    let items = [
        item("unchanged", 0),
        item("create", 0),
        item("replace", 0),
        item("delete", 0),
        item("unmet", 8),
        item("failed", 5),
    ];
    let document = json!({"command": "plan", "items": items, "summary": {}, "exit_code": 5});
    let user = Home::new().file("plan.json", &document.to_string());
    let _ = user.swr(&format!("report plan.json {FILES}")).exits(5);
    assert_eq!(junit(&read(&user, "report.xml")).counts, [6, 4, 1, 0]);
    let metrics = read(&user, "swr.prom");
    assert!(metrics.contains(
        "swr_tasks{command=\"plan\",profile=\"prod\",region=\"cn-north-4\",namespace=\"team\",remote_region_id=\"cn-east-3\",status=\"create\"} 1\n"
    ), "{metrics}");
    super::forms::checked_by_promtool(&metrics);
    assert!(read(&user, "page.md").contains("do this"));
}

#[test]
fn parts_of_a_fleet_make_the_reports_of_the_whole() {
    let mut cloud = Cloud::start().namespace("cn-east-3", "mirror");
    for number in 0..12 {
        cloud = cloud.repository("team", &format!("n{number}"), &[]);
    }
    let cloud = cloud
        .task(("team", "n1"), "mirror", true, false)
        .task(("team", "n2"), "old", true, false)
        .failing("GET /n3/sync_repo: 500 x*");
    let fleet = "[[sync]]\nnamespace = 'team'\nrepositories = ['n*']\n\
                 to = [{region = 'cn-east-3', namespace = 'mirror'}]\n";
    for line in [
        "sync status -f swr.toml",
        "plan",
        "plan --exit-code",
        "plan --prune",
    ] {
        let user = cloud.user().file("swr.toml", fleet);
        let line = format!("{line} --retries 0 -o json");
        let whole = user.swr(&format!("{line} {FILES}")).exits(5);
        let files = ["report.xml", "swr.prom"];
        let of_whole = files.map(|name| read(&user, name));
        let mut parts = String::new();
        for number in 1..=3 {
            let part = user.swr(&format!("{line} --shard {number}/3"));
            assert!(matches!(part.code, Some(0 | 5 | 8)), "{part}");
            user.write(&format!("{number}.json"), &part.stdout);
            parts.push_str(&format!(" {number}.json"));
        }
        let merged = user.swr(&format!("report{parts} -o json {FILES}")).exits(5);
        let summary = |run: &crate::support::Run| run.json()["summary"].clone();
        let count = |run: &crate::support::Run| run.json()["items"].as_array().unwrap().len();
        // What is unchanged is counted, and has no item.
        let hidden = whole.json()["summary"]["unchanged"].as_u64().unwrap_or(0);
        assert_eq!(count(&merged), count(&whole), "{line}");
        let of_merged = files.map(|name| read(&user, name));
        let (one, other) = (junit(&of_whole[0]).counts, junit(&of_merged[0]).counts);
        assert_eq!(
            one[0],
            other[0] + usize::try_from(hidden).unwrap(),
            "{line}"
        );
        assert_eq!(one[1..], other[1..], "{line}");
        assert_eq!(summary(&merged), summary(&whole), "{line}");
    }
}
