//! Every credential that a user of this cloud has, from outside: found, carried, renewed, refused.

mod ci;
mod command;
mod emulated;
mod files;
mod order;
mod refused;
mod registry;
mod renewal;
mod secrets;
mod source;
mod wrong;

use serde_json::json;

use crate::support::{Home, Reply, Wire};

/// The heart: one request that a credential is on.
const CREATE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team";

/// A user in cn-north-4 with this service and nothing else.
fn user(service: &Wire) -> Home {
    Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_ENDPOINT", service.address())
        .hiding(format!("127.0.0.1:{}", service.port()), "[SERVICE]")
}

/// A service that takes every credential.
fn willing() -> Wire {
    Wire::serve([Reply::json(200, "{}")])
}

/// A service that refuses every credential, as the gateway does a wrong token.
fn unwilling() -> Wire {
    let body = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: decrypt token fail","request_id":"r1"}"#;
    Wire::serve([Reply::json(401, body)])
}

/// What STS, the metadata service and a pod's address give (`reference/swr-api.md` 5.4).
fn temporary_keys() -> Reply {
    let body = json!({"credentials": {
        "access_key_id": "TEMPORARYKEY",
        "secret_access_key": "temporary-secret-key",
        "security_token": "temporary-security-token",
        "expiration": "2999-01-01T00:00:00.000Z",
    }});
    Reply::json(200, &body.to_string())
}

/// What IAM gives for an id token (`reference/swr-api.md` 5.4, OIDC v3).
fn token() -> Reply {
    let body = json!({"token": {
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "methods": ["mapped"],
        "project": {"id": "project-1", "name": "cn-north-4"},
    }});
    Reply::json(201, &body.to_string()).header("X-Subject-Token", "token-for-the-id-token")
}

/// What of the last request told who asks: the token, or the access key and the security token.
fn carried(service: &Wire) -> String {
    let heard = service.heard();
    let last = heard.last().expect("a request came");
    if let Some(token) = last.header("X-Auth-Token") {
        assert_eq!(last.header("Authorization"), None, "one proof is enough");
        return format!("token {token}");
    }
    let authorization = last.header("Authorization").unwrap_or_default();
    let access_key = authorization
        .strip_prefix("SDK-HMAC-SHA256 Access=")
        .and_then(|rest| rest.split(',').next())
        .unwrap_or_default();
    let mut carried = format!("keys {access_key}");
    if let Some(token) = last.header("X-Security-Token") {
        carried.push_str(&format!(" {token}"));
    }
    carried
}
