//! The service where a workflow on GitHub fetches its id token.
//!
//! It looks like GitHub's: `ACTIONS_ID_TOKEN_REQUEST_URL` has a query already, the audience is added
//! to it, `Authorization: Bearer {ACTIONS_ID_TOKEN_REQUEST_TOKEN}`, and the response is
//! `{"value":"<jwt>"}`.

use jiff::Timestamp;
use serde_json::json;

use super::account::WORKFLOW_TOKEN;
use super::id_token::{DEFAULT_AUDIENCE, made};
use crate::emulator::request::Request;
use crate::emulator::response::Response;

/// Where `ACTIONS_ID_TOKEN_REQUEST_URL` points.
pub(super) const PATH: &str = "/emulator/github/token";
/// How long a workflow's id token lives, in seconds.
const LIFETIME: i64 = 300;

pub(super) fn id_token(request: &Request<'_>) -> Response {
    if request.bearer() != Some(WORKFLOW_TOKEN) {
        return Response::json(401, json!({"message": "Unauthorized"}));
    }
    let audience = request.parameter("audience").unwrap_or(DEFAULT_AUDIENCE);
    let now = Timestamp::now().as_second();
    let token = made(audience, now, now + LIFETIME);
    Response::json(200, json!({"count": token.len(), "value": token}))
}
