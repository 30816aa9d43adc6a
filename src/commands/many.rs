//! Work on many items: a few at a time, on after a failure, in order, in bounded memory.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;

/// So many results per worker may wait for their turn.
const WINDOW: usize = 4;
/// So many items are fetched ahead, beside one per worker: a page of the service.
const AHEAD: usize = 100;

/// How one item ended.
#[derive(Debug)]
pub(super) enum Ended<T> {
    /// With a result.
    Done(T),
    /// With an error; the others go on.
    Failed(Error),
    /// It was not begun: a dead credential or a signal stopped the run.
    Skipped,
}

/// Works on items side by side and hands each end to `tell`, in the order of the items.
///
/// A credential that the service refuses (401), or a signal, stops the run: what is under way is
/// finished, the rest is skipped. After a 401, items that are not at hand are not even fetched:
/// they would be asked for with the dead credential. Returns the worst exit of the failures, with
/// the first error that led to it.
///
/// # Errors
/// What `tell` fails with; it ends the run.
pub(super) fn work_on<I: Send, T: Send>(
    context: &Context,
    concurrency: usize,
    mut items: impl Iterator<Item = I>,
    work: impl Fn(&I) -> Result<T, Error> + Sync,
    tell: impl FnMut(I, Ended<T>) -> Result<(), Error> + Send,
) -> Result<Worst, Error> {
    let _graceful = context.interrupt().graceful();
    let most = items.size_hint().1.unwrap_or(usize::MAX);
    let crew = Crew {
        context,
        workers: concurrency.min(most).max(1),
        work,
        state: Mutex::new(State::default()),
        wanted: Condvar::new(),
        ready: Condvar::new(),
        stopped: AtomicBool::new(false),
        teller: Mutex::new((tell, Worst::default())),
    };
    if crew.workers == 1 {
        while let Some(item) = crew.fetch(&mut items) {
            let index = crew.state().begin();
            if crew.take(index, item).is_none() {
                break;
            }
        }
    } else {
        std::thread::scope(|scope| {
            for _ in 0..crew.workers {
                scope.spawn(|| crew.run());
            }
            crew.feed(items);
        });
    }
    let state = crew.state.into_inner();
    if let Some(error) = state.unwrap_or_else(PoisonError::into_inner).broken {
        return Err(error);
    }
    let teller = crew.teller.into_inner();
    let (_, mut worst) = teller.unwrap_or_else(PoisonError::into_inner);
    if let Some(signal) = context.interrupt().raised() {
        worst.exit = worst.exit.worse(signal.exit());
        worst.error = Some(signal.error());
    }
    Ok(worst)
}

/// The workers, and what they share with the one thread that fetches items ahead of them.
///
/// Whoever ends an item tells it, where it is its turn: to hand it to another thread would cost
/// more than to tell it.
struct Crew<'a, I, T, W, F> {
    context: &'a Context,
    workers: usize,
    work: W,
    state: Mutex<State<I, T>>,
    /// Few items are ready.
    wanted: Condvar,
    /// There is an item, or room for its result, or all is over.
    ready: Condvar,
    /// A credential is dead: what was not begun is skipped.
    stopped: AtomicBool,
    teller: Mutex<(F, Worst)>,
}

struct State<I, T> {
    /// Items that were fetched and not begun.
    ready: VecDeque<I>,
    /// No more items will come.
    drained: bool,
    /// How many results were told.
    told: usize,
    /// The items that were begun and not told, and how they ended; empty while they are worked on.
    begun: VecDeque<Option<(I, Ended<T>)>>,
    /// One worker tells at a time.
    telling: bool,
    /// How many workers wait, so that nobody is woken in vain.
    waiting: usize,
    /// What `tell` failed with: nobody begins, fetches or tells any more.
    broken: Option<Error>,
}

impl<I, T> Default for State<I, T> {
    fn default() -> State<I, T> {
        State {
            ready: VecDeque::new(),
            drained: false,
            told: 0,
            begun: VecDeque::new(),
            telling: false,
            waiting: 0,
            broken: None,
        }
    }
}

impl<I, T> State<I, T> {
    /// Begins an item, and returns its place among all.
    fn begin(&mut self) -> usize {
        self.begun.push_back(None);
        self.told + self.begun.len() - 1
    }
}

impl<I, T, W, F> Crew<'_, I, T, W, F>
where
    W: Fn(&I) -> Result<T, Error>,
    F: FnMut(I, Ended<T>) -> Result<(), Error>,
{
    /// Fetches items while the workers work, so that none of them waits for a page.
    fn feed(&self, mut items: impl Iterator<Item = I>) {
        while let Some(item) = self.fetch(&mut items) {
            let mut state = self.state();
            state.ready.push_back(item);
            self.wake(&state);
            if state.ready.len() >= self.workers + AHEAD {
                state = self
                    .wanted
                    .wait_while(state, |state| {
                        state.broken.is_none() && state.ready.len() >= self.workers
                    })
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if state.broken.is_some() {
                break;
            }
        }
        self.state().drained = true;
        self.ready.notify_all();
    }

    /// Returns the next item; a list whose end is known is at hand, others come page by page.
    fn fetch(&self, items: &mut impl Iterator<Item = I>) -> Option<I> {
        let is_at_hand = items.size_hint().1.is_some();
        if self.stopped.load(Ordering::SeqCst) && !is_at_hand {
            return None;
        }
        items.next()
    }

    fn run(&self) {
        while let Some((index, item)) = self.next() {
            if self.take(index, item).is_none() {
                return;
            }
        }
    }

    /// Returns the next item and its place.
    fn next(&self) -> Option<(usize, I)> {
        let mut state = self.state();
        loop {
            if state.broken.is_some() || (state.drained && state.ready.is_empty()) {
                return None;
            }
            if state.begun.len() < WINDOW * self.workers
                && let Some(item) = state.ready.pop_front()
            {
                if state.ready.len() + 1 == self.workers {
                    self.wanted.notify_one();
                }
                return Some((state.begin(), item));
            }
            state.waiting += 1;
            state = self
                .ready
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Works on an item and tells all whose turn it is; `None` when nobody tells any more.
    fn take(&self, index: usize, item: I) -> Option<()> {
        let stopped = self.stopped.load(Ordering::SeqCst);
        let ended = if stopped || self.context.interrupt().raised().is_some() {
            Ended::Skipped
        } else {
            match (self.work)(&item) {
                Ok(value) => Ended::Done(value),
                Err(error) => {
                    if is_dead_credential(&error) {
                        self.stopped.store(true, Ordering::SeqCst);
                    }
                    Ended::Failed(error)
                }
            }
        };
        let mut state = self.state();
        let place = index - state.told;
        state.begun[place] = Some((item, ended));
        if state.telling {
            return Some(());
        }
        loop {
            let Some((item, ended)) = state.begun.front_mut().and_then(Option::take) else {
                state.telling = false;
                return Some(());
            };
            state.telling = true;
            drop(state);
            let told = {
                let mut teller = self.teller.lock().unwrap_or_else(PoisonError::into_inner);
                let (tell, worst) = &mut *teller;
                worst.note(&ended);
                tell(item, ended)
            };
            state = self.state();
            state.begun.pop_front();
            state.told += 1;
            self.wake(&state);
            if let Err(error) = told {
                state.broken = Some(error);
                self.ready.notify_all();
                self.wanted.notify_one();
                return None;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<I, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, state: &State<I, T>) {
        if state.waiting > 0 {
            self.ready.notify_one();
        }
    }
}

fn is_dead_credential(error: &Error) -> bool {
    error.kind() == Kind::Auth && error.details().http_status == Some(401)
}

/// The worst end of several items.
#[derive(Debug)]
pub(super) struct Worst {
    /// The exit of all together.
    pub exit: Exit,
    /// The first error that led to it.
    pub error: Option<Error>,
    failed: usize,
    skipped: usize,
    all: usize,
}

impl Default for Worst {
    fn default() -> Worst {
        Worst {
            exit: Exit::Done,
            error: None,
            failed: 0,
            skipped: 0,
            all: 0,
        }
    }
}

impl Worst {
    fn note<T>(&mut self, ended: &Ended<T>) {
        self.all += 1;
        match ended {
            Ended::Done(_) => {}
            Ended::Skipped => self.skipped += 1,
            Ended::Failed(error) => {
                self.failed += 1;
                let exit = error.exit_code();
                if exit.worse(self.exit) == exit && exit != self.exit {
                    self.exit = exit;
                    self.error = Some(error.summary());
                }
            }
        }
    }

    /// Takes a state into account that is no error: different, incomplete.
    pub(super) fn include(&mut self, exit: Exit) {
        self.exit = self.exit.worse(exit);
    }

    /// Ends the command: the one error that stands for all failures, or the exit.
    ///
    /// # Errors
    /// That error; it says how many failed.
    pub(super) fn end(self, noun: &str) -> Result<Exit, Error> {
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
        let said = format!("{} of {} {noun} failed{skipped}", self.failed, self.all);
        Err(error.about(&said).exit(self.exit))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::{Ended, WINDOW, work_on};
    use crate::context::Context;
    use crate::error::{Error, Kind};
    use crate::interrupt::Interrupt;
    use crate::settings::{Environment, Options};

    const SOON: Duration = Duration::from_secs(10);

    fn context() -> Context {
        let environment = Environment::default();
        Context::load(
            &Options::default(),
            &environment,
            false,
            Interrupt::default(),
        )
        .unwrap()
    }

    fn late() -> Error {
        Error::new(Kind::Timeout, "nothing came")
    }

    #[test]
    fn ends_are_told_in_the_order_of_the_items() {
        let (sender, receiver) = channel();
        let receiver = Mutex::new(receiver);
        let mut told = Vec::new();
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
        let worst = work_on(&context(), 3, 0..6, work, |item, ended| {
            told.push((item, matches!(ended, Ended::Done(()))));
            Ok(())
        })
        .unwrap();
        let done = [true, false, false, false, false, true];
        assert_eq!(told, (0..6).zip(done).collect::<Vec<_>>());
        assert_eq!((worst.failed, worst.skipped, worst.all), (4, 0, 6));
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
        let worst = work_on(&context(), 2, items, work, |_, _| Ok(())).unwrap();
        assert_eq!((worst.failed, worst.all), (0, 3));
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
        let worst = work_on(&context(), 2, 0..100, work, |item, _| {
            most = most.max(begun.load(Ordering::SeqCst) - item);
            Ok(())
        })
        .unwrap();
        assert_eq!((worst.failed, worst.all), (0, 100));
        assert!(most <= 2 * WINDOW, "{most}");
    }

    #[test]
    fn a_dead_credential_asks_for_nothing_more() {
        let dead = |_: &usize| Err::<(), _>(Error::new(Kind::Auth, "no").status(401));
        let mut fetched = 0;
        let pages = std::iter::from_fn(|| {
            fetched += 1;
            Some(fetched)
        });
        let worst = work_on(&context(), 1, pages, dead, |_, _| Ok(())).unwrap();
        assert_eq!((fetched, worst.failed, worst.all), (1, 1, 1));
        // What is at hand is told, so that nobody takes it for done.
        let worst = work_on(&context(), 1, 0..3, dead, |_, _| Ok(())).unwrap();
        assert_eq!((worst.failed, worst.skipped, worst.all), (1, 2, 3));
    }

    #[test]
    fn when_nobody_listens_any_more_nothing_is_begun() {
        for workers in [1, 4] {
            let begun = AtomicUsize::new(0);
            let work = |_: &usize| Ok(begun.fetch_add(1, Ordering::SeqCst));
            let told = work_on(&context(), workers, 0.., work, |item, _| match item {
                3 => Err(Error::closed_pipe()),
                _ => Ok(()),
            });
            assert!(told.unwrap_err().is_silent());
            assert!(begun.into_inner() <= 3 + WINDOW * workers);
        }
    }
}
