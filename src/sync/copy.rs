//! Copies by hand: asked for in batches, never twice, followed to their end, compared.
//!
//! `sync run` and the backfills share it. Every tag has its own result, which is handed over when
//! it is known, also when the work is cut short.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde::Serialize;

use super::digests::{Comparison, Digests, Relation, target_digests};
use super::jobs::{Jobs, is_current, jobs_after, newest_job};
use super::poll::{Poll, WaitLimit};
use super::select::{Selected, SourceTag};
use super::{Event, Failure, Host, Link, Reason, cause};
use crate::api::Service;
use crate::api::sync::{JobStatus, SyncJob};
use crate::error::{Error, Kind};
use crate::names::Tag;

/// So many tags go into one request: what a public script in use sends (section 2.4).
pub const BATCH: usize = 100;
/// How often jobs are looked for after an answer was lost: some services show them late.
const LOOKS: u32 = 3;
/// How often a request whose answer was lost is settled and sent again.
const TRIES: u32 = 3;
/// So many looks without a job of a tag say that the service took the request and forgot it; at the
/// usual pace that is four minutes.
const UNSEEN: u32 = 20;

/// How copies are made.
#[derive(Debug, Clone, Copy)]
pub struct CopyOptions {
    /// Whether a different image of the same tag is replaced.
    pub override_: bool,
    /// Whether what the target has already, or is under way, is left out.
    pub only_missing: bool,
    /// How long the copies are followed, if at all.
    pub wait: Option<WaitLimit>,
    /// Whether the digests are compared at the end.
    pub verify: bool,
}

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

/// Whether an end is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Good,
    /// Nothing failed, but the target does not have the source's image, or nobody knows.
    Different,
    /// The copy did not end well.
    Bad,
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
            CopyStatus::Failed
            | CopyStatus::Timeout
            | CopyStatus::Cancel
            | CopyStatus::Unseen
            | CopyStatus::Skipped => Verdict::Bad,
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
    fn new(source: SourceTag, status: CopyStatus) -> CopyResult {
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

    fn failed(source: SourceTag, status: CopyStatus, error: Error, reason: Reason) -> CopyResult {
        let mut result = CopyResult::new(source, status);
        result.failure = Some(Failure::new(error, reason));
        result
    }

    fn unsendable(name: String) -> CopyResult {
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

/// Copies tags. Each one's result is handed to `ended`, also when an error cuts the work short.
///
/// # Errors
/// What fails before anything was asked for, and what `ended` fails with.
pub fn copy(
    host: &dyn Host,
    source: &Service,
    link: &Link,
    selected: Selected,
    options: CopyOptions,
    ended: &mut Ended<'_>,
) -> Result<(), Failure> {
    let target = target_of(host, link, options)?;
    let mut copies = Copies {
        host,
        source,
        target,
        link,
        options,
        cause: None,
    };
    let mut open = selected.tags;
    let mut followed = Vec::new();
    if options.only_missing {
        let under_way = copies.under_way(&open)?;
        let digests = match &copies.target {
            Some(target) => target_digests(target, link, None)?,
            None => Digests::default(),
        };
        let mut missing = Vec::new();
        for tag in open {
            let comparison = tag.compare(&digests);
            if comparison.relation == Relation::Same {
                let mut result = CopyResult::new(tag, CopyStatus::Same);
                result.comparison = Some(comparison);
                ended(result)?;
            } else if let Some(mark) = under_way.get(tag.tag.as_str()) {
                followed.push(Followed { tag, mark: *mark });
            } else {
                missing.push(tag);
            }
        }
        open = missing;
    }
    for name in selected.unsendable {
        ended(CopyResult::unsendable(name))?;
    }
    if open.is_empty() && followed.is_empty() {
        return Ok(());
    }
    let mark = newest_job(source, link)?;
    let asked = copies.ask(open, mark, ended)?;
    followed.extend(asked.into_iter().map(|tag| Followed { tag, mark }));
    if followed.is_empty() {
        return Ok(());
    }
    match options.wait {
        Some(limit) => copies.follow(followed, limit, ended)?,
        None => {
            for one in followed {
                ended(CopyResult::new(one.tag, CopyStatus::Accepted))?;
            }
        }
    }
    Ok(())
}

/// Returns the target's service where it is needed; where it only helps, that no credential is set
/// for it is an event.
fn target_of(
    host: &dyn Host,
    link: &Link,
    options: CopyOptions,
) -> Result<Option<Service>, Failure> {
    if !options.verify && !options.only_missing && options.wait.is_none() {
        return Ok(None);
    }
    match host.service_in(&link.target.region) {
        Ok(service) => Ok(Some(service)),
        Err(error) if options.verify || super::preflight::is_broken(&error) => Err(error.into()),
        Err(error) => {
            host.event(&Event::TargetNotSeen(&error));
            Ok(None)
        }
    }
}

/// A tag whose copy is followed: its job has a number above `mark`.
#[derive(Debug)]
struct Followed {
    tag: SourceTag,
    mark: i64,
}

/// The copies of one link.
struct Copies<'a> {
    host: &'a dyn Host,
    source: &'a Service,
    target: Option<Service>,
    link: &'a Link,
    options: CopyOptions,
    /// Why copies of this link fail, once it was looked up.
    cause: Option<(String, Reason)>,
}

impl Copies<'_> {
    /// Returns the tags whose copy is under way, because a run before this one asked for it, with
    /// the number below their jobs'.
    fn under_way(&self, tags: &[SourceTag]) -> Result<HashMap<String, i64>, Error> {
        let jobs = jobs_after(self.source, self.link, 0)?;
        let latest = jobs.latest();
        let mut found = HashMap::new();
        for one in tags {
            let Some(job) = latest.get(one.tag.as_str()) else {
                continue;
            };
            if job.state().is_final() || !is_current(job, one) {
                continue;
            }
            if let Some(age) = jobs.stuck_for(job) {
                self.host.event(&Event::Stuck { job, age });
            } else {
                found.insert(one.tag.to_string(), job.id.saturating_sub(1));
            }
        }
        Ok(found)
    }

    /// Asks for copies, and returns the tags that the service took. The others are ended. A batch
    /// that is refused does not stop the others; a signal or a dead credential does.
    fn ask(
        &self,
        tags: Vec<SourceTag>,
        mark: i64,
        ended: &mut Ended<'_>,
    ) -> Result<Vec<SourceTag>, Error> {
        let mut taken = Vec::with_capacity(tags.len());
        let mut rest = tags.into_iter().peekable();
        while rest.peek().is_some() {
            let batch: Vec<SourceTag> = rest.by_ref().take(BATCH).collect();
            let Err(error) = self.ask_for(batch, mark, &mut taken, ended)? else {
                continue;
            };
            for tag in rest.by_ref() {
                let error = error.summary();
                ended(CopyResult::failed(
                    tag,
                    CopyStatus::Skipped,
                    error,
                    Reason::NotAsked,
                ))?;
            }
        }
        Ok(taken)
    }

    /// Asks for one batch. The inner error stops the batches behind it.
    ///
    /// An answer that was lost is settled by reading the jobs: what has one above `mark` is not
    /// asked for again. A tag that is named as failed has failed; so has the whole batch when only
    /// other names are named, for asking again would not end.
    fn ask_for(
        &self,
        batch: Vec<SourceTag>,
        mark: i64,
        taken: &mut Vec<SourceTag>,
        ended: &mut Ended<'_>,
    ) -> Result<Result<(), Error>, Error> {
        let mut left = batch;
        for attempt in 1.. {
            if let Err(error) = self.host.interrupt().check() {
                for tag in left {
                    let error = error.summary();
                    ended(CopyResult::failed(
                        tag,
                        CopyStatus::Skipped,
                        error,
                        Reason::NotAsked,
                    ))?;
                }
                return Ok(Err(error));
            }
            let tags: Vec<Tag> = left.iter().map(|one| one.tag.clone()).collect();
            let asked = self.source.run_sync(
                &self.link.namespace,
                &self.link.repository,
                &tags,
                &self.link.target,
                self.options.override_,
            );
            let error = match asked {
                Err(error) => error,
                Ok(named) => {
                    self.take(left, &named, mark, taken, ended)?;
                    return Ok(Ok(()));
                }
            };
            let named: HashSet<&str> = error
                .details()
                .failed_tags
                .iter()
                .map(String::as_str)
                .collect();
            let (refused, others): (Vec<_>, Vec<_>) = left
                .into_iter()
                .partition(|one| named.contains(one.tag.as_str()));
            let again = if refused.is_empty() {
                named.is_empty() && may_have_been_done(&error)
            } else {
                true
            };
            for tag in refused {
                let error = error.summary();
                ended(CopyResult::failed(
                    tag,
                    CopyStatus::Failed,
                    error,
                    Reason::CopyRefused,
                ))?;
            }
            left = others;
            if again && !left.is_empty() {
                match self.without_jobs(left, mark, taken) {
                    Ok(without) => left = without,
                    Err((tags, error)) => {
                        let stops = stops(&error);
                        for tag in tags {
                            let error = error.summary();
                            ended(CopyResult::failed(
                                tag,
                                CopyStatus::Failed,
                                error,
                                Reason::CopyUncertain,
                            ))?;
                        }
                        return Ok(if stops { Err(error) } else { Ok(()) });
                    }
                }
            }
            if left.is_empty() {
                return Ok(Ok(()));
            }
            if !again || attempt > TRIES {
                for tag in left {
                    let error = error.summary();
                    ended(CopyResult::failed(
                        tag,
                        CopyStatus::Failed,
                        error,
                        Reason::CopyRefused,
                    ))?;
                }
                return Ok(if stops(&error) { Err(error) } else { Ok(()) });
            }
        }
        Ok(Ok(()))
    }

    /// Takes a batch that was accepted. Tags that the response names all the same are settled by the
    /// jobs: without one they have failed.
    fn take(
        &self,
        batch: Vec<SourceTag>,
        named: &[String],
        mark: i64,
        taken: &mut Vec<SourceTag>,
        ended: &mut Ended<'_>,
    ) -> Result<(), Error> {
        let (doubtful, clear): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|one| named.iter().any(|name| name == one.tag.as_str()));
        taken.extend(clear);
        if doubtful.is_empty() {
            return Ok(());
        }
        let (failed, error) = match self.without_jobs(doubtful, mark, taken) {
            Ok(failed) => {
                let what = "the service accepted the request, but names the tag as failed";
                (failed, Error::new(Kind::Incomplete, what))
            }
            Err((failed, error)) => (failed, error),
        };
        for tag in failed {
            let error = error.summary();
            ended(CopyResult::failed(
                tag,
                CopyStatus::Failed,
                error,
                Reason::CopyRefused,
            ))?;
        }
        Ok(())
    }

    /// Returns the tags that have no job above `mark`; those that have one are taken.
    fn without_jobs(
        &self,
        mut left: Vec<SourceTag>,
        mark: i64,
        taken: &mut Vec<SourceTag>,
    ) -> Result<Vec<SourceTag>, (Vec<SourceTag>, Error)> {
        for look in 1..=LOOKS {
            let jobs = match jobs_after(self.source, self.link, mark) {
                Ok(jobs) => jobs,
                Err(error) => return Err((left, error)),
            };
            let latest = jobs.latest();
            let (with, without): (Vec<_>, Vec<_>) = left
                .into_iter()
                .partition(|one| latest.contains_key(one.tag.as_str()));
            taken.extend(with);
            left = without;
            if left.is_empty() || look == LOOKS {
                break;
            }
            let pause = jobs.pause.unwrap_or(Duration::from_secs(1));
            if let Err(error) = self.host.interrupt().pause(pause) {
                return Err((left, error));
            }
        }
        Ok(left)
    }

    /// Follows the jobs of tags until each one's latest is final, or none was shown for long.
    fn follow(
        &mut self,
        mut open: Vec<Followed>,
        limit: WaitLimit,
        ended: &mut Ended<'_>,
    ) -> Result<(), Error> {
        let mark = open.iter().map(|one| one.mark).min().unwrap_or(i64::MAX);
        let mut poll = Poll::new(self.host, limit);
        let all = open.len();
        let mut looks = 0;
        let mut waiting_for = "no job is shown yet".to_owned();
        let mut done = 0;
        loop {
            let said = format!("{done} of {all} copies done, {waiting_for}");
            self.host.event(&Event::Progress {
                link: self.link,
                done,
                all,
                text: &said,
            });
            let (source, link) = (self.source, self.link);
            let found = match poll.look(|| jobs_after(source, link, mark)) {
                Ok(found) => found,
                Err(error) => return give_up(open, &error, ended),
            };
            let pause = found.as_ref().and_then(|jobs| jobs.pause);
            if let Some(jobs) = &found {
                looks += 1;
                let (final_, going_on) = sort_out(open, jobs, looks);
                open = going_on;
                self.end(final_, ended)?;
                if open.is_empty() {
                    return Ok(());
                }
                done = all - open.len();
                waiting_for = slowest(&open, jobs);
            }
            let said = format!("{done} of {all} copies done, {waiting_for}");
            if let Err(error) = poll.pause(pause, &said) {
                return give_up(open, &error, ended);
            }
        }
    }

    /// Ends copies that are final: compares where that is asked for or needed, and says why those
    /// that did not end well did not.
    fn end(
        &mut self,
        copies: Vec<(SourceTag, CopyStatus, Option<Job>)>,
        ended: &mut Ended<'_>,
    ) -> Result<(), Error> {
        let is_doubtful = |status: CopyStatus| {
            matches!(status, CopyStatus::Existed | CopyStatus::Unseen)
                || self.options.verify
                || status.verdict(None) == Verdict::Bad
        };
        let doubtful: Vec<SourceTag> = copies
            .iter()
            .filter(|(_, status, _)| is_doubtful(*status))
            .map(|(tag, ..)| tag.clone())
            .collect();
        let digests = match &self.target {
            Some(target) if !doubtful.is_empty() => {
                Some(target_digests(target, self.link, Some(&doubtful)))
            }
            _ => None,
        };
        let names: HashSet<&str> = doubtful.iter().map(|one| one.tag.as_str()).collect();
        for (tag, status, job) in copies {
            let mut result = CopyResult::new(tag, status);
            if let Some(job) = job {
                result.job = Some(job.id);
                result.took = job.took;
            }
            let doubtful = names.contains(result.tag.as_str());
            match (&digests, &result.source) {
                (Some(Ok(digests)), Some(tag)) if doubtful => {
                    result.comparison = Some(tag.compare(digests));
                }
                _ => {}
            }
            let relation = result.comparison.as_ref().map(|one| one.relation);
            // It has arrived without a job that the service shows.
            if status == CopyStatus::Unseen && relation == Some(Relation::Same) {
                result.status = CopyStatus::Same;
            }
            let not_compared = match &digests {
                Some(Err(error)) if doubtful => Some(error),
                _ => None,
            };
            result.failure = self.failure(&result, relation, not_compared);
            ended(result)?;
        }
        Ok(())
    }

    /// Returns why a copy did not end well; `None` when it did.
    fn failure(
        &mut self,
        result: &CopyResult,
        relation: Option<Relation>,
        not_compared: Option<&Error>,
    ) -> Option<Failure> {
        let verdict = result.status.verdict(relation);
        match (verdict, result.status) {
            (Verdict::Good, _) if not_compared.is_some() && self.options.verify => {
                let error = not_compared?.summary();
                Some(Failure::new(
                    error.about("copied, but not compared"),
                    Reason::Other,
                ))
            }
            (Verdict::Good, _) => None,
            (Verdict::Bad, CopyStatus::Unseen) => {
                let what = "the service took the request and shows no job of it";
                let error = Error::new(Kind::Incomplete, what).retryable(true);
                Some(Failure::new(error, Reason::CopyUnseen))
            }
            (Verdict::Bad, status) => {
                let cause = self.cause_of(relation);
                let what = match status {
                    CopyStatus::Timeout => "the service gave the copy up for its time",
                    CopyStatus::Cancel => "the copy was cancelled",
                    _ => "the copy failed",
                };
                Some(cause::failure(what, &cause))
            }
            (Verdict::Different, status) => {
                let (what, reason) = match (status, relation, not_compared) {
                    (_, Some(Relation::Missing), _) => (
                        "the target does not have the tag".to_owned(),
                        Reason::NotInTarget,
                    ),
                    (CopyStatus::Existed, Some(_), _) => (
                        "the target has another image of the same tag".to_owned(),
                        Reason::Differs,
                    ),
                    (_, Some(_), _) => (
                        "the digests differ, or one is not known".to_owned(),
                        Reason::Differs,
                    ),
                    (_, None, Some(error)) => (
                        format!("the tag existed and was not compared: {}", error.message()),
                        Reason::Differs,
                    ),
                    (_, None, None) => (
                        "the tag existed and was not compared".to_owned(),
                        Reason::Differs,
                    ),
                };
                Some(Failure::new(Error::new(Kind::Unmet, what), reason))
            }
        }
    }

    fn cause_of(&mut self, relation: Option<Relation>) -> (String, Reason) {
        if relation == Some(Relation::Different) && !self.options.override_ {
            let why = "the target has another image of the same tag".to_owned();
            return (why, Reason::Differs);
        }
        self.cause
            .get_or_insert_with(|| cause::look_up(self.source, self.target.as_ref(), self.link))
            .clone()
    }
}

/// What is told of a job.
#[derive(Debug)]
struct Job {
    id: i64,
    took: Option<Duration>,
}

impl Job {
    fn of(job: &SyncJob) -> Job {
        let took = match (job.created_at, job.updated_at) {
            (Some(begin), Some(end)) => Duration::try_from(end.duration_since(begin)).ok(),
            _ => None,
        };
        Job { id: job.id, took }
    }
}

type Final = (SourceTag, CopyStatus, Option<Job>);

/// Parts the copies that are final from those that go on.
fn sort_out(open: Vec<Followed>, jobs: &Jobs, looks: u32) -> (Vec<Final>, Vec<Followed>) {
    let latest = jobs.latest();
    let (mut final_, mut going_on) = (Vec::new(), Vec::new());
    for one in open {
        let job = latest
            .get(one.tag.tag.as_str())
            .filter(|job| job.id > one.mark);
        let status = job.and_then(|job| CopyStatus::of_job(job.state()));
        match (status, job) {
            (Some(status), Some(job)) => final_.push((one.tag, status, Some(Job::of(job)))),
            (None, None) if looks >= UNSEEN => final_.push((one.tag, CopyStatus::Unseen, None)),
            _ => going_on.push(one),
        }
    }
    (final_, going_on)
}

fn slowest(open: &[Followed], jobs: &Jobs) -> String {
    let latest = jobs.latest();
    let job = open
        .iter()
        .filter_map(|one| latest.get(one.tag.tag.as_str()))
        .min_by_key(|job| job.created_at);
    match job {
        Some(job) => format!("'{}' is {}", job.tag, job.status),
        None => "no job is shown yet".to_owned(),
    }
}

/// Ends copies whose end nobody saw.
fn give_up(open: Vec<Followed>, error: &Error, ended: &mut Ended<'_>) -> Result<(), Error> {
    for one in open {
        let error = error.summary();
        ended(CopyResult::failed(
            one.tag,
            CopyStatus::Accepted,
            error,
            Reason::StillUnderWay,
        ))?;
    }
    Ok(())
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

/// Returns `true` if an error stops what comes behind: a signal, or a credential that is dead.
fn stops(error: &Error) -> bool {
    error.kind() == Kind::Interrupted || error.details().http_status == Some(401)
}
