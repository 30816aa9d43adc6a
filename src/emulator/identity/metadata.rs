//! The metadata service of a cloud server: a token of its own, then the keys of its agency.
//!
//! Source: `reference/swr-api.md` section 5.4.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::Identity;
use super::account::{AGENCY, metadata_token_text};
use super::iam::credential;
use super::time::later;
use crate::emulator::refusal::Refusal;
use crate::emulator::request::Request;
use crate::emulator::response::Response;

/// The longest life that a token may be asked for, in seconds: what the SDK asks for.
const LONGEST_TOKEN: i64 = 21_600;
/// How long the keys of a host live.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What the metadata service remembers: the tokens that it gave, with their ends.
#[derive(Default)]
pub(super) struct Metadata {
    ends_of_tokens: HashMap<String, Timestamp>,
    issued: u64,
}

/// PUT /meta-data/latest/api/token
pub(super) fn token(identity: &Identity, request: &Request<'_>) -> Result<Response, Refusal> {
    let seconds: Option<i64> = request
        .header("x-metadata-token-ttl-seconds")
        .and_then(|text| text.parse().ok());
    let seconds = seconds
        .filter(|seconds| (1..=LONGEST_TOKEN).contains(seconds))
        .ok_or(Refusal::Plain {
            status: 400,
            text: "X-Metadata-Token-Ttl-Seconds must be 1 to 21600",
        })?;
    let now = Timestamp::now();
    let metadata = &mut identity.state().metadata;
    metadata.ends_of_tokens.retain(|_, end| now < *end);
    metadata.issued += 1;
    let text = metadata_token_text(&format!("metadata token {}", metadata.issued));
    let end = later(now, SignedDuration::from_secs(seconds));
    metadata.ends_of_tokens.insert(text.clone(), end);
    Ok(Response::text(200, text))
}

/// GET /openstack/latest/securitykey
pub(super) fn security_key(
    identity: &Identity,
    request: &Request<'_>,
) -> Result<Response, Refusal> {
    let now = Timestamp::now();
    let valid = request
        .header("x-metadata-token")
        .and_then(|token| identity.state().metadata.ends_of_tokens.get(token).copied())
        .is_some_and(|end| now < end);
    if !valid {
        return Err(Refusal::Plain {
            status: 401,
            text: "Unauthorized: X-Metadata-Token is missing or has expired",
        });
    }
    let keys = identity.issue_keys(AGENCY, LIFETIME);
    Ok(Response::json(200, credential(&keys)))
}
