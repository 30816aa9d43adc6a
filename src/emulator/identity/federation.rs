//! IAM: tokens for an id token, OIDC v3.
//!
//! Source: `reference/swr-api.md` section 5.4.

use jiff::Timestamp;
use serde_json::json;

use super::Identity;
use super::account::{IDENTITY_PROVIDER, id_of};
use super::iam::{domain, invalid_body, scope_of, token_response};
use super::id_token;
use super::tokens::Scope;
use crate::emulator::refusal::Refusal;
use crate::emulator::request::{Request, text_at};
use crate::emulator::response::Response;

/// POST /v3.0/OS-AUTH/id-token/tokens
pub(super) fn token_for_id_token(
    identity: &Identity,
    request: &Request<'_>,
) -> Result<Response, Refusal> {
    let provider = request
        .header("x-idp-id")
        .ok_or_else(|| Refusal::iam(400, "The header X-Idp-Id is missing."))?;
    let body = request.json().ok_or_else(invalid_body)?;
    let id_token = text_at(&body, "/auth/id_token/id").ok_or_else(invalid_body)?;
    if provider != IDENTITY_PROVIDER {
        let text = format!("Could not find identity provider: {provider}.");
        return Err(Refusal::iam(404, text));
    }
    // The subject is mapped to a user of the same name.
    let user = id_token::validate(id_token, Timestamp::now())
        .map_err(|untrusted| Refusal::iam(401, untrusted.text()))?;
    let scope = scope_of(identity, &body, Scope::Unscoped)?;
    let (text, token) = identity.issue_token(scope, &user);
    let federation = json!({
        "identity_provider": {"id": IDENTITY_PROVIDER},
        "protocol": {"id": "oidc"},
        "groups": [{"id": id_of("group workflows"), "name": "workflows"}],
    });
    let who = json!({
        "id": id_of(&format!("user {user}")), "name": user, "domain": domain(),
        "OS-FEDERATION": federation,
    });
    Ok(token_response(&text, &token, &["mapped"], &who))
}
