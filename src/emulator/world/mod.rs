//! What the emulated service holds: regions with their namespaces, repositories, tags, tasks and
//! jobs. One world for all regions, so that a copy can arrive.
//!
//! Resources read and change it, `state` keeps it. Names are any text: what may be made through
//! the API is the resources' business. It never sees a request.

mod content;
mod copies;
mod pushes;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::clock::{Clock, Moment};
use super::storage::Digest;

pub(super) use content::Content;
pub(super) use copies::{Ending, Rules};

/// Everything, in every region.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) regions: BTreeMap<String, Region>,
    /// The repositories with jobs that are not final.
    pending: BTreeSet<Place>,
    /// What some repository no longer has, until its bytes are removed.
    #[serde(skip)]
    unlinked: BTreeSet<Digest>,
}

/// One region: what the account has there.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Region {
    pub(super) agency: bool,
    pub(super) namespaces: BTreeMap<String, Namespace>,
}

/// A namespace.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Namespace {
    pub(super) id: u64,
    /// Taken by another account: invisible, but its name cannot be used.
    pub(super) foreign: bool,
    pub(super) repositories: BTreeMap<String, Repository>,
    /// What the registry holds, by repository.
    #[serde(default)]
    pub(super) content: BTreeMap<String, Content>,
}

/// A repository, with the tasks and jobs whose source it is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) category: String,
    pub(super) description: String,
    pub(super) is_public: bool,
    pub(super) created: Moment,
    pub(super) updated: Moment,
    pub(super) tags: BTreeMap<String, Tag>,
    pub(super) tasks: Vec<Task>,
    pub(super) jobs: Vec<Job>,
}

/// A tag and the image that it represents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tag {
    pub(super) id: u64,
    pub(super) digest: String,
    pub(super) created: Moment,
    pub(super) updated: Moment,
    /// How often it was pushed here, so that a push without a digest brings a new one.
    pub(super) pushes: u32,
}

/// Where images are copied to; with the repository it is the key of a task (section 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub(super) region: String,
    pub(super) namespace: String,
}

/// A synchronization task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Task {
    pub(super) id: u64,
    pub(super) target: Target,
    pub(super) auto: bool,
    pub(super) replaces: bool,
    pub(super) created: Moment,
    pub(super) updated: Moment,
}

/// The copy of one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    pub(super) id: u64,
    pub(super) tag: String,
    pub(super) target: Target,
    pub(super) replaces: bool,
    pub(super) status: Status,
    /// Whether it was looked at, for the switch `jobs=late`.
    pub(super) seen: bool,
    /// Whether a fault keeps it from ever ending.
    #[serde(default)]
    pub(super) stuck: bool,
    pub(super) created: Moment,
    pub(super) updated: Moment,
}

/// How far a copy is (section 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Waiting,
    Running,
    Success,
    Failed,
    Timeout,
    Cancel,
    Existed,
}

impl Status {
    /// Returns the status as the service spells it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Status::Waiting => "waiting",
            Status::Running => "running",
            Status::Success => "success",
            Status::Failed => "failed",
            Status::Timeout => "timeout",
            Status::Cancel => "cancel",
            Status::Existed => "existed",
        }
    }

    /// Returns `true` if the copy still goes on.
    pub(super) fn goes_on(self) -> bool {
        matches!(self, Status::Waiting | Status::Running)
    }
}

/// A repository's place in the world.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) region: String,
    pub(super) namespace: String,
    pub(super) repository: String,
}

impl Place {
    /// Returns the place of a repository.
    pub(super) fn new(region: &str, namespace: &str, repository: &str) -> Place {
        Place {
            region: region.to_owned(),
            namespace: namespace.to_owned(),
            repository: repository.to_owned(),
        }
    }
}

impl Target {
    /// Returns a target.
    pub(super) fn new(region: &str, namespace: &str) -> Target {
        Target {
            region: region.to_owned(),
            namespace: namespace.to_owned(),
        }
    }
}

impl World {
    /// Returns the account's own namespace.
    pub(super) fn namespace(&self, region: &str, namespace: &str) -> Option<&Namespace> {
        self.regions
            .get(region)?
            .namespaces
            .get(namespace)
            .filter(|namespace| !namespace.foreign)
    }

    /// Returns a repository of the account.
    pub(super) fn repository(&self, place: &Place) -> Option<&Repository> {
        self.namespace(&place.region, &place.namespace)?
            .repositories
            .get(&place.repository)
    }

    /// Returns a repository of the account, to be changed.
    pub(super) fn repository_mut(&mut self, place: &Place) -> Option<&mut Repository> {
        self.regions
            .get_mut(&place.region)?
            .namespaces
            .get_mut(&place.namespace)
            .filter(|namespace| !namespace.foreign)?
            .repositories
            .get_mut(&place.repository)
    }

    /// Creates a region unless it exists; returns `true` if it was made.
    pub(super) fn add_region(&mut self, region: &str, agency: bool) -> bool {
        let missing = !self.regions.contains_key(region);
        if missing {
            let empty = Region {
                agency,
                ..Region::default()
            };
            self.regions.insert(region.to_owned(), empty);
        }
        missing
    }

    /// Creates a namespace unless it exists; `foreign` is another account's.
    pub(super) fn add_namespace(&mut self, region: &str, name: &str, foreign: bool) {
        let known = self.regions.get(region).map(|region| &region.namespaces);
        if known.is_some_and(|namespaces| namespaces.contains_key(name)) {
            return;
        }
        self.clock.tick();
        let namespace = Namespace {
            id: self.clock.next_id(),
            foreign,
            repositories: BTreeMap::new(),
            content: BTreeMap::new(),
        };
        let region = self.regions.entry(region.to_owned()).or_default();
        region.namespaces.insert(name.to_owned(), namespace);
    }

    /// Makes a repository and what contains it, unless they exist, and returns it.
    pub(super) fn add_repository(&mut self, place: &Place) -> &mut Repository {
        self.add_namespace(&place.region, &place.namespace, false);
        let World { clock, regions, .. } = self;
        let region = regions.entry(place.region.clone()).or_default();
        let namespace = region
            .namespaces
            .entry(place.namespace.clone())
            .or_insert_with(|| Namespace {
                id: clock.next_id(),
                foreign: false,
                repositories: BTreeMap::new(),
                content: BTreeMap::new(),
            });
        namespace
            .repositories
            .entry(place.repository.clone())
            .or_insert_with(|| {
                let now = clock.tick();
                Repository {
                    id: clock.next_id(),
                    category: "other".to_owned(),
                    description: String::new(),
                    is_public: false,
                    created: now,
                    updated: now,
                    tags: BTreeMap::new(),
                    tasks: Vec::new(),
                    jobs: Vec::new(),
                }
            })
    }

    /// Removes a repository with its content; returns `true` if it existed.
    pub(super) fn remove_repository(&mut self, place: &Place) -> bool {
        let region = self.regions.get_mut(&place.region);
        let namespace = region.and_then(|region| region.namespaces.get_mut(&place.namespace));
        namespace.is_some_and(|namespace| {
            if let Some(content) = namespace.content.remove(&place.repository) {
                self.unlinked.extend(content.into_digests());
            }
            namespace.repositories.remove(&place.repository).is_some()
        })
    }

    /// Removes a namespace with everything in it.
    pub(super) fn remove_namespace(&mut self, region: &str, name: &str) {
        let region = self.regions.get_mut(region);
        if let Some(namespace) = region.and_then(|region| region.namespaces.remove(name)) {
            let contents = namespace.content.into_values();
            self.unlinked
                .extend(contents.flat_map(Content::into_digests));
        }
    }

    /// Stores a task, unless one of the same key is there; returns `true` if it was stored.
    pub(super) fn add_task(
        &mut self,
        place: &Place,
        target: Target,
        auto: bool,
        replaces: bool,
    ) -> bool {
        let now = self.clock.tick();
        let id = self.clock.next_id();
        let tasks = &mut self.add_repository(place).tasks;
        let missing = tasks.iter().all(|task| task.target != target);
        if missing {
            tasks.push(Task {
                id,
                target,
                auto,
                replaces,
                created: now,
                updated: now,
            });
        }
        missing
    }

    /// Removes a task; returns `true` if it existed. What runs goes on (section 7.7).
    pub(super) fn remove_task(&mut self, place: &Place, target: &Target) -> bool {
        self.clock.tick();
        let Some(repository) = self.repository_mut(place) else {
            return false;
        };
        let before = repository.tasks.len();
        repository.tasks.retain(|task| task.target != *target);
        repository.tasks.len() < before
    }
}
