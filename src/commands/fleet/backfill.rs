//! The copies of tags that exist already. Workers begin them; while they are under way they hold no
//! worker, for each look at them is one request, made by whoever is free.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::item::Item;
use super::sheet::Sheet;
use crate::api::Service;
use crate::commands::sync::{Backfill, Ends, advised, not_tried};
use crate::context::Context;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::lock::lock;
use crate::names::RegionId;
use crate::output::Progress;
use crate::parallel::{ItemResult, Summary, for_each_ordered};
use crate::sync::copy::{Copies, CopyOptions, CopyResult, Following};
use crate::sync::digests::Counts;
use crate::sync::poll::WaitLimit;
use crate::sync::select::{Choice, select};
use crate::sync::{Event, Host, Link};

/// At most so many repositories are under way at once.
const MOST: usize = 1000;

/// What became of the copies of one task so far.
pub(super) struct Tally<'a> {
    context: &'a Context,
    link: Link,
    item: Item,
    backfill: Backfill,
    counts: Counts,
    verify: bool,
    ends: Ends,
}

/// The copies of a task that were asked for.
pub(super) enum Begun<'a> {
    /// They have ended, or are not waited for.
    Ended(Item),
    /// They are under way.
    UnderWay(Box<Tally<'a>>, Copies),
}

/// Asks for copies of the tags that exist already and are not in the target.
pub(super) fn begin<'a>(
    context: &'a Context,
    service: &Service,
    link: &Link,
    item: Item,
    options: CopyOptions,
) -> Begun<'a> {
    let mut tally = Tally {
        context,
        link: link.clone(),
        item,
        backfill: Backfill::default(),
        counts: Counts::default(),
        verify: options.verify,
        ends: Ends::default(),
    };
    let copies = select(service, link, &Choice::every()).and_then(|tags| {
        Copies::begin(context, service, link, tags, options, &mut |result| {
            tally.add(result);
            Ok(())
        })
    });
    match copies {
        Ok(copies) if copies.is_done() => Begun::Ended(tally.into_item()),
        Ok(copies) => Begun::UnderWay(Box::new(tally), copies),
        Err(failure) => {
            tally.ends.fail(advised(failure, link, None));
            Begun::Ended(tally.into_item())
        }
    }
}

impl Tally<'_> {
    fn add(&mut self, result: CopyResult) {
        if let Some(comparison) = &result.comparison {
            self.counts.add(comparison.relation);
        }
        self.ends
            .count(&self.link, Some(&result.tag), result.failure.as_ref());
        let mut row = self.backfill.add(self.context, &self.link, result);
        // An entry may have a region and a profile of its own.
        row.region.clone_from(&self.item.region);
        row.profile.clone_from(&self.item.profile);
        self.item.tags.push(row);
    }

    fn into_item(self) -> Item {
        let mut item = self.item;
        let (there, all) = (self.backfill.in_target(), self.backfill.tags);
        item.remark = format!("; {there} of {all} tags copied or there");
        item.backfill = Some(self.backfill);
        item.verify = self.verify.then_some(self.counts);
        match self.ends.into_result("copies did not end well") {
            Ok(_) => item,
            Err(error) => item.because(&error),
        }
    }
}

/// A repository whose copies are under way.
struct Followed<'a> {
    context: &'a Context,
    following: Following,
    /// What became of the copies to each target; `None` once it is written.
    tallies: Vec<Option<Tally<'a>>>,
    _place: Place,
}

/// The place of one repository among those under way.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Followed<'_> {
    /// Looks once, or gives up where there is a reason for it.
    fn look(&mut self, progress: &Progress<'_>, reason: Option<&Error>) -> Result<(), Error> {
        let host = &Seen {
            context: self.context,
            progress,
        };
        let tallies = &mut self.tallies;
        let mut ended = |number: usize, result| {
            if let Some(Some(tally)) = tallies.get_mut(number) {
                tally.add(result);
            }
            Ok(())
        };
        match reason {
            Some(error) => self.following.give_up(host, error, &mut ended),
            None => self.following.look(host, &mut ended),
        }
    }

    /// Returns the items of the targets that have ended since the last time.
    fn ended(&mut self) -> Vec<Item> {
        let following = &self.following;
        let tallies = self.tallies.iter_mut().enumerate();
        tallies
            .filter(|(number, _)| following.has_ended(*number))
            .filter_map(|(_, tally)| tally.take().map(Tally::into_item))
            .collect()
    }
}

/// The run as a host whose copies are seen in the live view, a line for each link.
struct Seen<'a> {
    context: &'a Context,
    progress: &'a Progress<'a>,
}

impl Host for Seen<'_> {
    fn service_in(&self, region: &RegionId) -> Result<Service, Error> {
        self.context.service_in(region)
    }

    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Progress { link, open: [], .. } => self.progress.show(&link.to_string(), []),
            Event::Progress { link, text, .. } => {
                let name = link.to_string();
                self.progress.show(&name, [(name.as_str(), *text)]);
            }
            _ => self.context.event(event),
        }
    }

    fn interrupt(&self) -> &Interrupt {
        Host::interrupt(self.context)
    }
}

/// The repositories whose copies are under way.
pub(super) struct UnderWay<'a, 's> {
    context: &'a Context,
    sheet: &'s Mutex<Sheet<'a>>,
    progress: &'s Progress<'a>,
    /// A credential is dead: nothing more is sent.
    stopped: &'s AtomicBool,
    /// By the time of the next look; the number tells those of one time apart.
    waiting: Mutex<BTreeMap<(Instant, usize), Followed<'a>>>,
    number: AtomicUsize,
    /// How many are under way, those included that are just begun or looked at.
    taken: Arc<AtomicUsize>,
}

impl<'a, 's> UnderWay<'a, 's> {
    pub(super) fn new(
        context: &'a Context,
        sheet: &'s Mutex<Sheet<'a>>,
        progress: &'s Progress<'a>,
        stopped: &'s AtomicBool,
    ) -> UnderWay<'a, 's> {
        UnderWay {
            context,
            sheet,
            progress,
            stopped,
            waiting: Mutex::default(),
            number: AtomicUsize::new(0),
            taken: Arc::default(),
        }
    }

    /// Looks at what is due, and takes a place for one more repository. Where there is none, it
    /// looks on until there is.
    ///
    /// # Errors
    /// A signal while it waits; kind `io` when standard output cannot be written.
    fn place(&self) -> Result<Place, Error> {
        self.look_at_what_is_due()?;
        let one_more = |taken| (taken < MOST).then_some(taken + 1);
        let order = Ordering::SeqCst;
        while self.taken.fetch_update(order, order, one_more).is_err() {
            // There are fewer workers than places, so something is waiting.
            self.wait_and_look()?;
        }
        Ok(Place(Arc::clone(&self.taken)))
    }

    /// Begins the copies of one more repository, follows them where there is a limit, and returns
    /// the items that have ended.
    ///
    /// # Errors
    /// A signal while it waits for a place; kind `io` when standard output cannot be written.
    pub(super) fn follow(
        &self,
        context: &'a Context,
        limit: Option<WaitLimit>,
        begin: impl FnOnce() -> Vec<Begun<'a>>,
    ) -> Result<Vec<Item>, Error> {
        let place = match limit {
            Some(limit) => Some((limit, self.place()?)),
            None => None,
        };
        let (mut items, mut tallies, mut copies) = (Vec::new(), Vec::new(), Vec::new());
        for begun in begin() {
            match begun {
                Begun::Ended(item) => items.push(item),
                Begun::UnderWay(tally, its) => {
                    tallies.push(Some(*tally));
                    copies.push(its);
                }
            }
        }
        if let Some((limit, place)) = place
            && !copies.is_empty()
        {
            self.put(Followed {
                context,
                following: Following::new(copies, limit),
                tallies,
                _place: place,
            });
        }
        Ok(items)
    }

    fn put(&self, followed: Followed<'a>) {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        let key = (followed.following.due(), number);
        lock(&self.waiting).insert(key, followed);
    }

    /// Looks at each repository that is due by now, once.
    fn look_at_what_is_due(&self) -> Result<(), Error> {
        let now = Instant::now();
        while let Some(followed) = self.due_by(now) {
            let is_stopped = self.stopped.load(Ordering::SeqCst);
            let reason = is_stopped.then(|| not_tried(followed.context));
            self.look(followed, reason.as_ref())?;
        }
        Ok(())
    }

    fn due_by(&self, time: Instant) -> Option<Followed<'a>> {
        let mut waiting = lock(&self.waiting);
        let first = waiting.first_entry()?;
        (first.key().0 <= time).then(|| first.remove())
    }

    /// Looks at one repository, writes what has ended, and puts it back where something goes on.
    fn look(&self, mut followed: Followed<'a>, reason: Option<&Error>) -> Result<(), Error> {
        followed.look(self.progress, reason)?;
        for item in followed.ended() {
            if item.is_refused() {
                self.stopped.store(true, Ordering::SeqCst);
            }
            lock(self.sheet).add(item)?;
        }
        if !followed.following.is_done() {
            self.put(followed);
        }
        Ok(())
    }

    /// Waits until a look is due, and looks; `false` if none is to come.
    fn wait_and_look(&self) -> Result<bool, Error> {
        let next = lock(&self.waiting).keys().next().copied();
        let Some((due, _)) = next else {
            return Ok(false);
        };
        let left = due.saturating_duration_since(Instant::now());
        self.context.interrupt().pause(left)?;
        self.look_at_what_is_due()?;
        Ok(true)
    }

    /// Follows all copies to their end. Where a signal ends the run, what was reached is written.
    /// `summary` is that of the work before.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub(super) fn finish(&self, concurrency: usize, summary: Summary) -> Result<Summary, Error> {
        let interrupt = self.context.interrupt();
        let workers = concurrency.min(lock(&self.waiting).len());
        if workers == 0 {
            return Ok(summary);
        }
        let to_the_end = |_: &usize| {
            while self.wait_and_look()? {}
            Ok(())
        };
        let end =
            for_each_ordered(
                interrupt,
                workers,
                0..workers,
                to_the_end,
                |_, result| match result {
                    ItemResult::Failed(error) if interrupt.raised().is_none() => Err(error),
                    _ => Ok(()),
                },
            )?;
        if let Err(error) = interrupt.check() {
            let left = std::mem::take(&mut *lock(&self.waiting));
            for followed in left.into_values() {
                self.look(followed, Some(&error))?;
            }
        }
        Ok(if end.error.is_some() { end } else { summary })
    }
}
