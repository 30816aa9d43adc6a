//! Who may do what in the emulator: signatures, tokens, and the services that hand out both (IAM,
//! STS, the metadata service, a pod's and a workflow's token service), emulated from a separate
//! reading of `reference/swr-api.md` sections 5, 6.3 and 6.4.
//!
//! The emulator's server asks [`Identity::authenticate`] at each call of SWR, and
//! [`Identity::respond`] for every path that is not SWR's. Knows nothing of SWR's resources, and
//! none of the client's code.

mod account;
mod failures;
mod federation;
mod github;
mod iam;
mod id_token;
mod keys;
mod metadata;
mod pod;
mod signature;
mod sts;
#[cfg(test)]
mod tests;
mod time;
mod tokens;
mod variables;

use std::sync::{Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};

use super::refusal::Refusal;
use super::request::{Incoming, Request};
use super::response::Response;
use super::switches::Switches;
use crate::lock::lock;
use crate::names::RegionId;

pub(super) use account::is_project_of;
use failures::Failures;
use keys::{Credentials, Keys, Login};
use metadata::Metadata;
use tokens::{Scope, Token, Tokens};

#[cfg(test)]
pub(in crate::emulator) use signature::authorization_of;

/// How long IAM locks a user; the reference has no figure, fifteen minutes is IAM's default.
const USER_LOCK: SignedDuration = SignedDuration::from_mins(15);

/// The identity side of the emulator: one for all its regions.
pub(super) struct Identity {
    regions: Vec<RegionId>,
    global_tokens: bool,
    state: Mutex<State>,
}

struct State {
    keys: Keys,
    tokens: Tokens,
    users: Failures,
    metadata: Metadata,
}

impl Identity {
    /// Returns the identity side of these regions. With `global_tokens` a project's token counts
    /// in every region.
    pub(super) fn new(regions: &[RegionId], global_tokens: bool) -> Identity {
        let state = State {
            keys: Keys::new(),
            tokens: Tokens::new(regions, Timestamp::now()),
            users: Failures::locking_for(USER_LOCK),
            metadata: Metadata::default(),
        };
        Identity {
            regions: regions.to_vec(),
            global_tokens,
            state: Mutex::new(state),
        }
    }

    /// Returns what to set so that the vendor's SDK finds this account, and under `SWR_EMULATOR_*`
    /// what a person needs to try the other ways in. The endpoint is the first region's, without a
    /// final slash.
    pub(super) fn variables(&self, endpoint_of_first: &str) -> Vec<(String, String)> {
        variables::of(&self.regions, endpoint_of_first)
    }

    /// Checks a call of SWR by its token or its signature, and returns the user's name.
    ///
    /// # Errors
    /// The gateway's [`Refusal`].
    pub(super) fn authenticate(&self, incoming: &Incoming<'_>) -> Result<String, Refusal> {
        match Proof::of(incoming)? {
            Proof::Token(text) => {
                let (state, everywhere) = (self.state(), self.global_tokens);
                let now = Timestamp::now();
                let token = { &state.tokens }.validate(text, incoming.region, everywhere, now)?;
                Ok(token.user.clone())
            }
            Proof::Signature(authorization) => {
                let user = self.signer(incoming, authorization)?;
                self.check_project(incoming)?;
                Ok(user)
            }
        }
    }

    /// Keys serve all regions, with another `X-Project-Id` (section 7.13). Whether a project of
    /// another region is refused is not recorded, and the vendor's SDK sends the same one
    /// everywhere, so every project of the account is accepted.
    fn check_project(&self, incoming: &Incoming<'_>) -> Result<(), Refusal> {
        let Some(named) = incoming.header("x-project-id") else {
            return Ok(());
        };
        let mut known = self
            .regions
            .iter()
            .map(|region| project_id(region.as_str()));
        if known.any(|id| id == named) {
            Ok(())
        } else {
            Err(Refusal::incorrect(
                "the project of X-Project-Id does not exist",
            ))
        }
    }

    /// Responds for the services that hand out credentials; `id` is the response's.
    ///
    /// # Errors
    /// The service's refusal; the gateway's for a path or method that does not exist. IAM's are
    /// responses already, because they carry a header.
    pub(super) fn respond(
        &self,
        request: &Request<'_>,
        id: &str,
        switches: Switches,
    ) -> Result<Response, Refusal> {
        let parts: Vec<&str> = request.parts.iter().map(String::as_str).collect();
        let of_iam = match (request.method, parts.as_slice()) {
            ("POST", ["v3", "auth", "tokens"]) => iam::token_for_password(self, request),
            ("GET", ["v3", "auth", "domains"]) => iam::accounts(self, request),
            ("GET", ["v3", "projects"]) => iam::projects(self, request),
            ("POST", ["v3.0", "OS-AUTH", "id-token", "tokens"]) => {
                federation::token_for_id_token(self, request)
            }
            ("POST", ["v5", "agencies", "assume-with-oidc"]) => {
                return sts::keys_for_id_token(self, request);
            }
            ("PUT", ["meta-data", "latest", "api", "token"]) => {
                return metadata::token(self, request);
            }
            ("GET", ["openstack", "latest", "securitykey"]) => {
                return metadata::security_key(self, request);
            }
            ("POST", ["emulator", "pod", "credentials"]) => return pod::keys(self, request),
            ("GET", ["emulator", "github", "token"]) => return Ok(github::id_token(request)),
            _ => return Err(Refusal::not_published()),
        };
        let response = of_iam.unwrap_or_else(|refusal| refusal.response(switches, id));
        Ok(response.header("x-iam-trace-id", id))
    }

    /// Returns `true` if a user and password of a region's registry are right: a key's, or those
    /// of a temporary login.
    pub(super) fn login(&self, region: &str, user: &str, password: &str) -> bool {
        let now = Timestamp::now();
        self.state().keys.login(region, user, password, now)
    }

    /// Issues a temporary login to a region's registry, whose user begins so.
    pub(super) fn issue_login(&self, region: &str, user: &str) -> Login {
        self.state()
            .keys
            .issue_login(region, user, Timestamp::now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn signer(&self, incoming: &Incoming<'_>, authorization: &str) -> Result<String, Refusal> {
        let now = Timestamp::now();
        self.state().keys.validate(incoming, authorization, now)
    }

    fn issue_token(&self, scope: Scope, user: &str) -> (String, Token) {
        self.state().tokens.issue(scope, user, Timestamp::now())
    }

    fn issue_keys(&self, user: &str, lifetime: SignedDuration) -> Credentials {
        self.state().keys.issue(user, Timestamp::now(), lifetime)
    }
}

/// Returns the user of the registry who logs in with the permanent key (section 3.13).
pub(super) fn registry_user(region: &RegionId) -> String {
    format!("{region}@{}", account::ACCESS_KEY)
}

/// Returns that user's password, which is computed from the key.
pub(super) fn registry_password() -> String {
    keys::registry_password(account::ACCESS_KEY, account::SECRET_KEY)
}

/// Returns the fixed token of a region, which does not expire.
pub(super) fn token(region: &RegionId) -> String {
    tokens::fixed(region.as_str())
}

/// Returns the id of a region's project.
pub(super) fn project_id(region: &str) -> String {
    account::project_id(region)
}

/// What a request brings to prove who sends it.
enum Proof<'a> {
    Token(&'a str),
    Signature(&'a str),
}

impl<'a> Proof<'a> {
    /// "A signature and `X-Auth-Token` are alternatives; send one" (section 5.2).
    fn of(incoming: &'a Incoming<'_>) -> Result<Proof<'a>, Refusal> {
        match (
            incoming.header("x-auth-token"),
            incoming.header("authorization"),
        ) {
            (Some(token), None) => Ok(Proof::Token(token)),
            (None, Some(authorization)) => Ok(Proof::Signature(authorization)),
            (Some(_), Some(_)) => Err(Refusal::incorrect(
                "X-Auth-Token and Authorization are alternatives, send one",
            )),
            (None, None) => Err(Refusal::incorrect("x-auth-token not found")),
        }
    }
}
