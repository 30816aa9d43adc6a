//! STS, the token service of IAM v5: keys of an agency for an id token.
//!
//! Source: `reference/swr-api.md` section 5.4. No source shows its errors: codes are IAM's (6.4),
//! the shape is the gateway's.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Identity;
use super::account::{AGENCY, agency_urn, provider_urn};
use super::id_token::{self, Untrusted};
use super::time::written;
use crate::emulator::refusal::Refusal;
use crate::emulator::request::{Request, text_at};
use crate::emulator::response::Response;

/// The usual and the longest life of an agency's keys, in seconds; the longest is not recorded.
const LIVES: (i64, i64) = (3600, 43_200);

/// POST /v5/agencies/assume-with-oidc
pub(super) fn keys_for_id_token(
    identity: &Identity,
    request: &Request<'_>,
) -> Result<Response, Refusal> {
    let body = request
        .json()
        .ok_or_else(|| Refusal::gateway(400, "IAM.0011", "The request body is invalid"))?;
    let provider = required(&body, "provider_urn")?;
    let agency = required(&body, "agency_urn")?;
    let session = required(&body, "agency_session_name")?;
    let id_token = required(&body, "id_token")?;
    if provider != provider_urn() {
        return Err(not_found("identity provider", provider));
    }
    if agency != agency_urn() {
        return Err(not_found("agency", agency));
    }
    id_token::validate(id_token, Timestamp::now()).map_err(|untrusted| {
        let code = match untrusted {
            Untrusted::Expired(_) => "IAM.0066",
            _ => "IAM.0067",
        };
        Refusal::gateway(401, code, untrusted.text())
    })?;
    let (usual, longest) = LIVES;
    let seconds = match body.get("duration_seconds") {
        None => Some(usual),
        Some(seconds) => seconds.as_i64(),
    };
    let seconds = seconds
        .filter(|seconds| (900..=longest).contains(seconds))
        .ok_or_else(|| invalid("duration_seconds"))?;
    let lifetime = jiff::SignedDuration::from_secs(seconds);
    let issued = identity.issue_keys(&format!("{AGENCY}/{session}"), lifetime);
    let body = json!({"credentials": {
        "access_key_id": issued.access_key,
        "secret_access_key": issued.secret_key,
        "security_token": issued.security_token,
        "expiration": written(issued.expires_at),
    }});
    Ok(Response::json(200, body))
}

fn required<'a>(body: &'a Value, field: &str) -> Result<&'a str, Refusal> {
    text_at(body, &format!("/{field}"))
        .filter(|text| !text.is_empty())
        .ok_or_else(|| invalid(field))
}

fn invalid(field: &str) -> Refusal {
    let text = format!("The request body is invalid: '{field}'");
    Refusal::gateway(400, "IAM.0011", text)
}

fn not_found(what: &str, urn: &str) -> Refusal {
    let text = format!("Could not find {what}: {urn}.");
    Refusal::gateway(404, "IAM.0004", text)
}
