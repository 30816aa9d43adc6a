//! All jobs of a repository, page by page.
//!
//! The list grows at its head, so rows move down while it is read and come twice; their ids show
//! it. That the order asked for is obeyed is not assumed. Source: `reference/swr-api.md` section
//! 2.5.

use std::borrow::Cow;

use jiff::Timestamp;

use super::cursor::PAGE;
use super::paginate::{Listing, Page, Pages};
use super::repositories::path_of;
use super::sync::SyncJob;
use super::{Answer, Call, Service};
use crate::error::Error;
use crate::names::{Namespace, Repository};

/// The list of a repository's jobs.
#[derive(Debug)]
pub struct JobList {
    namespace: Namespace,
    repository: Repository,
    bound: Bound,
}

/// How far back the list is read.
#[derive(Debug, Clone, Copy)]
enum Bound {
    /// To its end.
    None,
    /// To the jobs up to this id.
    After(i64),
    /// To the jobs created before.
    Since(Timestamp),
    /// As far as it takes to see the newest job.
    Newest,
}

/// The jobs of a repository, fetched as they are asked for.
pub type Jobs = Pages<JobList>;

impl Service {
    /// Lists the jobs of a repository, page by page as they are asked for: newest first, where the
    /// service obeys the order that is asked for.
    ///
    /// Needs `swr:repo:getSyncRepoJobInfo` (section 2.7).
    pub fn jobs(&self, namespace: &Namespace, repository: &Repository) -> Jobs {
        let list = JobList {
            namespace: namespace.clone(),
            repository: repository.clone(),
            bound: Bound::None,
        };
        Pages::new(self.clone(), list)
    }

    /// Returns the greatest id of a repository's jobs; 0 when there are none.
    pub fn newest_job(&self, namespace: &Namespace, repository: &Repository) -> Result<i64, Error> {
        let mut jobs = self.jobs(namespace, repository);
        jobs.listing.bound = Bound::Newest;
        jobs.try_fold(0, |newest, job| Ok(job?.id.max(newest)))
    }
}

impl Jobs {
    /// Leaves out the jobs up to this id, and reads no more of the list than that takes.
    #[must_use]
    pub fn after(mut self, id: i64) -> Jobs {
        self.listing.bound = Bound::After(id);
        self
    }

    /// Leaves out what was created before, and reads no more of the list than that takes.
    #[must_use]
    pub fn since(mut self, since: Option<Timestamp>) -> Jobs {
        self.listing.bound = since.map_or(Bound::None, Bound::Since);
        self
    }
}

impl JobList {
    fn is_past(&self, job: &SyncJob) -> bool {
        match self.bound {
            Bound::None => false,
            Bound::After(id) => job.id <= id,
            Bound::Since(since) => job.created_at.is_some_and(|created| created < since),
            Bound::Newest => true,
        }
    }
}

impl Listing for JobList {
    type Row = SyncJob;
    const NOUN: &'static str = "jobs";

    fn at_offset(&self, offset: usize) -> Call {
        let filter = format!("limit::{PAGE}|offset::{offset}|order::desc");
        Call::read(format!(
            "{}/sync_job",
            path_of(&self.namespace, &self.repository)
        ))
        .query([("filter", Cow::Owned(filter))])
        .needs("swr:repo:getSyncRepoJobInfo")
    }

    fn page(&self, answer: &Answer) -> Result<Page<SyncJob>, Error> {
        answer.rows("a list of jobs").map(Page::of)
    }

    fn key(&self, job: &SyncJob) -> String {
        job.id.to_string()
    }

    fn is_wanted(&self, job: &SyncJob) -> bool {
        matches!(self.bound, Bound::Newest) || !self.is_past(job)
    }

    fn ends_after(&self, page: &[SyncJob]) -> bool {
        // A single row shows no order.
        let is_descending = page.len() > 1 && page.is_sorted_by(|one, next| one.id > next.id);
        is_descending && page.last().is_some_and(|job| self.is_past(job))
    }
}
