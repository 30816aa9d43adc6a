//! SIGINT and SIGTERM, as the rest of the program sees them.
//!
//! `lib` raises them; everything that waits or loops checks. Work that must not be torn apart
//! (several items, a store that is being written) holds a [`Graceful`]: then the first signal only
//! asks to stop, and the second one ends the process. Code that changes something outside of the
//! process (a terminal's echo) holds a [`CleanupGuard`], because its own thread does not get to
//! restore it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::lock::lock;

/// A signal that asks the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: what CI systems and `kill` send.
    Terminate,
}

impl Signal {
    /// Returns the exit of this signal.
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
    passes_on_hangups: AtomicBool,
    cleanups: Mutex<Vec<(usize, Cleanup)>>,
}

struct Cleanup(Box<dyn Fn() + Send>);

impl std::fmt::Debug for Cleanup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cleanup")
    }
}

/// A handle on the signals of this run; clones share their state.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Shared>);

/// While one lives, the first signal asks for a stop and does not end the process.
#[derive(Debug)]
pub struct Graceful(Arc<Shared>);

impl Drop for Graceful {
    fn drop(&mut self) {
        self.0.graceful.fetch_sub(1, Ordering::SeqCst);
    }
}

/// While one lives, its cleanup runs when a signal ends the process.
#[derive(Debug)]
pub struct CleanupGuard {
    shared: Arc<Shared>,
    id: usize,
}

impl Drop for CleanupGuard {
    fn drop(&mut self) {
        lock(&self.shared.cleanups).retain(|(id, _)| *id != self.id);
    }
}

impl Interrupt {
    /// Runs `cleanup` when a signal ends the process while the returned guard lives.
    pub fn on_exit(&self, cleanup: impl Fn() + Send + 'static) -> CleanupGuard {
        let mut cleanups = lock(&self.0.cleanups);
        let id = cleanups.last().map_or(0, |(last, _)| last + 1);
        cleanups.push((id, Cleanup(Box::new(cleanup))));
        CleanupGuard {
            shared: Arc::clone(&self.0),
            id,
        }
    }

    /// Runs the cleanups, the latest first; `lib` calls it before the process ends early.
    pub fn clean_up(&self) {
        for (_, Cleanup(cleanup)) in lock(&self.0.cleanups).iter().rev() {
            cleanup();
        }
    }

    /// Records a signal, ends every pause, and returns `true` if the process has to end at once.
    pub fn raise(&self, signal: Signal) -> bool {
        let mut raised = lock(&self.0.raised);
        let second = raised.replace(signal).is_some();
        self.0.woken.notify_all();
        second || self.0.graceful.load(Ordering::SeqCst) == 0
    }

    /// Says that SIGHUP and SIGQUIT are another process's to answer, so that they do not end this
    /// one.
    pub fn pass_on_hangups(&self) {
        self.0.passes_on_hangups.store(true, Ordering::SeqCst);
    }

    /// Returns `true` if SIGHUP and SIGQUIT must not end the process.
    pub fn passes_on_hangups(&self) -> bool {
        self.0.passes_on_hangups.load(Ordering::SeqCst)
    }

    /// Lets the first signal only ask for a stop while the returned guard lives.
    pub fn graceful(&self) -> Graceful {
        self.0.graceful.fetch_add(1, Ordering::SeqCst);
        Graceful(Arc::clone(&self.0))
    }

    /// Returns the signal that was raised, if any.
    pub fn raised(&self) -> Option<Signal> {
        *lock(&self.0.raised)
    }

    /// Fails with kind `interrupted` when a signal was raised.
    pub fn check(&self) -> Result<(), Error> {
        self.raised().map_or(Ok(()), |signal| Err(signal.error()))
    }

    /// Waits for `duration`; a signal ends the wait with kind `interrupted`.
    pub fn pause(&self, duration: Duration) -> Result<(), Error> {
        let end = Instant::now() + duration;
        let mut raised = lock(&self.0.raised);
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

/// Returns the signals that this process ignores as a bit mask (proc(5), `SigIgn`); none where
/// the system does not say it in a file, because the call that asks for it is unsafe.
#[cfg(unix)]
pub fn ignored_signals() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let mask = status
                .lines()
                .find_map(|line| line.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Interrupt;

    #[test]
    fn a_cleanup_runs_while_its_guard_lives() {
        let interrupt = Interrupt::default();
        let runs = Arc::new(AtomicUsize::new(0));
        let counting = |by| {
            let runs = Arc::clone(&runs);
            move || {
                runs.fetch_add(by, Ordering::SeqCst);
            }
        };
        let first = interrupt.on_exit(counting(1));
        let second = interrupt.on_exit(counting(10));
        interrupt.clean_up();
        drop(first);
        interrupt.clean_up();
        drop(second);
        interrupt.clean_up();
        assert_eq!(runs.load(Ordering::SeqCst), 21);
    }
}
