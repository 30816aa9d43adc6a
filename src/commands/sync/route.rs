//! The way of copies: one repository, one target, and the services at both ends.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::time::Duration;

use crate::api::Service;
use crate::api::sync::SyncJob;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::Tag;

/// So many jobs are asked for at once.
const PAGE: usize = 100;

pub(super) use crate::sync::Link as Route;

/// A tag of the source.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) tag: Tag,
    pub(super) digest: Option<String>,
    pub(super) updated: Option<jiff::Timestamp>,
}

/// The digests by tag; a tag without one cannot be compared.
pub(super) type Digests = BTreeMap<String, Option<String>>;

impl Route {
    /// Returns the command line that names this route, for hints.
    pub(super) fn in_words(&self) -> String {
        format!(
            "-n {} -r {} --to-region {} --to-namespace {}",
            self.namespace, self.repository, self.target.region, self.target.namespace
        )
    }

    /// Makes the error of copies that did not all end well.
    pub(super) fn not_whole(&self, exit: Exit, said: &str) -> Error {
        if exit == Exit::Incomplete {
            Error::new(
                Kind::Incomplete,
                format!("not all copies ended well: {said}"),
            )
            .retryable(true)
            .hint(format!("swr sync run --failed {} --wait", self.in_words()))
        } else {
            Error::new(
                Kind::Unmet,
                format!("the target differs from the source: {said}"),
            )
            .exit(Exit::Different)
            .hint(format!(
                "swr sync run TAG --override {} --wait --verify",
                self.in_words()
            ))
        }
    }

    /// Returns the jobs to this target with a number above `after`, newest first, and how long
    /// the service asks to wait before the next look.
    pub(super) fn jobs_after(
        &self,
        source: &Service,
        after: i64,
    ) -> Result<(Vec<SyncJob>, Option<Duration>), Error> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut offset = 0;
        loop {
            let (page, pause) =
                source.sync_jobs(&self.namespace, &self.repository, PAGE, offset)?;
            // That 'newest first' is obeyed is documented for a filter that asks for it; a service
            // that does not is read to its end.
            let descending = page.windows(2).all(|pair| pair[0].id > pair[1].id);
            let reached = descending && page.iter().any(|job| job.id <= after);
            let count = page.len();
            let mut fresh = false;
            for job in page {
                if seen.insert(job.id) {
                    fresh = true;
                    if job.id > after && job.goes_to(&self.target) {
                        found.push(job);
                    }
                }
            }
            if reached || count < PAGE || !fresh {
                found.sort_by_key(|job| std::cmp::Reverse(job.id));
                return Ok((found, pause));
            }
            // New jobs shift the pages by as many rows; one row of overlap shows that none is lost.
            offset += count - 1;
        }
    }

    /// Returns the greatest number of any job so far: what comes later is above it.
    pub(super) fn newest_job(&self, source: &Service) -> Result<i64, Error> {
        let (page, _) = source.sync_jobs(&self.namespace, &self.repository, PAGE, 0)?;
        Ok(page.iter().map(|job| job.id).max().unwrap_or(0))
    }

    /// Returns the target's digests; `None` when the repository is not there. With tags, only
    /// theirs.
    pub(super) fn target_digests(
        &self,
        target: &Service,
        tags: Option<&[Wanted]>,
    ) -> Result<Option<Digests>, Error> {
        if let Some([only]) = tags {
            let found = target.tag(&self.target.namespace, &self.repository, &only.tag)?;
            return Ok(Some(
                found.into_iter().map(|tag| (tag.tag, tag.digest)).collect(),
            ));
        }
        let mut left: Option<HashSet<&str>> =
            tags.map(|tags| tags.iter().map(|wanted| wanted.tag.as_str()).collect());
        let mut digests = Digests::new();
        for tag in target.tags(&self.target.namespace, &self.repository) {
            let tag = match tag {
                Ok(tag) => tag,
                Err(error) if error.details().http_status == Some(404) => return Ok(None),
                Err(error) => return Err(error),
            };
            if let Some(left) = &mut left {
                if !left.remove(tag.tag.as_str()) {
                    continue;
                }
                let done = left.is_empty();
                digests.insert(tag.tag, tag.digest);
                if done {
                    break;
                }
            } else {
                digests.insert(tag.tag, tag.digest);
            }
        }
        Ok(Some(digests))
    }
}

/// A target that is looked at again and again: one request a look, and now and then a whole list,
/// for a service that does not order by time.
#[derive(Debug)]
pub(super) struct Watched<'a> {
    route: &'a Route,
    target: &'a Service,
    wanted: &'a [Wanted],
    known: Digests,
    looks: usize,
}

/// So many looks are cheap before one is whole.
const WHOLE: usize = 10;

impl<'a> Watched<'a> {
    pub(super) fn new(route: &'a Route, target: &'a Service, wanted: &'a [Wanted]) -> Watched<'a> {
        Watched {
            route,
            target,
            wanted,
            known: Digests::new(),
            looks: 0,
        }
    }

    /// Looks, and returns what is known of the wanted tags.
    pub(super) fn look(&mut self) -> Result<&Digests, Error> {
        let cheap = self.wanted.len() > 1 && !self.looks.is_multiple_of(WHOLE);
        let newest = if cheap {
            let namespace = &self.route.target.namespace;
            self.target.newest_tags(namespace, &self.route.repository)?
        } else {
            None
        };
        if let Some(tags) = newest {
            self.known
                .extend(tags.into_iter().map(|tag| (tag.tag, tag.digest)));
        } else {
            let all = self.route.target_digests(self.target, Some(self.wanted))?;
            self.known = all.unwrap_or_default();
        }
        self.looks += 1;
        Ok(&self.known)
    }
}
