//! Counts failures in a row and locks a key or user with too many: access keys and users alike.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::time::later;

/// After so many failures in a row the next try finds the door locked.
const LIMIT: u32 = 5;

/// The failures in a row, by name.
pub(super) struct Failures {
    lock: SignedDuration,
    counted: HashMap<String, Count>,
}

#[derive(Default)]
struct Count {
    failures: u32,
    locked_until: Option<Timestamp>,
}

impl Failures {
    /// Locks for this long.
    pub(super) fn locking_for(lock: SignedDuration) -> Failures {
        Failures {
            lock,
            counted: HashMap::new(),
        }
    }

    /// Returns `true` if the name is locked; a lock that is over is forgotten, with its failures.
    pub(super) fn is_locked(&mut self, name: &str, now: Timestamp) -> bool {
        let until = self.counted.get(name).and_then(|count| count.locked_until);
        if until.is_some_and(|until| now >= until) {
            self.counted.remove(name);
        }
        until.is_some_and(|until| now < until)
    }

    pub(super) fn count(&mut self, name: &str, now: Timestamp) {
        let count = self.counted.entry(name.to_owned()).or_default();
        count.failures += 1;
        if count.failures >= LIMIT {
            count.locked_until = Some(later(now, self.lock));
        }
    }

    /// Forgets the failures: a success came in between.
    pub(super) fn reset(&mut self, name: &str) {
        self.counted.remove(name);
    }
}
