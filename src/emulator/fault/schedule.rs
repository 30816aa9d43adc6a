//! Which fault is triggered by which call.

use percent_encoding::percent_decode_str;

use super::{Fault, Times, What};
use crate::emulator::world::Ending;

/// The faults of a running emulator, with their counters.
///
/// They are asked in their order, and the first that triggers ends the asking: later ones do not
/// count that call.
#[derive(Debug, Default)]
pub(in crate::emulator) struct Schedule(Vec<Planned>);

#[derive(Debug)]
struct Planned {
    fault: Fault,
    met: u32,
    triggered: u32,
}

impl Schedule {
    /// Adds a fault behind the others.
    pub(in crate::emulator) fn add(&mut self, fault: Fault) {
        self.0.push(Planned {
            fault,
            met: 0,
            triggered: 0,
        });
    }

    /// Returns what happens to a request; `path` is as on the wire, with its query.
    pub(in crate::emulator) fn trigger(
        &mut self,
        method: &str,
        path: &str,
        region: &str,
    ) -> Option<What> {
        self.0
            .iter_mut()
            .find_map(|planned| planned.trigger(method, path, region))
    }

    /// Returns how a copy ends, where a fault says so.
    pub(in crate::emulator) fn trigger_copy(&mut self, name: &str, region: &str) -> Option<Ending> {
        match self.trigger("COPY", name, region) {
            Some(What::Copy(ending)) => Some(ending),
            _ => None,
        }
    }
}

impl Planned {
    fn trigger(&mut self, method: &str, path: &str, region: &str) -> Option<What> {
        let spent = match self.fault.times {
            Times::Counted(times) => self.triggered >= times,
            Times::Always => false,
        };
        if spent || !self.fits(method, path, region) {
            return None;
        }
        self.met = self.met.saturating_add(1);
        let counted = self.met.saturating_sub(self.fault.after);
        if counted == 0 || !counted.is_multiple_of(self.fault.every) {
            return None;
        }
        self.triggered = self.triggered.saturating_add(1);
        Some(self.fault.what.clone())
    }

    fn fits(&self, method: &str, path: &str, region: &str) -> bool {
        let Fault {
            method: wanted,
            pattern,
            region: place,
            ..
        } = &self.fault;
        // A copy is not a request: '*' does not mean it.
        let method_fits = wanted == method || (wanted == "*" && method != "COPY");
        let place_fits = place.as_ref().is_none_or(|place| place.as_str() == region);
        method_fits
            && place_fits
            && (pattern == "*"
                || path.contains(pattern.as_str())
                || percent_decode_str(path)
                    .decode_utf8_lossy()
                    .contains(pattern.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fault;
    use super::Schedule;

    fn schedule(faults: &[&str]) -> Schedule {
        let mut schedule = Schedule::default();
        for fault in faults {
            schedule.add(Fault::parse(fault).unwrap());
        }
        schedule
    }

    fn triggered(schedule: &mut Schedule, calls: u32) -> Vec<u32> {
        (1..=calls)
            .filter(|_| schedule.trigger("POST", "/v2/x", "cn-north-4").is_some())
            .collect()
    }

    #[test]
    fn calls_are_counted() {
        assert_eq!(triggered(&mut schedule(&["POST x: 503 x2"]), 9), [1, 2]);
        assert_eq!(triggered(&mut schedule(&["* *: 503 after=2"]), 9), [3]);
        assert_eq!(
            triggered(&mut schedule(&["POST x: cut every=3"]), 9),
            [3, 6, 9]
        );
        assert_eq!(
            triggered(&mut schedule(&["POST x: cut every=3 after=1 x2"]), 9),
            [4, 7]
        );
        assert_eq!(
            triggered(&mut schedule(&["POST x: 503", "POST x: cut"]), 9),
            [1, 2]
        );
    }

    #[test]
    fn a_fault_triggers_only_what_it_names() {
        let mut schedule = schedule(&[
            "GET web$api@cn-east-3: 503 x*",
            "COPY demo/web/api:1.0: stuck x*",
        ]);
        let mut triggers = |method, path, region| schedule.trigger(method, path, region).is_some();
        assert!(triggers("GET", "/repos/web$api", "cn-east-3"));
        assert!(triggers("GET", "/repos/web%24api", "cn-east-3"));
        assert!(!triggers("GET", "/repos/web$api", "cn-north-4"));
        assert!(!triggers("POST", "/repos/web$api", "cn-east-3"));
        assert!(!triggers("GET", "demo/web/api:1.0", "cn-north-4"));
        assert!(triggers("COPY", "demo/web/api:1.0", "cn-north-4"));
    }
}
