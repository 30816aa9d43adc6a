//! Source against target, by digest: the proof that images have arrived.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::select::{NamedTag, SourceTag, TagFilter, named_with_digests};
use super::{Failure, Link};
use crate::api::Service;
use crate::error::Error;
pub use crate::names::Digest;

/// The digests by the names of tags as the service lists them; a tag without one cannot be compared.
pub type Digests = BTreeMap<String, Option<Digest>>;

/// How a tag of the target relates to the source's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The digests are equal. For a multi-arch image that is the digest of its index.
    Same,
    /// They are not, or one of them is not known.
    Different,
    /// The target has no such tag.
    Missing,
    /// The source has no such tag.
    Extra,
}

impl Relation {
    /// Returns `true` if the tag is one of the source, so that there was something to compare.
    pub fn is_compared(self) -> bool {
        self != Relation::Extra
    }

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Relation::Same => "same",
            Relation::Different => "different",
            Relation::Missing => "missing",
            Relation::Extra => "extra",
        }
    }
}

/// One tag, compared.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The tag, as the service lists it.
    pub tag: String,
    /// How the two sides relate.
    pub relation: Relation,
    /// The source's digest.
    pub digest: Option<Digest>,
    /// The target's digest.
    pub remote_digest: Option<Digest>,
}

impl Comparison {
    /// Compares a tag of the source with what the target has.
    pub fn new(tag: &str, digest: Option<&Digest>, target: &Digests) -> Comparison {
        let there = target.get(tag);
        let remote_digest = there.cloned().flatten();
        let relation = match (digest, there, &remote_digest) {
            (_, None, _) => Relation::Missing,
            (Some(source), _, Some(target)) if source == target => Relation::Same,
            // What cannot be compared is never called the same.
            _ => Relation::Different,
        };
        Comparison {
            tag: tag.to_owned(),
            relation,
            digest: digest.cloned(),
            remote_digest,
        }
    }
}

/// How many tags were the same, different, missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counts {
    /// Tags whose digests are equal.
    pub same: usize,
    /// Tags whose digests are not, or not known.
    pub different: usize,
    /// Tags that the target does not have.
    pub missing: usize,
}

impl Counts {
    /// Counts a comparison.
    pub fn add(&mut self, relation: Relation) {
        match relation {
            Relation::Same => self.same += 1,
            Relation::Different => self.different += 1,
            Relation::Missing => self.missing += 1,
            Relation::Extra => {}
        }
    }

    /// Returns `true` if nothing differs.
    pub fn is_clean(self) -> bool {
        self.different == 0 && self.missing == 0
    }
}

/// A repository, compared.
#[derive(Debug, Default)]
pub struct Compared {
    /// The tags that were chosen, and what the target has beside them.
    pub tags: Vec<Comparison>,
    /// How many tags the source has, chosen or not.
    pub considered: usize,
}

/// Compares the tags of a link: the named ones, or all that the filter takes, then also what the
/// target has beyond the source. Names that cannot be sent in a request are compared like others.
///
/// # Errors
/// Tags or a repository that the source does not have, and whatever the services fail with.
pub fn compare(
    source: &Service,
    target: &Service,
    link: &Link,
    tags: &[NamedTag],
    filter: &TagFilter,
) -> Result<Compared, Failure> {
    if !tags.is_empty() {
        let mut chosen = named_with_digests(source, link, tags)?;
        let considered = chosen.len();
        chosen.retain(|one| filter.takes(one.tag.as_str()));
        let digests = target_digests(target, link, Some(&chosen))?;
        let tags = chosen.iter().map(|one| one.compare(&digests)).collect();
        return Ok(Compared { tags, considered });
    }
    let mut considered = 0;
    let mut here = Digests::new();
    for tag in source.tags(&link.namespace, &link.repository) {
        let tag = tag?;
        considered += 1;
        if filter.takes(&tag.tag) {
            let digest = tag.digest.as_deref().and_then(Digest::listed);
            here.insert(tag.tag, digest);
        }
    }
    let there = target_digests(target, link, None)?;
    let mut tags: Vec<Comparison> = here
        .iter()
        .map(|(tag, digest)| Comparison::new(tag, digest.as_ref(), &there))
        .collect();
    let extras = there
        .into_iter()
        .filter(|(tag, _)| !here.contains_key(tag) && filter.takes(tag));
    tags.extend(extras.map(|(tag, remote_digest)| Comparison {
        tag,
        relation: Relation::Extra,
        digest: None,
        remote_digest,
    }));
    Ok(Compared { tags, considered })
}

/// Returns the target's digests, of all tags or of the named ones; none when the repository is not
/// there.
///
/// # Errors
/// Whatever the service fails with.
pub fn target_digests(
    target: &Service,
    link: &Link,
    tags: Option<&[SourceTag]>,
) -> Result<Digests, Error> {
    let namespace = &link.target.namespace;
    if let Some([only]) = tags {
        let found = target.tag(namespace, &link.repository, &only.tag)?;
        let digest = |text: Option<String>| text.as_deref().and_then(Digest::listed);
        return Ok(found
            .into_iter()
            .map(|tag| (tag.tag, digest(tag.digest)))
            .collect());
    }
    let mut left: Option<HashSet<&str>> =
        tags.map(|tags| tags.iter().map(|one| one.tag.as_str()).collect());
    let mut digests = Digests::new();
    if left.as_ref().is_some_and(HashSet::is_empty) {
        return Ok(digests);
    }
    for tag in target.tags(namespace, &link.repository) {
        let tag = match tag {
            Ok(tag) => tag,
            Err(error) if error.details().http_status == Some(404) => return Ok(Digests::new()),
            Err(error) => return Err(error),
        };
        if let Some(left) = &mut left
            && !left.remove(tag.tag.as_str())
        {
            continue;
        }
        let digest = tag.digest.as_deref().and_then(Digest::listed);
        digests.insert(tag.tag, digest);
        if left.as_ref().is_some_and(HashSet::is_empty) {
            break;
        }
    }
    Ok(digests)
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Digest, Digests, Relation};

    #[test]
    fn what_is_not_known_is_never_the_same() {
        let digest = Digest::listed(&format!("sha256:{}", "0".repeat(64)));
        let there = |remote: &Option<Digest>| Digests::from([("v1".to_owned(), remote.clone())]);
        let relation = |here: Option<&Digest>, there| Comparison::new("v1", here, &there).relation;
        assert_eq!(relation(digest.as_ref(), there(&digest)), Relation::Same);
        assert_eq!(relation(None, there(&None)), Relation::Different);
        assert_eq!(relation(digest.as_ref(), there(&None)), Relation::Different);
        assert_eq!(relation(None, there(&digest)), Relation::Different);
        assert_eq!(relation(None, Digests::new()), Relation::Missing);
    }
}
