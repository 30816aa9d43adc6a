//! The end of copies: compared where that is asked for or needed, and why one did not end well.

use std::time::Duration;

use super::Copies;
use super::result::{CopyResult, CopyStatus, Ended};
use crate::api::sync::SyncJob;
use crate::error::{Error, Kind};
use crate::sync::compare::target_digests;
use crate::sync::digests::{Digests, Relation};
use crate::sync::select::SourceTag;
use crate::sync::{Failure, Reason, cause};
use crate::verdict::Verdict;

/// A copy that is final: its tag, its status, its job where there is one.
pub(super) type Final = (SourceTag, CopyStatus, Option<Job>);

/// What is told of a job.
#[derive(Debug)]
pub(super) struct Job {
    id: i64,
    took: Option<Duration>,
}

impl Job {
    pub(super) fn of(job: &SyncJob) -> Job {
        let took = match (job.created_at, job.updated_at) {
            (Some(begin), Some(end)) => Duration::try_from(end.duration_since(begin)).ok(),
            _ => None,
        };
        Job { id: job.id, took }
    }
}

impl Copies {
    /// Ends copies that are final: compares where that is asked for or needed, and says why those
    /// that did not end well did not.
    pub(super) fn end(&mut self, copies: Vec<Final>, ended: &mut Ended<'_>) -> Result<(), Error> {
        let verify = self.options.verify;
        let is_doubtful = |status: CopyStatus| verify || status.verdict(None) != Verdict::Good;
        let doubtful: Vec<SourceTag> = copies
            .iter()
            .filter(|(_, status, _)| is_doubtful(*status))
            .map(|(tag, ..)| tag.clone())
            .collect();
        let digests = match &self.target {
            Some(target) if !doubtful.is_empty() => {
                Some(target_digests(target, &self.link, Some(&doubtful)))
            }
            _ => None,
        };
        for (tag, status, job) in copies {
            let digests = digests.as_ref().filter(|_| is_doubtful(status));
            let result = self.compared(tag, status, digests);
            ended(CopyResult {
                job: job.as_ref().map(|job| job.id),
                took: job.and_then(|job| job.took),
                ..result
            })?;
        }
        Ok(())
    }

    fn compared(
        &mut self,
        tag: SourceTag,
        status: CopyStatus,
        digests: Option<&Result<Digests, Error>>,
    ) -> CopyResult {
        let comparison = match digests {
            Some(Ok(digests)) => Some(tag.compare(digests)),
            _ => None,
        };
        let relation = comparison.as_ref().map(|one| one.relation);
        let status = match (status, relation) {
            // It has arrived without a job that the service shows.
            (CopyStatus::Unseen, Some(Relation::Same)) => CopyStatus::Same,
            _ => status,
        };
        let not_compared = digests.and_then(|digests| digests.as_ref().err());
        CopyResult {
            comparison,
            failure: self.failure(status, relation, not_compared),
            ..CopyResult::new(tag, status)
        }
    }

    /// Returns why a copy did not end well; `None` when it did.
    fn failure(
        &mut self,
        status: CopyStatus,
        relation: Option<Relation>,
        not_compared: Option<&Error>,
    ) -> Option<Failure> {
        match status.verdict(relation) {
            Verdict::Good => {
                let error = not_compared.filter(|_| self.options.verify)?.summary();
                let error = error.about("copied, but not compared");
                Some(error.into())
            }
            Verdict::Different => Some(different(status, relation, not_compared)),
            Verdict::Bad | Verdict::Skipped => {
                let what = match status {
                    CopyStatus::Unseen => {
                        let what = "the service took the request and shows no job of it";
                        let error = Error::new(Kind::Incomplete, what).retryable(true);
                        return Some(Failure::new(error, Reason::CopyUnseen));
                    }
                    CopyStatus::Timeout => "the service gave the copy up for its time",
                    CopyStatus::Cancel => "the copy was cancelled",
                    _ => "the copy failed",
                };
                Some(cause::failure(what, &self.cause_of(relation)))
            }
        }
    }

    fn cause_of(&mut self, relation: Option<Relation>) -> (String, Reason) {
        if relation == Some(Relation::Different) && !self.options.override_ {
            let why = "the target has another image of the same tag".to_owned();
            return (why, Reason::Differs);
        }
        self.cause
            .get_or_insert_with(|| cause::look_up(&self.source, self.target.as_ref(), &self.link))
            .clone()
    }
}

/// Returns the failure of a copy after which the target does not have the source's image, or
/// nobody knows.
fn different(
    status: CopyStatus,
    relation: Option<Relation>,
    not_compared: Option<&Error>,
) -> Failure {
    let (what, reason) = match (status, relation) {
        (_, Some(Relation::Missing)) => ("the target does not have the tag", Reason::NotInTarget),
        (CopyStatus::Existed, Some(_)) => (
            "the target has another image of the same tag",
            Reason::Differs,
        ),
        (_, Some(_)) => ("the digests differ, or one is not known", Reason::Differs),
        (_, None) => ("the tag existed and was not compared", Reason::Differs),
    };
    let what = match not_compared {
        Some(error) => format!("{what}: {}", error.message()),
        None => what.to_owned(),
    };
    Failure::new(Error::new(Kind::Unmet, what), reason)
}
