//! Target namespaces: whether one is there, and creating it. The one reading of a 409: taken, busy,
//! or created by a first try whose answer was lost (`reference/swr-api.md` 3.3, 6.2).

use serde::Serialize;

use super::{Failure, Reason};
use crate::api::{Answer, Service};
use crate::error::{Error, Kind};
use crate::names::Namespace;

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is there.
    Exists,
    /// It was created.
    Created,
    /// It is not there.
    Missing,
    /// Nobody could look.
    Unknown,
}

/// Creates a namespace.
///
/// # Errors
/// A name that is taken, by the caller's account or by another one, and whatever else the service
/// refuses.
pub fn create(service: &Service, namespace: &Namespace) -> Result<Answer, Failure> {
    let answer = service.create_namespace(namespace)?;
    if answer.is_success() {
        answer.check_undocumented_body()?;
        return Ok(answer);
    }
    let refusal = answer.refusal();
    if !answer.says_exists() {
        return Err(refusal.into());
    }
    let refusal = refusal.of_kind(Kind::Exists);
    match (is_visible(service, namespace)?, answer.tries > 1) {
        (true, true) => Ok(answer),
        (true, false) => {
            let error = refusal.about(&format!("the namespace '{namespace}' exists already"));
            Err(Failure::new(error, Reason::NamespaceExists))
        }
        (false, _) => {
            let error = refusal.about(&format!(
                "the namespace '{namespace}' belongs to another account"
            ));
            Err(Failure::new(error, Reason::NamespaceTaken))
        }
    }
}

/// Makes sure that a namespace is there.
///
/// # Errors
/// As [`create`]; one that exists meanwhile is none.
pub fn ensure(service: &Service, namespace: &Namespace) -> Result<Presence, Failure> {
    if service.namespace(namespace)?.is_some() {
        return Ok(Presence::Exists);
    }
    match create(service, namespace) {
        Ok(_) => Ok(Presence::Created),
        Err(failure) if failure.reason == Reason::NamespaceExists => Ok(Presence::Exists),
        Err(failure) => Err(failure),
    }
}

/// Another account's namespace may as well be told as forbidden.
fn is_visible(service: &Service, namespace: &Namespace) -> Result<bool, Error> {
    match service.namespace(namespace) {
        Ok(found) => Ok(found.is_some()),
        Err(error) if error.details().http_status == Some(403) => Ok(false),
        Err(error) => Err(error),
    }
}
