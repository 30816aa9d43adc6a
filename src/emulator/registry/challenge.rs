//! The 401 that tells a client where to get a token.

use super::{Action, Failure};
use crate::emulator::switches::{Switch, Switches};

/// What a 401 says; recorded of the service.
pub(super) const NO_LOGIN: &str = "You may not login yet";
pub(super) const BAD_TOKEN: &str = "Authenticate Error";
pub(super) const NO_PERMISSION: &str = "you do not have the permission";
pub(super) const NO_NAMESPACE: &str = "Image organization does not exist";

/// Returns a 401 without a challenge: the token service's.
pub(super) fn denied(text: &str) -> Failure {
    Failure::new(401, "DENIED", text)
}

/// Returns a 401 with the challenge of a registry at `host`: a repository's names it, with empty
/// actions as the service does, or with what is needed.
pub(super) fn challenge(
    text: &str,
    host: &str,
    repository: Option<(&str, Action)>,
    switches: Switches,
) -> Failure {
    let mut challenge =
        format!("Bearer realm=\"http://{host}/swr/auth/v2/registry/auth/\",service=\"dockyard\"");
    if let Some((repository, action)) = repository {
        let actions = if switches.has(Switch::ChallengeNamesActions) {
            action.scope()
        } else {
            ""
        };
        challenge.push_str(&format!(",scope=\"repository:{repository}:{actions}\""));
    }
    denied(text).header("www-authenticate", challenge)
}
