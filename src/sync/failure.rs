//! Why something failed, as far as this room knows it better than the service's answer.

use crate::error::Error;

/// An error, and the reason by which the caller finds its advice.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// Why.
    pub reason: Reason,
}

/// Why something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// What the error itself says.
    Other,
    /// The task exists, and that was not to be.
    TaskExists,
    /// The task exists with other settings.
    TaskDiffers,
    /// The last try brought no answer: the task may be there all the same.
    TaskUncertain,
    /// The old task was deleted and the new one was not created.
    TaskNotRecreated,
    /// There is no such task.
    TaskMissing,
    /// The region is not offered as a target.
    RegionNotOffered,
    /// The source repository does not exist.
    RepositoryMissing,
    /// The target namespace does not exist.
    NamespaceMissing,
    /// The namespace exists, and the caller can see it.
    NamespaceExists,
    /// The name of the namespace is taken by another account.
    NamespaceTaken,
    /// The source does not have the tags.
    TagsMissing,
    /// What was to choose among the tags left none.
    NothingSelected,
    /// The tags have no times by which the latest could be chosen.
    NoTimes,
    /// The name of the tag cannot be sent in a request.
    Unsendable,
    /// A copy was not asked for, because of what happened before.
    NotAsked,
    /// The service refused a copy.
    CopyRefused,
    /// It is not known whether the service took the request for a copy.
    CopyUncertain,
    /// A copy ended badly, and has a job that says so.
    CopyFailed,
    /// The service took the request for a copy and shows no job of it.
    CopyUnseen,
    /// A copy was under way when it was last seen.
    StillUnderWay,
    /// Nothing was known to be under way when a wait ended.
    NothingUnderWay,
    /// A tag was pushed again while it was waited for, or has no digest.
    PushedAgain,
    /// The target namespace does not exist, so that nothing can arrive in it.
    WaitNamespaceMissing,
    /// The target has another image of the tag.
    Differs,
    /// The target does not have the tag.
    NotInTarget,
    /// Copies fail because the target namespace does not exist.
    CopyNamespaceMissing,
    /// Copies fail because the service's agency is missing.
    AgencyMissing,
}

impl Failure {
    /// Creates a failure whose reason the caller may advise about.
    pub fn new(error: Error, reason: Reason) -> Failure {
        Failure { error, reason }
    }

    /// Adds what to do next, where something is known.
    #[must_use]
    pub fn hinted(self, hint: Option<String>) -> Failure {
        match hint {
            Some(hint) => Failure::new(self.error.hint(hint), self.reason),
            None => self,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::new(error, Reason::Other)
    }
}
