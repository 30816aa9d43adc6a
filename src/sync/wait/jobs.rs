//! Waiting until the jobs of a link are final.

use std::time::Duration;

use super::{Ended, WaitResult};
use crate::api::Service;
use crate::api::sync::SyncJob;
use crate::duration;
use crate::error::{Error, Kind};
use crate::sync::jobs::{Jobs, jobs_after};
use crate::sync::poll::{Poll, WaitLimit};
use crate::sync::{Event, Failure, Host, Link, Open, Reason, cause};

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
    let jobs = jobs_after(source, link, i64::MIN)?;
    if jobs.jobs.is_empty() {
        return Ok(Waited::NoJob);
    }
    let going_on = jobs.jobs.iter().filter(|job| !job.state().is_final());
    let (stuck, open): (Vec<&SyncJob>, Vec<_>) =
        going_on.partition(|job| jobs.stuck_for(job).is_some());
    if stuck.is_empty() && open.is_empty() {
        return Ok(Waited::AllFinal);
    }
    for job in stuck {
        // What has not moved for a day is not final; it ends so.
        let age = jobs.stuck_for(job).unwrap_or_default();
        let what = format!(
            "the job says '{}' and has not moved for {}",
            job.status,
            duration::text(age)
        );
        let failure = Failure::new(Error::new(Kind::Incomplete, what), Reason::CopyUnseen);
        ended(WaitResult::of_job(job, Some(failure)))?;
    }
    let mut going_on = GoingOn {
        host,
        source,
        link,
        all: open.len(),
        open: open.into_iter().cloned().collect(),
    };
    going_on.wait(Poll::new(limit), jobs.pause, ended)?;
    Ok(Waited::Jobs)
}

/// The jobs of a link that are not final.
struct GoingOn<'a> {
    host: &'a dyn Host,
    source: &'a Service,
    link: &'a Link,
    /// The jobs, newest first.
    open: Vec<SyncJob>,
    /// How many there were.
    all: usize,
}

impl GoingOn<'_> {
    fn wait(
        &mut self,
        mut poll: Poll,
        mut pause: Option<Duration>,
        ended: &mut Ended<'_>,
    ) -> Result<(), Error> {
        while let Some(oldest) = self.open.iter().map(|job| job.id).min() {
            self.tell();
            let looked = poll
                .pause(self.host, pause, &self.in_words())
                .and_then(|()| {
                    let found = jobs_after(self.source, self.link, oldest.saturating_sub(1));
                    poll.looked(self.host, found)
                });
            match looked {
                Ok(Some(jobs)) => {
                    pause = jobs.pause;
                    self.see(&jobs, ended)?;
                }
                Ok(None) => pause = None,
                Err(error) => {
                    for job in self.open.drain(..) {
                        let failure = Failure::new(error.summary(), Reason::StillUnderWay);
                        ended(WaitResult::of_job(&job, Some(failure)))?;
                    }
                }
            }
        }
        self.tell();
        Ok(())
    }

    /// Ends the jobs that are final now, oldest first, as they began.
    fn see(&mut self, jobs: &Jobs, ended: &mut Ended<'_>) -> Result<(), Error> {
        for job in jobs.jobs.iter().rev() {
            let Some(at) = self.open.iter().position(|other| other.id == job.id) else {
                continue;
            };
            if !job.state().is_final() {
                self.open[at] = job.clone();
                continue;
            }
            self.open.remove(at);
            let failure = job.state().is_bad().then(|| {
                let target = self.host.service_in(&self.link.target.region).ok();
                let cause = cause::look_up(self.source, target.as_ref(), self.link);
                cause::failure("the copy failed", &cause)
            });
            ended(WaitResult::of_job(job, failure))?;
        }
        Ok(())
    }

    fn in_words(&self) -> String {
        let done = self.all - self.open.len();
        let waiting_for = self.open.last().map_or(String::new(), |job| {
            format!("'{}' is {}", job.tag, job.status)
        });
        format!("{done} of {} jobs final, {waiting_for}", self.all)
    }

    /// Says how far the wait is.
    fn tell(&self) {
        let open: Vec<Open<'_>> = self
            .open
            .iter()
            .map(|job| Open {
                tag: &job.tag,
                state: &job.status,
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
}
