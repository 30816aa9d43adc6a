//! The emulated service in the test's own process, with what a test puts into it.

use std::time::{Duration, Instant};

use swr::emulator::{Emulator, Fault, Options, Switches};
use swr::names::{Parse, RegionId};

use super::{Home, Run};

/// The source region of the tests.
pub const NORTH: &str = "cn-north-4";
/// The target region of the tests.
pub const EAST: &str = "cn-east-3";

/// A cloud of two regions; polls may look again at once, so no test waits.
#[derive(Debug)]
pub struct Cloud {
    emulator: Emulator,
}

impl Cloud {
    pub fn start() -> Cloud {
        Cloud::as_if(&[])
    }

    /// Starts a cloud that is far away.
    pub fn far(latency: Duration) -> Cloud {
        Cloud::of(&[], latency)
    }

    /// Starts a cloud that answers what nobody recorded in these ways.
    pub fn as_if(switches: &[&str]) -> Cloud {
        Cloud::of(switches, Duration::ZERO)
    }

    fn of(switches: &[&str], latency: Duration) -> Cloud {
        let mut chosen = Switches::default();
        chosen.set("pace=told").unwrap();
        for switch in switches {
            chosen.set(switch).unwrap();
        }
        let regions = [NORTH, EAST]
            .map(|id| RegionId::parse(id).unwrap())
            .to_vec();
        let options = Options {
            regions,
            switches: chosen,
            latency,
            record: true,
            ..Options::default()
        };
        Cloud {
            emulator: Emulator::start(options).unwrap(),
        }
    }

    /// Adds a fault: `POST sync_repo: 503 x2`.
    pub fn failing(self, fault: &str) -> Cloud {
        self.emulator.add_fault(Fault::parse(fault).unwrap());
        self
    }

    /// Adds a namespace to a region.
    pub fn namespace(self, region: &str, namespace: &str) -> Cloud {
        self.emulator.add_namespace(region, namespace);
        self
    }

    /// Adds a repository with tags to the source region.
    pub fn repository(self, namespace: &str, repository: &str, tags: &[&str]) -> Cloud {
        self.emulator.add_namespace(NORTH, namespace);
        self.emulator.add_repository(NORTH, namespace, repository);
        for tag in tags {
            self.emulator.push(NORTH, namespace, repository, tag, None);
        }
        self
    }

    /// Adds a task to the target region.
    pub fn task(self, place: (&str, &str), to: &str, auto: bool, override_: bool) -> Cloud {
        self.emulator
            .add_task(NORTH, place.0, place.1, EAST, to, auto, override_);
        self
    }

    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// A user with a token for each region.
    pub fn user(&self) -> Home {
        let mut home = Home::new();
        for (name, value) in self.emulator.variables() {
            let other = name.starts_with("HUAWEICLOUD") || name.starts_with("SWR_EMULATOR_");
            if !other {
                home = home.with(&name, value);
            }
        }
        for (index, served) in self.emulator.regions().iter().enumerate() {
            home = home.hiding(served.address.to_string(), ["[NORTH]", "[EAST]"][index]);
        }
        home
    }

    /// Runs a command line as that user.
    pub fn swr(&self, line: &str) -> Run {
        self.user().swr(line)
    }

    /// The requests so far: method and path, `$` for `/`.
    pub fn received(&self) -> Vec<String> {
        self.emulator
            .received()
            .into_iter()
            .map(|one| format!("{} {}", one.method, one.path.replace("%24", "$")))
            .collect()
    }

    /// Waits until so many requests have come.
    pub fn wait_for(&self, count: usize) {
        let end = Instant::now() + Duration::from_secs(20);
        while self.emulator.received().len() < count {
            assert!(Instant::now() < end, "only {:?} came", self.received());
            std::thread::yield_now();
        }
    }

    /// The tasks of a repository: target region, target namespace, auto, override.
    pub fn tasks(&self, namespace: &str, repository: &str) -> Vec<(String, String, bool, bool)> {
        self.emulator.tasks(NORTH, namespace, repository)
    }

    /// Tags and digests of a repository in a region.
    pub fn tags(&self, region: &str, namespace: &str, repository: &str) -> Vec<(String, String)> {
        self.emulator.tags(region, namespace, repository)
    }

    /// The copies that were asked for so far, by tag.
    pub fn copies(&self, namespace: &str, repository: &str) -> Vec<String> {
        self.emulator
            .jobs(NORTH, namespace, repository)
            .into_iter()
            .map(|job| job.1)
            .collect()
    }
}
