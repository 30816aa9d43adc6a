//! The tasks that a service has, grouped for a file that declares them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::api::sync::{SyncRepo, Target};
use crate::error::{Error, Kind};
use crate::names::{Namespace, RegionId, Repository};

/// What is exported: which tasks, of whose.
#[derive(Debug, Clone, Default)]
pub struct Extent {
    /// The source region, where it is known.
    pub region: Option<RegionId>,
    /// The profile, where one is in force.
    pub profile: Option<String>,
    /// Only tasks to these regions; none stands for all.
    pub to: Vec<RegionId>,
}

impl Extent {
    /// Returns what stands behind 'task' for a person: ` to cn-east-3`, or nothing.
    pub fn to_regions(&self) -> String {
        let regions: Vec<&str> = self.to.iter().map(RegionId::as_str).collect();
        let to = if regions.is_empty() { "" } else { " to " };
        format!("{to}{}", regions.join(", "))
    }
}

/// The tasks of one repository, as a file can declare them.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Live {
    /// The target of each task, with its override.
    pub(super) tasks: BTreeMap<Target, bool>,
    /// The tasks that no file can declare.
    pub(super) undeclared: BTreeMap<Target, Undeclared>,
    /// Regions of tasks that were not asked for.
    others: BTreeSet<RegionId>,
}

/// Why no file can declare a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Undeclared {
    /// It goes to its own source.
    Circle,
    /// It does not copy on push.
    NotAutomatic,
}

impl Undeclared {
    fn as_str(self) -> &'static str {
        match self {
            Undeclared::Circle => "goes to its own source",
            Undeclared::NotAutomatic => "does not copy on push",
        }
    }
}

impl Live {
    /// Sorts the tasks that the service lists for a repository.
    ///
    /// # Errors
    /// Kind `http` for a task that cannot be told: a target that no request can name, an override
    /// that the service does not say, one target twice with different settings.
    pub fn of(extent: &Extent, source: &Namespace, listed: &[SyncRepo]) -> Result<Live, Error> {
        let mut live = Live::default();
        for task in listed {
            let target = task.target()?;
            if !extent.to.is_empty() && !extent.to.contains(&target.region) {
                live.others.insert(target.region);
                continue;
            }
            let is_circle =
                extent.region.as_ref() == Some(&target.region) && *source == target.namespace;
            let reason = match (is_circle, task.sync_auto) {
                (true, _) => Some(Undeclared::Circle),
                (false, false) => Some(Undeclared::NotAutomatic),
                (false, true) => None,
            };
            if let Some(reason) = reason {
                live.undeclared.insert(target, reason);
                continue;
            }
            let shown = format!("{} ({})", target.namespace, target.region);
            let override_ = task.override_.ok_or_else(|| {
                let what =
                    format!("the service does not say whether the task to {shown} overrides");
                Error::new(Kind::Http, what)
            })?;
            if live.tasks.insert(target, override_) == Some(!override_) {
                let what = format!(
                    "the service lists the task to {shown} twice, and not with one override"
                );
                return Err(Error::new(Kind::Http, what));
            }
        }
        if let Some((target, _)) = live
            .undeclared
            .iter()
            .find(|(target, _)| live.tasks.contains_key(target))
        {
            let what = format!(
                "the service lists the task to {} ({}) twice, and not with one syncAuto",
                target.namespace, target.region
            );
            return Err(Error::new(Kind::Http, what));
        }
        Ok(live)
    }
}

/// The repositories of a namespace, each with its tasks.
pub(super) type Repositories = BTreeMap<Repository, Arc<Live>>;

/// The tasks of all repositories that were read. Equal tasks are kept once.
#[derive(Debug)]
pub struct Inventory {
    extent: Extent,
    pub(super) namespaces: BTreeMap<Namespace, Repositories>,
    /// Regions of tasks that were not asked for, and are somebody else's.
    pub(super) others: BTreeSet<RegionId>,
    kinds: BTreeSet<Arc<Live>>,
}

impl Inventory {
    /// Begins with nothing.
    pub fn new(extent: Extent) -> Inventory {
        Inventory {
            extent,
            namespaces: BTreeMap::new(),
            others: BTreeSet::new(),
            kinds: BTreeSet::new(),
        }
    }

    /// Returns what is exported.
    pub fn extent(&self) -> &Extent {
        &self.extent
    }

    /// Adds a namespace, which may have no repositories.
    pub fn add_namespace(&mut self, namespace: &Namespace) {
        self.namespaces.entry(namespace.clone()).or_default();
    }

    /// Adds a repository.
    pub fn add(&mut self, namespace: &Namespace, repository: Repository, mut live: Live) {
        self.others.append(&mut live.others);
        let live = Arc::new(live);
        let live = Arc::clone(self.kinds.get(&live).unwrap_or(&live));
        self.kinds.insert(Arc::clone(&live));
        let namespace = self.namespaces.entry(namespace.clone()).or_default();
        namespace.insert(repository, live);
    }

    /// Returns `true` if there is neither a namespace nor a repository.
    pub fn is_empty(&self) -> bool {
        self.namespaces.is_empty()
    }

    /// Returns `true` if there is a task that a file can declare.
    pub fn has_tasks(&self) -> bool {
        self.kinds.iter().any(|live| !live.tasks.is_empty())
    }

    /// Says which tasks no file can declare, and why.
    pub fn undeclared(&self) -> impl Iterator<Item = String> {
        self.namespaces
            .iter()
            .flat_map(|(namespace, repositories)| undeclared_of(namespace, repositories))
    }
}

/// Returns the groups of a namespace, sorted by their tasks.
pub(super) fn groups(repositories: &Repositories) -> BTreeMap<&Live, Vec<&Repository>> {
    let mut groups: BTreeMap<&Live, Vec<&Repository>> = BTreeMap::new();
    for (repository, live) in repositories {
        groups.entry(live).or_default().push(repository);
    }
    groups
}

/// Says which tasks of a namespace no file can declare, and why.
pub(super) fn undeclared_of(
    namespace: &Namespace,
    repositories: &Repositories,
) -> impl Iterator<Item = String> {
    repositories.iter().flat_map(move |(repository, live)| {
        live.undeclared.iter().map(move |(target, reason)| {
            let Target {
                region,
                namespace: to,
            } = target;
            let reason = reason.as_str();
            format!("the task of {namespace}/{repository} to {to} ({region}) {reason}")
        })
    })
}

/// Returns patterns for each group of a namespace: its names, or globs where all that they match is
/// in one group.
pub(super) fn globs(repositories: &Repositories) -> BTreeMap<&Live, Vec<String>> {
    let all: Vec<(&str, &Live)> = repositories
        .iter()
        .map(|(repository, live)| (repository.as_str(), &**live))
        .collect();
    // Where the run of equal tasks that each belongs to ends.
    let mut ends = vec![all.len(); all.len()];
    for index in (1..all.len()).rev() {
        ends[index - 1] = if all[index - 1].1 == all[index].1 {
            ends[index]
        } else {
            index
        };
    }
    // Names with one beginning stand together, for they are sorted.
    let range = |prefix: &str| {
        let from = all.partition_point(|(name, _)| *name < prefix);
        let rest = &all[from..];
        (
            from,
            from + rest.partition_point(|(name, _)| name.starts_with(prefix)),
        )
    };
    let mut patterns: BTreeMap<&Live, Vec<String>> = BTreeMap::new();
    let mut index = 0;
    while let Some((name, live)) = all.get(index) {
        let prefixes = name
            .match_indices('/')
            .map(|(at, slash)| &name[..at + slash.len()]);
        let glob = std::iter::once("").chain(prefixes).find_map(|prefix| {
            let (from, to) = range(prefix);
            (to - from > 1 && ends[from] >= to).then(|| (format!("{prefix}**"), to))
        });
        let (pattern, next) = glob.unwrap_or_else(|| ((*name).to_owned(), index + 1));
        patterns.entry(live).or_default().push(pattern);
        index = next;
    }
    patterns
}
