//! Source against target, read and compared: the proof that images have arrived.

use std::collections::HashSet;

use super::digests::{Comparison, Digests, Relation, listed};
use super::select::{NamedTag, SourceTag, TagFilter, named_with_digests};
use super::{Failure, Link};
use crate::api::Service;
use crate::error::Error;

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
            here.extend([listed(tag)]);
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
        return Ok(found.into_iter().map(listed).collect());
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
        digests.extend([listed(tag)]);
        if left.as_ref().is_some_and(HashSet::is_empty) {
            break;
        }
    }
    Ok(digests)
}
