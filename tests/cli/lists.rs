//! Lists as services really give them: whatever a service does to its pages, every verb that reads
//! a list works on the whole list, or ends with exit 5 and says so. None ends early in silence,
//! and none never ends.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Heard, Home, Reply, Run, Wire};

/// More than two pages.
const ROWS: usize = 230;
const WEB: &str = "-n team -r web/api";
const TO: &str = "--to-region cn-east-3 --to-namespace team";

/// What a service does to its lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Plain,
    NoTotal,
    CapsPages,
    CapsPagesWithoutTotal,
    IgnoresOffset,
    IgnoresOrder,
    TotalTooHigh,
    TotalTooLow,
    TotalOfOnePage,
    EmptyPageWithMarker,
    MarkerThatStays,
    MarkersInACircle,
    MoreWithoutMarker,
    FilteredAfterTheCut,
    ComesAndGoes,
}

const MANNERS: [Manner; 15] = [
    Manner::Plain,
    Manner::NoTotal,
    Manner::CapsPages,
    Manner::CapsPagesWithoutTotal,
    Manner::IgnoresOffset,
    Manner::IgnoresOrder,
    Manner::TotalTooHigh,
    Manner::TotalTooLow,
    Manner::TotalOfOnePage,
    Manner::EmptyPageWithMarker,
    Manner::MarkerThatStays,
    Manner::MarkersInACircle,
    Manner::MoreWithoutMarker,
    Manner::FilteredAfterTheCut,
    Manner::ComesAndGoes,
];

impl Manner {
    /// Whether the list has markers.
    fn is_newer(self) -> bool {
        matches!(
            self,
            Manner::EmptyPageWithMarker
                | Manner::MarkerThatStays
                | Manner::MarkersInACircle
                | Manner::MoreWithoutMarker
        )
    }

    /// Whether all of the list can be obtained; else the verb has to say that it is incomplete.
    fn is_whole(self) -> bool {
        !matches!(
            self,
            Manner::IgnoresOffset
                | Manner::TotalTooHigh
                | Manner::MarkerThatStays
                | Manner::MarkersInACircle
                | Manner::MoreWithoutMarker
        )
    }

    /// Returns a page of `rows` with its header, by offset.
    fn page(self, request: usize, offset: usize, limit: usize, rows: &[Value]) -> Reply {
        let mut rows = rows.to_vec();
        let mut total = rows.len();
        let (mut offset, mut limit) = (offset, limit);
        match self {
            Manner::CapsPages | Manner::CapsPagesWithoutTotal => limit = limit.min(40),
            Manner::IgnoresOffset => offset = 0,
            Manner::IgnoresOrder => rows.reverse(),
            Manner::TotalTooHigh => total += 7,
            Manner::TotalTooLow => total -= 7,
            Manner::TotalOfOnePage => total = limit,
            // One row more at the head, with each of the first requests.
            Manner::ComesAndGoes => {
                let fresh = (0..request.min(3)).map(|number| {
                    let mut row = rows[0].clone();
                    row["Tag"] = json!(format!("new{number}"));
                    row["name"] = json!(format!("new{number}"));
                    row["tag"] = json!(format!("new{number}"));
                    row["id"] = json!(1000 + number);
                    row
                });
                let mut fresh: Vec<Value> = fresh.collect();
                fresh.reverse();
                rows.splice(0..0, fresh);
                total = rows.len();
            }
            _ => {}
        }
        let mut page: Vec<Value> = rows.into_iter().skip(offset).take(limit).collect();
        if self == Manner::FilteredAfterTheCut {
            page.retain(|row| row["hidden"] != true);
        }
        let reply = Reply::json(200, &json!(page).to_string());
        match self {
            Manner::NoTotal | Manner::CapsPagesWithoutTotal | Manner::FilteredAfterTheCut => reply,
            _ => reply.header("Content-Range", &format!("{offset}-{}/{total}", page.len())),
        }
    }

    /// Returns a page of `rows` below `key`, by marker.
    fn marked(self, marker: usize, key: &str, rows: &[Value]) -> Reply {
        let page: Vec<&Value> = rows.iter().skip(marker).take(100).collect();
        let end = marker + page.len();
        let mut more = end < rows.len();
        let mut next = if more { end } else { 0 };
        match self {
            Manner::MarkerThatStays if marker >= 100 => (next, more) = (100, true),
            Manner::MarkersInACircle if !more => (next, more) = (100, true),
            Manner::MoreWithoutMarker if marker >= 100 => (next, more) = (0, true),
            _ => {}
        }
        // Page numbers below 10,000 hold rows, those above are empty and lead on.
        let (page, next) = match (self, marker) {
            (Manner::EmptyPageWithMarker, 100..10_000) if more => (page, next + 10_000),
            _ => (page, next),
        };
        let body = match key {
            "tags" => {
                let next = if next == 0 {
                    String::new()
                } else {
                    next.to_string()
                };
                json!({"tags": page, "nextMarker": next, "has_more": more})
            }
            _ => json!({key: page, "nextMarker": next, "has_more": more}),
        };
        Reply::json(200, &body.to_string())
    }
}

/// Returns a number of a query, or of the filter in it.
fn number(text: &str, name: &str) -> usize {
    let text = text.replace("filter=", "").replace("::", "=");
    let found = text.split(['?', '&', '|', ' ']).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key == name).then(|| value.parse().unwrap_or(0))
    });
    found.unwrap_or(0)
}

/// A service with one kind of list in this manner, and plain ones else.
fn service(manner: Manner) -> Wire {
    let digest = format!("sha256:{}", "a".repeat(64));
    let tag = |number: usize, key: &str| {
        json!({key: format!("t{number}"), "digest": digest, "updated": "2026-01-01T00:00:00Z",
            "id": number, "hidden": number % 3 == 1 && number > 3})
    };
    // The oldest job is not final, and the one before it failed: the last ones to be seen.
    let job = |number: usize| {
        json!({"id": number + 1, "tag": format!("t{number}"), "remoteRegionId": "cn-east-3",
            "remoteNamespace": "team", "createdAt": "2026-01-01T00:00:00Z",
            "status": match number { 0 => "running", 1 => "failed", _ => "success" },
            "hidden": number % 3 == 1 && number > 3})
    };
    let repository = |number: usize| {
        json!({"name": format!("r{number}"), "namespace": "team",
            "hidden": number % 3 == 1 && number > 3})
    };
    let older: Vec<Value> = (0..ROWS).map(|number| tag(number, "Tag")).collect();
    let newer: Vec<Value> = (0..ROWS).map(|number| tag(number, "tag")).collect();
    let jobs: Vec<Value> = (0..ROWS).rev().map(job).collect();
    let repositories: Vec<Value> = (0..ROWS).map(repository).collect();
    Wire::play(move |_, heard| {
        let line = heard.line.replace("%3A", ":").replace("%7C", "|");
        let path = line.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
        let (offset, limit) = (number(&line, "offset"), number(&line, "limit"));
        // How many came before is read off the offset: lists of both sides are read at once.
        let request = offset.div_ceil(50);
        let marker = number(&line, "marker");
        if path.starts_with("/v3/") {
            if !manner.is_newer() {
                return missing();
            }
            // An empty page, which leads to the marker behind it.
            if marker >= 10_000 {
                let body = json!({"tags": [], "repos": [], "has_more": true,
                    "nextMarker": (marker - 10_000).to_string()});
                return Reply::json(200, &body.to_string());
            }
            return if path.ends_with("/tags") {
                manner.marked(marker, "tags", &newer)
            } else {
                manner.marked(marker, "repos", &repositories)
            };
        }
        match path.rsplit('/').next().unwrap_or_default() {
            "tags" => manner.page(request, offset, limit, &older),
            "sync_job" => manner.page(request, offset, limit, &jobs),
            "repos" => manner.page(request, offset, limit, &repositories),
            "sync_repo" if line.starts_with("GET") => Reply::json(200, "[]"),
            "sync_repo" | "sync_images" => Reply::json(200, "[]"),
            "regions" => Reply::json(200, r#"[{"regionID":"cn-east-3"}]"#),
            _ => Reply::json(200, r#"{"name":"team","id":1}"#),
        }
    })
}

fn missing() -> Reply {
    Reply::json(
        404,
        r#"{"error_code":"APIGW.0101","error_msg":"not published"}"#,
    )
}

fn user(wire: &Wire) -> Home {
    wire.user()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_ENDPOINT_CN_EAST_3", wire.address())
        .with("SWR_TOKEN_CN_EAST_3", "token-of-the-test")
        .with("SWR_RETRIES", "0")
}

/// What a verb has seen of its list: the names of the rows, and how it may end when that is all.
struct Verb {
    line: String,
    seen: fn(&Run, &Wire) -> BTreeSet<String>,
    expected: BTreeSet<String>,
    codes: &'static [i32],
    is_older_only: bool,
}

fn all(prefix: &str) -> BTreeSet<String> {
    (0..ROWS)
        .map(|number| format!("{prefix}{number}"))
        .collect()
}

fn rows(run: &Run, key: &str) -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
    let rows = document.get("items").unwrap_or(&document).as_array();
    let name = |row: &Value| row[key].as_str().unwrap_or_default().to_owned();
    rows.into_iter().flatten().map(name).collect()
}

/// The tags whose copies were asked for.
fn copied(wire: &Wire) -> BTreeSet<String> {
    let is_copy = |heard: &&Heard| heard.line.contains("/sync_images");
    let bodies = wire.heard();
    let bodies = bodies.iter().filter(is_copy);
    bodies
        .flat_map(|heard| {
            let body: Value = serde_json::from_str(&heard.body).unwrap();
            let tags = body["imageTag"].as_array().unwrap().clone();
            tags.into_iter().map(|tag| tag.as_str().unwrap().to_owned())
        })
        .collect()
}

/// The verb that reads two lists: of repositories, and of the jobs of each.
fn status() -> [Verb; 2] {
    [
        Verb {
            // Some of every page: each costs a request.
            line: "sync status -n team --only team/r*9 -o json".into(),
            seen: |run, _| rows(run, "repository"),
            expected: all("r")
                .into_iter()
                .filter(|name| name.ends_with('9'))
                .collect(),
            codes: &[8],
            is_older_only: false,
        },
        // The oldest job stands still and the one behind it failed.
        Verb {
            line: "sync status -n team --only team/r0 --copies -o json".into(),
            seen: |run, _| {
                let text = |tag: &Value| tag.as_str().unwrap_or_default().to_owned();
                let document: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
                let tags = document["items"][0]["failed_tags"].as_array().cloned();
                tags.iter().flatten().map(text).collect()
            },
            expected: ["t0", "t1"].map(str::to_owned).into(),
            codes: &[9],
            is_older_only: false,
        },
    ]
}

fn verbs() -> Vec<Verb> {
    let verb = |line: String, seen, expected, codes, is_older_only| Verb {
        line,
        seen,
        expected,
        codes,
        is_older_only,
    };
    let copied: fn(&Run, &Wire) -> BTreeSet<String> = |_, wire| copied(wire);
    vec![
        verb(
            format!("tag list {WEB} -o json"),
            |run, _| rows(run, "tag"),
            all("t"),
            &[0],
            false,
        ),
        verb(
            "repo list -n team -o json".into(),
            |run, _| rows(run, "repository"),
            all("r"),
            &[0],
            false,
        ),
        verb(
            "api GET /v2/manage/namespaces/team/repos/web$api/tags --paginate".into(),
            |run, _| rows(run, "Tag"),
            all("t"),
            &[0],
            true,
        ),
        verb(
            format!("sync jobs {WEB} -o json"),
            |run, _| rows(run, "tag"),
            all("t"),
            &[0],
            true,
        ),
        verb(
            "sync list -n team -o json".into(),
            |_, wire| {
                let asked = wire.lines().into_iter().filter_map(|line| {
                    let path = line.strip_suffix("/sync_repo")?;
                    Some(path.rsplit('/').next()?.to_owned())
                });
                asked.collect()
            },
            all("r"),
            &[0],
            false,
        ),
        verb(
            format!("sync verify {WEB} {TO} -o json"),
            |run, _| rows(run, "tag"),
            all("t"),
            &[0],
            false,
        ),
        verb(
            format!("sync run --all {WEB} {TO} -o json"),
            copied,
            all("t"),
            &[0],
            false,
        ),
        verb(
            format!("sync run --failed {WEB} {TO} -o json"),
            copied,
            BTreeSet::from(["t1".to_owned()]),
            &[0],
            false,
        ),
        verb(
            format!("sync create {WEB} {TO} --backfill --override -o json"),
            |_, wire| {
                wire.lines()
                    .iter()
                    .filter(|line| line.contains("/tags?"))
                    .map(|_| "read".to_owned())
                    .collect()
            },
            BTreeSet::from(["read".to_owned()]),
            &[0, 9],
            false,
        ),
        // The oldest job is not final, and old: who reads all of the list names it.
        verb(
            format!("sync wait --all {WEB} {TO} --wait-timeout 1ms -o json"),
            |_, _| BTreeSet::new(),
            BTreeSet::new(),
            &[9],
            true,
        ),
    ]
}

#[test]
fn every_verb_reads_the_whole_list_or_says_that_it_could_not() {
    for manner in MANNERS {
        for verb in verbs().into_iter().chain(status()) {
            let wire = service(manner);
            let run = user(&wire).swr(&verb.line);
            let about = format!("{manner:?}: {}\n{run}", verb.line);
            assert!(
                wire.lines().len() < 2000,
                "{} requests: {about}",
                wire.lines().len()
            );
            let seen = (verb.seen)(&run, &wire);
            let is_told = run.code == Some(5) && run.stderr.contains("incomplete");
            // Some lists have no markers.
            let is_whole = manner.is_whole() || (manner.is_newer() && verb.is_older_only);
            if is_whole && manner != Manner::FilteredAfterTheCut {
                assert!(verb.codes.contains(&run.code.unwrap()), "{about}");
                assert!(verb.expected.is_subset(&seen), "{about}");
            } else if is_told {
                assert!(
                    !is_whole || manner == Manner::FilteredAfterTheCut,
                    "{about}"
                );
            } else {
                // Rows that are filtered can never be had; the others are all there.
                assert_eq!(manner, Manner::FilteredAfterTheCut, "{about}");
                assert!(verb.codes.contains(&run.code.unwrap()), "{about}");
            }
        }
    }
}

#[test]
fn how_much_is_missing_is_told() {
    let wire = service(Manner::TotalTooHigh);
    let run = user(&wire).swr(&format!("tag list {WEB} -o json")).exits(5);
    let message = run.json_error()["message"].as_str().unwrap().to_owned();
    assert_eq!(
        message,
        "the list of tags is incomplete: the service counts 237 and gives 230, so 7 are missing"
    );
    assert_eq!(rows(&run, "tag"), all("t"));
}
