//! How the copy of one tag stands, and why it did not end well.

use std::time::Duration;

use serde::Serialize;

use crate::api::sync::JobStatus;
use crate::error::{Error, Kind};
use crate::sync::digests::{Comparison, Relation};
use crate::sync::select::SourceTag;
use crate::sync::{Failure, Reason};
use crate::verdict::Verdict;

/// How the copy of one tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CopyStatus {
    /// The service took the request; the end of the copy was not seen.
    Accepted,
    /// The target has the tag with the same digest already; nothing was to do.
    Same,
    /// It was copied.
    Success,
    /// The target had the tag already, and it was not replaced.
    Existed,
    /// It failed, or the service refused it.
    Failed,
    /// The service gave it up for its time.
    Timeout,
    /// It was cancelled.
    Cancel,
    /// The service took the request and shows no job of it.
    Unseen,
    /// It was not asked for.
    Skipped,
}

impl CopyStatus {
    /// Every status, in the order of the summaries.
    pub const ALL: [CopyStatus; 9] = [
        CopyStatus::Accepted,
        CopyStatus::Same,
        CopyStatus::Success,
        CopyStatus::Existed,
        CopyStatus::Failed,
        CopyStatus::Timeout,
        CopyStatus::Cancel,
        CopyStatus::Unseen,
        CopyStatus::Skipped,
    ];

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            CopyStatus::Accepted => "accepted",
            CopyStatus::Same => "same",
            CopyStatus::Success => "success",
            CopyStatus::Existed => "existed",
            CopyStatus::Failed => "failed",
            CopyStatus::Timeout => "timeout",
            CopyStatus::Cancel => "cancel",
            CopyStatus::Unseen => "unseen",
            CopyStatus::Skipped => "skipped",
        }
    }

    /// Decides whether a copy ended as it should, by its status and, where the sides were compared,
    /// by their relation.
    pub fn verdict(self, relation: Option<Relation>) -> Verdict {
        let same = relation == Some(Relation::Same);
        match self {
            CopyStatus::Failed | CopyStatus::Timeout | CopyStatus::Cancel | CopyStatus::Unseen => {
                Verdict::Bad
            }
            CopyStatus::Skipped => Verdict::Skipped,
            // Only the digests say whether what was there is the image that was meant.
            CopyStatus::Existed if !same => Verdict::Different,
            _ if relation.is_some() && !same => Verdict::Different,
            _ => Verdict::Good,
        }
    }

    /// Returns the status of a job that is final; `None` while it goes on.
    pub fn of_job(status: JobStatus) -> Option<CopyStatus> {
        Some(match status {
            JobStatus::Success => CopyStatus::Success,
            JobStatus::Existed => CopyStatus::Existed,
            JobStatus::Failed => CopyStatus::Failed,
            JobStatus::Timeout => CopyStatus::Timeout,
            JobStatus::Cancel => CopyStatus::Cancel,
            JobStatus::Waiting | JobStatus::Running | JobStatus::Unknown => return None,
        })
    }
}

/// The copy of one tag.
#[derive(Debug)]
pub struct CopyResult {
    /// The tag, as the service lists it.
    pub tag: String,
    /// How the copy stands.
    pub status: CopyStatus,
    /// The service's number of its job.
    pub job: Option<i64>,
    /// How long the copy took.
    pub took: Option<Duration>,
    /// The two sides, compared where that was asked for or needed.
    pub comparison: Option<Comparison>,
    /// Why it did not end well; there whenever it did not.
    pub failure: Option<Failure>,
    /// The source's tag; `None` where its name cannot be sent.
    pub source: Option<SourceTag>,
}

impl CopyResult {
    pub(super) fn new(source: SourceTag, status: CopyStatus) -> CopyResult {
        CopyResult {
            tag: source.tag.to_string(),
            status,
            job: None,
            took: None,
            comparison: None,
            failure: None,
            source: Some(source),
        }
    }

    pub(super) fn failed(
        source: SourceTag,
        status: CopyStatus,
        error: Error,
        reason: Reason,
    ) -> CopyResult {
        let mut result = CopyResult::new(source, status);
        result.failure = Some(Failure::new(error, reason));
        result
    }

    pub(super) fn unsendable(name: String) -> CopyResult {
        let error = Error::new(
            Kind::Unmet,
            format!("the tag '{name}' is left out: its name cannot be sent in a request"),
        );
        CopyResult {
            tag: name,
            status: CopyStatus::Failed,
            job: None,
            took: None,
            comparison: None,
            failure: Some(Failure::new(error, Reason::Unsendable)),
            source: None,
        }
    }
}

/// Hears of each result as soon as it is known.
pub type Ended<'a> = dyn FnMut(CopyResult) -> Result<(), Error> + 'a;

/// Ends several tags for one reason.
///
/// # Errors
/// What `ended` fails with.
pub(super) fn end_all(
    tags: impl IntoIterator<Item = SourceTag>,
    status: CopyStatus,
    (error, reason): (&Error, Reason),
    ended: &mut Ended<'_>,
) -> Result<(), Error> {
    tags.into_iter()
        .try_for_each(|tag| ended(CopyResult::failed(tag, status, error.summary(), reason)))
}
