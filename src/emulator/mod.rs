//! The service, played on 127.0.0.1: SWR, and with [`identity`] what hands out credentials.
//!
//! `commands` start it for people, tests for themselves. It is a second reading of
//! `reference/swr-api.md`, and knows nothing of the client: its spellings, shapes and rules are
//! its own, so that a misreading on one side shows. Time and numbers begin at fixed values, faults
//! are counted, copies move when they are looked at: nothing depends on chance or on the clock.

mod asked;
mod clock;
mod cloud;
mod fault;
mod front;
mod identity;
mod options;
mod push;
mod refusal;
mod reply;
mod resources;
mod seed;
mod seeding;
mod server;
mod state;
mod switches;
#[cfg(test)]
mod tests;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Error, Kind};
use crate::names::{Name, RegionId};
use crate::origin::Origin;

use cloud::Cloud;
use fault::Schedule;
use front::Front;
use server::Running;
use world::{Rules, World};

pub use cloud::Received;
pub use fault::Fault;
pub use options::Options;
pub use push::push;
pub use switches::{Row, Switches};

/// The regions that are served when nobody names any; the first one has repositories.
pub const REGIONS: [&str; 3] = ["cn-north-4", "cn-east-3", "ap-southeast-1"];

/// A running emulator; dropped, it ends, and keeps its state where it has a file for it.
#[derive(Debug)]
pub struct Emulator {
    cloud: Arc<Cloud>,
    served: Vec<Served>,
    state: Option<PathBuf>,
    /// Nothing is left of it once the state was kept at the end.
    running: Option<Running>,
}

/// A region that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The region.
    pub region: RegionId,
    /// Where it listens.
    pub address: SocketAddr,
    /// The same as an endpoint, without a slash at its end: `http://127.0.0.1:8600`.
    pub endpoint: String,
    /// A token of the region's project that has no end. It opens nothing elsewhere.
    pub token: String,
    /// The id of the region's project.
    pub project_id: String,
}

impl Emulator {
    /// Starts an emulator; when this returns, it answers.
    ///
    /// # Errors
    /// Kind `io` when a port is taken, kind `config` when a file is no state or no seed.
    pub fn start(options: Options) -> Result<Emulator, Error> {
        let regions = regions_of(&options.regions);
        let world = world_of(&regions, &options)?;
        let mut schedule = Schedule::default();
        for fault in options.faults {
            schedule.add(fault);
        }
        let cloud = Cloud::new(regions.clone(), options.switches, world, schedule);
        let cloud = Arc::new(cloud);
        let (mut served, mut fronts) = (Vec::new(), Vec::new());
        for (index, region) in regions.into_iter().enumerate() {
            let (listener, address) = server::bind(port_of(options.port, index)?)?;
            let front = Front::new(Arc::clone(&cloud), region.clone(), options.latency);
            fronts.push((listener, front));
            served.push(Served {
                endpoint: format!("http://{address}"),
                address,
                token: cloud.identity.token(&region),
                project_id: cloud.identity.project_id(&region),
                region,
            });
        }
        Ok(Emulator {
            cloud,
            served,
            state: options.state,
            running: Some(server::serve(fronts)?),
        })
    }

    /// Returns the regions in the order in which they were named.
    pub fn regions(&self) -> &[Served] {
        &self.served
    }

    /// Returns what to set so that `swr`, the vendor's SDK and scripts find the emulator.
    pub fn variables(&self) -> Vec<(String, String)> {
        let Some(first) = self.served.first() else {
            return Vec::new();
        };
        let mut all = vec![
            ("SWR_ENDPOINT".to_owned(), first.endpoint.clone()),
            ("SWR_REGION".to_owned(), first.region.to_string()),
            ("SWR_TOKEN".to_owned(), first.token.clone()),
        ];
        for served in &self.served {
            let region = served.region.in_variable();
            all.push((format!("SWR_ENDPOINT_{region}"), served.endpoint.clone()));
            all.push((format!("SWR_TOKEN_{region}"), served.token.clone()));
        }
        all.push(("SWR_EMULATOR".to_owned(), first.endpoint.clone()));
        for served in &self.served {
            let name = format!("HUAWEICLOUD_SDK_REGION_SWR_{}", served.region.in_variable());
            all.push((name, served.endpoint.clone()));
        }
        all.extend(self.cloud.identity.variables(&first.endpoint));
        all
    }

    /// Returns the requests to the service so far, in the order in which they came.
    pub fn received(&self) -> Vec<Received> {
        self.cloud.received()
    }

    /// Keeps the state, where the emulator was started with a file for it.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be written.
    pub fn save(&self) -> Result<(), Error> {
        match &self.state {
            Some(path) => self.cloud.change(|world, _| state::save(path, world)),
            None => Ok(()),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Whoever wants to know whether it worked has asked before.
        drop(self.running.take());
        let _ = self.save();
    }
}

/// Returns the regions to serve, each once.
fn regions_of(named: &[RegionId]) -> Vec<RegionId> {
    let mut regions: Vec<RegionId> = Vec::new();
    for region in named {
        if !regions.contains(region) {
            regions.push(region.clone());
        }
    }
    if regions.is_empty() {
        let usual = REGIONS.iter().filter_map(|id| RegionId::parse(id).ok());
        regions.extend(usual);
    }
    regions
}

/// Returns the world that was kept, or that of a first start. A region that is new has the usual
/// seed.
fn world_of(regions: &[RegionId], options: &Options) -> Result<World, Error> {
    let kept = match &options.state {
        Some(path) => state::load(path)?,
        None => None,
    };
    let first_start = kept.is_none();
    let mut world = kept.unwrap_or_default();
    let rules = Rules {
        switches: options.switches,
        fault: &|_, _| None,
    };
    seed::usual(&mut world, regions, &rules);
    if let (true, Some(path)) = (first_start, &options.seed) {
        seed::of_file(path, &mut world, regions, &rules)?;
    }
    Ok(world)
}

fn port_of(first: Option<u16>, index: usize) -> Result<Option<u16>, Error> {
    let Some(first) = first else {
        return Ok(None);
    };
    let port = u16::try_from(index)
        .ok()
        .and_then(|index| first.checked_add(index));
    match port {
        // Port 0 is any free one, for each region.
        _ if first == 0 => Ok(None),
        Some(port) => Ok(Some(port)),
        None => Err(Error::new(
            Kind::Validation,
            "the ports from there on are not enough for the regions",
        )
        .origin(Origin::Option("--port"))),
    }
}
