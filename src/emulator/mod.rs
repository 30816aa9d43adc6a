//! The service, emulated on 127.0.0.1: one port a region, one world for all.
//!
//! `commands` and tests start it. It answers by its own reading of `reference/swr-api.md`, and
//! shares nothing with the client but the grammar of names and the small rooms below it.

mod clock;
mod fault;
mod identity;
mod options;
mod push;
mod received;
mod refusal;
mod registry;
mod request;
mod resources;
mod response;
mod seed;
mod server;
mod shared;
mod state_file;
mod storage;
mod switches;
#[cfg(test)]
mod tests;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;

use crate::error::Error;
use crate::names::RegionId;

pub use fault::Fault;
pub use options::Options;
pub use received::Received;
pub use switches::{Row, Switches};

use self::server::Server;
use self::shared::Shared;
use self::world::{Place, Target};

/// The regions that are served unless others are named.
const REGIONS: [&str; 3] = ["cn-north-4", "cn-east-3", "ap-southeast-1"];

/// A region that is served.
#[derive(Debug, Clone)]
pub struct Served {
    /// The region.
    pub region: RegionId,
    /// Its address.
    pub address: SocketAddr,
    /// Its endpoint, for `SWR_ENDPOINT`.
    pub endpoint: String,
    /// A token that is valid there.
    pub token: String,
    /// The user of the registry there, who logs in with [`Emulator::registry_password`].
    pub registry_user: String,
    /// The id of its project.
    pub project_id: String,
}

/// A running emulator; it ends when dropped.
#[derive(Debug)]
pub struct Emulator {
    shared: Arc<Shared>,
    served: Vec<Served>,
    _server: Server,
}

impl Emulator {
    /// Starts to serve; it listens when this returns.
    ///
    /// # Errors
    /// Kind `io` for a port that is taken, and for state and seed files that cannot be read.
    pub fn start(options: Options) -> Result<Emulator, Error> {
        let port = options.port;
        let shared = Arc::new(Shared::new(options)?);
        let (server, addresses) = Server::start(&shared, port)?;
        let regions = shared
            .regions()
            .iter()
            .zip(addresses)
            .map(|(region, address)| Served {
                region: region.clone(),
                address,
                endpoint: format!("http://{address}"),
                token: identity::token(region),
                registry_user: identity::registry_user(region),
                project_id: identity::project_id(region.as_str()),
            })
            .collect();
        Ok(Emulator {
            shared,
            served: regions,
            _server: server,
        })
    }

    /// Returns the regions that are served; the first one is the source.
    pub fn regions(&self) -> &[Served] {
        &self.served
    }

    /// Returns the password of the registry's users.
    pub fn registry_password(&self) -> String {
        identity::registry_password()
    }

    /// Returns the variables that lead `swr` and the vendor's SDK here.
    pub fn variables(&self) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        let mut set = |name: String, value: &str| variables.push((name, value.to_owned()));
        let mut first_endpoint = String::new();
        if let Some(first) = self.served.first() {
            first_endpoint.clone_from(&first.endpoint);
            set("SWR_ENDPOINT".to_owned(), &first.endpoint);
            set("SWR_REGION".to_owned(), first.region.as_str());
            set("SWR_TOKEN".to_owned(), &first.token);
            set("SWR_EMULATOR".to_owned(), &first.endpoint);
            set("SWR_REGISTRY".to_owned(), &first.address.to_string());
        }
        for served in &self.served {
            let region = served.region.in_variable();
            set(format!("SWR_ENDPOINT_{region}"), &served.endpoint);
            set(format!("SWR_TOKEN_{region}"), &served.token);
            set(
                format!("SWR_REGISTRY_{region}"),
                &served.address.to_string(),
            );
            set(
                format!("HUAWEICLOUD_SDK_REGION_SWR_{region}"),
                &served.endpoint,
            );
        }
        variables.extend(self.shared.identity().variables(&first_endpoint));
        variables
    }

    /// Returns the requests so far in the order of their arrival, where [`Options::record`] asked
    /// for them.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received()
    }

    /// Adds a fault behind those that are there.
    pub fn add_fault(&self, fault: Fault) {
        self.shared.faults().add(fault);
    }

    /// Creates a namespace unless it exists. Names are any text here: the service lists such, too.
    pub fn add_namespace(&self, region: &str, namespace: &str) {
        self.shared
            .world_to_change()
            .add_namespace(region, namespace, false);
    }

    /// Makes a namespace that another account owns.
    pub fn add_foreign_namespace(&self, region: &str, namespace: &str) {
        self.shared
            .world_to_change()
            .add_namespace(region, namespace, true);
    }

    /// Makes a repository, and its namespace, unless they exist.
    pub fn add_repository(&self, region: &str, namespace: &str, repository: &str) {
        self.shared
            .world_to_change()
            .add_repository(&Place::new(region, namespace, repository));
    }

    /// Pushes a tag, as docker would, and returns its digest; without one it gets a new one.
    pub fn push(
        &self,
        region: &str,
        namespace: &str,
        repository: &str,
        tag: &str,
        digest: Option<&str>,
    ) -> String {
        let place = Place::new(region, namespace, repository);
        let digest = self.shared.push(&place, tag, digest);
        digest.unwrap_or_else(|error| format!("not stored: {error}"))
    }

    /// Stores a task.
    #[expect(clippy::too_many_arguments, reason = "the fields of a task")]
    pub fn add_task(
        &self,
        region: &str,
        namespace: &str,
        repository: &str,
        remote_region: &str,
        remote_namespace: &str,
        auto: bool,
        override_: bool,
    ) {
        let target = Target::new(remote_region, remote_namespace);
        let place = Place::new(region, namespace, repository);
        self.shared
            .world_to_change()
            .add_task(&place, target, auto, override_);
    }

    /// Returns a repository's tasks: target region, target namespace, syncAuto, override.
    pub fn tasks(
        &self,
        region: &str,
        namespace: &str,
        repository: &str,
    ) -> Vec<(String, String, bool, bool)> {
        let world = self.shared.world();
        let found = world.repository(&Place::new(region, namespace, repository));
        found.map_or_else(Vec::new, |found| {
            let of = |task: &world::Task| {
                let Target { region, namespace } = task.target.clone();
                (region, namespace, task.auto, task.replaces)
            };
            found.tasks.iter().map(of).collect()
        })
    }

    /// Returns a repository's tags with their digests.
    pub fn tags(&self, region: &str, namespace: &str, repository: &str) -> Vec<(String, String)> {
        let world = self.shared.world();
        let found = world.repository(&Place::new(region, namespace, repository));
        found.map_or_else(Vec::new, |found| {
            found
                .tags
                .iter()
                .map(|(name, tag)| (name.clone(), tag.digest.clone()))
                .collect()
        })
    }

    /// Returns a repository's jobs: number, tag, target region, status.
    pub fn jobs(
        &self,
        region: &str,
        namespace: &str,
        repository: &str,
    ) -> Vec<(u64, String, String, String)> {
        let world = self.shared.world();
        let found = world.repository(&Place::new(region, namespace, repository));
        found.map_or_else(Vec::new, |found| {
            let of = |job: &world::Job| {
                (
                    job.id,
                    job.tag.clone(),
                    job.target.region.clone(),
                    job.status.text().to_owned(),
                )
            };
            found.jobs.iter().map(of).collect()
        })
    }

    /// Writes the state file, where there is one.
    ///
    /// # Errors
    /// Kind `io` with the file.
    pub fn save(&self) -> Result<(), Error> {
        self.shared.save()
    }
}
