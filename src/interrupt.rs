//! SIGINT and SIGTERM, as the rest of the program sees them.
//!
//! `lib` raises, everything that waits or loops asks. Work that must not be torn apart (several
//! items, a store that is being written) holds a [`Graceful`]: then the first signal only asks to
//! stop, and the second one ends the process. Whoever changes something outside of the process (a
//! terminal that hides what is typed) holds a [`Mending`], for its own thread will not get to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Kind};
use crate::exit::Exit;

/// A signal that asks the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: what CI systems and `kill` send.
    Terminate,
}

impl Signal {
    /// Returns the exit that tells this signal.
    pub fn exit(self) -> Exit {
        match self {
            Signal::Interrupt => Exit::Interrupted,
            Signal::Terminate => Exit::Terminated,
        }
    }

    /// Returns the error of work that the signal ended.
    pub fn error(self) -> Error {
        let name = match self {
            Signal::Interrupt => "SIGINT",
            Signal::Terminate => "SIGTERM",
        };
        Error::new(Kind::Interrupted, format!("interrupted by {name}")).exit(self.exit())
    }
}

#[derive(Debug, Default)]
struct Shared {
    raised: Mutex<Option<Signal>>,
    woken: Condvar,
    graceful: AtomicUsize,
    mend: Mutex<Option<Mend>>,
}

struct Mend(Box<dyn Fn() + Send>);

impl std::fmt::Debug for Mend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mend")
    }
}

/// A handle on the signals of this run; clones share their state.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Shared>);

/// While one lives, the first signal asks and does not end the process.
#[derive(Debug)]
pub struct Graceful(Arc<Shared>);

impl Drop for Graceful {
    fn drop(&mut self) {
        self.0.graceful.fetch_sub(1, Ordering::SeqCst);
    }
}

/// While one lives, a signal that ends the process puts right what was given with it.
#[derive(Debug)]
pub struct Mending(Arc<Shared>);

impl Drop for Mending {
    fn drop(&mut self) {
        *self.0.mend.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Interrupt {
    /// Has `mend` called when a signal ends the process, as long as the returned guard lives. There
    /// is one at a time: a terminal has one state.
    pub fn mending(&self, mend: impl Fn() + Send + 'static) -> Mending {
        let mend = Mend(Box::new(mend));
        *self.0.mend.lock().unwrap_or_else(PoisonError::into_inner) = Some(mend);
        Mending(Arc::clone(&self.0))
    }

    /// Puts right what has to be; `lib` calls it last.
    pub fn mend(&self) {
        let mend = self.0.mend.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Mend(mend)) = &*mend {
            mend();
        }
    }

    /// Notes a signal, wakes whoever pauses, and returns `true` if the process has to end at once.
    pub fn raise(&self, signal: Signal) -> bool {
        let mut raised = self.0.raised.lock().unwrap_or_else(PoisonError::into_inner);
        let second = raised.replace(signal).is_some();
        self.0.woken.notify_all();
        second || self.0.graceful.load(Ordering::SeqCst) == 0
    }

    /// Asks for a soft stop as long as the returned guard lives.
    pub fn graceful(&self) -> Graceful {
        self.0.graceful.fetch_add(1, Ordering::SeqCst);
        Graceful(Arc::clone(&self.0))
    }

    /// Returns the signal that was raised, if any.
    pub fn raised(&self) -> Option<Signal> {
        *self.0.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails with kind `interrupted` when a signal was raised.
    pub fn check(&self) -> Result<(), Error> {
        self.raised().map_or(Ok(()), |signal| Err(signal.error()))
    }

    /// Waits for `duration`; a signal ends the wait with kind `interrupted`.
    pub fn pause(&self, duration: Duration) -> Result<(), Error> {
        let end = Instant::now() + duration;
        let mut raised = self.0.raised.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(signal) = *raised {
                return Err(signal.error());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            raised = self
                .0
                .woken
                .wait_timeout(raised, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Interrupt;

    #[test]
    fn what_is_out_of_place_is_mended_while_its_guard_lives() {
        let interrupt = Interrupt::default();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let guard = interrupt.mending(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        interrupt.mend();
        drop(guard);
        interrupt.mend();
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }
}
