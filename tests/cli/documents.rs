//! JSON documents: one key for one thing, whichever command says it (contract, section 4).

use serde_json::Value;

use crate::support::{Cloud, EAST};

/// Every command with a document, what it needs, and its schema; it runs against [`cloud`].
const DOCUMENTS: [(&str, &str); 25] = [
    ("namespace list", "namespace-list"),
    ("namespace show team", "namespace-show"),
    ("namespace create fresh", "namespace-create"),
    ("repo list", "repo-list"),
    ("repo list -n team", "repo-list"),
    ("repo show team/web/api", "repo-show"),
    ("tag list team/web/api", "tag-list"),
    ("tag show team/web/api:v1", "tag-show"),
    ("sync regions", "sync-regions"),
    ("sync list -n team", "sync-list"),
    ("sync list team/web/api", "sync-list"),
    ("sync jobs team/web/api", "sync-jobs"),
    ("sync create team/db --to cn-east-3/team", "sync-create"),
    (
        "sync create team/db --to cn-east-3/team,xx-nowhere-1/team",
        "sync-create-several",
    ),
    (
        "sync create team/web/api --to cn-east-3/team,xx-nowhere-1/team --preflight --if-exists keep",
        "sync-create-several",
    ),
    (
        "sync delete team/web/worker --to cn-east-3/team",
        "sync-delete",
    ),
    (
        "sync run team/web/api --all --to cn-east-3/team",
        "sync-run",
    ),
    (
        "sync run team/web/api:v2 --to cn-east-3/nowhere --wait",
        "sync-run",
    ),
    ("sync wait team/web/api:v1 --to cn-east-3/team", "sync-wait"),
    (
        "sync wait team/web/api:v2 --to cn-east-3/nowhere",
        "sync-wait",
    ),
    (
        "sync verify team/web/api team/db --to cn-east-3/team",
        "sync-verify",
    ),
    ("sync status -n team", "sync-status"),
    ("auth status", "auth-status"),
    ("config show", "config-show"),
    (
        "doctor --to-region cn-east-3 --to-namespace nowhere",
        "doctor",
    ),
];

fn cloud() -> Cloud {
    let cloud = Cloud::start()
        .repository("team", "web/api", &["v1", "v2"])
        .repository("team", "web/worker", &["v1"])
        .repository("team", "db", &["v1"])
        .namespace(EAST, "team")
        .task(("team", "web/api"), "team", true, false)
        .task(("team", "web/worker"), "team", true, false);
    let copied = cloud.swr("sync run team/web/api:v1 --to cn-east-3/team --wait -q");
    assert_eq!(copied.code, Some(0), "{copied}");
    cloud
}

fn rows(document: &Value) -> Vec<&Value> {
    match document {
        Value::Array(rows) => rows.iter().collect(),
        Value::Object(object) => match object.get("items") {
            Some(Value::Array(items)) => items.iter().collect(),
            _ => vec![document],
        },
        _ => Vec::new(),
    }
}

/// What a key has to stand with, so that rows of several commands can be joined.
const IDENTIFIED_BY: [(&str, &[&str]); 6] = [
    ("tag", &["repository"]),
    ("repository", &["namespace"]),
    ("namespace", &["region"]),
    ("remote_region_id", &["remote_namespace"]),
    ("digest", &["tag"]),
    ("status", &[]),
];

const KINDS: [&str; 12] = [
    "usage",
    "validation",
    "config",
    "auth",
    "network",
    "timeout",
    "http",
    "exists",
    "unmet",
    "incomplete",
    "io",
    "interrupted",
];

#[test]
fn the_same_thing_has_the_same_key_in_every_document() {
    for (line, schema) in DOCUMENTS {
        let run = cloud().swr(&format!("{line} -o json"));
        let document = run.document(schema);
        let rows = rows(&document);
        assert!(!rows.is_empty(), "{line}: {run}");
        for row in &rows {
            let row = row.as_object().unwrap();
            for (key, others) in IDENTIFIED_BY {
                for other in others {
                    assert!(
                        !row.contains_key(key) || row.contains_key(*other),
                        "{line}: '{key}' without '{other}': {row:?}"
                    );
                }
            }
            for (key, value) in row {
                if let (true, Some(time)) = (key.ends_with("_at"), value.as_str()) {
                    assert!(
                        time.parse::<jiff::Timestamp>().is_ok(),
                        "{line}: {key}: {time}"
                    );
                    assert!(time.ends_with('Z'), "{line}: {key}: {time}");
                }
                if key.ends_with("_seconds") {
                    assert!(
                        value.is_number() || value.is_null(),
                        "{line}: {key}: {value}"
                    );
                }
                let spelled = key.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
                assert!(spelled, "{line}: {key}");
                let other = ["repo", "repo_name", "ns", "remote_region", "target", "sha"];
                assert!(!other.contains(&key.as_str()), "{line}: {key}");
            }
        }
        // A command that acts on many says how each ended, and how all did.
        if let Some(items) = document.get("items") {
            assert_eq!(document["exit_code"], run.code.unwrap(), "{line}: {run}");
            let summary = document["summary"].as_object().unwrap();
            let mut counted = 0;
            for (status, count) in summary {
                let own = rows.iter().filter(|row| row["status"] == **status).count();
                assert_eq!(*count, own, "{line}: {status}: {run}");
                counted += own;
            }
            assert_eq!(counted, items.as_array().unwrap().len(), "{line}: {run}");
            assert!(summary.values().any(|count| *count == 0), "{line}: {run}");
            for row in &rows {
                let ended_well = row["exit_code"] == 0;
                assert_eq!(ended_well, row["error"].is_null(), "{line}: {row:#}");
                assert!(row.get("error").is_some(), "{line}: {row:#}");
            }
        }
        // What did not end well is one error on standard error, of a kind that the contract names.
        let errors: Vec<Value> = run
            .stderr
            .lines()
            .filter_map(|text| {
                serde_json::from_str::<Value>(text)
                    .ok()?
                    .get("error")
                    .cloned()
            })
            .collect();
        let is_bad = run.code != Some(0);
        // What the doctor found is its result, and no failure of the doctor.
        if schema != "doctor" {
            assert_eq!(errors.len(), usize::from(is_bad), "{line}: {run}");
        }
        for error in errors
            .iter()
            .chain(rows.iter().filter_map(|row| row.get("error")))
        {
            if let Some(kind) = error["kind"].as_str() {
                assert!(KINDS.contains(&kind), "{line}: {kind}");
            }
        }
        // Of many, JSON Lines are the items alone.
        let lines = cloud().swr(&format!("{line} -o jsonl")).stdout;
        for text in lines.lines() {
            let row: Value = serde_json::from_str(text).unwrap();
            assert!(row.get("items").is_none(), "{line}: {text}");
        }
        assert_eq!(lines.lines().count(), rows.len(), "{line}: {lines}");
    }
}

#[test]
fn with_json_all_of_standard_error_is_json_lines() {
    for (line, _) in DOCUMENTS {
        for format in ["json", "jsonl"] {
            let run = cloud().swr(&format!("{line} -v -o {format}"));
            for text in run.stderr.lines() {
                let said: Value = serde_json::from_str(text)
                    .unwrap_or_else(|error| panic!("{line}: {error}: {text}"));
                assert_eq!(said.as_object().map(|it| it.len()), Some(1), "{text}");
            }
        }
    }
}
