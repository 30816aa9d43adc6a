//! Rows with odd fields: what a verb does not need may be null, missing, of any other type, or
//! there twice in two spellings, and no list is lost.

use serde_json::{Map, Value, json};

use crate::support::{Reply, Wire};

const WEB: &str = "-n team -r web/api";
const TO: &str = "--to-region cn-east-3 --to-namespace team";

/// A kind of row: what it needs, and what else it may hold.
struct Kind {
    name: &'static str,
    needed: Value,
    others: &'static str,
    /// Spellings of one field.
    pairs: &'static [(&'static str, &'static str)],
}

fn kinds() -> Vec<Kind> {
    let digest = format!("sha256:{}", "a".repeat(64));
    vec![
        Kind {
            name: "tags",
            needed: json!({"tag": "v1", "digest": digest}),
            others: "id repo_id image_id manifest schema path internal_path size is_trusted \
                     created updated deleted domain_id scanned tag_type unheard_of",
            pairs: &[
                ("tag", "Tag"),
                ("created", "created_at"),
                ("updated", "updated_at"),
            ],
        },
        Kind {
            name: "repos",
            needed: json!({"name": "web/api"}),
            others: "id namespace category description size is_public num_images \
                     num_download created updated logo url path internal_path domain_name \
                     tags status total_range creator_name",
            pairs: &[
                ("namespace", "namespace_name"),
                ("num_images", "tag_count"),
                ("created", "created_at"),
                ("updated", "updated_at"),
            ],
        },
        Kind {
            name: "sync_job",
            needed: json!({"id": 1, "tag": "v1", "status": "success",
                "remoteRegionId": "cn-east-3", "remoteNamespace": "team"}),
            others: "createdAt updatedAt domainID domainName namespace repoName override \
                     syncOperatorId syncOperatorName",
            pairs: &[],
        },
        Kind {
            name: "sync_repo",
            needed: json!({"remoteRegionId": "cn-east-3", "remoteNamespace": "team"}),
            others: "id createdAt updatedAt domainID domainName namespace repoName override \
                     syncAuto",
            pairs: &[],
        },
        Kind {
            name: "namespaces",
            needed: json!({"name": "team"}),
            others: "id creator_name auth repo_count access_user_count",
            pairs: &[],
        },
        Kind {
            name: "regions",
            needed: json!({"regionID": "cn-east-3"}),
            others: "registryURL region_name",
            pairs: &[],
        },
    ]
}

/// Serves one row of a kind, and plain ones else; both regions are the same server.
fn service(kind: &'static str, row: String) -> Wire {
    Wire::play(move |_, heard| {
        let path = heard.line.split([' ', '?']).nth(1).unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let plain = |name: &str| {
            let kind = kinds().into_iter().find(|kind| kind.name == name);
            kind.map(|kind| kind.needed.to_string())
        };
        let row_of = |name: &str| (name == kind).then(|| row.clone()).or_else(|| plain(name));
        let body = match last {
            "tags" if path.starts_with("/v3/") => {
                format!(
                    r#"{{"tags":[{}],"has_more":false}}"#,
                    row_of("tags").unwrap()
                )
            }
            "repos" if path.starts_with("/v3/") => {
                format!(
                    r#"{{"repos":[{}],"nextMarker":null}}"#,
                    row_of("repos").unwrap()
                )
            }
            "namespaces" => format!(r#"{{"namespaces":[{}]}}"#, row_of("namespaces").unwrap()),
            // One row, and no more behind it.
            "sync_job" if heard.line.contains("offset%3A%3A0") => {
                format!("[{}]", row_of("sync_job").unwrap())
            }
            "sync_job" => "[]".to_owned(),
            "sync_repo" | "regions" => format!("[{}]", row_of(last).unwrap()),
            "v1" => row_of("tags").unwrap(),
            "web$api" => row_of("repos").unwrap(),
            "team" => row_of("namespaces").unwrap(),
            _ => return Reply::json(404, "{}"),
        };
        Reply::json(200, &body)
    })
}

/// The verbs that read a kind, and what they have to say.
fn verbs(kind: &str) -> Vec<(String, &'static str)> {
    match kind {
        "tags" => vec![
            (format!("tag list {WEB}"), "v1"),
            (format!("tag show {WEB} v1"), "v1"),
            (format!("sync verify {WEB} {TO}"), "same"),
        ],
        "repos" => vec![
            ("repo list -n team".to_owned(), "web/api"),
            (format!("repo show {WEB}"), "web/api"),
            ("sync list -n team".to_owned(), "cn-east-3"),
            ("sync status -n team".to_owned(), "covered"),
        ],
        "sync_job" => vec![
            (format!("sync jobs {WEB}"), "success"),
            (format!("sync wait {WEB} --all {TO}"), ""),
            ("sync status -n team --copies".to_owned(), "covered"),
        ],
        "sync_repo" => vec![
            (format!("sync list {WEB}"), "cn-east-3"),
            ("sync status -n team".to_owned(), "covered"),
        ],
        "namespaces" => vec![
            ("namespace list".to_owned(), "team"),
            ("namespace show team".to_owned(), "team"),
        ],
        _ => vec![("sync regions".to_owned(), "cn-east-3")],
    }
}

#[track_caller]
fn works(kind: &Kind, row: &str) {
    let wire = service(kind.name, row.to_owned());
    let user = wire
        .user()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_ENDPOINT_CN_EAST_3", wire.address())
        .with("SWR_TOKEN_CN_EAST_3", "token-of-the-test");
    for (line, expected) in verbs(kind.name) {
        let run = user.swr(&format!("{line} -o json"));
        assert_eq!(run.code, Some(0), "{row}\n{line}\n{run}");
        assert!(run.stdout.contains(expected), "{row}\n{line}\n{run}");
    }
}

#[test]
fn a_field_that_a_verb_does_not_need_may_be_anything() {
    let odd = [
        Value::Null,
        json!("text"),
        json!(""),
        json!(12.5),
        json!(9_007_199_254_740_993_i64),
        json!(true),
        json!([1]),
        json!({"a": 1}),
    ];
    for kind in kinds() {
        // All of them at once, and none of them.
        works(&kind, &kind.needed.to_string());
        for value in &odd {
            let mut row: Map<String, Value> = kind.needed.as_object().unwrap().clone();
            for field in kind.others.split_whitespace() {
                // Another namespace than the one that was asked for is not wanted.
                let is_filter = field == "namespace" && (value.is_string() || value.is_number());
                if !is_filter {
                    row.insert(field.to_owned(), value.clone());
                }
            }
            works(&kind, &Value::Object(row).to_string());
        }
    }
}

#[test]
fn a_field_may_be_there_twice() {
    for kind in kinds() {
        let needed = kind.needed.to_string();
        let needed = needed.trim_end_matches('}');
        for (one, other) in kind.pairs {
            let value = match *one {
                "tag" => "\"v1\"",
                "namespace" => "\"team\"",
                "num_images" => "3",
                _ => "\"2026-01-01T00:00:00Z\"",
            };
            works(
                &kind,
                &format!("{needed},\"{one}\":{value},\"{other}\":{value}}}"),
            );
            works(
                &kind,
                &format!("{needed},\"{other}\":{value},\"{other}\":{value}}}"),
            );
            works(&kind, &format!("{needed},\"{other}\":null}}"));
        }
    }
}

#[test]
fn what_a_verb_needs_is_required() {
    for kind in kinds() {
        if kind.name == "regions" {
            // Either field may be missing there.
            continue;
        }
        for field in kind.needed.as_object().unwrap().keys() {
            if field == "digest" {
                continue;
            }
            for value in [None, Some(Value::Null), Some(json!([])), Some(json!({}))] {
                let mut row = kind.needed.as_object().unwrap().clone();
                row.remove(field);
                row.extend(value.map(|value| (field.clone(), value)));
                let wire = service(kind.name, Value::Object(row).to_string());
                let (line, _) = verbs(kind.name).remove(0);
                let run = wire.user().swr(&format!("{line} -o json")).exits(5);
                let message = run.json_error()["message"].to_string();
                assert!(message.contains("missing field"), "{message}");
            }
        }
    }
}
