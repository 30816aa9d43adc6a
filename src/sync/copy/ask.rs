//! Asking for copies: in batches, and never twice for the same tag.

use std::collections::HashSet;
use std::time::Duration;

use super::result::{CopyStatus, Ended, end_all};
use crate::api::Service;
use crate::error::{Error, Kind};
use crate::names::Tag;
use crate::sync::jobs::jobs_after;
use crate::sync::select::SourceTag;
use crate::sync::{Host, Link, Reason};

/// So many tags go into one request: what a public script in use sends (section 2.4).
pub const BATCH: usize = 100;
/// How often jobs are looked for after an answer was lost: some services show them late.
const LOOKS: u32 = 3;
/// How often a request whose answer was lost is settled and sent again.
const TRIES: u32 = 3;

/// Requests for copies of one link.
pub(super) struct Asking<'a, 'e> {
    pub(super) host: &'a dyn Host,
    pub(super) source: &'a Service,
    pub(super) link: &'a Link,
    pub(super) override_: bool,
    /// The greatest number of a job so far: those of these copies are above it.
    pub(super) mark: i64,
    pub(super) ended: &'a mut Ended<'e>,
    /// The tags that the service took.
    pub(super) taken: Vec<SourceTag>,
}

impl Asking<'_, '_> {
    /// Asks for copies, and returns the tags that the service took. The others are ended. A batch
    /// that is refused does not stop the others; a signal or a dead credential does.
    pub(super) fn ask(mut self, tags: Vec<SourceTag>) -> Result<Vec<SourceTag>, Error> {
        let mut rest = tags.into_iter().peekable();
        while rest.peek().is_some() {
            let batch = rest.by_ref().take(BATCH).collect();
            if let Some(error) = self.ask_for(batch)? {
                self.end(rest.by_ref(), CopyStatus::Skipped, &error, Reason::NotAsked)?;
            }
        }
        Ok(self.taken)
    }

    /// Asks for one batch, and returns the error that stops the batches behind it.
    ///
    /// An answer that was lost is settled by reading the jobs: what has one above the mark is not
    /// asked for again. A tag that is named as failed has failed; so has the whole batch when only
    /// other names are named, for asking again would not end.
    fn ask_for(&mut self, mut left: Vec<SourceTag>) -> Result<Option<Error>, Error> {
        for tries in 1.. {
            if let Err(error) = self.host.interrupt().check() {
                self.end(left, CopyStatus::Skipped, &error, Reason::NotAsked)?;
                return Ok(Some(error));
            }
            let error = match self.send(&left) {
                Ok(named) => {
                    self.take(left, &named)?;
                    break;
                }
                Err(error) => error,
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
            let again = !refused.is_empty() || (named.is_empty() && may_have_been_done(&error));
            self.end(refused, CopyStatus::Failed, &error, Reason::CopyRefused)?;
            left = others;
            if again {
                match self.without_jobs(left) {
                    Ok(without) => left = without,
                    Err((tags, error)) => {
                        self.end(tags, CopyStatus::Failed, &error, Reason::CopyUncertain)?;
                        return Ok(stops(&error).then_some(error));
                    }
                }
            }
            if left.is_empty() {
                break;
            }
            if !again || tries > TRIES {
                self.end(left, CopyStatus::Failed, &error, Reason::CopyRefused)?;
                return Ok(stops(&error).then_some(error));
            }
        }
        Ok(None)
    }

    fn send(&self, tags: &[SourceTag]) -> Result<Vec<String>, Error> {
        let tags: Vec<Tag> = tags.iter().map(|one| one.tag.clone()).collect();
        let Link {
            namespace,
            repository,
            target,
            ..
        } = self.link;
        self.source
            .run_sync(namespace, repository, &tags, target, self.override_)
    }

    /// Takes a batch that was accepted. Tags that the response names all the same are settled by the
    /// jobs: without one they have failed.
    fn take(&mut self, batch: Vec<SourceTag>, named: &[String]) -> Result<(), Error> {
        let (doubtful, clear): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|one| named.iter().any(|name| name == one.tag.as_str()));
        self.taken.extend(clear);
        let (failed, error) = match self.without_jobs(doubtful) {
            Ok(failed) => {
                let what = "the service accepted the request, but names the tag as failed";
                (failed, Error::new(Kind::Incomplete, what))
            }
            Err(failure) => failure,
        };
        self.end(failed, CopyStatus::Failed, &error, Reason::CopyRefused)
    }

    /// Returns the tags that have no job above the mark; those that have one are taken.
    fn without_jobs(
        &mut self,
        mut left: Vec<SourceTag>,
    ) -> Result<Vec<SourceTag>, (Vec<SourceTag>, Error)> {
        for look in 1..=LOOKS {
            if left.is_empty() {
                break;
            }
            let jobs = match jobs_after(self.source, self.link, self.mark) {
                Ok(jobs) => jobs,
                Err(error) => return Err((left, error)),
            };
            let latest = jobs.latest();
            let (with, without): (Vec<_>, Vec<_>) = left
                .into_iter()
                .partition(|one| latest.contains_key(one.tag.as_str()));
            self.taken.extend(with);
            left = without;
            let pause = jobs.pause.unwrap_or(Duration::from_secs(1));
            if !left.is_empty()
                && look < LOOKS
                && let Err(error) = self.host.interrupt().pause(pause)
            {
                return Err((left, error));
            }
        }
        Ok(left)
    }

    fn end(
        &mut self,
        tags: impl IntoIterator<Item = SourceTag>,
        status: CopyStatus,
        error: &Error,
        reason: Reason,
    ) -> Result<(), Error> {
        end_all(tags, status, (error, reason), self.ended)
    }
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
