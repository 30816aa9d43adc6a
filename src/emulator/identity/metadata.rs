//! The metadata service of a cloud server: a token of its own, then the keys of its agency.
//!
//! Source: `reference/swr-api.md` section 5.4.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, put};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::Identity;
use super::account::{AGENCY, metadata_token_text};
use super::answer::Answer;
use super::asked::{Asked, played};
use super::clock::later;
use super::iam::credential;

/// The longest life that a token may be asked for, in seconds: what the SDK asks for.
const LONGEST_TOKEN: i64 = 21_600;
/// How long the keys of a host live.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Which host is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::emulator) enum Host {
    /// With tokens, which are required, and an agency.
    #[default]
    Usual,
    /// An old one: it gives no tokens (404) and asks for none.
    WithoutTokens,
    /// One whose owner set no agency: 401.
    WithoutAgency,
    /// None of the cloud's: 404 everywhere.
    Absent,
    /// One behind a portal that answers everything with a page.
    Html,
}

/// What the metadata service remembers.
#[derive(Default)]
pub(super) struct Metadata {
    host: Host,
    ends_of_tokens: HashMap<String, Timestamp>,
    issued: u64,
}

impl Metadata {
    /// Plays another host from now on.
    pub(super) fn play(&mut self, host: Host) {
        self.host = host;
    }

    /// Forgets the tokens that were given: the next use of one is a 401.
    pub(super) fn forget_tokens(&mut self) {
        self.ends_of_tokens.clear();
    }
}

pub(super) fn routes() -> Router<Arc<Identity>> {
    Router::new()
        .route("/meta-data/latest/api/token", put(played(token)))
        .route("/openstack/latest/securitykey", get(played(security_key)))
}

/// PUT /meta-data/latest/api/token
fn token(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let now = identity.now();
    let mut state = identity.state();
    match state.metadata.host {
        Host::Usual | Host::WithoutAgency => {}
        Host::WithoutTokens | Host::Absent => return Err(not_found()),
        Host::Html => return Ok(page()),
    }
    let seconds: Option<i64> = asked
        .header("x-metadata-token-ttl-seconds")
        .and_then(|text| text.parse().ok());
    let seconds = seconds
        .filter(|seconds| (1..=LONGEST_TOKEN).contains(seconds))
        .ok_or_else(|| Answer::text(400, "X-Metadata-Token-Ttl-Seconds must be 1 to 21600"))?;
    let metadata = &mut state.metadata;
    metadata.issued += 1;
    let text = metadata_token_text(&format!("metadata token {}", metadata.issued));
    let end = later(now, SignedDuration::from_secs(seconds));
    metadata.ends_of_tokens.insert(text.clone(), end);
    Ok(Answer::text(200, &text))
}

/// GET /openstack/latest/securitykey
fn security_key(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let now = identity.now();
    let host = {
        let state = identity.state();
        let host = state.metadata.host;
        let lives = asked
            .header("x-metadata-token")
            .and_then(|token| state.metadata.ends_of_tokens.get(token))
            .is_some_and(|end| now < *end);
        if matches!(host, Host::Usual | Host::WithoutAgency) && !lives {
            return Err(Answer::text(
                401,
                "Unauthorized: X-Metadata-Token is missing or has expired",
            ));
        }
        host
    };
    match host {
        Host::Usual | Host::WithoutTokens => {
            let keys = identity.issue_credentials(AGENCY, LIFETIME);
            Ok(Answer::json(200, &credential(&keys)))
        }
        Host::WithoutAgency => Err(Answer::text(
            401,
            "Please configure Cloud Service Agency first",
        )),
        Host::Absent => Err(not_found()),
        Host::Html => Ok(page()),
    }
}

fn not_found() -> Answer {
    Answer::text(404, "404 Not Found")
}

fn page() -> Answer {
    Answer::html(
        200,
        "<html><body><h1>Sign in to the network</h1></body></html>",
    )
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::support::{Played, north};
    use super::Host;

    const TOKEN: &str = "/meta-data/latest/api/token";
    const KEYS: &str = "/openstack/latest/securitykey";
    const TTL: (&str, &str) = ("x-metadata-token-ttl-seconds", "21600");

    #[test]
    fn a_token_opens_the_keys_and_the_keys_open_swr() {
        let played = Played::start();
        let token = played.put(TOKEN, &[TTL]);
        assert_eq!(token.status, 200);
        let keys = played.get(KEYS, &[("x-metadata-token", &token.body)]);
        assert_eq!(keys.status, 200);
        assert_eq!(
            keys.json()["credential"]["expires_at"],
            "2026-03-02T10:11:12.000000Z"
        );
        let caller = played
            .with_keys(&keys.json()["credential"], &north())
            .unwrap();
        assert_eq!(caller.user, "emulator-agency");
    }

    #[test]
    fn keys_without_a_living_token_are_401() {
        let played = Played::start();
        let token = played.put(TOKEN, &[TTL]).body;
        let status = |headers: &[(&str, &str)]| played.get(KEYS, headers).status;
        assert_eq!(status(&[]), 401);
        assert_eq!(status(&[("x-metadata-token", "made up")]), 401);
        played
            .identity
            .move_clock(SignedDuration::from_secs(21_599));
        assert_eq!(status(&[("x-metadata-token", &token)]), 200);
        played.identity.move_clock(SignedDuration::from_secs(1));
        assert_eq!(status(&[("x-metadata-token", &token)]), 401);
        let token = played.put(TOKEN, &[TTL]).body;
        played.identity.state().metadata.forget_tokens();
        assert_eq!(status(&[("x-metadata-token", &token)]), 401);
    }

    #[test]
    fn a_token_needs_a_life_of_six_hours_at_most() {
        let played = Played::start();
        for ttl in ["0", "21601", "-1", "soon"] {
            let answer = played.put(TOKEN, &[("x-metadata-token-ttl-seconds", ttl)]);
            assert_eq!(answer.status, 400, "{ttl}");
        }
        assert_eq!(played.put(TOKEN, &[]).status, 400);
    }

    #[test]
    fn other_hosts_answer_otherwise() {
        let played = Played::start();
        let answers = |host: Host| {
            let token = played.put(TOKEN, &[TTL]).body;
            played.identity.state().metadata.play(host);
            let first = played.put(TOKEN, &[TTL]);
            let second = played.get(KEYS, &[("x-metadata-token", &token)]);
            let without = played.get(KEYS, &[]).status;
            played.identity.state().metadata.play(Host::Usual);
            (first.status, second.status, without, second.body)
        };
        let (first, second, without, _) = answers(Host::WithoutTokens);
        assert_eq!((first, second, without), (404, 200, 200));
        let (first, second, without, text) = answers(Host::WithoutAgency);
        assert_eq!((first, second, without), (200, 401, 401));
        assert_eq!(text, "Please configure Cloud Service Agency first");
        let (first, second, without, _) = answers(Host::Absent);
        assert_eq!((first, second, without), (404, 404, 404));
        let (first, second, without, page) = answers(Host::Html);
        assert_eq!((first, second, without), (200, 200, 200));
        assert!(page.starts_with("<html>"), "{page}");
    }
}
