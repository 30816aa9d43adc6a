//! What a test, or a person, changes while the emulator runs: the clock, the life of what was
//! issued, the host that the metadata service plays.
//!
//! `POST /emulator/identity` with any of the fields of [`Change`]; they are done in their order.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::Identity;
use super::answer::Answer;
use super::asked::{Asked, played};
use super::metadata::Host;

const PATH: &str = "/emulator/identity";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Moves the clock on, or back.
    move_clock_seconds: Option<i64>,
    /// Ends this token's time.
    expire_token: Option<String>,
    /// Lets this token die early.
    revoke_token: Option<String>,
    /// Lets tokens and keys that are issued from now on live so long at most.
    longest_life_seconds: Option<i64>,
    /// Plays another host.
    metadata: Option<Host>,
    /// Makes the metadata service forget its tokens.
    #[serde(default)]
    forget_metadata_tokens: bool,
}

pub(super) fn routes() -> Router<Arc<Identity>> {
    Router::new().route(PATH, post(played(change)))
}

fn change(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let wrong = |why: &str| Answer::json(400, &json!({"message": why}));
    let change: Change =
        serde_json::from_slice(asked.body()).map_err(|error| wrong(&error.to_string()))?;
    if let Some(seconds) = change.move_clock_seconds {
        identity.move_clock(SignedDuration::from_secs(seconds));
    }
    let known = change
        .expire_token
        .is_none_or(|token| identity.expire_token(&token))
        && change
            .revoke_token
            .is_none_or(|token| identity.revoke_token(&token));
    if !known {
        return Err(wrong("there is no such token"));
    }
    if let Some(seconds) = change.longest_life_seconds {
        identity.shorten_lives(SignedDuration::from_secs(seconds));
    }
    if let Some(host) = change.metadata {
        identity.play_metadata(host);
    }
    if change.forget_metadata_tokens {
        identity.forget_metadata_tokens();
    }
    Ok(Answer::json(200, &json!({})))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::support::{Played, north};
    use super::PATH;

    fn changed(played: &Played, change: &Value) -> u16 {
        played.post(PATH, &[], &change.to_string()).status
    }

    #[test]
    fn a_token_can_be_made_to_die() {
        let played = Played::start();
        let token = played.identity.token(&north());
        assert!(played.with_token(&token, &north()).is_ok());
        assert_eq!(changed(&played, &json!({"revoke_token": token})), 200);
        let code = |played: &Played| played.with_token(&token, &north()).unwrap_err().code;
        assert_eq!(code(&played), "APIGW.0307");
        assert_eq!(changed(&played, &json!({"expire_token": token})), 200);
        assert_eq!(code(&played), "APIGW.0301");
        assert_eq!(changed(&played, &json!({"expire_token": "other"})), 400);
    }

    #[test]
    fn the_clock_can_be_moved() {
        let played = Played::start();
        assert_eq!(changed(&played, &json!({"move_clock_seconds": 901})), 200);
        assert_eq!(
            played.identity.now(),
            "2026-03-01T10:26:13Z".parse().unwrap()
        );
    }

    #[test]
    fn keys_can_be_made_to_live_shorter() {
        let played = Played::start();
        assert_eq!(changed(&played, &json!({"longest_life_seconds": 5})), 200);
        let headers = [("x-auth-token", played.identity.token(&north()))];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let body = json!({"auth": {"identity": {"methods": ["token"]}}}).to_string();
        let answer = played.post("/v3.0/OS-CREDENTIAL/securitytokens", &headers, &body);
        assert_eq!(
            answer.json()["credential"]["expires_at"],
            "2026-03-01T10:11:17.000000Z"
        );
    }

    #[test]
    fn the_metadata_service_can_play_another_host() {
        let played = Played::start();
        let status = || {
            let ttl = ("x-metadata-token-ttl-seconds", "60");
            played.put("/meta-data/latest/api/token", &[ttl]).status
        };
        assert_eq!(status(), 200);
        let change = json!({"metadata": "absent", "forget_metadata_tokens": true});
        assert_eq!(changed(&played, &change), 200);
        assert_eq!(status(), 404);
        assert_eq!(changed(&played, &json!({"metadata": "other"})), 400);
        assert_eq!(changed(&played, &json!({"typo": 1})), 400);
    }
}
