//! How long is waited, and how often is looked.

use std::time::{Duration, Instant};

use crate::context::Context;
use crate::duration;
use crate::error::{Error, Kind};
use crate::names::{Parse, ParseError};

/// So many looks in a row may fail before a wait is given up.
const PATIENCE: u32 = 5;

/// How long is waited at the most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit(Duration);

impl Limit {
    /// How long unless something else is asked for (contract 1.2).
    pub(super) const DEFAULT: &str = "30m";
}

impl Parse for Limit {
    const NOUN: &'static str = "duration";

    fn parse(text: &str) -> Result<Limit, ParseError> {
        duration::parse(text).map(Limit)
    }
}

/// Looks; a look that fails is told and made up for by the next one, `PATIENCE` times in a row.
pub(super) fn look<T>(
    context: &Context,
    troubles: &mut u32,
    look: impl FnOnce() -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    match look() {
        Ok(found) => {
            *troubles = 0;
            Ok(Some(found))
        }
        Err(error) if error.details().retryable && *troubles < PATIENCE => {
            *troubles += 1;
            context
                .output()
                .note(&format!("looking again: {}", error.message()));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The pauses between looks: 2 s, growing to 15 s, with jitter; or what the service asks for.
#[derive(Debug)]
pub(super) struct Pace {
    next: Duration,
    end: Instant,
    limit: Duration,
}

impl Pace {
    pub(super) fn new(Limit(limit): Limit) -> Pace {
        Pace {
            next: Duration::from_secs(2),
            end: Instant::now() + limit,
            limit,
        }
    }

    /// Waits until the next look, or fails with kind `timeout` when the limit has come.
    pub(super) fn pause(
        &mut self,
        context: &Context,
        asked: Option<Duration>,
        waiting_for: &str,
    ) -> Result<(), Error> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::new(
                Kind::Timeout,
                format!("not done within {:?}: {waiting_for}", self.limit),
            )
            .retryable(true)
            .hint("wait again, or longer with --wait-timeout; nothing is lost, the copies go on"));
        }
        let jittered = self.next.mul_f64(1.0 + fastrand::f64() / 4.0);
        self.next = self.next.mul_f64(1.5).min(Duration::from_secs(15));
        context
            .interrupt()
            .pause(asked.unwrap_or(jittered).min(left))
    }
}
