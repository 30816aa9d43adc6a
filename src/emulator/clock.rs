//! Time and numbers of the emulated service: both begin at fixed values and advance by a fixed
//! step for each change, so that two runs of the same commands answer the same bytes.
//!
//! `world` takes from it, the resources print it. It never asks the machine for the time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// 2026-01-01T00:00:00Z.
const START: Timestamp = Timestamp::constant(1_767_225_600, 0);
/// A step that leaves fractions of different lengths, as Go's RFC3339Nano prints them: trailing
/// zeros are cut (section 3).
const STEP_IN_MILLISECONDS: i64 = 1_250;
/// Larger than 32 bits, for section 3 says that integers may be.
const FIRST_ID: u64 = 5_000_000_001;

/// A point in time, counted in changes since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Moment(u32);

impl Moment {
    /// Returns the time as UTC text: `2026-01-01T00:00:01.25Z`.
    pub(super) fn text(self) -> String {
        self.time().to_string()
    }

    /// Returns the time as a header has it: `Thu, 01 Jan 2026 00:00:01 GMT`.
    pub(super) fn http_date(self) -> String {
        self.time()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    fn time(self) -> Timestamp {
        let passed = SignedDuration::from_millis(STEP_IN_MILLISECONDS * i64::from(self.0));
        START.checked_add(passed).unwrap_or(START)
    }
}

/// Where the numbers are; part of what a state file keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clock {
    changes: u32,
    ids: u64,
}

impl Clock {
    /// Returns the time of a change, which is later than that of every change before.
    pub(super) fn tick(&mut self) -> Moment {
        self.changes = self.changes.saturating_add(1);
        Moment(self.changes)
    }

    /// Returns the time of the last change.
    pub(super) fn now(&self) -> Moment {
        Moment(self.changes)
    }

    /// Returns the next number; later things have greater ones.
    pub(super) fn next_id(&mut self) -> u64 {
        self.ids += 1;
        FIRST_ID + self.ids - 1
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn each_change_is_later_and_the_trailing_zeros_of_a_time_are_cut() {
        let mut clock = Clock::default();
        let times: Vec<String> = (0..4).map(|_| clock.tick().text()).collect();
        assert_eq!(
            times,
            [
                "2026-01-01T00:00:01.25Z",
                "2026-01-01T00:00:02.5Z",
                "2026-01-01T00:00:03.75Z",
                "2026-01-01T00:00:05Z"
            ]
        );
    }

    #[test]
    fn numbers_exceed_32_bits_and_grow() {
        let mut clock = Clock::default();
        assert_eq!(
            (clock.next_id(), clock.next_id()),
            (5_000_000_001, 5_000_000_002)
        );
    }
}
