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
}

impl Failure {
    /// Creates a failure whose reason the caller may advise about.
    pub fn new(error: Error, reason: Reason) -> Failure {
        Failure { error, reason }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::new(error, Reason::Other)
    }
}
