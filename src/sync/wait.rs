//! Waiting: until tags are in the target, or until the jobs of a link are final. What cannot come
//! any more ends the wait early, with the reason.

use std::collections::HashMap;

use serde::Serialize;

use super::copy::{CopyStatus, Verdict};
use super::digests::{Comparison, Digest, Digests, Relation, target_digests};
use super::jobs::{Jobs, is_current, jobs_after};
use super::poll::{Poll, WaitLimit};
use super::preflight::{Offer, check_region};
use super::select::{NamedTag, SourceTag, named, named_with_digests};
use super::{Event, Failure, Host, Link, Reason, cause, task};
use crate::api::Service;
use crate::api::sync::{JobStatus, SyncJob};
use crate::duration;
use crate::error::{Error, Kind};
use crate::names::Tag;

/// So many looks without a job say that nothing may come by itself.
const LONELY: u32 = 5;
/// So many looks are cheap before one reads the whole list, for a service that does not order by
/// time.
const WHOLE: u32 = 10;

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

/// Hears of each result as soon as it is known.
pub type Ended<'a> = dyn FnMut(WaitResult) -> Result<(), Error> + 'a;

/// Waits until each tag is in the target with the digest that was named, else with the source's.
///
/// # Errors
/// What fails before the wait, and what `ended` fails with.
pub fn tags_arrived(
    host: &dyn Host,
    source: &Service,
    link: &Link,
    tags: &[NamedTag],
    limit: WaitLimit,
    ended: &mut Ended<'_>,
) -> Result<(), Failure> {
    let target = host.service_in(&link.target.region)?;
    let open = named_with_digests(source, link, tags)?;
    let all = open.len();
    let mut arrival = Arrival {
        host,
        source,
        target: &target,
        link,
        open,
        target_digests: Digests::new(),
        jobs: HashMap::new(),
        mark: i64::MIN,
        looks: 0,
    };
    let mut poll = Poll::new(host, limit);
    let mut region_checked = false;
    loop {
        let looked = poll.look(|| arrival.look());
        if matches!(&looked, Ok(None)) && !region_checked {
            region_checked = true;
            if check_region(host, source, &link.target.region) == Offer::NotOffered {
                return Ok(arrival.end_without_region(ended)?);
            }
        }
        let pause = match looked {
            Ok(Some(pause)) => {
                arrival.end_what_is_decided(ended)?;
                if arrival.open.is_empty() {
                    return Ok(());
                }
                if arrival.looks == 1 {
                    arrival.end_without_namespace(ended)?;
                }
                if arrival.looks == LONELY {
                    arrival.warn_if_nothing_comes();
                }
                pause
            }
            Ok(None) => None,
            Err(error) => return Ok(arrival.give_up(&error, ended)?),
        };
        if arrival.open.is_empty() {
            return Ok(());
        }
        let done = all - arrival.open.len();
        let waiting_for = arrival.open.first().map_or("", |one| one.tag.as_str());
        let said = format!("{done} of {all} tags arrived, waiting for '{waiting_for}'");
        host.event(&Event::Progress {
            link,
            done,
            all,
            text: &said,
        });
        if let Err(error) = poll.pause(pause, &said) {
            return Ok(arrival.give_up(&error, ended)?);
        }
    }
}

/// The wait for tags of one link.
struct Arrival<'a> {
    host: &'a dyn Host,
    source: &'a Service,
    target: &'a Service,
    link: &'a Link,
    /// The tags that are waited for, with the digest from the beginning.
    open: Vec<SourceTag>,
    target_digests: Digests,
    /// The newest job of each tag.
    jobs: HashMap<String, Latest>,
    /// Jobs up to this number are known, or do not matter.
    mark: i64,
    looks: u32,
}

/// The newest job of a tag.
struct Latest {
    job: SyncJob,
    is_stuck: bool,
}

impl Arrival<'_> {
    /// Looks at source, target and jobs, one request each where that is enough, and returns how long
    /// the service asks to wait.
    fn look(&mut self) -> Result<Option<std::time::Duration>, Error> {
        let namespace = &self.link.target.namespace;
        // One request a look, and now and then a whole list.
        let cheap = self.open.len() > 1 && !self.looks.is_multiple_of(WHOLE);
        let newest = if cheap {
            self.target.newest_tags(namespace, &self.link.repository)?
        } else {
            None
        };
        match newest {
            Some(tags) => {
                let digest = |text: Option<String>| text.as_deref().and_then(Digest::listed);
                let tags = tags.into_iter().map(|tag| (tag.tag, digest(tag.digest)));
                self.target_digests.extend(tags);
            }
            None => {
                self.target_digests = target_digests(self.target, self.link, Some(&self.open))?;
            }
        }
        let arrived =
            |one: &SourceTag| one.compare(&self.target_digests).relation == Relation::Same;
        let pause = if self.open.iter().all(arrived) {
            None
        } else {
            let jobs = jobs_after(self.source, self.link, self.mark)?;
            self.note(&jobs);
            jobs.pause
        };
        self.looks += 1;
        Ok(pause)
    }

    fn note(&mut self, jobs: &Jobs) {
        let mut newest = self.mark;
        for job in jobs.latest().into_values() {
            newest = newest.max(job.id);
            let latest = Latest {
                job: job.clone(),
                is_stuck: jobs.stuck_for(job).is_some(),
            };
            if latest.is_stuck
                && !self.jobs.contains_key(&job.tag)
                && let Some(age) = jobs.stuck_for(job)
            {
                self.host.event(&Event::Stuck { job, age });
            }
            self.jobs.insert(job.tag.clone(), latest);
        }
        // What goes on has to be seen again.
        let going_on = self
            .open
            .iter()
            .filter_map(|one| self.jobs.get(one.tag.as_str()))
            .filter(|latest| !latest.job.state().is_final())
            .map(|latest| latest.job.id.saturating_sub(1));
        self.mark = going_on.min().unwrap_or(newest).min(newest);
    }

    /// Returns the newest job that copies the image that a tag has now.
    fn job_of(&self, tag: &SourceTag) -> Option<&SyncJob> {
        let latest = self.jobs.get(tag.tag.as_str())?;
        (!latest.is_stuck && is_current(&latest.job, tag)).then_some(&latest.job)
    }

    /// Ends the tags that have arrived or cannot arrive any more.
    fn end_what_is_decided(&mut self, ended: &mut Ended<'_>) -> Result<(), Error> {
        for one in std::mem::take(&mut self.open) {
            let comparison = one.compare(&self.target_digests);
            if comparison.relation == Relation::Same {
                ended(WaitResult::of(comparison, WaitStatus::Arrived, None))?;
                continue;
            }
            let job = self.job_of(&one).cloned();
            if let Some(job) = job.filter(|job| job.state().is_final())
                && let Some(status) = CopyStatus::of_job(job.state())
                && status != CopyStatus::Success
            {
                let failure = self.failure_of(status, comparison.relation);
                let status = WaitStatus::of_job(job.state());
                let mut result = WaitResult::of(comparison, status, Some(failure));
                result.job = Some(job.id);
                ended(result)?;
                continue;
            }
            self.open.push(one);
        }
        self.end_what_was_pushed_again(ended)
    }

    fn failure_of(&self, status: CopyStatus, relation: Relation) -> Failure {
        match status.verdict(Some(relation)) {
            Verdict::Different | Verdict::Good => Failure::new(
                Error::new(Kind::Unmet, "the target has another image of the same tag"),
                Reason::Differs,
            ),
            Verdict::Bad => {
                let cause = cause::look_up(self.source, Some(self.target), self.link);
                cause::failure("the copy failed", &cause)
            }
        }
    }

    /// Reads the source again: what was pushed meanwhile counts, where it is in the target already;
    /// else the wait for the image from the beginning is in vain.
    fn end_what_was_pushed_again(&mut self, ended: &mut Ended<'_>) -> Result<(), Error> {
        if self.open.is_empty() {
            return Ok(());
        }
        // The first look is at the tags as they were read just before.
        let now = match self.looks {
            0 | 1 => HashMap::new(),
            _ => self.source_now().unwrap_or_default(),
        };
        for before in std::mem::take(&mut self.open) {
            // What is not listed among the newest was not pushed again.
            let now = now.get(before.tag.as_str()).unwrap_or(&before.digest);
            let wanted = if before.pinned { &before.digest } else { now };
            let comparison =
                Comparison::new(before.tag.as_str(), wanted.as_ref(), &self.target_digests);
            let status = match comparison.relation {
                Relation::Same => WaitStatus::Arrived,
                Relation::Missing => WaitStatus::Missing,
                Relation::Different | Relation::Extra => WaitStatus::Different,
            };
            let why = match (&before.digest, now) {
                _ if status == WaitStatus::Arrived => None,
                (_, None) => {
                    Some("the service gives no digest of the tag in the source".to_owned())
                }
                (Some(old), Some(new)) if old != new => {
                    Some(format!("pushed again: {old} → {new}"))
                }
                _ => {
                    self.open.push(before);
                    continue;
                }
            };
            let failure =
                why.map(|why| Failure::new(Error::new(Kind::Unmet, why), Reason::PushedAgain));
            ended(WaitResult::of(comparison, status, failure))?;
        }
        Ok(())
    }

    /// Reads the digests that the source has now, of one tag or of those that were pushed last.
    fn source_now(&self) -> Result<HashMap<String, Option<Digest>>, Failure> {
        let Link {
            namespace,
            repository,
            ..
        } = self.link;
        let newest = match self.open.as_slice() {
            [_] => None,
            _ => self.source.newest_tags(namespace, repository)?,
        };
        if let Some(tags) = newest {
            let digest = |text: Option<String>| text.as_deref().and_then(Digest::listed);
            return Ok(tags
                .into_iter()
                .map(|tag| (tag.tag, digest(tag.digest)))
                .collect());
        }
        let names: Vec<Tag> = self.open.iter().map(|one| one.tag.clone()).collect();
        let tags = named(self.source, self.link, &names)?;
        Ok(tags
            .into_iter()
            .map(|one| (one.tag.to_string(), one.digest))
            .collect())
    }

    /// Ends tags without a job whose target namespace does not exist.
    fn end_without_namespace(&mut self, ended: &mut Ended<'_>) -> Result<(), Error> {
        let has_job = |one: &SourceTag| self.job_of(one).is_some();
        if self.open.iter().all(has_job) {
            return Ok(());
        }
        let namespace = &self.link.target.namespace;
        if !matches!(self.target.namespace(namespace), Ok(None)) {
            return Ok(());
        }
        let region = &self.link.target.region;
        let (with, without): (Vec<_>, Vec<_>) = self.open.iter().cloned().partition(has_job);
        self.open = with;
        for one in without {
            let error = Error::new(
                Kind::Unmet,
                format!("there is no namespace '{namespace}' in {region}"),
            );
            let failure = Failure::new(error, Reason::WaitNamespaceMissing);
            let comparison = one.compare(&self.target_digests);
            ended(WaitResult::of(
                comparison,
                WaitStatus::Missing,
                Some(failure),
            ))?;
        }
        Ok(())
    }

    fn end_without_region(&mut self, ended: &mut Ended<'_>) -> Result<(), Error> {
        let region = &self.link.target.region;
        for one in std::mem::take(&mut self.open) {
            let error = Error::new(
                Kind::Unmet,
                format!("the region '{region}' is not offered as a target, and does not answer"),
            );
            let failure = Failure::new(error, Reason::RegionNotOffered);
            let comparison = one.compare(&self.target_digests);
            ended(WaitResult::of(
                comparison,
                WaitStatus::Missing,
                Some(failure),
            ))?;
        }
        Ok(())
    }

    fn warn_if_nothing_comes(&self) {
        let lonely: Vec<&str> = self
            .open
            .iter()
            .filter(|one| self.job_of(one).is_none())
            .map(|one| one.tag.as_str())
            .collect();
        if lonely.is_empty() {
            return;
        }
        if let Ok(task::Existing::NotListed) = task::read(self.source, self.link) {
            self.host.event(&Event::NothingUnderWay {
                link: self.link,
                tags: &lonely,
            });
        }
    }

    /// Ends all that is open with what is known of it.
    fn give_up(&mut self, error: &Error, ended: &mut Ended<'_>) -> Result<(), Error> {
        for one in std::mem::take(&mut self.open) {
            let comparison = one.compare(&self.target_digests);
            let going_on = self.job_of(&one).is_some_and(|job| !job.state().is_final());
            let (status, reason) = match (going_on, comparison.relation) {
                (true, _) => (WaitStatus::Unfinished, Reason::StillUnderWay),
                (false, Relation::Missing) => (WaitStatus::Missing, Reason::NothingUnderWay),
                (false, _) => (WaitStatus::Different, Reason::NothingUnderWay),
            };
            let failure = Failure::new(error.summary(), reason);
            ended(WaitResult::of(comparison, status, Some(failure)))?;
        }
        Ok(())
    }
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

/// What there was to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// Jobs that went on.
    Jobs,
    /// Nothing: every job was final already.
    AllFinal,
    /// Nothing: there is no job to that target at all.
    NoJob,
}

/// Waits until every job of a link is final, those that went on at the beginning.
///
/// # Errors
/// What fails before the wait, and what `ended` fails with.
pub fn jobs_final(
    host: &dyn Host,
    source: &Service,
    link: &Link,
    limit: WaitLimit,
    ended: &mut Ended<'_>,
) -> Result<Waited, Failure> {
    let mut jobs = jobs_after(source, link, i64::MIN)?;
    if jobs.jobs.is_empty() {
        return Ok(Waited::NoJob);
    }
    let mut open = Vec::new();
    let mut told_stuck = false;
    for job in &jobs.jobs {
        if job.state().is_final() {
            continue;
        }
        match jobs.stuck_for(job) {
            None => open.push(job.clone()),
            Some(age) => {
                let what = format!(
                    "the job says '{}' and has not moved for {}",
                    job.status,
                    duration::text(age)
                );
                let failure = Failure::new(Error::new(Kind::Incomplete, what), Reason::CopyUnseen);
                ended(WaitResult::of_job(job, Some(failure)))?;
                told_stuck = true;
            }
        }
    }
    if open.is_empty() {
        // What has not moved for a day is not final; its end was told.
        return Ok(if told_stuck {
            Waited::Jobs
        } else {
            Waited::AllFinal
        });
    }
    let all = open.len();
    let mut poll = Poll::new(host, limit);
    let mut pause = jobs.pause;
    while let Some(oldest) = open.iter().map(|job| job.id).min() {
        let done = all - open.len();
        let waiting_for = open.last().map_or(String::new(), |job| {
            format!("'{}' is {}", job.tag, job.status)
        });
        let said = format!("{done} of {all} jobs final, {waiting_for}");
        host.event(&Event::Progress {
            link,
            done,
            all,
            text: &said,
        });
        let looked = poll
            .pause(pause, &said)
            .and_then(|()| poll.look(|| jobs_after(source, link, oldest.saturating_sub(1))));
        match looked {
            Ok(Some(found)) => jobs = found,
            Ok(None) => {
                pause = None;
                continue;
            }
            Err(error) => {
                for job in &open {
                    let failure = Failure::new(error.summary(), Reason::StillUnderWay);
                    ended(WaitResult::of_job(job, Some(failure)))?;
                }
                return Ok(Waited::Jobs);
            }
        }
        pause = jobs.pause;
        // Oldest first, as they began.
        for job in jobs.jobs.iter().rev() {
            let Some(at) = open.iter().position(|other| other.id == job.id) else {
                continue;
            };
            if !job.state().is_final() {
                open[at] = job.clone();
                continue;
            }
            open.remove(at);
            let failure = job.state().is_bad().then(|| {
                let target = host.service_in(&link.target.region).ok();
                let cause = cause::look_up(source, target.as_ref(), link);
                cause::failure("the copy failed", &cause)
            });
            ended(WaitResult::of_job(job, failure))?;
        }
    }
    Ok(Waited::Jobs)
}
