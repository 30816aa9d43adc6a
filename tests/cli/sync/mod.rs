//! The sync family against the emulated service: tasks, copies, proof.

mod create;
mod delete;
mod jobs;
mod list;
mod run;
mod status;
mod verify;
mod wait;

use serde_json::{Value, json};

use crate::support::{Cloud, EAST, Heard, NORTH, Reply, Run, Wire};

const TARGET: &str = "--to-region cn-east-3 --to-namespace team";
const WHOLE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --auto --backfill --wait --verify";

/// The digest of an image that the source does not have.
const OTHER: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A repository with three tags, and a namespace to copy them to.
fn cloud(switches: &[&str]) -> Cloud {
    Cloud::as_if(switches)
        .repository("team", "web/api", &["v1", "v2", "latest"])
        .namespace(EAST, "team")
}

fn statuses(document: &Value) -> Vec<(String, String)> {
    let mut found: Vec<_> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap_or("-").to_owned();
            (text("tag"), text("status"))
        })
        .collect();
    found.sort();
    found
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(tag, status)| ((*tag).to_owned(), (*status).to_owned()))
        .collect()
}

/// What nobody recorded, in each answer that these commands can meet: the client has to be right
/// under all of them. Lists without an order or with filters by name are not asked for here; the
/// emulator's own tests have those switches.
const ANSWERS: &[&str] = &[
    "pace=told",
    "duplicate=409",
    "missing-task=404",
    "tasks-listed=all",
    "target=strict",
    "regions=closed",
    "region-key=with-registry-url",
    "images-answer=failed-tags",
    "jobs=late",
    "copies=instant",
    "existed=same-digest-success",
    "pushed-while-running=absorbed",
    "empty=nothing",
    "error=B",
    "error=C",
    "error=D",
    "content-type=always",
    "hyphens=taken",
    "quota=none",
    "foreign=403",
    "v3=closed",
    "token=global",
];

/// Two services that say what a test wrote down, and a user of both.
struct Two {
    source: Wire,
    target: Wire,
}

impl Two {
    /// Serves what two functions make of the number of a request, from 0, and the request; what
    /// they do not answer is missing.
    fn play(
        source: impl Fn(usize, &Heard) -> Option<Reply> + Send + Sync + 'static,
        target: impl Fn(usize, &Heard) -> Option<Reply> + Send + Sync + 'static,
    ) -> Two {
        let missing = || Reply::json(404, r#"{"error_code":"APIGW.0101","error_msg":"no"}"#);
        Two {
            source: Wire::play(move |count, heard| source(count, heard).unwrap_or_else(missing)),
            target: Wire::play(move |count, heard| target(count, heard).unwrap_or_else(missing)),
        }
    }

    fn swr(&self, line: &str) -> Run {
        let user = self
            .source
            .user()
            .with("SWR_REGION", NORTH)
            .with("SWR_ENDPOINT_CN_EAST_3", self.target.address())
            .with("SWR_TOKEN_CN_EAST_3", "token-of-the-target");
        user.swr(line)
    }

    /// How many requests of this method and path the source heard.
    fn count(&self, method: &str, path: &str) -> usize {
        let lines = self.source.lines();
        let fits = |line: &&String| line.starts_with(method) && line.contains(path);
        lines.iter().filter(fits).count()
    }
}

/// A digest of one digit.
fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

/// A tag as the service shows it.
fn tag(name: &str, digest: &str, updated: &str) -> Value {
    json!({"tag": name, "digest": digest, "updated": updated})
}

/// A job to the target of the tests.
fn job(id: i64, tag: &str, status: &str, at: &str) -> Value {
    json!({"id": id, "tag": tag, "status": status, "remoteRegionId": EAST,
        "remoteNamespace": "team", "createdAt": at, "updatedAt": at})
}

/// A response that a client that polls need not wait after, as the emulator's.
fn at_once(body: Value) -> Reply {
    Reply::json(200, &body.to_string())
        .header("Retry-After", "0")
        .header("X-Swr-Emulator", "at-once")
}

/// Answers the lists and looks of tags.
fn tags(heard: &Heard, tags: &[Value]) -> Option<Reply> {
    let path = heard.line.split(' ').nth(1)?.split('?').next()?;
    if !heard.line.starts_with("GET ") {
        return None;
    }
    if path.starts_with("/v3/") && path.ends_with("/tags") {
        return Some(at_once(json!({"tags": tags})));
    }
    let name = path.split("/tags/").nth(1)?;
    let found = tags.iter().find(|tag| tag["tag"] == name)?;
    Some(at_once(found.clone()))
}
