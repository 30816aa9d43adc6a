//! The emulator's time: the machine's, moved where a test wants to be later.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Tells the time; what was moved stays moved.
pub(super) struct Clock {
    stopped_at: Option<Timestamp>,
    moved: Mutex<SignedDuration>,
}

impl Clock {
    /// The clock of the machine.
    pub(super) fn of_the_machine() -> Clock {
        Clock {
            stopped_at: None,
            moved: Mutex::default(),
        }
    }

    /// A clock that stands still until it is moved.
    #[cfg(test)]
    pub(super) fn stopped_at(instant: Timestamp) -> Clock {
        Clock {
            stopped_at: Some(instant),
            moved: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        later(self.stopped_at.unwrap_or_else(Timestamp::now), moved)
    }

    /// Moves the clock on, or back when `by` is negative.
    pub(super) fn move_by(&self, by: SignedDuration) {
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        *moved = moved.saturating_add(by);
    }
}

/// Returns the instant `by` after `start`, at the end of time at the latest.
pub(super) fn later(start: Timestamp, by: SignedDuration) -> Timestamp {
    start.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Writes a time as IAM and STS do, with microseconds: `2020-01-04T09:05:22.701000Z`.
///
/// Source: `reference/swr-api.md` sections 5.1 and 5.4.
pub(super) fn written(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Clock, later, written};

    #[test]
    fn times_are_written_with_six_digits_whatever_the_fraction() {
        let whole: Timestamp = "2020-01-04T09:05:22Z".parse().unwrap();
        let fine: Timestamp = "2020-01-04T09:05:22.701000999Z".parse().unwrap();
        assert_eq!(written(whole), "2020-01-04T09:05:22.000000Z");
        assert_eq!(written(fine), "2020-01-04T09:05:22.701000Z");
    }

    #[test]
    fn a_moved_clock_stays_moved() {
        let start: Timestamp = "2026-03-01T10:11:12Z".parse().unwrap();
        let clock = Clock::stopped_at(start);
        clock.move_by(SignedDuration::from_mins(16));
        clock.move_by(SignedDuration::from_mins(-1));
        assert_eq!(clock.now(), later(start, SignedDuration::from_mins(15)));
    }
}
