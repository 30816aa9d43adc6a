//! Work on many items: a few at a time, on after a failure, in order, in bounded memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;

/// So many results per worker may wait for their turn.
const WINDOW: usize = 4;

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
/// finished, the rest is skipped. Returns the worst exit of the failures, with the first error
/// that led to it.
///
/// # Errors
/// What `tell` fails with; it ends the run.
pub(super) fn work_on<I: Send, T: Send>(
    context: &Context,
    concurrency: usize,
    items: impl Iterator<Item = I> + Send,
    work: impl Fn(&I) -> Result<T, Error> + Sync,
    mut tell: impl FnMut(I, Ended<T>) -> Result<(), Error>,
) -> Result<Worst, Error> {
    let _graceful = context.interrupt().graceful();
    let stop = AtomicBool::new(false);
    let queue = Mutex::new(items.enumerate());
    let (sender, receiver) = sync_channel::<(usize, I, Ended<T>)>(concurrency.max(1));
    // What ends early waits for what began before it; so many may wait, and no more.
    let (permit, permits) = sync_channel::<()>(WINDOW * concurrency.max(1));
    let mut worst = Worst::default();
    std::thread::scope(|scope| {
        for _ in 0..concurrency.max(1) {
            let (sender, permit) = (sender.clone(), permit.clone());
            let (queue, stop, work) = (&queue, &stop, &work);
            scope.spawn(move || {
                loop {
                    if permit.send(()).is_err() {
                        return;
                    }
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((index, item)) = next else { return };
                    let ended =
                        if stop.load(Ordering::SeqCst) || context.interrupt().raised().is_some() {
                            Ended::Skipped
                        } else {
                            match work(&item) {
                                Ok(value) => Ended::Done(value),
                                Err(error) => {
                                    if is_dead_credential(&error) {
                                        stop.store(true, Ordering::SeqCst);
                                    }
                                    Ended::Failed(error)
                                }
                            }
                        };
                    if sender.send((index, item, ended)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((sender, permit));
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (index, item, ended) in &receiver {
            early.insert(index, (item, ended));
            while let Some((item, ended)) = early.remove(&next) {
                next += 1;
                let _ = permits.recv();
                worst.note(&ended);
                if let Err(error) = tell(item, ended) {
                    stop.store(true, Ordering::SeqCst);
                    drop((receiver, permits));
                    return Err(error);
                }
            }
        }
        Ok(())
    })?;
    if let Some(signal) = context.interrupt().raised() {
        worst.exit = worst.exit.worse(signal.exit());
        worst.error = Some(signal.error());
    }
    Ok(worst)
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
