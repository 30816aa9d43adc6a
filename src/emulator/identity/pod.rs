//! The credential service of a pod: keys for the token in the pod's file.
//!
//! Source: `reference/swr-api.md` section 5.4.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use jiff::SignedDuration;

use super::Identity;
use super::account::{AGENCY, POD_TOKEN};
use super::answer::Answer;
use super::asked::{Asked, played};
use super::iam::credential;

/// Where `HC_CONTAINER_CREDENTIALS_FULL_URI` points.
pub(super) const PATH: &str = "/emulator/pod/credentials";
/// How long the keys of a pod live.
const LIFETIME: SignedDuration = SignedDuration::from_hours(6);

pub(super) fn routes() -> Router<Arc<Identity>> {
    Router::new().route(PATH, post(played(keys_of_pod)))
}

fn keys_of_pod(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    if asked.header("authorization") != Some(POD_TOKEN) {
        return Err(Answer::text(401, "Authorization is not the pod's token"));
    }
    if !asked.json().is_some_and(|body| body.is_object()) {
        return Err(Answer::text(400, "the body is not {}"));
    }
    let keys = identity.issue_credentials(AGENCY, LIFETIME);
    Ok(Answer::json(200, &credential(&keys)))
}

#[cfg(test)]
mod tests {
    use super::super::support::{Played, north};
    use super::{PATH, POD_TOKEN};

    #[test]
    fn the_pods_token_opens_keys_that_open_swr() {
        let played = Played::start();
        let answer = played.post(PATH, &[("authorization", POD_TOKEN)], "{}");
        assert_eq!(answer.status, 200);
        let keys = &answer.json()["credential"];
        assert_eq!(keys["expires_at"], "2026-03-01T16:11:12.000000Z");
        assert!(played.with_keys(keys, &north()).is_ok());
    }

    #[test]
    fn another_token_or_body_opens_nothing() {
        let played = Played::start();
        let bearer = format!("Bearer {POD_TOKEN}");
        assert_eq!(played.post(PATH, &[], "{}").status, 401);
        assert_eq!(
            played
                .post(PATH, &[("authorization", &bearer)], "{}")
                .status,
            401
        );
        assert_eq!(
            played
                .post(PATH, &[("authorization", POD_TOKEN)], "")
                .status,
            400
        );
    }
}
