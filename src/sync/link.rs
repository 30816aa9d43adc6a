//! One repository and one target of its copies.

use std::fmt;

use crate::api::sync::{SyncTask, Target};
use crate::names::{Namespace, Repository};

/// One repository, and where its copies go: the key of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The source namespace.
    pub namespace: Namespace,
    /// The source repository.
    pub repository: Repository,
    /// The target.
    pub target: Target,
}

impl From<&SyncTask> for Link {
    fn from(task: &SyncTask) -> Link {
        Link {
            namespace: task.namespace.clone(),
            repository: task.repository.clone(),
            target: task.target.clone(),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { region, namespace } = &self.target;
        write!(
            f,
            "{}/{} → {namespace} ({region})",
            self.namespace, self.repository
        )
    }
}
