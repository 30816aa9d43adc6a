//! What is there at the first start: the usual seed, and that of a file.
//!
//! The file of `--seed` is JSON. Everything may be left out but the names; a tag without a digest
//! gets one that is made from its name, the same every time:
//!
//! ```json
//! {"regions": {
//!   "cn-north-4": {
//!     "namespaces": {
//!       "team": {
//!         "web/api": {
//!           "tags": {"v1.0.0": null, "v1.1.0": "sha256:4f53…"},
//!           "tasks": [{"region": "cn-east-3", "namespace": "team", "auto": true, "override": false}]
//!         }
//!       }
//!     },
//!     "foreign": ["taken-by-others"]
//!   }
//! }}
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::switches::Switch;
use super::world::{Place, Rules, Target, World};
use crate::error::{Error, Kind};
use crate::names::RegionId;
use crate::origin::Origin;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    regions: BTreeMap<String, Region>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Region {
    #[serde(default)]
    namespaces: BTreeMap<String, BTreeMap<String, Repository>>,
    #[serde(default)]
    foreign: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repository {
    #[serde(default)]
    tags: BTreeMap<String, Option<String>>,
    #[serde(default)]
    tasks: Vec<Task>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Task {
    region: String,
    namespace: String,
    #[serde(default)]
    auto: bool,
    #[serde(default, rename = "override")]
    replaces: bool,
}

/// Gives each region that is new its namespace `demo`, and the first one repositories.
pub(super) fn usual(world: &mut World, regions: &[RegionId], rules: &Rules) {
    let agency = !rules.switches.has(Switch::AgencyIsMissing);
    for (index, region) in regions.iter().enumerate() {
        let region = region.as_str();
        if !world.add_region(region, agency) {
            continue;
        }
        world.add_namespace(region, "demo", false);
        if index > 0 {
            continue;
        }
        for (repository, tags) in [
            ("web/api", ["v1.0.0", "v1.1.0"].as_slice()),
            ("web/worker", ["v1.0.0"].as_slice()),
        ] {
            let place = Place::new(region, "demo", repository);
            let mut digest = String::new();
            for tag in tags {
                digest = world.push(&place, tag, None, rules);
            }
            world.push(&place, "latest", Some(&digest), rules);
        }
    }
}

/// Adds what a file says.
///
/// # Errors
/// Kind `config` when it cannot be read, is no seed, or names a region that is not served.
pub(super) fn of_file(
    path: &Path,
    world: &mut World,
    regions: &[RegionId],
    rules: &Rules,
) -> Result<(), Error> {
    let wrong = |line: Option<usize>, what: String| {
        Error::new(Kind::Config, what).origin(Origin::File(path.to_owned(), line))
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(None, "the seed cannot be read".to_owned()).cause(error))?;
    let seed: Seed = serde_json::from_str(&text).map_err(|error| {
        wrong(
            Some(error.line()),
            "the seed cannot be understood".to_owned(),
        )
        .cause(error)
        .hint("docs/emulator.md shows how it is written")
    })?;
    for (region, seed) in &seed.regions {
        if !regions.iter().any(|served| served.as_str() == region) {
            let what = format!("the seed names the region '{region}', which is not served");
            return Err(wrong(None, what).hint(format!("add --region {region}")));
        }
        plant(world, region, seed, rules);
    }
    Ok(())
}

fn plant(world: &mut World, region: &str, seed: &Region, rules: &Rules) {
    for name in &seed.foreign {
        world.add_namespace(region, name, true);
    }
    for (namespace, repositories) in &seed.namespaces {
        world.add_namespace(region, namespace, false);
        for (name, repository) in repositories {
            let place = Place::new(region, namespace, name);
            world.add_repository(&place);
            for (tag, digest) in &repository.tags {
                world.push(&place, tag, digest.as_deref(), rules);
            }
            for task in &repository.tasks {
                let target = Target::new(&task.region, &task.namespace);
                world.add_task(&place, target, task.auto, task.replaces);
            }
        }
    }
}
