//! `swr auth`: logging in and out, and what is used.

mod login;
mod output;
mod refused;
mod store;
mod terminal;

use serde_json::{Value, json};

use crate::support::{Home, Reply, Wire};

const CREATE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team";
const LOGIN: &str = "auth login --user alice --account acme --password-stdin";
const FILE: &str = ".local/share/swr/logins.json";

/// What IAM answers a right password with (`reference/swr-api.md` 5.1).
fn token(value: &str) -> Reply {
    let body = json!({"token": {
        "catalog": [],
        "expires_at": "2999-01-04T09:05:22.701000Z",
        "issued_at": "2998-01-03T09:05:22.701000Z",
        "methods": ["password"],
        "project": {"id": "project-1", "name": "cn-north-4", "domain": {"id": "d", "name": "acme"}},
        "user": {"id": "u", "name": "alice"},
    }});
    Reply::json(201, &body.to_string()).header("X-Subject-Token", value)
}

/// A user in cn-north-4 whose IAM this is.
fn user(iam: &Wire) -> Home {
    Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("HUAWEICLOUD_SDK_IAM_ENDPOINT", iam.address())
        .hiding(iam.address(), "[IAM]")
}

fn bodies(wire: &Wire) -> Vec<Value> {
    wire.heard()
        .iter()
        .map(|heard| serde_json::from_str(&heard.body).unwrap())
        .collect()
}

/// Puts a login into the file, as an earlier run would have.
fn keep(user: &Home, token: &str, expires_at: &str) {
    let login = json!({
        "kind": "token", "profile": null, "region": "cn-north-4", "token": token,
        "project_id": "project-1", "account": "acme", "user": "alice", "expires_at": expires_at,
    });
    let file = json!({"version": 1, "logins": [login]});
    user.write(FILE, &file.to_string());
}

fn refused(user: &Home, line: &str, code: i32) -> String {
    let error = user
        .swr(&format!("{line} -o json"))
        .exits(code)
        .json_error();
    let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    format!("{} | {} | {}", part("kind"), part("message"), part("hint"))
}
