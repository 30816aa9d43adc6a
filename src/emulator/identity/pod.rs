//! The credential service of a pod: keys for the token in the pod's file.
//!
//! Source: `reference/swr-api.md` section 5.4.

use jiff::SignedDuration;

use super::Identity;
use super::account::{AGENCY, POD_TOKEN};
use super::iam::credential;
use crate::emulator::refusal::Refusal;
use crate::emulator::request::Request;
use crate::emulator::response::Response;

/// Where `HC_CONTAINER_CREDENTIALS_FULL_URI` points.
pub(super) const PATH: &str = "/emulator/pod/credentials";
/// How long the keys of a pod live.
const LIFETIME: SignedDuration = SignedDuration::from_hours(6);

pub(super) fn keys(identity: &Identity, request: &Request<'_>) -> Result<Response, Refusal> {
    if request.header("authorization") != Some(POD_TOKEN) {
        return Err(Refusal::Plain {
            status: 401,
            text: "Authorization is not the pod's token",
        });
    }
    if !request.json().is_some_and(|body| body.is_object()) {
        return Err(Refusal::Plain {
            status: 400,
            text: "the body is not {}",
        });
    }
    let keys = identity.issue_keys(AGENCY, LIFETIME);
    Ok(Response::json(200, credential(&keys)))
}
