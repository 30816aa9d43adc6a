//! Why copies of a link fail: looked up, not guessed, for the jobs do not say.
//!
//! A quota is not among the causes: of quotas the service lists only that of namespaces (section
//! 3.10), and a copy takes none of them.

use super::{Failure, Link, Reason};
use crate::api::Service;
use crate::error::{Error, Kind};

/// Returns the failure of a copy that ended badly, as far as its cause can be looked up; `what` says
/// how it ended.
pub(super) fn failure(what: &str, cause: &(String, Reason)) -> Failure {
    let (why, reason) = cause;
    let error = Error::new(Kind::Incomplete, format!("{what}: {why}")).retryable(true);
    Failure::new(error, *reason)
}

/// Returns why copies fail, as far as it can be looked up; else, that the service does not say.
pub(super) fn look_up(source: &Service, target: Option<&Service>, link: &Link) -> (String, Reason) {
    let namespace = &link.target.namespace;
    if let Some(target) = target
        && matches!(target.namespace(namespace), Ok(None))
    {
        let region = &link.target.region;
        let why = format!("there is no namespace '{namespace}' in {region}");
        return (why, Reason::CopyNamespaceMissing);
    }
    if matches!(source.has_agency(), Ok(false)) {
        let why = "the service's agency is missing".to_owned();
        return (why, Reason::AgencyMissing);
    }
    ("the service gives no reason".to_owned(), Reason::CopyFailed)
}
