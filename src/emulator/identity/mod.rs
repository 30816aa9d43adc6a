//! Who may do what in the emulator: signatures, tokens, and the services that hand out both (IAM,
//! STS, the metadata service, a pod's and a workflow's token service), played by a reading of
//! `reference/swr-api.md` sections 5, 6.3 and 6.4 of its own.
//!
//! The emulator's server asks [`Identity::authenticate`] at each call of SWR and adds
//! [`Identity::router`] to each region's address. Knows nothing of SWR's resources, and none of the
//! client's code.

mod account;
mod answer;
mod asked;
mod clock;
mod control;
mod federation;
mod github;
mod iam;
mod id_token;
mod keys;
mod metadata;
mod pod;
mod projects;
mod signature;
mod strikes;
mod sts;
#[cfg(test)]
mod support;
mod tokens;
mod variables;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::names::RegionId;

use clock::Clock;
use keys::{Credentials, Keys};
use metadata::{Host, Metadata};
use strikes::Strikes;
use tokens::{Scope, Token, Tokens};

/// IAM unlocks a user after so long; the reference has no figure, fifteen minutes is IAM's default.
const USER_LOCK: SignedDuration = SignedDuration::from_mins(15);

/// The identity side of the emulator: one for all its regions.
pub(super) struct Identity {
    regions: Vec<RegionId>,
    global_tokens: bool,
    clock: Clock,
    answers: AtomicU64,
    state: Mutex<State>,
}

struct State {
    keys: Keys,
    tokens: Tokens,
    users: Strikes,
    metadata: Metadata,
    /// What is issued lives so long at most, where a test wants it shorter.
    longest_life: Option<SignedDuration>,
}

/// A request as it came in.
pub(super) struct Incoming<'a> {
    pub(super) method: &'a str,
    /// As on the request line, not decoded.
    pub(super) path_and_query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) account: String,
    pub(super) user: String,
    pub(super) project_id: String,
}

/// Why a request is not let in: what the gateway answers, in shape F of section 6.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) text: String,
}

impl Refusal {
    fn new(status: u16, code: &str, text: &str) -> Refusal {
        Refusal {
            status,
            code: code.to_owned(),
            text: text.to_owned(),
        }
    }

    /// 401 `APIGW.0301`, the gateway's answer to nearly everything (section 6.3).
    fn incorrect(why: &str) -> Refusal {
        let text = format!("Incorrect IAM authentication information: {why}");
        Refusal::new(401, "APIGW.0301", &text)
    }
}

impl Identity {
    /// Plays the identity side for these regions. With `global_tokens` a project's token counts in
    /// every region.
    pub(super) fn new(regions: &[RegionId], global_tokens: bool) -> Identity {
        Identity::with_clock(regions, global_tokens, Clock::of_the_machine())
    }

    fn with_clock(regions: &[RegionId], global_tokens: bool, clock: Clock) -> Identity {
        let state = State {
            keys: Keys::new(),
            tokens: Tokens::new(regions, clock.now()),
            users: Strikes::locking_for(USER_LOCK),
            metadata: Metadata::default(),
            longest_life: None,
        };
        Identity {
            regions: regions.to_vec(),
            global_tokens,
            clock,
            answers: AtomicU64::new(0),
            state: Mutex::new(state),
        }
    }

    /// Returns the fixed token of the region, which has no end.
    #[expect(
        clippy::unused_self,
        reason = "whoever has no identity has no use for its token"
    )]
    pub(super) fn token(&self, region: &RegionId) -> String {
        tokens::fixed(region)
    }

    /// Returns the id of the region's project.
    #[expect(
        clippy::unused_self,
        reason = "whoever has no identity has no use for its project"
    )]
    pub(super) fn project_id(&self, region: &RegionId) -> String {
        account::project_id(region)
    }

    /// Returns what to set so that the vendor's SDK finds this account, and under `SWR_EMULATOR_*`
    /// what a person needs to try the other ways in. The endpoint is the first region's, without a
    /// final slash.
    pub(super) fn variables(&self, endpoint_of_first: &str) -> Vec<(String, String)> {
        variables::of(&self.regions, endpoint_of_first)
    }

    /// Judges a call of SWR by its token or its signature.
    ///
    /// # Errors
    /// The gateway's [`Refusal`].
    pub(super) fn authenticate(
        &self,
        region: &RegionId,
        incoming: &Incoming<'_>,
    ) -> Result<Caller, Refusal> {
        let caller = |user: &str, project_id: String| Caller {
            account: account::ACCOUNT.to_owned(),
            user: user.to_owned(),
            project_id,
        };
        match Proof::of(incoming)? {
            Proof::Token(text) => {
                let now = self.clock.now();
                let state = self.state();
                let everywhere = self.global_tokens;
                let (token, own) = state.tokens.judge(text, region, everywhere, now)?;
                Ok(caller(&token.user, account::project_id(own)))
            }
            Proof::Signature(authorization) => {
                let user = self.signer(incoming, authorization)?;
                Ok(caller(&user, self.project_named(region, incoming)?))
            }
        }
    }

    /// Keys serve all regions, with another `X-Project-Id` (section 7.13). Whether a project of
    /// another region is refused nobody has recorded, and the vendor's SDK sends the same one
    /// everywhere, so every project of the account will do.
    fn project_named(&self, region: &RegionId, incoming: &Incoming<'_>) -> Result<String, Refusal> {
        let Some(named) = incoming.headers.get("x-project-id") else {
            return Ok(account::project_id(region));
        };
        self.regions
            .iter()
            .map(account::project_id)
            .find(|id| id.as_bytes() == named.as_bytes())
            .ok_or_else(|| Refusal::incorrect("the project of X-Project-Id does not exist"))
    }

    /// Returns the services that hand out credentials, to be merged into a region's routes: it has
    /// no fallback, and no path of SWR's.
    pub(super) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .merge(iam::routes())
            .merge(projects::routes())
            .merge(federation::routes())
            .merge(sts::routes())
            .merge(metadata::routes())
            .merge(pod::routes())
            .merge(github::routes())
            .merge(control::routes())
            .method_not_allowed_fallback(asked::played(asked::wrong_method))
            .with_state(Arc::clone(self))
    }

    /// Ends a token's time. False when there is no such token.
    pub(super) fn expire_token(&self, token: &str) -> bool {
        let now = self.clock.now();
        self.state().tokens.expire(token, now)
    }

    /// Lets a token die early. False when there is no such token.
    pub(super) fn revoke_token(&self, token: &str) -> bool {
        self.state().tokens.revoke(token)
    }

    /// Lets tokens and temporary keys that are issued from now on live so long at most.
    pub(super) fn shorten_lives(&self, longest: SignedDuration) {
        self.state().longest_life = Some(longest);
    }

    /// Moves the emulator's clock on, or back when `by` is negative.
    pub(super) fn move_clock(&self, by: SignedDuration) {
        self.clock.move_by(by);
    }

    /// Plays another host of the metadata service.
    pub(super) fn play_metadata(&self, host: Host) {
        self.state().metadata.play(host);
    }

    /// Makes the metadata service forget the tokens that it gave.
    pub(super) fn forget_metadata_tokens(&self) {
        self.state().metadata.forget_tokens();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signer(&self, incoming: &Incoming<'_>, authorization: &str) -> Result<String, Refusal> {
        let now = self.clock.now();
        self.state().keys.judge(incoming, authorization, now)
    }

    fn issue_token(&self, scope: Scope, user: &str) -> (String, Token) {
        let now = self.clock.now();
        let mut state = self.state();
        let longest = state.longest_life;
        state.tokens.issue(scope, user, now, longest)
    }

    fn issue_credentials(&self, user: &str, lifetime: SignedDuration) -> Credentials {
        let now = self.clock.now();
        let mut state = self.state();
        let lifetime = state.longest_life.unwrap_or(lifetime).min(lifetime);
        state.keys.issue(user, now, lifetime)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the id of an answer: 32 hexadecimal digits, by count.
    fn next_trace(&self) -> String {
        let count = self.answers.fetch_add(1, Ordering::Relaxed);
        account::id_of(&format!("answer {count}"))
    }
}

/// What a request brings to prove who sends it.
enum Proof<'a> {
    Token(&'a str),
    Signature(&'a str),
}

impl<'a> Proof<'a> {
    /// "A signature and `X-Auth-Token` are alternatives; send one" (section 5.2).
    fn of(incoming: &Incoming<'a>) -> Result<Proof<'a>, Refusal> {
        let text_of = |name: &str| {
            let value = incoming.headers.get(name);
            value.map(|value| value.to_str().unwrap_or_default())
        };
        match (text_of("x-auth-token"), text_of("authorization")) {
            (Some(token), None) => Ok(Proof::Token(token)),
            (None, Some(authorization)) => Ok(Proof::Signature(authorization)),
            (Some(_), Some(_)) => Err(Refusal::incorrect(
                "X-Auth-Token and Authorization are alternatives, send one",
            )),
            (None, None) => Err(Refusal::incorrect("x-auth-token not found")),
        }
    }
}

#[cfg(test)]
mod tests;
