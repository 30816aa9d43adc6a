//! The jobs of a link: copies that the service makes, or has made.
//!
//! The service gives no id of a request, so jobs are matched by tag, target, and a number above the
//! greatest that was there before (`reference/swr-api.md` 2.5).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Link;
use super::select::SourceTag;
use crate::api::Service;
use crate::api::sync::SyncJob;
use crate::error::Error;

/// So many jobs are asked for at once.
const PAGE: usize = 100;
/// A job that goes on and has not moved for so long is no copy under way.
const STUCK: SignedDuration = SignedDuration::from_hours(24);
/// The times of a push and of its job are kept by different parts of the service.
const SLACK: SignedDuration = SignedDuration::from_secs(2);

/// The jobs of a link.
#[derive(Debug, Default)]
pub struct Jobs {
    /// The jobs, newest first.
    pub jobs: Vec<SyncJob>,
    /// How long the service asks to wait before the next look.
    pub pause: Option<Duration>,
    /// The time of the service, where it says so.
    pub now: Option<Timestamp>,
}

impl Jobs {
    /// Returns the newest job of each tag.
    pub fn latest(&self) -> HashMap<&str, &SyncJob> {
        let mut latest = HashMap::with_capacity(self.jobs.len());
        for job in &self.jobs {
            latest.entry(job.tag.as_str()).or_insert(job);
        }
        latest
    }

    /// Returns how long a job that goes on has not moved, if it is so long that it will not.
    pub fn stuck_for(&self, job: &SyncJob) -> Option<Duration> {
        let moved = job.updated_at.or(job.created_at)?;
        let still = self.now?.duration_since(moved);
        (!job.state().is_final() && still >= STUCK)
            .then(|| Duration::try_from(still).ok())
            .flatten()
    }
}

/// Returns the jobs of a link with a number above `after`.
///
/// # Errors
/// Whatever the service fails with.
pub fn jobs_after(source: &Service, link: &Link, after: i64) -> Result<Jobs, Error> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut offset = 0;
    loop {
        let (page, pause) = source.sync_jobs(&link.namespace, &link.repository, PAGE, offset)?;
        // That 'newest first' is obeyed is documented for a filter that asks for it; a service
        // that does not is read to its end.
        let descending = page.windows(2).all(|pair| pair[0].id > pair[1].id);
        let reached = descending && page.iter().any(|job| job.id <= after);
        let count = page.len();
        let mut fresh = false;
        for job in page {
            if seen.insert(job.id) {
                fresh = true;
                if job.id > after && job.goes_to(&link.target) {
                    found.push(job);
                }
            }
        }
        if reached || count < PAGE || !fresh {
            found.sort_by_key(|job| std::cmp::Reverse(job.id));
            return Ok(Jobs {
                jobs: found,
                pause,
                now: None,
            });
        }
        // New jobs shift the pages by as many rows; one row of overlap shows that none is lost.
        offset += count - 1;
    }
}

/// Returns the greatest number of any job of the repository so far: what comes later is above it.
///
/// # Errors
/// Whatever the service fails with.
pub fn newest_job(source: &Service, link: &Link) -> Result<i64, Error> {
    let (page, _) = source.sync_jobs(&link.namespace, &link.repository, PAGE, 0)?;
    Ok(page.iter().map(|job| job.id).max().unwrap_or(0))
}

/// Returns the tags whose latest job ended badly.
///
/// # Errors
/// Whatever the service fails with.
pub fn failed_tags(source: &Service, link: &Link) -> Result<HashSet<String>, Error> {
    let jobs = jobs_after(source, link, i64::MIN)?;
    Ok(jobs
        .latest()
        .into_values()
        .filter(|job| job.state().is_bad())
        .map(|job| job.tag.clone())
        .collect())
}

/// Returns `true` if a job copies the image that a tag has now, and not one from before its last
/// push.
pub fn is_current(job: &SyncJob, tag: &SourceTag) -> bool {
    match (job.created_at, tag.updated) {
        (Some(created), Some(updated)) => created.duration_since(updated) >= -SLACK,
        _ => true,
    }
}
