//! What all regions of a running emulator share: the world, the faults, who may enter, and what
//! was received.
//!
//! `server` serves it, `seeding` fills and reads it. It never sees a socket.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fault::Schedule;
use super::identity::Identity;
use super::switches::{Switch, Switches};
use super::world::{Rules, World};
use crate::names::RegionId;

/// The first request id; 32 hexadecimal digits, like the service's.
const FIRST_REQUEST: u128 = 0x5377_5200_0000_0000_0000_0000_0000_0001;

/// A request as it came, with the status that it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The region whose port it came to.
    pub region: String,
    /// The method.
    pub method: String,
    /// Path and query as on the wire.
    pub path: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// The status of the answer; 0 as long as, and when, none was sent.
    pub status: u16,
}

/// The shared side of a running emulator.
pub(super) struct Cloud {
    pub(super) regions: Vec<RegionId>,
    pub(super) switches: Switches,
    pub(super) identity: Arc<Identity>,
    world: Mutex<World>,
    schedule: Mutex<Schedule>,
    received: Mutex<Vec<Received>>,
    answers: AtomicU64,
}

impl Cloud {
    /// Returns a cloud around a world.
    pub(super) fn new(
        regions: Vec<RegionId>,
        switches: Switches,
        world: World,
        schedule: Schedule,
    ) -> Cloud {
        let everywhere = switches.has(Switch::TokensCountEverywhere);
        Cloud {
            identity: Arc::new(Identity::new(&regions, everywhere)),
            regions,
            switches,
            world: Mutex::new(world),
            schedule: Mutex::new(schedule),
            received: Mutex::default(),
            answers: AtomicU64::new(0),
        }
    }

    /// Does something with the world; whoever does holds it alone.
    pub(super) fn change<T>(&self, act: impl FnOnce(&mut World, &Rules) -> T) -> T {
        let fault = |region: &str, name: &str| self.schedule().strike_copy(name, region);
        let rules = Rules {
            switches: self.switches,
            fault: &fault,
        };
        act(&mut lock(&self.world), &rules)
    }

    /// Returns the faults.
    pub(super) fn schedule(&self) -> MutexGuard<'_, Schedule> {
        lock(&self.schedule)
    }

    /// Returns the id of the next answer.
    pub(super) fn next_request_id(&self) -> String {
        let count = self.answers.fetch_add(1, Ordering::Relaxed);
        format!("{:032x}", FIRST_REQUEST + u128::from(count))
    }

    /// Notes a request, and returns its place.
    pub(super) fn note(&self, received: Received) -> usize {
        let mut all = lock(&self.received);
        all.push(received);
        all.len() - 1
    }

    /// Notes what a request got.
    pub(super) fn note_status(&self, place: usize, status: u16) {
        if let Some(received) = lock(&self.received).get_mut(place) {
            received.status = status;
        }
    }

    /// Returns the requests so far.
    pub(super) fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cloud")
            .field("regions", &self.regions)
            .finish_non_exhaustive()
    }
}
