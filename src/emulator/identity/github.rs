//! The service where a workflow on GitHub fetches its id token.
//!
//! What it looks like is GitHub's: `ACTIONS_ID_TOKEN_REQUEST_URL` has a query already, the audience
//! is added to it, `Authorization: Bearer {ACTIONS_ID_TOKEN_REQUEST_TOKEN}`, and the answer is
//! `{"value":"<jwt>"}`.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde_json::json;

use super::Identity;
use super::account::WORKFLOW_TOKEN;
use super::answer::Answer;
use super::asked::{Asked, played};
use super::id_token::{DEFAULT_AUDIENCE, made};

/// Where `ACTIONS_ID_TOKEN_REQUEST_URL` points.
pub(super) const PATH: &str = "/emulator/github/token";
/// How long a workflow's id token lives, in seconds.
const LIFETIME: i64 = 300;

pub(super) fn routes() -> Router<Arc<Identity>> {
    Router::new().route(PATH, get(played(id_token)))
}

fn id_token(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    if asked.bearer() != Some(WORKFLOW_TOKEN) {
        return Err(Answer::json(401, &json!({"message": "Unauthorized"})));
    }
    let audience = asked.query("audience");
    let audience = audience.as_deref().unwrap_or(DEFAULT_AUDIENCE);
    let now = identity.now().as_second();
    let token = made(audience, now, now + LIFETIME);
    Ok(Answer::json(
        200,
        &json!({"count": token.len(), "value": token}),
    ))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::clock::later;
    use super::super::id_token::{Untrusted, judge};
    use super::super::support::Played;
    use super::{PATH, WORKFLOW_TOKEN};

    #[test]
    fn a_workflow_gets_a_token_for_the_audience_it_names() {
        let played = Played::start();
        let bearer = format!("Bearer {WORKFLOW_TOKEN}");
        let fetched = |query: &str| {
            let path = format!("{PATH}?api-version=2.0{query}");
            let answer = played.get(&path, &[("authorization", &bearer)]);
            assert_eq!(answer.status, 200);
            answer.json()["value"].as_str().unwrap().to_owned()
        };
        let now = played.identity.now();
        assert!(judge(&fetched(""), now).is_ok());
        assert!(judge(&fetched("&audience=swr-emulator"), now).is_ok());
        assert_eq!(
            judge(&fetched("&audience=https%3A%2F%2Fexample.com"), now),
            Err(Untrusted::Audience("https://example.com".to_owned()))
        );
        let end = later(now, SignedDuration::from_mins(5));
        assert_eq!(judge(&fetched(""), end), Err(Untrusted::Expired(end)));
    }

    #[test]
    fn nobody_else_gets_a_token() {
        let played = Played::start();
        assert_eq!(played.get(PATH, &[]).status, 401);
        let other = ("authorization", "Bearer other");
        assert_eq!(played.get(PATH, &[other]).status, 401);
    }
}
