//! What the entries say together about one repository, where they disagree, and targets that
//! several sources are copied to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::entry::{Declared, Entry, Home, Source, Wish};
use super::fault::{At, Faults};
use crate::api::sync::Target;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{Namespace, RegionId};

/// What entries disagree about, at one target.
#[derive(Debug, Clone)]
pub struct Conflict {
    target: Target,
    first: Side,
    second: Side,
}

#[derive(Debug, Clone)]
struct Side {
    says: &'static str,
    declared: Declared,
}

impl Side {
    fn of(wish: &Wish) -> Side {
        Side {
            says: if wish.override_ {
                "override yes"
            } else {
                "override no"
            },
            declared: wish.declared.clone(),
        }
    }
}

impl fmt::Display for Conflict {
    /// `to team (cn-east-3): override yes (swr.toml:12), no (swr.toml:19)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { region, namespace } = &self.target;
        let (first, second) = (&self.first, &self.second);
        let says = match first.says.split_once(' ') {
            Some((word, _)) => second
                .says
                .strip_prefix(word)
                .unwrap_or(second.says)
                .trim_start(),
            None => second.says,
        };
        write!(
            f,
            "to {namespace} ({region}): {} ({}), {says} ({})",
            first.says, first.declared.place, second.declared.place
        )
    }
}

impl Conflict {
    /// Returns the error of a repository, whose tasks are left alone.
    pub fn error(&self, name: &str) -> Error {
        Error::new(Kind::Config, format!("conflict at {name} {self}")).exit(Exit::Local)
    }
}

/// What the entries say about one repository.
#[derive(Debug)]
pub struct Selection<'a> {
    /// The entries that select it.
    pub entries: Vec<&'a Entry>,
    /// The tasks that it is to have, each target once; or what the entries disagree about.
    pub wishes: Result<Vec<&'a Wish>, Box<Conflict>>,
}

impl Selection<'_> {
    /// Returns `true` if no entry wishes a target: the repository is owned, and not copied.
    pub fn wishes_nothing(&self) -> bool {
        self.entries.iter().all(|entry| entry.wishes.is_empty())
    }

    /// Returns `true` if a target belongs to someone else.
    pub fn ignores(&self, region: &str, namespace: &str) -> bool {
        let mut ignored = self.entries.iter().flat_map(|entry| &entry.ignored);
        ignored.any(|ignored| ignored.covers(region, namespace))
    }
}

impl Source {
    /// Returns what the entries say about a repository; `None` where no entry selects it.
    pub fn select(&self, repository: &str) -> Option<Selection<'_>> {
        let entries: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.selects(repository))
            .collect();
        (!entries.is_empty()).then(|| Selection {
            wishes: merge(&entries),
            entries,
        })
    }
}

/// Adds up what entries wish for one repository, each target once.
fn merge<'a>(entries: &[&'a Entry]) -> Result<Vec<&'a Wish>, Box<Conflict>> {
    let mut merged: Vec<&Wish> = Vec::new();
    for wish in entries.iter().flat_map(|entry| &entry.wishes) {
        match merged.iter().find(|other| other.target == wish.target) {
            None => merged.push(wish),
            Some(other) if other.override_ == wish.override_ => {}
            Some(other) => {
                return Err(Box::new(Conflict {
                    target: wish.target.clone(),
                    first: Side::of(other),
                    second: Side::of(wish),
                }));
            }
        }
    }
    for wish in &merged {
        let (region, namespace) = (wish.target.region.as_str(), wish.target.namespace.as_str());
        let mut ignored = entries.iter().flat_map(|entry| &entry.ignored);
        if let Some(ignored) = ignored.find(|ignored| ignored.covers(region, namespace)) {
            return Err(Box::new(Conflict {
                target: wish.target.clone(),
                first: Side {
                    says: "wanted",
                    declared: wish.declared.clone(),
                },
                second: Side {
                    says: "ignored",
                    declared: ignored.declared.clone(),
                },
            }));
        }
    }
    Ok(merged)
}

/// Notes every conflict that needs no list: at a name, and where entries have an equal pattern.
pub(super) fn note_all(sources: &[Source], faults: &mut Faults) {
    for source in sources {
        let mut by_pattern: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &source.entries {
            for pattern in entry.patterns.iter().filter(|pattern| !pattern.excludes) {
                let selects = pattern
                    .name()
                    .is_none_or(|name| entry.selects(name.as_str()));
                if selects {
                    by_pattern.entry(&pattern.text).or_default().push(entry);
                }
            }
        }
        for (pattern, mut entries) in by_pattern {
            entries.dedup_by_key(|entry| std::ptr::from_ref::<Entry>(entry));
            if let Err(conflict) = merge(&entries)
                && (entries.len() == 1 || surely_overlap(&entries, pattern))
            {
                let at = At {
                    field: conflict.second.declared.field.clone(),
                    place: conflict.second.declared.place.clone(),
                };
                let target = conflict.target.region.to_string();
                let what = format!("conflict at {}/{pattern} {conflict}", source.namespace);
                faults.note_conflict(&at, &target, what);
            }
        }
    }
}

/// Entries with an equal glob share repositories, unless each leaves out others.
fn surely_overlap(entries: &[&Entry], pattern: &str) -> bool {
    let left_out = |entry: &Entry| -> BTreeSet<String> {
        let excluding = entry.patterns.iter().filter(|pattern| pattern.excludes);
        excluding.map(|pattern| pattern.text.clone()).collect()
    };
    let is_name = !crate::glob::Glob::is_glob(pattern);
    let mut sets = entries
        .iter()
        .map(|entry| left_out(entry))
        .filter(|set| !set.is_empty());
    is_name
        || match sets.next() {
            None => true,
            Some(first) => sets.all(|set| set == first),
        }
}

/// Warns of two sources in one target namespace, and of copies that go both ways.
pub(super) fn warn_of_targets(sources: &[Source], faults: &mut Faults) {
    type Place<'a> = (Option<&'a RegionId>, &'a Namespace);
    let mut into: BTreeMap<Place<'_>, (&Home, &Namespace)> = BTreeMap::new();
    let mut links: BTreeSet<(Place<'_>, Place<'_>)> = BTreeSet::new();
    for source in sources {
        let from = (source.home.region.as_ref(), &source.namespace);
        for wish in source.entries.iter().flat_map(|entry| &entry.wishes) {
            let to = (Some(&wish.target.region), &wish.target.namespace);
            let target = format!("{} ({})", wish.target.namespace, wish.target.region);
            let own = (&source.home, &source.namespace);
            let first = *into.entry(to).or_insert(own);
            if first != own {
                let message = format!(
                    "{} and {} are both copied to {target}, where equal names meet",
                    shown(first),
                    shown(own)
                );
                faults.warn(&wish.declared.place, message);
            }
            if links.contains(&(to, from)) {
                let message = format!("{} is copied to {target} and back", shown(own));
                faults.warn(&wish.declared.place, message);
            }
            links.insert((from, to));
        }
    }
}

fn shown((home, namespace): (&Home, &Namespace)) -> String {
    match &home.region {
        Some(region) => format!("{namespace} ({region})"),
        None => namespace.to_string(),
    }
}
