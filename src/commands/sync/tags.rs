//! Which tags of the source are meant.

use std::collections::HashSet;

use clap::Args;

use super::route::{Route, Wanted};
use crate::api::Service;
use crate::api::tags::TagInfo;
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::glob::Glob;
use crate::names::{Namespace, Parse, Repository, Tag};

// The globs of a command line; a doc comment would become that of the command.
#[derive(Debug, Args)]
pub(crate) struct Globs {
    /// Only tags that match; may be given several times
    #[arg(long = "match", value_name = "GLOB")]
    matching: Vec<String>,
    /// No tags that match; may be given several times
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
}

/// Globs, judged. They match the whole tag.
#[derive(Debug, Default)]
pub(super) struct Filter {
    matching: Vec<Glob>,
    excluding: Vec<Glob>,
}

impl Globs {
    /// Judges the globs.
    pub(super) fn validate(self, problems: &mut Problems) -> Filter {
        let mut compile = |option: &'static str, patterns: Vec<String>| {
            patterns
                .into_iter()
                .filter_map(|pattern| match Glob::parse(&pattern) {
                    Ok(glob) => Some(glob),
                    Err(error) => {
                        let message =
                            format!("invalid glob '{pattern}' ({option}): {}", error.rule);
                        problems.note(option, pattern, message);
                        None
                    }
                })
                .collect()
        };
        Filter {
            matching: compile("--match", self.matching),
            excluding: compile("--exclude", self.exclude),
        }
    }

    /// Returns `true` if any was given.
    pub(super) fn are_given(&self) -> bool {
        !self.matching.is_empty() || !self.exclude.is_empty()
    }
}

impl Filter {
    /// Returns `true` if a tag is meant.
    pub(super) fn takes(&self, tag: &str) -> bool {
        (self.matching.is_empty() || self.matching.iter().any(|glob| glob.matches(tag)))
            && !self.excluding.iter().any(|glob| glob.matches(tag))
    }
}

/// Judges the tags of a command line.
pub(super) fn validate_tags(problems: &mut Problems, given: Vec<Raw<Tag>>) -> Vec<Tag> {
    problems.take_all("TAG", given)
}

/// Returns every tag of the source that the filter takes; tags that cannot be sent are told.
pub(super) fn all_of(
    context: &Context,
    source: &Service,
    namespace: &Namespace,
    repository: &Repository,
    filter: &Filter,
) -> Result<Vec<Wanted>, Error> {
    let mut wanted = Vec::new();
    for found in source.tags(namespace, repository) {
        let found = found?;
        if filter.takes(&found.tag) {
            match of_listed(found) {
                Ok(tag) => wanted.push(tag),
                Err(name) => context.output().warn(&format!(
                    "the tag '{name}' is left out: its name cannot be sent in a request"
                )),
            }
        }
    }
    Ok(wanted)
}

/// Returns the named tags of the source.
///
/// # Errors
/// Kind `unmet` naming those that are not there: the service would take them all the same.
pub(super) fn named(
    source: &Service,
    namespace: &Namespace,
    repository: &Repository,
    tags: &[Tag],
) -> Result<Vec<Wanted>, Error> {
    let mut found = Vec::new();
    if let [tag] = tags {
        found.extend(source.tag(namespace, repository, tag)?);
    } else {
        let mut left: HashSet<&str> = tags.iter().map(Tag::as_str).collect();
        for tag in source.tags(namespace, repository) {
            let tag = tag?;
            if left.remove(tag.tag.as_str()) {
                found.push(tag);
                if left.is_empty() {
                    break;
                }
            }
        }
    }
    let missing: Vec<&str> = tags
        .iter()
        .map(Tag::as_str)
        .filter(|tag| !found.iter().any(|found| found.tag == *tag))
        .collect();
    if !missing.is_empty() {
        return Err(Error::new(
            Kind::Unmet,
            format!(
                "{namespace}/{repository} has no tag '{}'",
                missing.join("', '")
            ),
        )
        .hint(format!(
            "'swr tag list -n {namespace} -r {repository}' shows its tags"
        )));
    }
    Ok(found
        .into_iter()
        .filter_map(|tag| of_listed(tag).ok())
        .collect())
}

/// Returns the tags whose latest job to the target ended badly.
pub(super) fn failed_of(route: &Route, source: &Service) -> Result<HashSet<String>, Error> {
    let (jobs, _) = route.jobs_after(source, i64::MIN)?;
    let mut judged = HashSet::new();
    let mut failed = HashSet::new();
    for job in jobs {
        if judged.insert(job.tag.clone()) && job.state().is_bad() {
            failed.insert(job.tag);
        }
    }
    Ok(failed)
}

/// Leaves the `count` tags that were pushed last.
pub(super) fn keep_latest(wanted: &mut Vec<Wanted>, count: usize) {
    wanted.sort_by(|one, other| {
        other
            .updated
            .cmp(&one.updated)
            .then_with(|| other.tag.cmp(&one.tag))
    });
    wanted.truncate(count);
}

fn of_listed(found: TagInfo) -> Result<Wanted, String> {
    match Tag::listed(&found.tag) {
        Some(tag) => Ok(Wanted {
            tag,
            digest: found.digest,
            updated: found.updated,
        }),
        None => Err(found.tag),
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Globs, keep_latest};
    use crate::commands::raw_arg::Problems;
    use crate::names::{Parse, Tag};

    fn filter(matching: &[&str], exclude: &[&str]) -> Filter {
        let texts = |globs: &[&str]| globs.iter().map(|&glob| glob.to_owned()).collect();
        let mut problems = Problems::default();
        let filter = Globs {
            matching: texts(matching),
            exclude: texts(exclude),
        }
        .validate(&mut problems);
        problems.end().unwrap();
        filter
    }

    #[test]
    fn globs_match_the_whole_tag() {
        let globs = filter(&["v1.*", "latest"], &["*-rc*"]);
        let taken = ["v1.0", "xv1.0", "v1.0-rc1", "latest", "latest2"].map(|tag| globs.takes(tag));
        assert_eq!(taken, [true, false, false, true, false]);
        assert!(filter(&[], &[]).takes("anything"));
    }

    #[test]
    fn a_broken_glob_is_named() {
        let mut problems = Problems::default();
        Globs {
            matching: vec!["[".into()],
            exclude: vec![],
        }
        .validate(&mut problems);
        let error = problems.end().unwrap_err();
        assert_eq!(error.details().field, Some("--match"));
    }

    #[test]
    fn the_latest_are_those_that_were_pushed_last() {
        let wanted = |tag: &str, updated: &str| super::Wanted {
            tag: Tag::parse(tag).unwrap(),
            digest: None,
            updated: updated.parse().ok(),
        };
        let mut tags = vec![
            wanted("a", "2026-01-01T00:00:00Z"),
            wanted("b", "2026-01-03T00:00:00.5Z"),
            wanted("c", "2026-01-02T00:00:00Z"),
            wanted("d", "unknown"),
        ];
        keep_latest(&mut tags, 2);
        let left: Vec<_> = tags.iter().map(|wanted| wanted.tag.as_str()).collect();
        assert_eq!(left, ["b", "c"]);
    }
}
