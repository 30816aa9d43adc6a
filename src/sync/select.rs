//! Which tags of the source are meant.

use std::collections::HashSet;

use jiff::Timestamp;

use super::digests::{Comparison, Digest, Digests};
use super::{Failure, Link, Reason, jobs, nearest};
use crate::api::Service;
use crate::api::tags::TagInfo;
use crate::error::{Error, Kind};
use crate::glob::Glob;
use crate::names::Tag;

/// A tag of the source.
#[derive(Debug, Clone)]
pub struct SourceTag {
    /// The tag.
    pub tag: Tag,
    /// Its digest, where the service gives one.
    pub digest: Option<Digest>,
    /// When it was pushed last.
    pub updated: Option<Timestamp>,
    /// The digest was named by the caller, so another push does not change it.
    pub pinned: bool,
}

/// A tag as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTag {
    /// The tag.
    pub tag: Tag,
    /// The digest that has to be in the target; without one, the source's.
    pub digest: Option<Digest>,
}

impl SourceTag {
    /// Compares the tag with what the target has.
    pub fn compare(&self, target: &Digests) -> Comparison {
        Comparison::new(self.tag.as_str(), self.digest.as_ref(), target)
    }
}

/// Globs that a tag has to match, and must not.
#[derive(Debug, Clone, Default)]
pub struct TagFilter {
    /// One of these has to match; none: every tag does.
    pub matching: Vec<Glob>,
    /// None of these may match.
    pub excluding: Vec<Glob>,
}

impl TagFilter {
    /// Returns `true` if the filter takes a tag.
    pub fn takes(&self, tag: &str) -> bool {
        let matches = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(tag));
        (self.matching.is_empty() || matches(&self.matching)) && !matches(&self.excluding)
    }
}

/// The tags from which a filter chooses.
#[derive(Debug, Clone)]
pub enum TagSelection {
    /// These.
    Named(Vec<Tag>),
    /// Every tag of the source.
    All,
    /// The tags whose latest copy to the target ended badly.
    Failed,
}

/// What to choose.
#[derive(Debug, Clone)]
pub struct Choice {
    /// From which tags.
    pub selection: TagSelection,
    /// What they have to match.
    pub filter: TagFilter,
    /// Only so many, pushed last.
    pub latest: Option<usize>,
    /// Whether it is fine when filter and number leave nothing.
    pub allow_empty: bool,
}

impl Choice {
    /// Returns the choice of every tag, also where there is none.
    pub fn every() -> Choice {
        Choice {
            selection: TagSelection::All,
            filter: TagFilter::default(),
            latest: None,
            allow_empty: true,
        }
    }
}

/// What was chosen.
#[derive(Debug, Default)]
pub struct Selected {
    /// The tags.
    pub tags: Vec<SourceTag>,
    /// Tags that are meant, whose names cannot be sent in a request.
    pub unsendable: Vec<String>,
    /// Tags whose copy failed and that the source does not have any more.
    pub gone: Vec<String>,
}

/// Chooses tags.
///
/// # Errors
/// Kind `unmet` for named tags that are not there (the service would take them all the same), and
/// when filter or number leave nothing; tags without times where the latest are asked for.
pub fn select(source: &Service, link: &Link, choice: &Choice) -> Result<Selected, Failure> {
    let mut selected = Selected::default();
    let mut considered = 0;
    if let TagSelection::Named(tags) = &choice.selection {
        selected.tags = named(source, link, tags)?;
        considered = selected.tags.len();
        selected
            .tags
            .retain(|one| choice.filter.takes(one.tag.as_str()));
    } else {
        let mut failed = match choice.selection {
            TagSelection::Failed => Some(jobs::failed_tags(source, link)?),
            _ => None,
        };
        for found in source.tags(&link.namespace, &link.repository) {
            let found = found?;
            if let Some(failed) = &mut failed
                && !failed.remove(&found.tag)
            {
                continue;
            }
            considered += 1;
            if choice.filter.takes(&found.tag) {
                match of_listed(found) {
                    Ok(tag) => selected.tags.push(tag),
                    Err(name) => selected.unsendable.push(name),
                }
            }
        }
        selected.gone = failed.into_iter().flatten().collect();
        selected.gone.sort();
    }
    if let Some(count) = choice.latest {
        keep_latest(&mut selected.tags, count)?;
    }
    let nothing = selected.tags.is_empty() && selected.unsendable.is_empty();
    if nothing && considered > 0 && !choice.allow_empty {
        return Err(nothing_selected(link, considered));
    }
    Ok(selected)
}

/// Creates the failure of filters and a number that leave none of so many tags.
pub fn nothing_selected(link: &Link, considered: usize) -> Failure {
    let error = Error::new(
        Kind::Unmet,
        format!(
            "no tag of {}/{} is selected, of {considered}",
            link.namespace, link.repository
        ),
    );
    Failure::new(error, Reason::NothingSelected)
}

/// Returns the named tags of the source.
///
/// # Errors
/// Kind `unmet` with those that are not there; the service's own error when the repository is not
/// there.
pub fn named(source: &Service, link: &Link, tags: &[Tag]) -> Result<Vec<SourceTag>, Failure> {
    let Link {
        namespace,
        repository,
        ..
    } = link;
    let mut found = Vec::new();
    if let [tag] = tags {
        match source.tag(namespace, repository, tag)? {
            Some(tag) => found.push(tag),
            // A 404 does not say whether it is the tag that is missing.
            None => drop(source.require_repository(namespace, repository)?),
        }
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
    let names: HashSet<&str> = found.iter().map(|tag| tag.tag.as_str()).collect();
    let missing: Vec<&str> = tags
        .iter()
        .map(Tag::as_str)
        .filter(|tag| !names.contains(tag))
        .collect();
    if !missing.is_empty() {
        let text = format!(
            "{namespace}/{repository} has no tag '{}'",
            missing.join("', '")
        );
        let mut error = Error::new(Kind::Unmet, text);
        let near = nearest::tag(source, namespace, repository, missing[0]);
        if let Some(hint) = nearest::hint([near]) {
            error = error.hint(hint);
        }
        return Err(Failure::new(error, Reason::TagsMissing));
    }
    Ok(found
        .into_iter()
        .filter_map(|tag| of_listed(tag).ok())
        .collect())
}

/// Returns the tags of the source that are named, each with the digest that was named with it.
///
/// # Errors
/// As [`named`].
pub fn named_with_digests(
    source: &Service,
    link: &Link,
    tags: &[NamedTag],
) -> Result<Vec<SourceTag>, Failure> {
    let names: Vec<Tag> = tags.iter().map(|one| one.tag.clone()).collect();
    let mut found = named(source, link, &names)?;
    for one in &mut found {
        let digest = tags.iter().find(|named| named.tag == one.tag);
        if let Some(digest) = digest.and_then(|named| named.digest.clone()) {
            one.digest = Some(digest);
            one.pinned = true;
        }
    }
    Ok(found)
}

/// Leaves the `count` tags that were pushed last.
fn keep_latest(tags: &mut Vec<SourceTag>, count: usize) -> Result<(), Failure> {
    if tags.len() <= count {
        return Ok(());
    }
    let untimed = tags.iter().filter(|one| one.updated.is_none()).count();
    if untimed > 0 {
        let error = Error::new(
            Kind::Http,
            format!(
                "the service gives no usable time of the last push for {untimed} of {} tags, so \
                 the latest {count} cannot be chosen",
                tags.len()
            ),
        );
        return Err(Failure::new(error, Reason::NoTimes));
    }
    tags.sort_by(|one, other| {
        other
            .updated
            .cmp(&one.updated)
            .then_with(|| other.tag.cmp(&one.tag))
    });
    tags.truncate(count);
    Ok(())
}

fn of_listed(found: TagInfo) -> Result<SourceTag, String> {
    match Tag::listed(&found.tag) {
        Some(tag) => Ok(SourceTag {
            pinned: false,
            tag,
            digest: found.digest.as_deref().and_then(Digest::listed),
            updated: found.updated,
        }),
        None => Err(found.tag),
    }
}

#[cfg(test)]
mod tests {
    use super::{SourceTag, TagFilter, keep_latest};
    use crate::glob::Glob;
    use crate::names::{Parse, Tag};

    #[test]
    fn globs_match_the_whole_tag() {
        let globs = |texts: &[&str]| -> Vec<_> {
            texts
                .iter()
                .map(|text| Glob::parse(text).unwrap())
                .collect()
        };
        let filter = TagFilter {
            matching: globs(&["v1.*", "latest"]),
            excluding: globs(&["*-rc*"]),
        };
        let taken = ["v1.0", "xv1.0", "v1.0-rc1", "latest", "latest2"].map(|tag| filter.takes(tag));
        assert_eq!(taken, [true, false, false, true, false]);
        assert!(TagFilter::default().takes("anything"));
    }

    #[test]
    fn the_latest_are_those_that_were_pushed_last() {
        let tag = |tag: &str, updated: &str| SourceTag {
            pinned: false,
            tag: Tag::parse(tag).unwrap(),
            digest: None,
            updated: updated.parse().ok(),
        };
        let mut tags = vec![
            tag("a", "2026-01-01T00:00:00Z"),
            tag("b", "2026-01-03T00:00:00.5Z"),
            tag("c", "2026-01-02T00:00:00Z"),
        ];
        keep_latest(&mut tags, 2).unwrap();
        let left: Vec<_> = tags.iter().map(|one| one.tag.as_str()).collect();
        assert_eq!(left, ["b", "c"]);
        tags.push(tag("d", "unknown"));
        assert!(keep_latest(&mut tags, 2).is_err());
        assert!(keep_latest(&mut tags, 3).is_ok());
    }
}
