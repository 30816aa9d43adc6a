//! Waiting: until tags are in the target, or until the jobs of a link are final. What cannot come
//! any more ends the wait early, with the reason.

mod arrival;
mod jobs;

pub use arrival::tags_arrived;
pub use jobs::{Waited, jobs_final};

use serde::Serialize;

use super::Failure;
use super::digests::{Comparison, Digest};
use crate::api::sync::{JobStatus, SyncJob};
use crate::error::Error;

/// What became of a tag, or of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WaitStatus {
    /// The target has the source's image.
    Arrived,
    /// The job copied it.
    Success,
    /// The job found the tag in the target and left it alone.
    Existed,
    /// The job failed.
    Failed,
    /// The service gave the job up for its time.
    Timeout,
    /// The job was cancelled.
    Cancel,
    /// The job goes on, in a state that is `waiting`, `running` or unknown to this version.
    Unfinished,
    /// The target does not have the tag.
    Missing,
    /// The target has another image of the tag, or one side's digest is not known.
    Different,
}

impl WaitStatus {
    /// Every status, in the order of the summaries.
    pub const ALL: [WaitStatus; 9] = [
        WaitStatus::Arrived,
        WaitStatus::Success,
        WaitStatus::Existed,
        WaitStatus::Failed,
        WaitStatus::Timeout,
        WaitStatus::Cancel,
        WaitStatus::Unfinished,
        WaitStatus::Missing,
        WaitStatus::Different,
    ];

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            WaitStatus::Arrived => "arrived",
            WaitStatus::Success => "success",
            WaitStatus::Existed => "existed",
            WaitStatus::Failed => "failed",
            WaitStatus::Timeout => "timeout",
            WaitStatus::Cancel => "cancel",
            WaitStatus::Unfinished => "unfinished",
            WaitStatus::Missing => "missing",
            WaitStatus::Different => "different",
        }
    }

    fn of_job(status: JobStatus) -> WaitStatus {
        match status {
            JobStatus::Success => WaitStatus::Success,
            JobStatus::Existed => WaitStatus::Existed,
            JobStatus::Failed => WaitStatus::Failed,
            JobStatus::Timeout => WaitStatus::Timeout,
            JobStatus::Cancel => WaitStatus::Cancel,
            JobStatus::Waiting | JobStatus::Running | JobStatus::Unknown => WaitStatus::Unfinished,
        }
    }
}

/// The end of the wait for a tag, or for a job.
#[derive(Debug)]
pub struct WaitResult {
    /// The tag.
    pub tag: String,
    /// What became of it.
    pub status: WaitStatus,
    /// The source's digest, where it was looked at.
    pub digest: Option<Digest>,
    /// The target's digest, where it was looked at.
    pub remote_digest: Option<Digest>,
    /// The service's number of the job that ended it.
    pub job: Option<i64>,
    /// Why it did not end well; there whenever it did not.
    pub failure: Option<Failure>,
}

impl WaitResult {
    fn of(comparison: Comparison, status: WaitStatus, failure: Option<Failure>) -> WaitResult {
        WaitResult {
            tag: comparison.tag,
            status,
            digest: comparison.digest,
            remote_digest: comparison.remote_digest,
            job: None,
            failure,
        }
    }

    fn of_job(job: &SyncJob, failure: Option<Failure>) -> WaitResult {
        WaitResult {
            tag: job.tag.clone(),
            status: WaitStatus::of_job(job.state()),
            digest: None,
            remote_digest: None,
            job: Some(job.id),
            failure,
        }
    }
}

/// Hears of each result as soon as it is known.
pub type Ended<'a> = dyn FnMut(WaitResult) -> Result<(), Error> + 'a;
