//! Following copies to their end: one look at the jobs of a repository, again and again.

use std::time::Instant;

use super::Copies;
use super::end::{Final, Job};
use super::result::{CopyResult, CopyStatus, Ended, end_all};
use crate::error::Error;
use crate::sync::jobs::{Jobs, jobs_to};
use crate::sync::poll::{Poll, WaitLimit};
use crate::sync::select::SourceTag;
use crate::sync::{Event, Host, Link, Open, Reason};

/// So many looks without a job of a tag say that the service took the request and forgot it; at the
/// usual pace that is four minutes.
const UNSEEN: u32 = 20;
/// What is said of a tag before its job is shown.
const NO_JOB: &str = "no job is shown yet";

/// A tag whose copy is followed: its job has a number above `mark`.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) tag: SourceTag,
    pub(super) mark: i64,
    /// The word of its job.
    state: Option<String>,
}

impl Followed {
    pub(super) fn new(tag: SourceTag, mark: i64) -> Followed {
        let state = None;
        Followed { tag, mark, state }
    }
}

/// Hears of each result, with the number of its link among those that are followed.
pub type EndedOf<'a> = dyn FnMut(usize, CopyResult) -> Result<(), Error> + 'a;

/// The copies of one repository, to one target or several, on the way to their end. One list of
/// jobs a look serves all of them.
#[derive(Debug)]
pub struct Following {
    copies: Vec<Copies>,
    poll: Poll,
    due: Instant,
}

impl Following {
    /// Begins to follow; the limit counts from now, and the first look is due at once.
    pub fn new(copies: Vec<Copies>, limit: WaitLimit) -> Following {
        Following {
            copies,
            poll: Poll::new(limit),
            due: Instant::now(),
        }
    }

    /// Returns when the next look is due.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// Returns `true` if every copy has ended.
    pub fn is_done(&self) -> bool {
        self.copies.iter().all(Copies::is_done)
    }

    /// Returns `true` if every copy to the link of this number has ended.
    pub fn has_ended(&self, number: usize) -> bool {
        self.copies.get(number).is_none_or(Copies::is_done)
    }

    /// Looks at the jobs once, and ends the copies that are final; all of them where the limit has
    /// come, or the look fails for good.
    ///
    /// # Errors
    /// What `ended` fails with.
    pub fn look(&mut self, host: &dyn Host, ended: &mut EndedOf<'_>) -> Result<(), Error> {
        let open = self.copies.iter().filter(|copies| !copies.is_done());
        let links: Vec<&Link> = open.map(|copies| &copies.link).collect();
        let marks = self.copies.iter().filter_map(Copies::mark);
        let (Some(source), Some(mark)) = (self.copies.first(), marks.min()) else {
            return Ok(());
        };
        let found = self
            .poll
            .looked(host, jobs_to(&source.source, &links, mark));
        let jobs = match found {
            Ok(jobs) => jobs,
            Err(error) => return self.give_up(host, &error, ended),
        };
        if let Some(jobs) = &jobs {
            let copies = self.copies.iter_mut().enumerate();
            for (number, copies) in copies.filter(|(_, copies)| !copies.is_done()) {
                copies.see(jobs, &mut |result| ended(number, result))?;
                copies.tell(host);
            }
        }
        let Some(open) = self.copies.iter().find(|copies| !copies.is_done()) else {
            return Ok(());
        };
        let asked = jobs.and_then(|jobs| jobs.pause);
        match self.poll.next(asked, &open.in_words()) {
            Ok(pause) => self.due = Instant::now() + pause,
            Err(error) => return self.give_up(host, &error, ended),
        }
        Ok(())
    }

    /// Looks again and again until every copy has ended.
    ///
    /// # Errors
    /// What `ended` fails with.
    pub fn finish(&mut self, host: &dyn Host, ended: &mut EndedOf<'_>) -> Result<(), Error> {
        while !self.is_done() {
            let left = self.due.saturating_duration_since(Instant::now());
            match host.interrupt().pause(left) {
                Ok(()) => self.look(host, ended)?,
                Err(error) => self.give_up(host, &error, ended)?,
            }
        }
        Ok(())
    }

    /// Ends all copies whose end nobody saw.
    ///
    /// # Errors
    /// What `ended` fails with.
    pub fn give_up(
        &mut self,
        host: &dyn Host,
        error: &Error,
        ended: &mut EndedOf<'_>,
    ) -> Result<(), Error> {
        for (number, copies) in self.copies.iter_mut().enumerate() {
            let tags = copies.open.drain(..).map(|one| one.tag);
            let why = (error, Reason::StillUnderWay);
            let mut ended = |result| ended(number, result);
            end_all(tags, CopyStatus::Accepted, why, &mut ended)?;
            copies.tell(host);
        }
        Ok(())
    }
}

impl Copies {
    /// Returns `true` if every copy has ended.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// Returns the number above which the jobs of these copies are.
    fn mark(&self) -> Option<i64> {
        self.open.iter().map(|one| one.mark).min()
    }

    /// Says how far these copies are, and which goes on for the longest time.
    fn in_words(&self) -> String {
        let done = self.all - self.open.len();
        let state = match &self.slowest {
            Some((tag, state)) => format!("'{tag}' is {state}"),
            None => NO_JOB.to_owned(),
        };
        format!("{done} of {} copies done, {state}", self.all)
    }

    /// Says how far these copies are.
    pub(super) fn tell(&self, host: &dyn Host) {
        let open: Vec<Open<'_>> = self
            .open
            .iter()
            .map(|one| Open {
                tag: one.tag.tag.as_str(),
                state: one.state.as_deref().unwrap_or("accepted"),
            })
            .collect();
        host.event(&Event::Progress {
            link: &self.link,
            done: self.all - self.open.len(),
            all: self.all,
            text: &self.in_words(),
            open: &open,
        });
    }

    /// Ends the copies that are final, or that were not shown for long.
    fn see(&mut self, jobs: &Jobs, ended: &mut Ended<'_>) -> Result<(), Error> {
        self.looks += 1;
        let latest = jobs.latest_to(&self.link.target);
        let mut final_: Vec<Final> = Vec::new();
        for mut one in std::mem::take(&mut self.open) {
            let job = latest
                .get(one.tag.tag.as_str())
                .filter(|job| job.id > one.mark);
            let status = job.and_then(|job| CopyStatus::of_job(job.state()));
            match (status, job) {
                (Some(status), Some(job)) => final_.push((one.tag, status, Some(Job::of(job)))),
                (None, None) if self.looks >= UNSEEN => {
                    final_.push((one.tag, CopyStatus::Unseen, None));
                }
                _ => {
                    one.state = job.map(|job| job.status.clone());
                    self.open.push(one);
                }
            }
        }
        let going_on = self
            .open
            .iter()
            .filter_map(|one| latest.get(one.tag.tag.as_str()));
        self.slowest = going_on
            .min_by_key(|job| job.created_at)
            .map(|job| (job.tag.clone(), job.status.clone()));
        self.end(final_, ended)
    }
}
