//! From what the files declare to the fleet: sources, entries, and what each repository is wished.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::conflict;
use super::document::{self, Declarations, Declared as DeclaredEntry, DeclaredTarget, Document};
use super::entry::{Declared, Entry, Home, Ignored, Source, Wish};
use super::fault::{At, Faults, Place, Warning};
use super::files::File;
use super::template::Template;
use crate::api::sync::Target;
use crate::error::Error;
use crate::names::{Namespace, Parse, RegionId};

/// Everything that the files declare.
#[derive(Debug)]
pub struct Fleet {
    /// The files, as they were read.
    pub files: Vec<File>,
    /// The source namespaces, in the order of the files.
    pub sources: Vec<Source>,
    /// What is valid, and probably not meant.
    pub warnings: Vec<Warning>,
}

impl Fleet {
    /// Makes the fleet of files. `home` says where an entry without region is, by its profile; it
    /// fails for a profile that does not exist.
    ///
    /// # Errors
    /// Kind `config` with every fault of every file.
    pub fn of(
        files: Vec<File>,
        home: &dyn Fn(Option<&str>) -> Result<Home, Error>,
    ) -> Result<Fleet, Error> {
        let mut faults = Faults::default();
        let mut resolver = Resolver {
            home,
            homes: BTreeMap::new(),
            sources: Vec::new(),
            by_key: BTreeMap::new(),
        };
        for file in &files {
            let before = faults.count();
            let document = document::parse(file, &mut faults);
            if document.entries.is_empty() && faults.count() == before {
                let message = format!("nothing is declared in '{}'", file.path);
                faults.note_file(&file.path, None, message, Some("add a [[sync]]"));
            }
            resolver.add(&document, &mut faults);
        }
        let sources = resolver.sources;
        conflict::note_all(&sources, &mut faults);
        conflict::warn_of_targets(&sources, &mut faults);
        let warnings = faults.end()?;
        Ok(Fleet {
            files,
            sources,
            warnings,
        })
    }

    /// Returns every entry.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.sources.iter().flat_map(|source| &source.entries)
    }
}

struct Resolver<'a> {
    home: &'a dyn Fn(Option<&str>) -> Result<Home, Error>,
    /// The homes so far, by profile; `None` for a profile that does not exist.
    homes: BTreeMap<Option<String>, Option<Home>>,
    sources: Vec<Source>,
    by_key: BTreeMap<(Home, Namespace), usize>,
}

impl Resolver<'_> {
    fn add(&mut self, document: &Document, faults: &mut Faults) {
        for entry in &document.entries {
            self.entry(document, entry, faults);
        }
    }

    fn entry(&mut self, document: &Document, entry: &DeclaredEntry, faults: &mut Faults) {
        let defaults = &document.defaults;
        let profile = entry.own.profile.as_ref().or(defaults.profile.as_ref());
        let home = self.home_of(profile, faults);
        let written = entry.own.region.as_ref().or(defaults.region.as_ref());
        if entry.own.to.is_none() && defaults.to.is_none() {
            let why = "write to = [] to own the repositories and wish nothing";
            faults.note(
                &entry.at,
                "",
                "'to' is missing here and in [defaults]",
                why,
                None,
            );
        }
        let (Some(namespace), Some(mut home)) = (&entry.namespace, home) else {
            return;
        };
        if let Some(region) = written {
            home.region = Some(region.clone());
        }
        let source = SourceOf {
            namespace,
            region: home.region.as_ref(),
        };
        let targets = entry.own.to.as_ref().or(defaults.to.as_ref());
        let ignored = entry.own.ignore.as_ref().or(defaults.ignore.as_ref());
        let resolved = Entry {
            place: entry.at.place.clone(),
            region: written.cloned(),
            patterns: entry.patterns.clone(),
            wishes: targets
                .into_iter()
                .flatten()
                .filter_map(|target| source.wish(document, &entry.own, target, faults))
                .collect(),
            ignored: ignored
                .into_iter()
                .flatten()
                .filter_map(|target| source.ignored(target, faults))
                .collect(),
        };
        let key = (home.clone(), namespace.clone());
        let index = *self.by_key.entry(key).or_insert_with(|| {
            self.sources.push(Source {
                home,
                profile: profile.map(|(name, _)| name.clone()),
                namespace: namespace.clone(),
                entries: Vec::new(),
            });
            self.sources.len() - 1
        });
        self.sources[index].entries.push(resolved);
    }

    fn home_of(&mut self, profile: Option<&(String, At)>, faults: &mut Faults) -> Option<Home> {
        let name = profile.map(|(name, _)| name.clone());
        if let Some(known) = self.homes.get(&name)
            && (known.is_some() || profile.is_none())
        {
            return known.clone();
        }
        let home = match (self.home)(name.as_deref()) {
            Ok(home) => Some(home),
            Err(error) => {
                if let Some((name, at)) = profile {
                    let hint = error.advice().map(str::to_owned);
                    faults.note(at, name, error.what(), "", hint);
                }
                None
            }
        };
        self.homes.insert(name, home.clone());
        home
    }
}

/// The source of an entry, for its templates and its targets.
struct SourceOf<'a> {
    namespace: &'a Namespace,
    region: Option<&'a RegionId>,
}

impl SourceOf<'_> {
    /// Nearer wins: the table in `to`, the entry, `[target]`, `[defaults]`, built in.
    fn wish(
        &self,
        document: &Document,
        own: &Declarations,
        target: &DeclaredTarget,
        faults: &mut Faults,
    ) -> Option<Wish> {
        let of_region = document.targets.get(&target.region);
        let built_in = (Template::same_name(), target.at.clone());
        let template = target
            .namespace
            .as_ref()
            .or(own.to_namespace.as_ref())
            .or(of_region.and_then(|of_region| of_region.namespace.as_ref()))
            .or(document.defaults.to_namespace.as_ref())
            .unwrap_or(&built_in);
        let override_ = target
            .override_
            .or(own.override_)
            .or(of_region.and_then(|of_region| of_region.override_))
            .or(document.defaults.override_)
            .unwrap_or(false);
        let namespace = self.render(template, &target.region, faults)?;
        if self.region == Some(&target.region) && *self.namespace == namespace {
            let what = format!(
                "the target {namespace} ({}) is the source itself",
                target.region
            );
            faults.note(&target.at, target.region.as_str(), &what, "", None);
            return None;
        }
        Some(Wish {
            target: Target {
                region: target.region.clone(),
                namespace,
            },
            override_,
            declared: declared(&target.at),
        })
    }

    fn ignored(&self, target: &DeclaredTarget, faults: &mut Faults) -> Option<Ignored> {
        let namespace = match &target.namespace {
            Some(template) => Some(self.render(template, &target.region, faults)?),
            None => None,
        };
        Some(Ignored {
            region: target.region.clone(),
            namespace,
            declared: declared(&target.at),
        })
    }

    fn render(
        &self,
        (template, at): &(Template, At),
        region: &RegionId,
        faults: &mut Faults,
    ) -> Option<Namespace> {
        let name = template.render(self.namespace, region);
        if name == self.namespace.as_str() {
            return Some(self.namespace.clone());
        }
        match Namespace::parse(&name) {
            Ok(namespace) => Some(namespace),
            Err(error) => {
                if let Some(namespace) = Namespace::listed(&name) {
                    let message = format!(
                        "'{name}' would be refused on a command line: {}",
                        error.rule
                    );
                    faults.warn(&at.place, message);
                    Some(namespace)
                } else {
                    let text = template.as_str();
                    let what = if text == name {
                        format!("invalid namespace '{name}'")
                    } else {
                        format!("the template '{text}' gives '{name}', which is not a namespace")
                    };
                    faults.note(at, text, &what, &error.rule, error.hint);
                    None
                }
            }
        }
    }
}

fn declared(at: &At) -> Declared {
    Declared {
        field: at.field.clone(),
        place: Place {
            file: Arc::clone(&at.place.file),
            line: at.place.line,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{File, Fleet, Home};

    /// Every key and every form of a value.
    const WHOLE: &str = include_str!("../../swr.example.toml");

    /// Returns the places of what is wrong, if anything is.
    fn faults(text: &str) -> Option<Vec<(String, Option<usize>)>> {
        let home = |profile: Option<&str>| {
            Ok(Home {
                profile: profile.map(str::to_owned),
                region: None,
            })
        };
        let error = Fleet::of(vec![File::of_text("swr.toml", text)], &home).err()?;
        let fields = &error.details().fields;
        Some(
            fields
                .iter()
                .filter_map(|field| field.file.clone())
                .collect(),
        )
    }

    #[test]
    fn the_example_is_whole() {
        assert_eq!(faults(WHOLE), None);
    }

    proptest! {
        #[test]
        fn whatever_is_done_to_a_file_an_error_names_a_line_of_it(
            cuts in vec((0..WHOLE.len(), 0_usize..40, "[\\[\\]{}\"'=#,. a-z0-9*!\n]{0,6}|\\PC|to = \\['\\*'\\]\n|\\[\\[sync\\]\\]\n"), 0..4)
        ) {
            let mut text = WHOLE.to_owned();
            for (start, length, put) in cuts {
                let mut start = start.min(text.len());
                while !text.is_char_boundary(start) {
                    start -= 1;
                }
                let mut end = (start + length).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                text.replace_range(start..end, &put);
            }
            let lines = text.split('\n').count();
            for (file, line) in faults(&text).unwrap_or_default() {
                prop_assert_eq!(&file, "swr.toml");
                // Where nothing at all is declared, there is no line to name.
                let fits = line.map_or(!text.contains("\n[[sync]]"), |line| (1..=lines).contains(&line));
                prop_assert!(fits, "{:?} of {} lines:\n{}", line, lines, text);
            }
        }
    }
}
