//! STS, the token service of IAM v5: keys for an id token, keys of an agency, who am I.
//!
//! Source: `reference/swr-api.md` section 5.4. No source shows its errors: codes are IAM's (6.4),
//! the shape is the gateway's.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::account::{AGENCY, account_id, agency_urn, provider_urn};
use super::answer::Answer;
use super::asked::{Asked, played, text_at};
use super::clock::written;
use super::iam::lifetime_of;
use super::id_token::{self, Untrusted};
use super::{Identity, Proof, Refusal};

/// The usual and the longest life of an agency's keys, in seconds; the longest is not recorded.
const LIVES: (i64, i64) = (3600, 43_200);

pub(super) fn routes() -> Router<Arc<Identity>> {
    Router::new()
        .route(
            "/v5/agencies/assume-with-oidc",
            post(played(keys_for_id_token)),
        )
        .route("/v5/agencies/assume", post(played(keys_of_agency)))
        .route("/v5/caller-identity", get(played(caller_identity)))
}

/// POST /v5/agencies/assume-with-oidc
fn keys_for_id_token(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let body = json_of(asked)?;
    let provider = required(asked, &body, "provider_urn")?;
    let agency = required(asked, &body, "agency_urn")?;
    let session = required(asked, &body, "agency_session_name")?;
    let id_token = required(asked, &body, "id_token")?;
    if provider != provider_urn() {
        return Err(missing(asked, "identity provider", provider));
    }
    judge_agency(asked, agency)?;
    id_token::judge(id_token, identity.now()).map_err(|untrusted| {
        let code = match untrusted {
            Untrusted::Expired(_) => "IAM.0066",
            _ => "IAM.0067",
        };
        asked.refused(&Refusal::new(401, code, &untrusted.text()))
    })?;
    credentials(identity, asked, &body, session)
}

/// POST /v5/agencies/assume
fn keys_of_agency(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    signer(identity, asked)?;
    let body = json_of(asked)?;
    let agency = required(asked, &body, "agency_urn")?;
    let session = required(asked, &body, "agency_session_name")?;
    judge_agency(asked, agency)?;
    credentials(identity, asked, &body, session)
}

/// GET /v5/caller-identity
fn caller_identity(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    signer(identity, asked)?;
    Ok(Answer::json(200, &json!({"account_id": account_id()})))
}

/// STS takes signatures only.
fn signer(identity: &Identity, asked: &Asked) -> Result<String, Answer> {
    let incoming = asked.incoming();
    let signer = match Proof::of(&incoming) {
        Ok(Proof::Signature(authorization)) => identity.signer(&incoming, authorization),
        Ok(Proof::Token(_)) => Err(Refusal::incorrect("a signature is needed here")),
        Err(refusal) => Err(refusal),
    };
    signer.map_err(|refusal| asked.refused(&refusal))
}

fn credentials(
    identity: &Identity,
    asked: &Asked,
    body: &Value,
    session: &str,
) -> Result<Answer, Answer> {
    let (usual, longest) = LIVES;
    let lifetime = lifetime_of(body.get("duration_seconds"), usual, longest)
        .ok_or_else(|| invalid(asked, "duration_seconds"))?;
    let issued = identity.issue_credentials(&format!("{AGENCY}/{session}"), lifetime);
    let body = json!({"credentials": {
        "access_key_id": issued.access_key,
        "secret_access_key": issued.secret_key,
        "security_token": issued.security_token,
        "expiration": written(issued.expires_at),
    }});
    Ok(Answer::json(200, &body))
}

fn judge_agency(asked: &Asked, urn: &str) -> Result<(), Answer> {
    if urn == agency_urn() {
        Ok(())
    } else {
        Err(missing(asked, "agency", urn))
    }
}

fn json_of(asked: &Asked) -> Result<Value, Answer> {
    asked.json().ok_or_else(|| {
        let refusal = Refusal::new(400, "IAM.0011", "The request body is invalid");
        asked.refused(&refusal)
    })
}

fn required<'a>(asked: &Asked, body: &'a Value, field: &str) -> Result<&'a str, Answer> {
    text_at(body, &format!("/{field}"))
        .filter(|text| !text.is_empty())
        .ok_or_else(|| invalid(asked, field))
}

fn invalid(asked: &Asked, field: &str) -> Answer {
    let text = format!("The request body is invalid: '{field}'");
    asked.refused(&Refusal::new(400, "IAM.0011", &text))
}

fn missing(asked: &Asked, what: &str, urn: &str) -> Answer {
    let text = format!("Could not find {what}: {urn}.");
    asked.refused(&Refusal::new(404, "IAM.0004", &text))
}

#[cfg(test)]
mod tests;
