//! The repositories of a fleet, one after another: those that are listed, and those that are named.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::reach::Region;
use super::unmatched::Unmatched;
use crate::error::Error;
use crate::fleet::{Entry, Fleet, Scope, Source};
use crate::lock::lock;
use crate::names::Repository;
use crate::output::Output;
use crate::sync::Discovery;

/// What is worked on next.
pub(super) enum Job {
    /// A repository that entries select; the pattern that names it, if one does.
    Repository {
        /// The number of its source.
        source: usize,
        /// Its name.
        repository: Repository,
        /// Whether a list showed that it does not exist.
        missing: bool,
        /// Where it is named.
        named: Option<String>,
    },
    /// The list of a namespace's repositories failed or broke off.
    Broken {
        /// The number of the source.
        source: usize,
        /// Why; taken when it is reported.
        error: Mutex<Option<Error>>,
    },
}

impl Job {
    /// Returns the repository as people write it; of a broken list, its namespace.
    pub(super) fn name(&self, fleet: &Fleet) -> String {
        match self {
            Job::Repository {
                source, repository, ..
            } => format!("{}/{repository}", fleet.sources[*source].namespace),
            Job::Broken { source, .. } => fleet.sources[*source].namespace.to_string(),
        }
    }
}

/// Walks over the repositories of a fleet; counts them, and notes what was left out.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    fleet: &'a Fleet,
    regions: &'a [Arc<Region<'a>>],
    scope: &'a Scope,
    /// What the lists have shown so far, by source.
    seen: Vec<Seen<'a>>,
    /// Repositories that were listed or named.
    repositories: AtomicUsize,
    /// Those that entries select, in the scope.
    selected: AtomicUsize,
    /// A dead credential: nothing more is fetched.
    stopped: AtomicBool,
    remarks: Mutex<Vec<String>>,
    /// The globs of the scope.
    only: Mutex<Unmatched<'a>>,
}

#[derive(Debug)]
struct Seen<'a> {
    discovery: Discovery,
    /// The names that entries name and that were listed.
    names: Mutex<HashSet<&'a str>>,
    globs: Mutex<Unmatched<'a>>,
}

type Jobs<'w> = Box<dyn Iterator<Item = Job> + 'w>;

impl<'a> Walk<'a> {
    /// Prepares a walk; `regions` are those of the fleet's sources.
    pub(super) fn new(
        fleet: &'a Fleet,
        regions: &'a [Arc<Region<'a>>],
        scope: &'a Scope,
    ) -> Walk<'a> {
        let seen = |source| Seen {
            discovery: Discovery::default(),
            names: Mutex::default(),
            globs: Mutex::new(globs_of(source)),
        };
        Walk {
            fleet,
            regions,
            scope,
            seen: fleet.sources.iter().map(seen).collect(),
            repositories: AtomicUsize::new(0),
            selected: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            remarks: Mutex::default(),
            only: Mutex::new(only_of(scope)),
        }
    }

    /// Returns every repository that the run is about, in the order of the files. What is outside
    /// of the scope is not asked about.
    pub(super) fn jobs(&self) -> impl Iterator<Item = Job> + '_ {
        self.fleet
            .sources
            .iter()
            .enumerate()
            .filter(|(_, source)| {
                lock(&self.only).see_near(&format!("{}/", source.namespace));
                self.scope.reaches_into(&source.namespace)
            })
            .flat_map(move |(index, source)| -> Jobs<'_> {
                if source.has_globs() {
                    Box::new(self.listed(index, source))
                } else {
                    Box::new(self.named(index, source))
                }
            })
            .chain(std::iter::once_with(|| self.end()).flatten())
            .take_while(|_| !self.is_stopped())
    }

    /// Notes which globs of the scope have matched nothing, once everything was seen.
    fn end(&self) -> Option<Job> {
        if !self.is_stopped() {
            lock(&self.remarks).extend(lock(&self.only).complaints());
        }
        None
    }

    /// Lists the repositories of a namespace; names that are not among them are missing.
    fn listed<'w>(&'w self, index: usize, source: &'w Source) -> impl Iterator<Item = Job> + 'w {
        let namespace = &source.namespace;
        let names: HashSet<&'w str> = source
            .names()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let seen = &self.seen[index];
        let list = self.regions[index].service.repositories(Some(namespace));
        seen.discovery
            .sources(list, Some(namespace))
            .filter_map(move |found| {
                let repository = found.repository;
                self.repositories.fetch_add(1, Ordering::SeqCst);
                lock(&seen.globs).see(repository.as_str());
                let mut entries = source.entries.iter();
                let is_selected = entries.any(|entry| entry.selects(repository.as_str()));
                if is_selected {
                    self.see(source, &repository);
                }
                if names.contains(repository.as_str()) {
                    self.note_name(index, repository.as_str());
                }
                let region = self.regions[index].id();
                let holds = is_selected && self.scope.holds(region, namespace, &repository);
                holds.then(|| {
                    self.selected.fetch_add(1, Ordering::SeqCst);
                    Job::Repository {
                        source: index,
                        repository,
                        missing: false,
                        named: None,
                    }
                })
            })
            .chain(std::iter::once_with(move || self.rest(index, source)).flatten())
    }

    fn note_name(&self, index: usize, name: &str) {
        let mut names = self.fleet.sources[index]
            .entries
            .iter()
            .flat_map(Entry::names);
        if let Some((name, _)) = names.find(|(other, _)| other.as_str() == name) {
            lock(&self.seen[index].names).insert(name.as_str());
        }
    }

    /// Returns what is left when a list has ended: why it broke off, or the names that it lacks.
    fn rest<'w>(&'w self, index: usize, source: &'w Source) -> Jobs<'w> {
        let seen = &self.seen[index];
        let gaps = seen.discovery.gaps();
        if let Some(warning) = gaps.warning() {
            self.remark(warning);
        }
        let service = &self.regions[index].service;
        let broken = gaps.broken.or_else(|| {
            // The list of a namespace that does not exist may be empty.
            let is_empty = gaps.found == 0 && gaps.unsendable == 0;
            is_empty
                .then(|| service.require_namespace(&source.namespace).err())
                .flatten()
        });
        if let Some(error) = broken {
            // What it would have shown may match.
            lock(&self.only).complaints();
            let error = Mutex::new(Some(error));
            return Box::new(std::iter::once(Job::Broken {
                source: index,
                error,
            }));
        }
        if !self.is_stopped() {
            lock(&self.remarks).extend(lock(&seen.globs).complaints());
        }
        Box::new(self.named(index, source))
    }

    /// Returns the repositories that are named, without those that a list has shown.
    fn named<'w>(&'w self, index: usize, source: &'w Source) -> impl Iterator<Item = Job> + 'w {
        let was_listed = source.has_globs();
        let listed = std::mem::take(&mut *lock(&self.seen[index].names));
        source
            .names()
            .into_iter()
            .filter(move |(name, _)| !listed.contains(name.as_str()))
            .filter_map(move |(name, pattern)| {
                self.repositories.fetch_add(1, Ordering::SeqCst);
                self.see(source, name);
                let region = self.regions[index].id();
                let holds = self.scope.holds(region, &source.namespace, name);
                holds.then(|| {
                    self.selected.fetch_add(1, Ordering::SeqCst);
                    Job::Repository {
                        source: index,
                        repository: name.clone(),
                        missing: was_listed,
                        named: Some(pattern.place.to_string()),
                    }
                })
            })
    }

    /// Stops the walk: a credential is dead.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    /// Returns what stops the walk where it is set.
    pub(super) fn stopped(&self) -> &AtomicBool {
        &self.stopped
    }

    /// Returns `true` if the walk was stopped.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Returns how many repositories were listed or named, and how many of them are selected.
    pub(super) fn counts(&self) -> (usize, usize) {
        (
            self.repositories.load(Ordering::SeqCst),
            self.selected.load(Ordering::SeqCst),
        )
    }

    fn remark(&self, text: String) {
        lock(&self.remarks).push(text);
    }

    /// Takes a repository that an entry selects.
    fn see(&self, source: &Source, repository: &Repository) {
        if !self.scope.only.is_empty() {
            lock(&self.only).see(&format!("{}/{repository}", source.namespace));
        }
    }

    /// Says what was left out, and what matched nothing.
    pub(super) fn tell(&self, output: &Output) {
        for remark in lock(&self.remarks).drain(..) {
            output.warn(&remark);
        }
    }
}

/// Returns the globs of a source, none of which has matched a repository yet.
fn globs_of(source: &Source) -> Unmatched<'_> {
    let patterns = source.entries.iter().flat_map(Entry::globs);
    Unmatched::of(patterns.filter_map(|pattern| {
        let complaint = format!(
            "'{}' ({}) matches no repository of '{}'",
            pattern.text, pattern.place, source.namespace
        );
        Some((pattern.glob()?, complaint))
    }))
}

/// Returns the globs of a scope, none of which has matched a repository yet.
fn only_of(scope: &Scope) -> Unmatched<'_> {
    Unmatched::of(scope.only.iter().map(|glob| {
        let text = glob.as_str();
        let complaint = format!("--only {text} matches no repository that an entry selects");
        (glob, complaint)
    }))
}
