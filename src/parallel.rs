//! Ordered work on many items: a few at a time, on after a failure, in bounded memory.
//!
//! Every command that acts on many items calls [`for_each_ordered`]. It knows errors, exit codes
//! and signals; never what is worked on, or how a result is shown.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, Builder, Scope, scope};

use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::lock::lock;
use crate::panic;

/// The number of items per worker that are under way: waiting, worked on, or done and waiting to
/// be reported. It also is how far ahead items are fetched, so that no worker waits for a page.
const WINDOW: usize = 4;

/// The number of threads that are left to the HTTP client, which starts its own when the first
/// request is sent.
const RESERVE: usize = 2;

/// The result of one item.
#[derive(Debug)]
pub enum ItemResult<T> {
    /// The work succeeded.
    Done(T),
    /// The work failed or panicked; the other items go on.
    Failed(Error),
    /// The work did not start: a refused credential or a signal stopped the run.
    Skipped,
}

/// Works on items in parallel and reports each result on the caller's thread, in the order of the
/// items. Items are fetched on the caller's thread, too, while the workers work.
///
/// A credential that the service refuses (401), or a signal, stops the run: what is under way is
/// finished, the rest is skipped; items that would have to be fetched from the service are not
/// fetched any more. A panic fails its item. Where the system refuses threads, fewer workers do
/// the work, at the least the caller itself.
///
/// # Errors
/// What `report` fails with; it ends the run.
pub fn for_each_ordered<I: Send, T: Send>(
    interrupt: &Interrupt,
    concurrency: usize,
    items: impl Iterator<Item = I>,
    work: impl Fn(&I) -> Result<T, Error> + Sync,
    mut report: impl FnMut(I, ItemResult<T>) -> Result<(), Error>,
) -> Result<Summary, Error> {
    let _graceful = interrupt.graceful();
    let workers = concurrency
        .min(items.size_hint().1.unwrap_or(usize::MAX))
        .max(1);
    let pool = Pool {
        interrupt,
        work,
        stopped: AtomicBool::new(false),
    };
    let mut summary = Summary::default();
    let mut report = |item, result: ItemResult<T>| {
        summary.count(&result);
        report(item, result)
    };
    scope(|scope| {
        let started = match workers {
            1 => None,
            _ => pool.start(scope, workers),
        };
        match started {
            Some(threads) => pool.distribute(items, &threads, &mut report),
            None => pool.in_turn(items, &mut report),
        }
    })?;
    if let Some(signal) = interrupt.raised() {
        summary.exit = summary.exit.worse(signal.exit());
        summary.error = Some(signal.error());
    }
    Ok(summary)
}

/// The work, and what stops it.
struct Pool<'a, W> {
    interrupt: &'a Interrupt,
    work: W,
    /// A credential was refused, or results are no longer taken.
    stopped: AtomicBool,
}

/// The caller's ends of the channels to and from the workers.
struct Threads<I, T> {
    count: usize,
    to_workers: SyncSender<(usize, I)>,
    results: Receiver<(usize, I, ItemResult<T>)>,
}

impl<W> Pool<'_, W> {
    /// Starts the workers, or as many as the system allows; `None` if it allows none.
    fn start<'scope, I: Send + 'scope, T: Send + 'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        workers: usize,
    ) -> Option<Threads<I, T>>
    where
        W: Fn(&I) -> Result<T, Error> + Sync,
    {
        let (to_workers, items) = sync_channel::<(usize, I)>(WINDOW * workers);
        let (to_caller, results) = sync_channel(WINDOW * workers);
        let items = Arc::new(Mutex::new(items));
        let spare: Vec<_> = (0..RESERVE)
            .map_while(|_| Builder::new().spawn_scoped(scope, thread::park).ok())
            .collect();
        let start_one = || {
            let (items, to_caller) = (Arc::clone(&items), to_caller.clone());
            let run = move || {
                let next = || lock(&items).recv().ok();
                while let Some((index, item)) = next() {
                    let result = self.result_of(&item);
                    if to_caller.send((index, item, result)).is_err() {
                        return;
                    }
                }
            };
            Builder::new().spawn_scoped(scope, run).is_ok()
        };
        let count = (0..workers).take_while(|_| start_one()).count();
        for thread in spare {
            thread.thread().unpark();
            let _ = thread.join();
        }
        (count > 0).then_some(Threads {
            count,
            to_workers,
            results,
        })
    }

    /// Works on one item after the other on the caller's thread.
    fn in_turn<I, T>(
        &self,
        mut items: impl Iterator<Item = I>,
        report: &mut impl FnMut(I, ItemResult<T>) -> Result<(), Error>,
    ) -> Result<(), Error>
    where
        W: Fn(&I) -> Result<T, Error>,
    {
        while let Some(item) = self.fetch(&mut items) {
            let result = self.result_of(&item);
            report(item, result)?;
        }
        Ok(())
    }

    /// Hands items to the workers and reports their results in order.
    fn distribute<I, T>(
        &self,
        mut items: impl Iterator<Item = I>,
        threads: &Threads<I, T>,
        report: &mut impl FnMut(I, ItemResult<T>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        // However the caller leaves, the workers begin nothing more.
        let _stop = StopOnDrop(&self.stopped);
        let mut window = Window {
            first: 0,
            slots: VecDeque::with_capacity(WINDOW * threads.count),
        };
        let mut exhausted = false;
        loop {
            while !exhausted && window.slots.len() < WINDOW * threads.count {
                let Some(item) = self.fetch(&mut items) else {
                    exhausted = true;
                    break;
                };
                let index = window.first + window.slots.len();
                window.slots.push_back(None);
                // The channel holds a whole window, so this does not block.
                if threads.to_workers.send((index, item)).is_err() {
                    return Err(workers_are_gone());
                }
            }
            if window.slots.is_empty() {
                return Ok(());
            }
            let received = threads.results.recv().map_err(|_| workers_are_gone())?;
            window.fill(received);
            while let Ok(received) = threads.results.try_recv() {
                window.fill(received);
            }
            while let Some((item, result)) = window.pop() {
                report(item, result)?;
            }
        }
    }

    /// Returns the next item. A list with a known end is at hand, others come page by page.
    fn fetch<I>(&self, items: &mut impl Iterator<Item = I>) -> Option<I> {
        let is_at_hand = items.size_hint().1.is_some();
        if self.is_stopped() && !is_at_hand {
            return None;
        }
        items.next()
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst) || self.interrupt.raised().is_some()
    }

    fn result_of<I, T>(&self, item: &I) -> ItemResult<T>
    where
        W: Fn(&I) -> Result<T, Error>,
    {
        if self.is_stopped() {
            return ItemResult::Skipped;
        }
        match panic::catch(|| (self.work)(item)).and_then(|result| result) {
            Ok(value) => ItemResult::Done(value),
            Err(error) => {
                if is_dead_credential(&error) {
                    self.stopped.store(true, Ordering::SeqCst);
                }
                ItemResult::Failed(error)
            }
        }
    }
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The items under way, in their order; a slot is empty until its result comes.
struct Window<I, T> {
    /// The index of the first slot.
    first: usize,
    slots: VecDeque<Option<(I, ItemResult<T>)>>,
}

impl<I, T> Window<I, T> {
    fn fill(&mut self, (index, item, result): (usize, I, ItemResult<T>)) {
        self.slots[index - self.first] = Some((item, result));
    }

    /// Returns the next result, once it is its turn.
    fn pop(&mut self) -> Option<(I, ItemResult<T>)> {
        let next = self.slots.front_mut()?.take()?;
        self.slots.pop_front();
        self.first += 1;
        Some(next)
    }
}

/// Workers only end when the caller does, because a panic in their work is caught.
fn workers_are_gone() -> Error {
    Error::new(Kind::Internal, "internal error: the workers ended early")
}

fn is_dead_credential(error: &Error) -> bool {
    error.kind() == Kind::Auth && error.details().http_status == Some(401)
}

/// What came of all items together.
#[derive(Debug)]
pub struct Summary {
    /// The worst exit of all.
    pub exit: Exit,
    /// The first error that led to it.
    pub error: Option<Error>,
    failed: usize,
    skipped: usize,
    all: usize,
}

impl Default for Summary {
    fn default() -> Summary {
        Summary {
            exit: Exit::Done,
            error: None,
            failed: 0,
            skipped: 0,
            all: 0,
        }
    }
}

impl Summary {
    fn count<T>(&mut self, result: &ItemResult<T>) {
        self.all += 1;
        match result {
            ItemResult::Done(_) => {}
            ItemResult::Skipped => self.skipped += 1,
            ItemResult::Failed(error) => {
                self.failed += 1;
                let exit = error.exit_code();
                if exit.worse(self.exit) == exit && exit != self.exit {
                    self.exit = exit;
                    self.error = Some(error.summary());
                }
            }
        }
    }

    /// Takes a result into account that is not an error: different, incomplete.
    pub fn include(&mut self, exit: Exit) {
        self.exit = self.exit.worse(exit);
    }

    /// Returns the exit, or the one error that represents all failures.
    ///
    /// # Errors
    /// That error; it says how many failed.
    pub fn into_result(self, noun: &str) -> Result<Exit, Error> {
        let Some(error) = self.error else {
            return Ok(self.exit);
        };
        if self.all == 1 {
            return Err(error.exit(self.exit));
        }
        let skipped = match self.skipped {
            0 => String::new(),
            count => format!(", {count} skipped"),
        };
        let counts = format!("{} of {} {noun} failed{skipped}", self.failed, self.all);
        Err(error.about(&counts).exit(self.exit))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::{ItemResult, WINDOW, for_each_ordered};
    use crate::error::{Error, Kind};
    use crate::interrupt::{Interrupt, Signal};

    const SOON: Duration = Duration::from_secs(10);

    fn late() -> Error {
        Error::new(Kind::Timeout, "nothing came")
    }

    #[test]
    fn results_are_reported_in_the_order_of_the_items() {
        let (sender, receiver) = channel();
        let receiver = Mutex::new(receiver);
        let mut reported = Vec::new();
        let work = |item: &usize| match item {
            // The first one ends after the last one.
            0 => {
                let receiver = receiver.lock().unwrap();
                receiver.recv_timeout(SOON).map_err(|_| late())
            }
            5 => {
                sender.send(()).unwrap();
                Ok(())
            }
            _ => Err(Error::new(Kind::Http, "refused")),
        };
        let summary = for_each_ordered(&Interrupt::default(), 3, 0..6, work, |item, result| {
            reported.push((item, matches!(result, ItemResult::Done(()))));
            Ok(())
        })
        .unwrap();
        let done = [true, false, false, false, false, true];
        assert_eq!(reported, (0..6).zip(done).collect::<Vec<_>>());
        assert_eq!((summary.failed, summary.skipped, summary.all), (4, 0, 6));
    }

    #[test]
    fn items_are_fetched_while_every_worker_works() {
        let (sender, receiver) = channel();
        let receiver = Mutex::new(receiver);
        let items = (0..3).inspect(|item| {
            if *item == 2 {
                sender.send(()).unwrap();
                sender.send(()).unwrap();
            }
        });
        let work = |item: &usize| {
            if *item < 2 {
                receiver
                    .lock()
                    .unwrap()
                    .recv_timeout(SOON)
                    .map_err(|_| late())?;
            }
            Ok(())
        };
        let summary =
            for_each_ordered(&Interrupt::default(), 2, items, work, |_, _| Ok(())).unwrap();
        assert_eq!((summary.failed, summary.all), (0, 3));
    }

    #[test]
    fn few_results_wait_for_their_turn() {
        let (sender, receiver) = channel();
        let receiver = Mutex::new(receiver);
        let begun = AtomicUsize::new(0);
        let work = |item: &usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            if *item == 0 {
                receiver
                    .lock()
                    .unwrap()
                    .recv_timeout(SOON)
                    .map_err(|_| late())?;
            } else if *item == 2 * WINDOW - 1 {
                sender.send(()).unwrap();
            }
            Ok(())
        };
        let mut most = 0;
        let summary = for_each_ordered(&Interrupt::default(), 2, 0..100, work, |item, _| {
            most = most.max(begun.load(Ordering::SeqCst) - item);
            Ok(())
        })
        .unwrap();
        assert_eq!((summary.failed, summary.all), (0, 100));
        assert!(most <= 2 * WINDOW, "{most}");
    }

    /// Runs over pages that never end, and returns how many items were fetched, failed and counted.
    fn over_pages(
        interrupt: &Interrupt,
        work: impl Fn(&usize) -> Result<(), Error> + Sync,
    ) -> (usize, usize, usize) {
        let mut fetched = 0;
        let pages = std::iter::from_fn(|| {
            fetched += 1;
            Some(fetched)
        });
        let summary = for_each_ordered(interrupt, 1, pages, work, |_, _| Ok(())).unwrap();
        (fetched, summary.failed, summary.all)
    }

    #[test]
    fn a_refused_credential_or_a_signal_stops_the_run() {
        let refused = |_: &usize| Err::<(), _>(Error::new(Kind::Auth, "no").status(401));
        assert_eq!(over_pages(&Interrupt::default(), refused), (1, 1, 1));
        let interrupt = Interrupt::default();
        let raising = |_: &usize| {
            interrupt.raise(Signal::Terminate);
            Err(Error::new(Kind::Http, "cut"))
        };
        assert_eq!(over_pages(&interrupt, raising), (1, 1, 1));
        // What is at hand is reported, so that it does not look done.
        let summary =
            for_each_ordered(&Interrupt::default(), 1, 0..3, refused, |_, _| Ok(())).unwrap();
        assert_eq!((summary.failed, summary.skipped, summary.all), (1, 2, 3));
    }

    #[test]
    fn a_panic_fails_its_item_and_no_other() {
        for workers in [1, 2, 8] {
            let work = |item: &usize| {
                assert!(item % 10 != 3, "item {item}");
                Ok(())
            };
            let mut failed = Vec::new();
            let summary = for_each_ordered(
                &Interrupt::default(),
                workers,
                0..40,
                work,
                |item, result| {
                    if let ItemResult::Failed(error) = result {
                        failed.push((item, error.what().to_owned()));
                    }
                    Ok(())
                },
            )
            .unwrap();
            let expected =
                [3, 13, 23, 33].map(|item| (item, format!("internal error: item {item}")));
            assert_eq!(failed, expected);
            let error = summary.into_result("items").unwrap_err();
            assert_eq!(error.exit_code().code(), 1);
            assert!(error.what().starts_with("4 of 40 items failed: "));
        }
    }

    #[test]
    fn a_panic_while_reporting_reaches_the_caller() {
        for workers in [1, 4] {
            let caught = crate::panic::catch(|| {
                for_each_ordered(
                    &Interrupt::default(),
                    workers,
                    0..,
                    |_| Ok(()),
                    |item, _| {
                        assert_ne!(item, 5, "cannot report");
                        Ok(())
                    },
                )
            });
            assert!(caught.unwrap_err().what().contains("cannot report"));
        }
    }

    #[test]
    fn when_nobody_listens_any_more_nothing_is_begun() {
        for workers in [1, 4] {
            let begun = AtomicUsize::new(0);
            let work = |_: &usize| Ok(begun.fetch_add(1, Ordering::SeqCst));
            let result =
                for_each_ordered(
                    &Interrupt::default(),
                    workers,
                    0..,
                    work,
                    |item, _| match item {
                        3 => Err(Error::closed_pipe()),
                        _ => Ok(()),
                    },
                );
            assert!(result.unwrap_err().is_silent());
            assert!(begun.into_inner() <= 3 + WINDOW * workers);
        }
    }
}
