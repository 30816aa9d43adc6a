//! What all ports have in common: the world, the faults, what was received.

use std::fs::{File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::fault::Schedule;
use super::identity::Identity;
use super::options::Options;
use super::received::Received;
use super::registry::{self, Registry, Store};
use super::seed;
use super::switches::{Switch, Switches};
use super::world::{Place, Rules, World};
use crate::error::{Error, Kind};
use crate::names::{Parse, RegionId};

/// What all ports have in common.
pub(super) struct Shared {
    regions: Vec<RegionId>,
    switches: Switches,
    latency: Duration,
    state: Option<PathBuf>,
    identity: Identity,
    registry: Registry,
    /// Where each region is served, once it is.
    addresses: OnceLock<Vec<SocketAddr>>,
    world: Mutex<World>,
    /// Whether the world changed since it was saved.
    changed: AtomicBool,
    /// Held as long as the state file is this emulator's.
    _state_lock: Option<File>,
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        let state_lock = options.state.as_deref().map(lock_state).transpose()?;
        let kept = match &options.state {
            Some(path) if path.exists() => Some(read_state(path)?),
            _ => None,
        };
        // What was kept has had its seed, and may have changed since.
        let seed = options.seed.filter(|_| kept.is_none());
        let mut world = kept.unwrap_or_default();
        let store = open_store(options.state.as_deref(), &world)?;
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
            registry: Registry::new(store),
            addresses: OnceLock::new(),
            changed: AtomicBool::new(true),
            _state_lock: state_lock,
            regions,
            switches,
            latency: options.latency,
            state: options.state,
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

    pub(super) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Notes where the regions are served, in their order.
    pub(super) fn served_at(&self, addresses: Vec<SocketAddr>) {
        let _ = self.addresses.set(addresses);
    }

    /// Returns the registry's host in a region, as it stands before an image's name.
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

    /// Returns the world to somebody who changes it, so that it is saved.
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
                return push_image(world, self.registry.store(), place, tag, rules);
            };
            world.push(place, tag, digest, rules);
            Ok(digest.to_owned())
        })
    }

    /// Writes the state, where it is kept and the world changed since.
    pub(super) fn save_changes(&self) -> Result<(), Error> {
        if self.state.is_some() && self.changed.swap(false, Ordering::SeqCst) {
            self.save()
        } else {
            Ok(())
        }
    }

    pub(super) fn save(&self) -> Result<(), Error> {
        let Some(path) = &self.state else {
            return Ok(());
        };
        let wrong = |error: anyhow::Error| {
            Error::new(
                Kind::Io,
                format!("the state file '{}' cannot be written", path.display()),
            )
            .cause(error)
        };
        let text = serde_json::to_string(&*self.world()).map_err(|error| wrong(error.into()))?;
        let directory = match path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory,
            _ => Path::new("."),
        };
        let mut file =
            tempfile::NamedTempFile::new_in(directory).map_err(|error| wrong(error.into()))?;
        std::io::Write::write_all(&mut file, text.as_bytes())
            .map_err(|error| wrong(error.into()))?;
        file.persist(path)
            .map_err(|error| wrong(error.error.into()))?;
        Ok(())
    }
}

fn read_state(path: &Path) -> Result<World, Error> {
    let wrong = |error: anyhow::Error| {
        Error::new(
            Kind::Io,
            format!("the state file '{}' cannot be read", path.display()),
        )
        .cause(error)
        .hint("give another --state, or delete it to begin anew")
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.into()))?;
    serde_json::from_str(&text).map_err(|error| wrong(error.into()))
}

/// Takes the state file for this emulator alone, by a lock file beside it.
fn lock_state(path: &Path) -> Result<File, Error> {
    let lock = beside(path, "lock");
    let wrong = |error: io::Error| {
        let shown = lock.display();
        Error::new(Kind::Io, format!("the lock file '{shown}' cannot be used")).cause(error)
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock)
        .map_err(wrong)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::new(
            Kind::Io,
            format!(
                "the state file '{}' is in use by another emulator",
                path.display()
            ),
        )
        .hint("stop the other emulator, or give another --state")),
        Err(TryLockError::Error(error)) => Err(wrong(error)),
    }
}

fn open_store(state: Option<&Path>, world: &World) -> Result<Store, Error> {
    let directory = state.map(|state| beside(state, "blobs"));
    let shown = directory.clone();
    Store::open(directory, &registry::linked(world)).map_err(|error| {
        let place = shown.map_or_else(
            || "a temporary directory".to_owned(),
            |directory| format!("'{}'", directory.display()),
        );
        Error::new(Kind::Io, format!("images cannot be kept in {place}")).cause(error)
    })
}

/// Returns a path beside a file: its name with another ending added.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Pushes a new image as a tag, and returns its digest.
pub(super) fn push_image(
    world: &mut World,
    store: &Store,
    place: &Place,
    tag: &str,
    rules: &Rules<'_>,
) -> io::Result<String> {
    let image = world.next_image(place, tag);
    for (digest, bytes) in &image.parts {
        store.put(digest, bytes)?;
    }
    let digest = image.digest.to_string();
    world.add_repository(place);
    world.add_image(place, image);
    world.push(place, tag, &digest, rules);
    Ok(digest)
}
