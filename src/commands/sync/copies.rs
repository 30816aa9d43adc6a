//! Copies: asked for in batches, never twice, and followed to their end.
//!
//! The service gives no id of a request, so jobs are matched by tag, target, and a number above
//! the greatest that was there before (`reference/swr-api.md` 2.5).

use std::collections::HashMap;
use std::time::Duration;

use super::pace::{Limit, Pace, look};
use super::route::Route;
use crate::api::Service;
use crate::api::sync::{JobStatus, SyncJob};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::names::Tag;

/// So many tags go into one request: what a public script in use sends (section 2.4).
const BATCH: usize = 100;
/// How often jobs are looked for after an answer was lost: some services show them late.
const LOOKS: u32 = 3;
/// How often a request whose answer was lost is settled and sent again.
const TRIES: u32 = 3;

/// So many looks without a job of a tag say that the service took the request and forgot it; at the
/// usual pace that is four minutes.
const UNSEEN: u32 = 20;

/// How the copy of one tag ended, or why it was not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// The service took the request.
    Accepted,
    /// The tag stands in the target with the same digest; nothing was to do.
    Same,
    /// The job is final.
    Final(Job),
    /// The service named the tag as failed when it was asked.
    Refused,
    /// The service took the request, and shows no job of it.
    Unseen,
}

/// What is told of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) id: i64,
    pub(super) status: JobStatus,
    pub(super) took: Option<Duration>,
}

impl Job {
    fn of(job: &SyncJob) -> Job {
        let took = match (job.created_at, job.updated_at) {
            (Some(begin), Some(end)) => Duration::try_from(end.duration_since(begin)).ok(),
            _ => None,
        };
        Job {
            id: job.id,
            status: job.state(),
            took,
        }
    }
}

/// Asks for copies of all tags; returns those that the service named as failed.
///
/// An answer that was lost is settled by reading the jobs: what has one above `mark` is not asked
/// for again.
pub(super) fn ask(
    context: &Context,
    source: &Service,
    route: &Route,
    tags: &[Tag],
    override_: bool,
    mark: i64,
) -> Result<Vec<Tag>, Error> {
    let mut refused = Vec::new();
    for batch in tags.chunks(BATCH) {
        let mut left = batch.to_vec();
        let mut tries = 0;
        while !left.is_empty() {
            context.interrupt().check()?;
            let asked = source.run_sync(
                &route.namespace,
                &route.repository,
                &left,
                &route.target,
                override_,
            );
            let Err(error) = asked else { break };
            tries += 1;
            let named = &error.details().failed_tags;
            if !named.is_empty() {
                let (failed, others) = left
                    .into_iter()
                    .partition(|tag| named.iter().any(|name| name == tag.as_str()));
                refused.extend::<Vec<Tag>>(failed);
                left = others;
            } else if !may_have_been_done(&error) || tries > TRIES {
                return Err(error);
            }
            left = without_jobs(context, source, route, left, mark)?;
        }
    }
    Ok(refused)
}

/// Returns `true` if the service may have done what it did not answer.
fn may_have_been_done(error: &Error) -> bool {
    match error.kind() {
        Kind::Network | Kind::Timeout => error.details().unsure,
        Kind::Http => error.details().http_status.is_some_and(|status| {
            // A 2xx that cannot be read was taken, too.
            !(300..500).contains(&status)
        }),
        _ => false,
    }
}

/// Returns the tags that have no job above `mark`.
fn without_jobs(
    context: &Context,
    source: &Service,
    route: &Route,
    mut left: Vec<Tag>,
    mark: i64,
) -> Result<Vec<Tag>, Error> {
    for look in 1..=LOOKS {
        let (jobs, pause) = route.jobs_after(source, mark)?;
        left.retain(|tag| !jobs.iter().any(|job| job.tag == tag.as_str()));
        if left.is_empty() || look == LOOKS {
            break;
        }
        context
            .interrupt()
            .pause(pause.unwrap_or(Duration::from_secs(1)))?;
    }
    Ok(left)
}

/// A tag whose copy is followed: its job has a number above `mark`.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    pub(super) tag: Tag,
    pub(super) mark: i64,
}

/// Follows the jobs of these tags until each one's latest is final, or none was shown for long.
///
/// # Errors
/// Kind `timeout` when the limit comes first.
pub(super) fn follow(
    context: &Context,
    source: &Service,
    route: &Route,
    followed: &[Followed],
    limit: Limit,
) -> Result<HashMap<Tag, End>, Error> {
    let mark = followed
        .iter()
        .map(|one| one.mark)
        .min()
        .unwrap_or(i64::MAX);
    let mut ends: HashMap<Tag, End> = HashMap::new();
    let mut pace = Pace::new(limit);
    let (mut troubles, mut looks) = (0, 0);
    let progress = context.output().progress(followed.len() as u64);
    loop {
        let found = look(context, &mut troubles, || route.jobs_after(source, mark))?;
        looks += u32::from(found.is_some());
        let (jobs, pause) = found.unwrap_or_default();
        // Newest first: the first one of a tag counts.
        let mut latest: HashMap<&str, &SyncJob> = HashMap::with_capacity(jobs.len());
        for job in &jobs {
            latest.entry(&job.tag).or_insert(job);
        }
        let mut slowest: Option<&SyncJob> = None;
        for one in followed
            .iter()
            .filter(|one| !ends.contains_key(&one.tag))
            .collect::<Vec<_>>()
        {
            let job = latest
                .get(one.tag.as_str())
                .copied()
                .filter(|job| job.id > one.mark);
            match job {
                Some(job) if job.state().is_final() => {
                    ends.insert(one.tag.clone(), End::Final(Job::of(job)));
                }
                Some(job) if slowest.is_none_or(|other| job.created_at < other.created_at) => {
                    slowest = Some(job);
                }
                None if looks >= UNSEEN => {
                    ends.insert(one.tag.clone(), End::Unseen);
                }
                _ => {}
            }
        }
        let waiting_for = match slowest {
            Some(job) => format!("'{}' is {}", job.tag, job.status),
            None => "no job is shown yet".to_owned(),
        };
        let said = format!(
            "{} of {} copies done, {waiting_for}",
            ends.len(),
            followed.len()
        );
        progress.at(ends.len() as u64, &said);
        if ends.len() >= followed.len() {
            return Ok(ends);
        }
        pace.pause(context, pause, &said)?;
    }
}
