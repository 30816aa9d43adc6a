//! The part of a list of repositories that a run is about: by name, by shard, and by what changed.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use crate::api::repositories::RepositoryInfo;
use crate::commands::raw_arg::{Problems, Raw};
use crate::fleet::Scope;
use crate::names::RegionId;

/// The service's clock may be off by this much.
const SLACK: Duration = Duration::from_secs(300);

// What changed lately; a doc comment would become the command's.
#[derive(Debug, Clone, Args)]
pub(crate) struct UpdatedWithin {
    /// Only repositories that changed within this time, like 36h
    #[arg(long, value_name = "DURATION")]
    updated_within: Option<Raw<Duration>>,
}

impl UpdatedWithin {
    /// Returns `true` if it was given.
    pub(super) fn is_given(&self) -> bool {
        self.updated_within.is_some()
    }

    /// Returns the time after which a repository has to have changed.
    pub(super) fn validate(self, problems: &mut Problems) -> Option<Timestamp> {
        let within = problems.take_optional("--updated-within", self.updated_within)?;
        Timestamp::now().checked_sub(within + SLACK).ok()
    }
}

/// A part of the repositories that are listed.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// By name and by shard.
    pub(super) scope: Scope,
    /// Those that changed since then.
    pub(super) since: Option<Timestamp>,
}

impl Part {
    /// Returns `true` if a repository belongs to it.
    pub(super) fn holds(
        &self,
        region: Option<&RegionId>,
        namespace: &str,
        found: &RepositoryInfo,
    ) -> bool {
        // What does not say when it changed may have changed.
        let is_new = match (self.since, found.updated) {
            (Some(since), Some(updated)) => updated >= since,
            _ => true,
        };
        is_new && self.scope.holds_listed(region, namespace, &found.name)
    }
}
