//! An inventory as the file of a fleet: what it says is what is there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::inventory::{Inventory, Live, Repositories, globs, groups, undeclared_of};
use crate::api::sync::Target;
use crate::names::{Namespace, RegionId, Repository};

/// A list longer than this is written one item a line.
const LINE: usize = 80;

impl Inventory {
    /// Returns the file. A repository without a task is a comment, so that it is not owned; where
    /// no repository has one, all are owned, because a file has to declare something.
    pub fn to_toml(&self, with_globs: bool) -> String {
        let mut text = self.defaults();
        let is_empty = !self.has_tasks();
        for (namespace, repositories) in &self.namespaces {
            let mut globs = if with_globs {
                globs(repositories)
            } else {
                BTreeMap::new()
            };
            let mut without = Vec::new();
            for (live, names) in groups(repositories) {
                if live.tasks.is_empty() && !is_empty {
                    without.extend(names);
                    continue;
                }
                let names = || names.iter().map(ToString::to_string).collect();
                let patterns = globs.remove(live).unwrap_or_else(names);
                self.entry(&mut text, namespace, &patterns, live);
            }
            if repositories.is_empty() && is_empty {
                self.entry(&mut text, namespace, &["**".to_owned()], &Live::default());
            }
            self.remarks(&mut text, namespace, repositories, &without);
        }
        text
    }

    fn defaults(&self) -> String {
        let mut keys = Vec::new();
        if let Some(region) = &self.extent().region {
            keys.push(("region", quoted(region.as_str())));
        }
        if let Some(profile) = &self.extent().profile {
            keys.push(("profile", quoted(profile)));
        }
        if !self.others.is_empty() {
            keys.push(("ignore", list(self.others.iter().map(region))));
        }
        let mut text = String::new();
        for (key, value) in &keys {
            let first = if text.is_empty() { "[defaults]\n" } else { "" };
            let _ = writeln!(text, "{first}{key:<7} = {value}");
        }
        text
    }

    fn entry(&self, text: &mut String, namespace: &Namespace, patterns: &[String], live: &Live) {
        if !text.is_empty() {
            text.push('\n');
        }
        let overrides = !live.tasks.is_empty() && live.tasks.values().all(|override_| *override_);
        let to = live.tasks.iter().map(|(target, override_)| {
            let differs = *override_ != overrides;
            if target.namespace == *namespace && !differs {
                return region(&target.region);
            }
            table(target, if differs { ", override = true" } else { "" })
        });
        let _ = write!(
            text,
            "[[sync]]\nnamespace    = {}\nrepositories = {}\nto           = {}\n",
            quoted(namespace.as_str()),
            list(patterns.iter().map(|pattern| quoted(pattern))),
            list(to)
        );
        if overrides {
            text.push_str("override     = true\n");
        }
        if !live.undeclared.is_empty() {
            // A list replaces that of [defaults].
            let others = self.others.iter().map(region);
            let own = live.undeclared.keys().map(|target| table(target, ""));
            let _ = writeln!(text, "ignore       = {}", list(others.chain(own)));
        }
    }

    fn remarks(
        &self,
        text: &mut String,
        namespace: &Namespace,
        repositories: &Repositories,
        without: &[&Repository],
    ) {
        let undeclared = undeclared_of(namespace, repositories);
        let mut lines: Vec<String> = undeclared
            .map(|task| format!("not declared: {task}"))
            .collect();
        if !without.is_empty() {
            let to = self.extent().to_regions();
            lines.push(format!(
                "without a task{to}, in {}:",
                quoted(namespace.as_str())
            ));
            let names = without.iter();
            lines.extend(names.map(|name| format!("    {},", quoted(name.as_str()))));
        }
        if !lines.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.extend(lines.iter().map(|line| format!("# {line}\n")));
        }
    }
}

fn region(region: &RegionId) -> String {
    quoted(region.as_str())
}

fn table(target: &Target, more: &str) -> String {
    format!(
        "{{ region = {}, namespace = {}{more} }}",
        quoted(target.region.as_str()),
        quoted(target.namespace.as_str())
    )
}

/// Returns a list: on one line where it is short, else an item a line.
fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    let line = items.join(", ");
    if items.len() < 2 || line.len() <= LINE {
        return format!("[{line}]");
    }
    format!("[\n    {},\n]", items.join(",\n    "))
}

/// Returns a text as a string of TOML and of Terraform's language: both know these escapes. Names
/// need none; a profile may be called anything.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ if character.is_alphanumeric() => quoted.push(character),
            _ => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::quoted;

    proptest! {
        #[test]
        fn a_quoted_text_is_read_back_as_it_was(text in any::<String>()) {
            let document = format!("x = {}", quoted(&text));
            let table: toml::Table = document.parse().unwrap();
            prop_assert_eq!(table["x"].as_str(), Some(text.as_str()));
        }
    }
}
