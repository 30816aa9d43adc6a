//! What is there at the start: the usual namespace and repositories, and what a file adds.
//!
//! A seed file is JSON:
//! `{"regions":{"cn-north-4":{"namespaces":{"team":{"repositories":{"web/api":{
//!   "tags":{"v1":"sha256:…","v2":null},
//!   "tasks":[{"remote_region_id":"cn-east-3","remote_namespace":"team","auto":true,"override":false}]
//! }}}}}}}`; a tag without a digest gets one.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::storage::Store;
use super::switches::Switches;
use super::world::{Place, Rules, Target, World};
use crate::error::{Error, Kind};
use crate::names::RegionId;

/// What the README's commands find.
const USUAL: [(&str, &[&str]); 2] = [
    ("web/api", &["v1.0.0", "v1.1.0", "latest"]),
    ("web/worker", &["v1.0.0", "latest"]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    regions: BTreeMap<String, SeedRegion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedRegion {
    namespaces: BTreeMap<String, SeedNamespace>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedNamespace {
    #[serde(default)]
    repositories: BTreeMap<String, SeedRepository>,
    /// Whether another account owns it.
    #[serde(default)]
    foreign: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedRepository {
    #[serde(default)]
    tags: BTreeMap<String, Option<String>>,
    #[serde(default)]
    tasks: Vec<SeedTask>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedTask {
    remote_region_id: String,
    remote_namespace: String,
    #[serde(default)]
    auto: bool,
    #[serde(default, rename = "override")]
    override_: bool,
}

/// Puts the usual things into a region; repositories only into the first.
pub(super) fn usual(
    world: &mut World,
    store: &Store,
    region: &RegionId,
    first: bool,
    switches: Switches,
) -> Result<(), Error> {
    world.add_namespace(region.as_str(), "demo", false);
    if !first {
        return Ok(());
    }
    for (repository, tags) in USUAL {
        let place = Place::new(region.as_str(), "demo", repository);
        for tag in tags {
            push(world, store, &place, tag, None, switches)?;
        }
    }
    Ok(())
}

/// Adds what a file says.
pub(super) fn from_file(
    world: &mut World,
    store: &Store,
    path: &Path,
    switches: Switches,
) -> Result<(), Error> {
    let wrong = |error: anyhow::Error| {
        Error::new(
            Kind::Io,
            format!("the seed file '{}' cannot be read", path.display()),
        )
        .cause(error)
        .hint("docs/emulator.md shows its form")
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.into()))?;
    let seed: Seed = serde_json::from_str(&text).map_err(|error| wrong(error.into()))?;
    for (region, content) in seed.regions {
        world.add_region(&region, true);
        for (namespace, content) in content.namespaces {
            world.add_namespace(&region, &namespace, content.foreign);
            for (repository, content) in content.repositories {
                let place = Place::new(&region, &namespace, &repository);
                world.add_repository(&place);
                for (tag, digest) in content.tags {
                    push(world, store, &place, &tag, digest.as_deref(), switches)?;
                }
                for task in content.tasks {
                    let target = Target::new(&task.remote_region_id, &task.remote_namespace);
                    world.add_task(&place, target, task.auto, task.override_);
                }
            }
        }
    }
    Ok(())
}

fn push(
    world: &mut World,
    store: &Store,
    place: &Place,
    tag: &str,
    digest: Option<&str>,
    switches: Switches,
) -> Result<(), Error> {
    let rules = Rules {
        switches,
        fault: &|_, _| None,
    };
    if let Some(digest) = digest {
        world.push(place, tag, digest, &rules);
        return Ok(());
    }
    world
        .push_image(store, place, tag, &rules)
        .map(|_| ())
        .map_err(|error| Error::new(Kind::Io, "the seed's images cannot be written").cause(error))
}
