//! How a tag of the target relates to the source's, by digest.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::api::tags::TagInfo;
pub use crate::names::Digest;

/// The digests by the names of tags as the service lists them; a tag without one cannot be compared.
pub type Digests = BTreeMap<String, Option<Digest>>;

/// Returns a listed tag with its digest; text that is no digest is none.
pub fn listed(tag: TagInfo) -> (String, Option<Digest>) {
    let digest = tag.digest.as_deref().and_then(Digest::listed);
    (tag.tag, digest)
}

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
