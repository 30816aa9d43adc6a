//! How long is waited, and how often is looked.

use std::time::{Duration, Instant};

use super::{Event, Host};
use crate::duration;
use crate::error::{Error, Kind};
use crate::names::{Parse, ParseError};

/// So many looks in a row may fail before a wait is given up.
const PATIENCE: u32 = 5;

/// The longest time that is waited.
#[derive(Debug, Clone, Copy)]
pub struct WaitLimit(Duration);

impl WaitLimit {
    /// The limit unless something else is asked for (contract 1.2).
    pub const DEFAULT: &str = "30m";
}

impl Parse for WaitLimit {
    const NOUN: &'static str = "duration";

    fn parse(text: &str) -> Result<WaitLimit, ParseError> {
        duration::parse(text).map(WaitLimit)
    }
}

/// The pace of looking again and again until a limit: every 2 s, growing to 15 s, with jitter, or
/// when the service asks for it.
#[derive(Debug)]
pub struct Poll {
    next: Duration,
    end: Instant,
    limit: Duration,
    failed: u32,
    last: Option<String>,
}

impl Poll {
    /// Begins; the limit counts from now.
    pub fn new(WaitLimit(limit): WaitLimit) -> Poll {
        Poll {
            next: Duration::from_secs(2),
            end: Instant::now() + limit,
            limit,
            failed: 0,
            last: None,
        }
    }

    /// Takes what a look found; `None` when it failed in a way that the next look may make up for.
    /// That is an event, and an error when it happens too often in a row.
    ///
    /// # Errors
    /// What the look failed with.
    pub fn looked<T>(
        &mut self,
        host: &dyn Host,
        found: Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match found {
            Ok(found) => {
                self.failed = 0;
                self.last = None;
                Ok(Some(found))
            }
            Err(error) if error.details().retryable && self.failed < PATIENCE => {
                self.failed += 1;
                self.last = Some(error.message());
                host.event(&Event::LookFailed(&error));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns how long to wait until the next look; `asked` is what the service asks for.
    ///
    /// # Errors
    /// Kind `timeout` when the limit has come, saying what is waited for, and why the last look
    /// failed.
    pub fn next(&mut self, asked: Option<Duration>, waiting_for: &str) -> Result<Duration, Error> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let why = match &self.last {
                Some(why) => format!("; the last look failed: {why}"),
                None => String::new(),
            };
            let limit = duration::text(self.limit);
            let what = format!("not done within {limit}: {waiting_for}{why}");
            return Err(Error::new(Kind::Timeout, what).retryable(true));
        }
        let jittered = self.next.mul_f64(1.0 + fastrand::f64() / 4.0);
        self.next = self.next.mul_f64(1.5).min(Duration::from_secs(15));
        Ok(asked.unwrap_or(jittered).min(left))
    }

    /// Waits until the next look.
    ///
    /// # Errors
    /// As [`Poll::next`]; kind `interrupted` at a signal.
    pub fn pause(
        &mut self,
        host: &dyn Host,
        asked: Option<Duration>,
        waiting_for: &str,
    ) -> Result<(), Error> {
        let pause = self.next(asked, waiting_for)?;
        host.interrupt().pause(pause)
    }
}
