//! Sources and their entries: what is selected, and the tasks that are wished.

use std::collections::HashSet;

use super::fault::Place;
use super::pattern::Pattern;
use crate::api::sync::Target;
use crate::names::{Namespace, RegionId, Repository};

/// Where a source namespace is, and with whose credential it is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Home {
    /// The profile of the config file that an entry names, else the run's.
    pub profile: Option<String>,
    /// The source region, where it is known.
    pub region: Option<RegionId>,
}

/// A source namespace, with the entries that select its repositories.
#[derive(Debug)]
pub struct Source {
    /// Where it is.
    pub home: Home,
    /// The profile as the entries write it; `None` is the run's.
    pub profile: Option<String>,
    /// Its name.
    pub namespace: Namespace,
    /// The entries, in the order of the files.
    pub entries: Vec<Entry>,
}

/// A `[[sync]]`: what it selects, and what it wishes.
#[derive(Debug)]
pub struct Entry {
    /// Its line.
    pub place: Place,
    /// The region that the entry itself writes.
    pub region: Option<RegionId>,
    /// What it selects.
    pub patterns: Vec<Pattern>,
    /// The tasks that every selected repository is to have.
    pub wishes: Vec<Wish>,
    /// Somebody else's targets, which are never looked at.
    pub(super) ignored: Vec<Ignored>,
}

/// A task that every selected repository is to have.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The target.
    pub target: Target,
    /// Whether a different image of the same tag is replaced there.
    pub override_: bool,
    /// Where the target is declared.
    pub declared: Declared,
}

/// Where something is declared: its key and its line.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The key: `sync[2].to[1]`.
    pub field: String,
    /// The line.
    pub place: Place,
}

/// A target that an entry leaves to someone else.
#[derive(Debug)]
pub(super) struct Ignored {
    pub(super) region: RegionId,
    /// `None`: every namespace there.
    pub(super) namespace: Option<Namespace>,
    pub(super) declared: Declared,
}

impl Ignored {
    pub(super) fn covers(&self, region: &str, namespace: &str) -> bool {
        self.region.as_str() == region
            && self
                .namespace
                .as_ref()
                .is_none_or(|own| own.as_str() == namespace)
    }
}

impl Entry {
    /// Returns `true` if the entry selects a repository.
    pub fn selects(&self, repository: &str) -> bool {
        self.matches(repository, false) && !self.matches(repository, true)
    }

    /// Returns `true` if a pattern of the entry excludes a repository that others select.
    pub(super) fn excludes(&self, repository: &str) -> bool {
        self.matches(repository, false) && self.matches(repository, true)
    }

    fn matches(&self, repository: &str, excludes: bool) -> bool {
        self.patterns
            .iter()
            .any(|pattern| pattern.excludes == excludes && pattern.matches(repository))
    }

    /// Returns the names that the entry selects, each with its pattern.
    pub fn names(&self) -> impl Iterator<Item = (&Repository, &Pattern)> {
        self.patterns
            .iter()
            .filter(|pattern| !pattern.excludes)
            .filter_map(|pattern| Some((pattern.name()?, pattern)))
            .filter(|(name, _)| self.selects(name.as_str()))
    }

    /// Returns the globs that select.
    pub fn globs(&self) -> impl Iterator<Item = &Pattern> {
        let selecting = self.patterns.iter().filter(|pattern| !pattern.excludes);
        selecting.filter(|pattern| pattern.name().is_none())
    }
}

impl Source {
    /// Returns `true` if an entry excludes a repository by a `!` pattern.
    pub fn excludes(&self, repository: &str) -> bool {
        self.entries.iter().any(|entry| entry.excludes(repository))
    }

    /// Returns `true` if the repositories of the namespace have to be listed.
    pub fn has_globs(&self) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.globs().next().is_some())
    }

    /// Returns the names that entries select, each once, with the first pattern that names it.
    pub fn names(&self) -> Vec<(&Repository, &Pattern)> {
        let mut seen = HashSet::new();
        self.entries
            .iter()
            .flat_map(Entry::names)
            .filter(|(name, _)| seen.insert(*name))
            .collect()
    }
}
