//! What all ports have in common: the world, the faults, what was received.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use super::fault::Schedule;
use super::identity::Identity;
use super::options::Options;
use super::received::Received;
use super::seed;
use super::state_file::StateFile;
use super::storage::Store;
use super::switches::{Switch, Switches};
use super::world::{Place, Rules, World};
use crate::error::{Error, Kind};
use crate::lock::lock;
use crate::names::{Parse, RegionId};

/// What all ports have in common.
pub(super) struct Shared {
    regions: Vec<RegionId>,
    switches: Switches,
    latency: Duration,
    state: Option<StateFile>,
    identity: Identity,
    store: Store,
    /// Where each region is served, once it is.
    addresses: OnceLock<Vec<SocketAddr>>,
    world: Mutex<World>,
    /// Whether the world changed since it was saved.
    changed: AtomicBool,
    faults: Mutex<Schedule>,
    /// The requests so far, where a test wants to see them.
    received: Option<Mutex<Vec<Received>>>,
    answers: AtomicU64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("regions", &self.regions)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(options: Options) -> Result<Shared, Error> {
        let mut regions = options.regions;
        if regions.is_empty() {
            regions.extend(
                super::REGIONS
                    .iter()
                    .filter_map(|id| RegionId::parse(id).ok()),
            );
        }
        let switches = options.switches;
        let mut schedule = Schedule::default();
        options
            .faults
            .into_iter()
            .for_each(|fault| schedule.add(fault));
        let state = options.state.map(StateFile::open).transpose()?;
        let kept = state.as_ref().map_or(Ok(None), StateFile::read)?;
        // What was kept has had its seed, and may have changed since.
        let seed = options.seed.filter(|_| kept.is_none());
        let mut world = kept.unwrap_or_default();
        let store = open_store(state.as_ref(), &world)?;
        let agency = !switches.has(Switch::AgencyIsMissing);
        for (index, region) in regions.iter().enumerate() {
            if world.add_region(region.as_str(), agency) {
                seed::usual(&mut world, &store, region, index == 0, switches)?;
            }
        }
        if let Some(path) = &seed {
            seed::from_file(&mut world, &store, path, switches)?;
        }
        Ok(Shared {
            identity: Identity::new(&regions, switches.has(Switch::TokensCountEverywhere)),
            store,
            addresses: OnceLock::new(),
            changed: AtomicBool::new(true),
            regions,
            switches,
            latency: options.latency,
            state,
            world: Mutex::new(world),
            faults: Mutex::new(schedule),
            received: options.record.then(Mutex::default),
            answers: AtomicU64::new(0),
        })
    }

    pub(super) fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    pub(super) fn switches(&self) -> Switches {
        self.switches
    }

    pub(super) fn latency(&self) -> Duration {
        self.latency
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns where the bytes of images are.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Notes where the regions are served, in their order.
    pub(super) fn served_at(&self, addresses: Vec<SocketAddr>) {
        let _ = self.addresses.set(addresses);
    }

    /// Returns the registry's host in a region, as it precedes an image's name.
    pub(super) fn registry_host(&self, region: &str) -> String {
        let mut served = self
            .regions
            .iter()
            .zip(self.addresses.get().into_iter().flatten());
        let found = served.find(|(id, _)| id.as_str() == region);
        found.map_or_else(String::new, |(_, address)| address.to_string())
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    /// Returns the world to be changed, so that it is saved.
    pub(super) fn world_to_change(&self) -> MutexGuard<'_, World> {
        self.changed.store(true, Ordering::SeqCst);
        self.world()
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Schedule> {
        lock(&self.faults)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        let received = self.received.as_ref();
        received.map_or_else(Vec::new, |received| lock(received).clone())
    }

    /// Keeps a request where a test wants to see it; returns its number.
    pub(super) fn keep(&self, received: impl FnOnce() -> Received) -> Option<usize> {
        let mut all = lock(self.received.as_ref()?);
        all.push(received());
        Some(all.len() - 1)
    }

    /// Notes the status of the response to a request that was kept.
    pub(super) fn note(&self, number: Option<usize>, status: u16) {
        if let (Some(number), Some(received)) = (number, &self.received)
            && let Some(received) = lock(received).get_mut(number)
        {
            received.status = status;
        }
    }

    /// Returns the id of the next answer: 32 hexadecimal digits, counting.
    pub(super) fn next_request_id(&self) -> String {
        let count = self.answers.fetch_add(1, Ordering::SeqCst);
        format!(
            "{:032x}",
            0x5eed_0000_0000_0000_0000_0000_0000_0001_u128 + u128::from(count)
        )
    }

    /// Changes the world under its rules.
    pub(super) fn with_rules<T>(&self, change: impl FnOnce(&mut World, &Rules<'_>) -> T) -> T {
        let fault = |region: &str, name: &str| self.faults().trigger_copy(name, region);
        let rules = Rules {
            switches: self.switches,
            fault: &fault,
        };
        let mut world = self.world();
        let before = world.clock;
        let result = change(&mut world, &rules);
        if world.clock != before {
            self.changed.store(true, Ordering::SeqCst);
        }
        result
    }

    /// Pushes a tag, and returns its digest: the one that is named, or that of a new image.
    pub(super) fn push(
        &self,
        place: &Place,
        tag: &str,
        digest: Option<&str>,
    ) -> io::Result<String> {
        self.with_rules(|world, rules| {
            let Some(digest) = digest else {
                return world.push_image(&self.store, place, tag, rules);
            };
            world.push(place, tag, digest, rules);
            Ok(digest.to_owned())
        })
    }

    /// Writes the state, where it is kept and the world changed since, and removes the bytes that
    /// the world no longer links.
    pub(super) fn save_changes(&self) -> Result<(), Error> {
        if self.changed.swap(false, Ordering::SeqCst) {
            self.save()?;
            // Locked until they are gone: a push may bring the same bytes.
            let mut world = self.world();
            for digest in world.take_unlinked() {
                self.store.remove(&digest);
            }
        }
        Ok(())
    }

    pub(super) fn save(&self) -> Result<(), Error> {
        match &self.state {
            Some(file) => file.write(&self.world()),
            None => Ok(()),
        }
    }
}

fn open_store(state: Option<&StateFile>, world: &World) -> Result<Store, Error> {
    let directory = state.map(StateFile::blobs);
    let place = directory.as_ref().map_or_else(
        || "a temporary directory".to_owned(),
        |directory| format!("'{}'", directory.display()),
    );
    Store::open(directory, world.digests()).map_err(|error| {
        Error::new(Kind::Io, format!("images cannot be kept in {place}")).cause(error)
    })
}
