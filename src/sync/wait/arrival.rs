//! Waiting until tags are in the target.

use std::collections::HashMap;
use std::time::Duration;

use super::{Ended, WaitResult, WaitStatus};
use crate::api::Service;
use crate::api::sync::SyncJob;
use crate::error::{Error, Kind};
use crate::names::Tag;
use crate::sync::compare::target_digests;
use crate::sync::copy::CopyStatus;
use crate::sync::digests::{Comparison, Digest, Digests, Relation, listed};
use crate::sync::jobs::{Jobs, is_current, jobs_after};
use crate::sync::poll::{Poll, WaitLimit};
use crate::sync::preflight::{Offer, check_region, is_broken};
use crate::sync::select::{NamedTag, SourceTag, named, named_with_digests};
use crate::sync::task::{self, Existing};
use crate::sync::{Event, Failure, Host, Link, Open, Reason, cause, nearest};
use crate::verdict::Verdict;

/// So many looks without a job say that nothing may come by itself.
const LONELY: u32 = 5;
/// So many looks are cheap before one reads the whole list, for a service that does not order by
/// time.
const WHOLE: u32 = 10;

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
    let mut arrival = Arrival {
        host,
        source,
        target: &target,
        link,
        all: open.len(),
        open,
        target_digests: Digests::new(),
        jobs: HashMap::new(),
        mark: i64::MIN,
        looks: 0,
    };
    Ok(arrival.wait(Poll::new(limit), ended)?)
}

/// The wait for tags of one link.
struct Arrival<'a> {
    host: &'a dyn Host,
    source: &'a Service,
    target: &'a Service,
    link: &'a Link,
    /// The tags that are waited for, with the digest from the beginning.
    open: Vec<SourceTag>,
    /// How many there were.
    all: usize,
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
    fn wait(&mut self, mut poll: Poll, ended: &mut Ended<'_>) -> Result<(), Error> {
        let mut region_checked = false;
        self.tell();
        loop {
            let found = self.look();
            let pause = match poll.looked(self.host, found) {
                Ok(Some(pause)) => {
                    self.end_what_is_decided(ended)?;
                    if self.looks == 1 && !self.open.is_empty() {
                        self.end_without_namespace(ended)?;
                    }
                    if self.looks == LONELY {
                        self.warn_if_nothing_comes();
                    }
                    pause
                }
                Ok(None) => {
                    let region = &self.link.target.region;
                    if !std::mem::replace(&mut region_checked, true)
                        && check_region(self.host, self.source, region) == Offer::NotOffered
                    {
                        return self.end_without_region(ended);
                    }
                    None
                }
                Err(error) => return self.give_up(&error, ended),
            };
            self.tell();
            if self.open.is_empty() {
                return Ok(());
            }
            if let Err(error) = poll.pause(self.host, pause, &self.in_words()) {
                return self.give_up(&error, ended);
            }
        }
    }

    fn in_words(&self) -> String {
        let waiting_for = self.open.first().map_or("", |one| one.tag.as_str());
        let done = self.all - self.open.len();
        format!(
            "{done} of {} tags arrived, waiting for '{waiting_for}'",
            self.all
        )
    }

    /// Says how far the wait is.
    fn tell(&self) {
        let state = |one: &SourceTag| self.job_of(one).map_or("no job yet", |job| &job.status);
        let open: Vec<Open<'_>> = self
            .open
            .iter()
            .map(|one| Open {
                tag: one.tag.as_str(),
                state: state(one),
            })
            .collect();
        self.host.event(&Event::Progress {
            link: self.link,
            done: self.all - self.open.len(),
            all: self.all,
            text: &self.in_words(),
            open: &open,
        });
    }

    /// Looks at source, target and jobs, one request each where that is enough, and returns how long
    /// the service asks to wait.
    fn look(&mut self) -> Result<Option<Duration>, Error> {
        let namespace = &self.link.target.namespace;
        // One request a look, and now and then a whole list.
        let cheap = self.open.len() > 1 && !self.looks.is_multiple_of(WHOLE);
        let newest = if cheap {
            self.target.newest_tags(namespace, &self.link.repository)?
        } else {
            None
        };
        match newest {
            Some(tags) => self.target_digests.extend(tags.into_iter().map(listed)),
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
            let failed = self.job_of(&one).and_then(|job| {
                let status = CopyStatus::of_job(job.state())?;
                let is_bad = status != CopyStatus::Success;
                is_bad.then(|| (job.id, WaitStatus::of_job(job.state()), status))
            });
            if let Some((id, status, copied)) = failed {
                let failure = self.failure_of(copied, comparison.relation);
                ended(WaitResult {
                    job: Some(id),
                    ..WaitResult::of(comparison, status, Some(failure))
                })?;
                continue;
            }
            self.open.push(one);
        }
        self.end_what_was_pushed_again(ended)
    }

    fn failure_of(&self, status: CopyStatus, relation: Relation) -> Failure {
        if status.verdict(Some(relation)) == Verdict::Bad {
            let cause = cause::look_up(self.source, Some(self.target), self.link);
            return cause::failure("the copy failed", &cause);
        }
        let what = "the target has another image of the same tag";
        Failure::new(Error::new(Kind::Unmet, what), Reason::Differs)
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
            return Ok(tags.into_iter().map(listed).collect());
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
        let (with, without): (Vec<_>, Vec<_>) = self.open.iter().cloned().partition(has_job);
        self.open = with;
        let region = &self.link.target.region;
        let why = format!("there is no namespace '{namespace}' in {region}");
        let near = nearest::namespace(self.target, namespace.as_str());
        self.end_as_missing(without, (&why, near), Reason::WaitNamespaceMissing, ended)
    }

    fn end_without_region(&mut self, ended: &mut Ended<'_>) -> Result<(), Error> {
        let region = &self.link.target.region;
        let why = format!("the region '{region}' is not offered as a target, and does not answer");
        let open = std::mem::take(&mut self.open);
        let near = nearest::region(region.as_str());
        self.end_as_missing(open, (&why, near), Reason::RegionNotOffered, ended)
    }

    /// Ends tags that cannot arrive because of their target: why, and the nearest name to the wrong
    /// one.
    fn end_as_missing(
        &self,
        tags: Vec<SourceTag>,
        (why, near): (&str, Option<String>),
        reason: Reason,
        ended: &mut Ended<'_>,
    ) -> Result<(), Error> {
        let hint = nearest::hint([near]);
        tags.into_iter().try_for_each(|one| {
            let failure = Failure::new(Error::new(Kind::Unmet, why), reason).hinted(hint.clone());
            let comparison = one.compare(&self.target_digests);
            ended(WaitResult::of(
                comparison,
                WaitStatus::Missing,
                Some(failure),
            ))
        })
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
        if let Ok(Existing::NotListed) = task::read(self.source, self.link) {
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
            // Another command would meet the same broken setting.
            let reason = if is_broken(error) {
                Reason::Other
            } else {
                reason
            };
            let failure = Failure::new(error.summary(), reason);
            ended(WaitResult::of(comparison, status, Some(failure)))?;
        }
        self.tell();
        Ok(())
    }
}
