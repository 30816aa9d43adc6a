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
use crate::api::sync::{SyncJob, Target};
use crate::error::Error;

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
    /// The time of the service where it says so, else this machine's; `None` before a look.
    pub now: Option<Timestamp>,
}

impl Jobs {
    /// Returns the newest job of each tag.
    pub fn latest(&self) -> HashMap<&str, &SyncJob> {
        newest_of(self.jobs.iter())
    }

    /// Returns the newest job of each tag to one target.
    pub fn latest_to(&self, target: &Target) -> HashMap<&str, &SyncJob> {
        newest_of(self.jobs.iter().filter(|job| job.goes_to(target)))
    }

    /// Returns how long a job that goes on has not moved, if it is so long that it will not.
    pub fn stuck_for(&self, job: &SyncJob) -> Option<Duration> {
        stuck_for(job, self.now?)
    }
}

/// Keeps the first job of each tag, which is the newest.
fn newest_of<'a>(jobs: impl Iterator<Item = &'a SyncJob>) -> HashMap<&'a str, &'a SyncJob> {
    let mut latest = HashMap::new();
    for job in jobs {
        latest.entry(job.tag.as_str()).or_insert(job);
    }
    latest
}

/// Returns how long a job that goes on has not moved at this time, if it is so long that it will
/// not.
pub fn stuck_for(job: &SyncJob, now: Timestamp) -> Option<Duration> {
    let moved = job.updated_at.or(job.created_at)?;
    let still = now.duration_since(moved);
    (!job.state().is_final() && still >= STUCK)
        .then(|| Duration::try_from(still).ok())
        .flatten()
}

/// Returns the jobs of a link with a number above `after`.
///
/// # Errors
/// Whatever the service fails with.
pub fn jobs_after(source: &Service, link: &Link, after: i64) -> Result<Jobs, Error> {
    jobs_to(source, &[link], after)
}

/// Returns the jobs of links of one repository with a number above `after`: one list for all of
/// them.
///
/// # Errors
/// Whatever the service fails with.
pub fn jobs_to(source: &Service, links: &[&Link], after: i64) -> Result<Jobs, Error> {
    let Some(first) = links.first() else {
        return Ok(Jobs::default());
    };
    let mut listed = source
        .jobs(&first.namespace, &first.repository)
        .after(after);
    let mut jobs = Vec::new();
    for job in listed.by_ref() {
        let job = job?;
        if links.iter().any(|link| job.goes_to(&link.target)) {
            jobs.push(job);
        }
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(job.id));
    Ok(Jobs {
        jobs,
        pause: listed.retry_after(),
        now: Some(listed.service_time().unwrap_or_else(Timestamp::now)),
    })
}

/// Returns the greatest number of any job of the repository so far: what comes later is above it.
///
/// # Errors
/// Whatever the service fails with.
pub fn newest_job(source: &Service, link: &Link) -> Result<i64, Error> {
    source.newest_job(&link.namespace, &link.repository)
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
