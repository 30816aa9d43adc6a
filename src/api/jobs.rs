//! All jobs of a repository, newest first, page by page.
//!
//! The list has offsets and grows at its head, so rows move down while it is read and come twice;
//! their ids tell. Source: `reference/swr-api.md` section 2.5.

use std::collections::{HashSet, VecDeque};

use jiff::Timestamp;

use super::Service;
use super::headers::total;
use super::sync::{SyncJob, jobs_call};
use crate::error::Error;
use crate::names::{Namespace, Repository};

/// How many rows are asked for; no maximum is documented, and the other lists give as many.
const LIMIT: usize = 100;
/// So many pages in a row without news mean that the service ignores the offset.
const STALE: usize = 3;

/// The jobs of a repository, fetched as they are asked for.
#[derive(Debug)]
pub struct Jobs {
    service: Service,
    namespace: Namespace,
    repository: Repository,
    read: Reading,
}

impl Service {
    /// Lists the jobs of a repository, newest first, page by page as they are asked for.
    ///
    /// Needs `swr:repo:getSyncRepoJobInfo` (section 2.7).
    pub fn jobs(&self, namespace: &Namespace, repository: &Repository) -> Jobs {
        Jobs {
            service: self.clone(),
            namespace: namespace.clone(),
            repository: repository.clone(),
            read: Reading::default(),
        }
    }
}

impl Jobs {
    /// Leaves out what was created before, and stops asking once a page holds nothing else.
    #[must_use]
    pub fn since(mut self, since: Option<Timestamp>) -> Jobs {
        self.read.since = since;
        self
    }

    fn fetch(&mut self) -> Result<(), Error> {
        let offset = self.read.offset;
        let call = jobs_call(&self.namespace, &self.repository, LIMIT, offset);
        let answer = self.service.succeed(&call)?;
        let page: Vec<SyncJob> = answer
            .json::<Option<_>>("a list of jobs")?
            .unwrap_or_default();
        let total = answer.header("content-range").and_then(total);
        self.read.keep(page, total);
        Ok(())
    }
}

impl Iterator for Jobs {
    type Item = Result<SyncJob, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(job) = self.read.rows.pop_front() {
                return Some(Ok(job));
            }
            if self.read.done {
                return None;
            }
            if let Err(error) = self.fetch() {
                self.read.done = true;
                return Some(Err(error));
            }
        }
    }
}

/// How far a list was read.
#[derive(Debug, Default)]
struct Reading {
    since: Option<Timestamp>,
    offset: usize,
    stale: usize,
    seen: HashSet<i64>,
    rows: VecDeque<SyncJob>,
    done: bool,
}

impl Reading {
    fn keep(&mut self, page: Vec<SyncJob>, total: Option<usize>) {
        self.offset += page.len();
        let all_old = page.iter().all(|job| self.is_old(job));
        let mut fresh = false;
        for job in page {
            if self.seen.insert(job.id) {
                fresh = true;
                if !self.is_old(&job) {
                    self.rows.push_back(job);
                }
            }
        }
        self.stale = if fresh { 0 } else { self.stale + 1 };
        // An empty page is all old, too.
        self.done =
            all_old || self.stale == STALE || total.is_some_and(|total| self.offset >= total);
    }

    fn is_old(&self, job: &SyncJob) -> bool {
        match (self.since, job.created_at) {
            (Some(since), Some(created)) => created < since,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Reading, SyncJob};

    fn page(rows: &[(i64, &str)]) -> Vec<SyncJob> {
        let job = |(id, created): &(i64, &str)| {
            json!({"id": id, "tag": "t", "status": "success", "createdAt": created,
                "remoteRegionId": "cn-east-3", "remoteNamespace": "team"})
        };
        serde_json::from_value(rows.iter().map(job).collect()).unwrap()
    }

    fn state(read: &Reading) -> (Vec<i64>, bool) {
        (read.rows.iter().map(|job| job.id).collect(), read.done)
    }

    #[test]
    fn rows_that_moved_down_come_once() {
        let mut read = Reading::default();
        read.keep(page(&[(3, "?"), (2, "?")]), Some(4));
        assert!(!read.done);
        read.keep(page(&[(2, "?"), (1, "?")]), Some(4));
        assert_eq!(state(&read), (vec![3, 2, 1], true));
    }

    #[test]
    fn without_a_total_the_list_ends_at_an_empty_page() {
        let mut read = Reading::default();
        read.keep(page(&[(3, "?")]), None);
        assert_eq!((read.offset, read.done), (1, false));
        read.keep(page(&[]), None);
        assert_eq!(state(&read), (vec![3], true));
    }

    #[test]
    fn a_service_that_ignores_the_offset_is_given_up() {
        let mut read = Reading::default();
        for _ in 0..3 {
            read.keep(page(&[(1, "?")]), None);
            assert!(!read.done);
        }
        read.keep(page(&[(1, "?")]), None);
        assert_eq!(state(&read), (vec![1], true));
    }

    #[test]
    fn what_is_older_is_left_out_and_a_page_of_it_is_the_end() {
        let mut read = Reading {
            since: "2026-01-02T00:00:00Z".parse().ok(),
            ..Reading::default()
        };
        let head = [(3, "2026-01-02T00:00:00Z"), (2, "2026-01-01T23:59:59.9Z")];
        read.keep(page(&head), None);
        assert_eq!(state(&read), (vec![3], false));
        read.keep(page(&[(1, "2026-01-01T00:00:00Z")]), None);
        assert_eq!(state(&read), (vec![3], true));
    }
}
