//! Copies by hand: asked for in batches, never twice, followed to their end, compared.
//!
//! `sync run` and the backfills share it. Every tag has its own result, which is handed over when
//! it is known, also when the work is cut short. [`Copies::begin`] asks, [`Following`] looks; one
//! look is one request, so who has many repositories under way need not wait for one.

mod ask;
mod end;
mod follow;
mod result;

pub use ask::BATCH;
pub use follow::Following;
pub use result::{CopyResult, CopyStatus, Ended};

use std::collections::HashMap;

use self::ask::Asking;
use self::follow::Followed;
use super::compare::target_digests;
use super::digests::{Digests, Relation};
use super::jobs::{is_current, jobs_after, newest_job};
use super::poll::WaitLimit;
use super::preflight::is_broken;
use super::select::{Selected, SourceTag};
use super::{Event, Failure, Host, Link, Reason};
use crate::api::Service;
use crate::error::Error;

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

/// Copies tags, and follows them where that is asked for. Each one's result is handed to `ended`,
/// also when an error cuts the work short.
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
    let copies = Copies::begin(host, source, link, selected, options, ended)?;
    if let Some(limit) = options.wait {
        let mut following = Following::new(vec![copies], limit);
        following.finish(host, &mut |_, result| ended(result))?;
    }
    Ok(())
}

/// The copies of one link that the service took.
#[derive(Debug)]
pub struct Copies {
    source: Service,
    /// The target's service, where it is needed and set up.
    target: Option<Service>,
    link: Link,
    options: CopyOptions,
    /// Why copies of this link fail, once it was looked up.
    cause: Option<(String, Reason)>,
    /// The copies that are not known to have ended.
    open: Vec<Followed>,
    /// How many there were.
    all: usize,
    looks: u32,
    /// The tag that goes on for the longest time, and the word of its job.
    slowest: Option<(String, String)>,
}

impl Copies {
    /// Asks for copies, and returns those that the service took; where they are not followed, they
    /// are ended, too.
    ///
    /// # Errors
    /// What fails before anything was asked for, and what `ended` fails with.
    pub fn begin(
        host: &dyn Host,
        source: &Service,
        link: &Link,
        selected: Selected,
        options: CopyOptions,
        ended: &mut Ended<'_>,
    ) -> Result<Copies, Failure> {
        let mut copies = Copies {
            source: source.clone(),
            target: target_of(host, link, options)?,
            link: link.clone(),
            options,
            cause: None,
            open: Vec::new(),
            all: 0,
            looks: 0,
            slowest: None,
        };
        let missing = if options.only_missing {
            copies.leave_out_what_is_there(host, selected.tags, ended)?
        } else {
            selected.tags
        };
        for name in selected.unsendable {
            ended(CopyResult::unsendable(name))?;
        }
        if !missing.is_empty() {
            let mark = newest_job(source, link)?;
            let asking = Asking {
                host,
                source,
                link,
                override_: options.override_,
                mark,
                ended,
                taken: Vec::new(),
            };
            let taken = asking.ask(missing)?;
            let taken = taken.into_iter().map(|tag| Followed::new(tag, mark));
            copies.open.extend(taken);
        }
        if options.wait.is_none() {
            for one in copies.open.drain(..) {
                ended(CopyResult::new(one.tag, CopyStatus::Accepted))?;
            }
        }
        copies.all = copies.open.len();
        if copies.all > 0 {
            copies.tell(host);
        }
        Ok(copies)
    }

    /// Ends the tags that the target has already, takes those that are under way, and returns the
    /// others.
    fn leave_out_what_is_there(
        &mut self,
        host: &dyn Host,
        tags: Vec<SourceTag>,
        ended: &mut Ended<'_>,
    ) -> Result<Vec<SourceTag>, Error> {
        let under_way = self.under_way(host, &tags)?;
        let digests = match &self.target {
            Some(target) => target_digests(target, &self.link, None)?,
            None => Digests::default(),
        };
        let mut missing = Vec::new();
        for tag in tags {
            let comparison = tag.compare(&digests);
            if comparison.relation == Relation::Same {
                ended(CopyResult {
                    comparison: Some(comparison),
                    ..CopyResult::new(tag, CopyStatus::Same)
                })?;
            } else if let Some(mark) = under_way.get(tag.tag.as_str()) {
                self.open.push(Followed::new(tag, *mark));
            } else {
                missing.push(tag);
            }
        }
        Ok(missing)
    }

    /// Returns the tags whose copy is under way, because a run before this one asked for it, with
    /// the number below their jobs'.
    fn under_way(
        &self,
        host: &dyn Host,
        tags: &[SourceTag],
    ) -> Result<HashMap<String, i64>, Error> {
        let jobs = jobs_after(&self.source, &self.link, 0)?;
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
                host.event(&Event::Stuck { job, age });
            } else {
                found.insert(one.tag.to_string(), job.id.saturating_sub(1));
            }
        }
        Ok(found)
    }
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
        Err(error) if options.verify || is_broken(&error) => Err(error.into()),
        Err(error) => {
            host.event(&Event::TargetNotSeen(&error));
            Ok(None)
        }
    }
}
