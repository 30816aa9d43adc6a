//! What synchronization asks of its caller.

use std::time::Duration;

use super::Link;
use crate::api::Service;
use crate::api::sync::SyncJob;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::names::RegionId;

/// The caller: it knows the services, hears what happens on the way, and is interrupted.
pub trait Host: Sync {
    /// Returns the service in a target region.
    ///
    /// # Errors
    /// Missing or wrong settings and credentials; nothing is sent.
    fn service_in(&self, region: &RegionId) -> Result<Service, Error>;

    /// Hears what happens on the way.
    fn event(&self, event: &Event<'_>);

    /// Returns the signals of this run.
    fn interrupt(&self) -> &Interrupt;
}

/// What happens on the way; none of it ends the work.
#[derive(Debug)]
pub enum Event<'a> {
    /// The regions offered cannot be listed; without an error, the service here does not list them.
    RegionNotChecked(Option<&'a Error>),
    /// The target namespace cannot be looked at.
    NamespaceNotChecked(&'a Error),
    /// The target cannot be looked at; what depends on it is left out.
    TargetNotSeen(&'a Error),
    /// A look failed; another one follows.
    LookFailed(&'a Error),
    /// A job that goes on and has not moved for so long that it will not.
    Stuck {
        /// The job.
        job: &'a SyncJob,
        /// How long it has not moved.
        age: Duration,
    },
    /// Nothing copies a tag that is waited for, and nothing will by itself.
    NothingUnderWay {
        /// From where to where.
        link: &'a Link,
        /// The tags.
        tags: &'a [&'a str],
    },
    /// How far work has got that takes long; told for the last time when nothing is open.
    Progress {
        /// From where to where.
        link: &'a Link,
        /// How much is done.
        done: usize,
        /// How much there is to do.
        all: usize,
        /// What is done and what is waited for, in words.
        text: &'a str,
        /// What is waited for.
        open: &'a [Open<'a>],
    },
}

/// A tag that is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    /// The tag.
    pub tag: &'a str,
    /// How it stands, in a word of the service's, or of ours where it has none.
    pub state: &'a str,
}
