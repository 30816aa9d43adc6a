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

/// Looks again and again until a limit: every 2 s, growing to 15 s, with jitter, or when the service
/// asks for it.
pub struct Poll<'a> {
    host: &'a dyn Host,
    next: Duration,
    end: Instant,
    limit: Duration,
    failed: u32,
    last: Option<String>,
}

impl<'a> Poll<'a> {
    /// Begins; the limit counts from now.
    pub fn new(host: &'a dyn Host, WaitLimit(limit): WaitLimit) -> Poll<'a> {
        Poll {
            host,
            next: Duration::from_secs(2),
            end: Instant::now() + limit,
            limit,
            failed: 0,
            last: None,
        }
    }

    /// Looks; `None` when it failed in a way that the next look may make up for. That is an event,
    /// and an error when it happens too often in a row.
    ///
    /// # Errors
    /// What the look fails with.
    pub fn look<T>(&mut self, look: impl FnOnce() -> Result<T, Error>) -> Result<Option<T>, Error> {
        match look() {
            Ok(found) => {
                self.failed = 0;
                self.last = None;
                Ok(Some(found))
            }
            Err(error) if error.details().retryable && self.failed < PATIENCE => {
                self.failed += 1;
                self.last = Some(error.message());
                self.host.event(&Event::LookFailed(&error));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Waits until the next look.
    ///
    /// # Errors
    /// Kind `timeout` when the limit has come, saying what is waited for, and why the last look
    /// failed.
    pub fn pause(&mut self, asked: Option<Duration>, waiting_for: &str) -> Result<(), Error> {
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
        self.host
            .interrupt()
            .pause(asked.unwrap_or(jittered).min(left))
    }
}
