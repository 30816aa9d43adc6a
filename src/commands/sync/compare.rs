//! Source against target, by digest: the proof that images have arrived.

use serde::Serialize;

use super::route::{Digests, Wanted};

/// How a tag of the target relates to the source's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// The digests agree. For a multi-arch image that is the digest of its index.
    Same,
    /// They do not, or one of them is not known.
    Different,
    /// The target has no such tag.
    Missing,
    /// The source has no such tag.
    Extra,
}

impl Relation {
    pub(super) fn as_str(self) -> &'static str {
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
pub(super) struct Compared {
    pub(super) tag: String,
    pub(super) relation: Relation,
    pub(super) digest: Option<String>,
    pub(super) remote_digest: Option<String>,
}

/// Compares the wanted tags with what the target has.
pub(super) fn compare(wanted: &[Wanted], target: &Digests) -> Vec<Compared> {
    wanted
        .iter()
        .map(|wanted| {
            let there = target.get(wanted.tag.as_str());
            let remote_digest = there.cloned().flatten();
            let relation = match (&wanted.digest, there, &remote_digest) {
                (_, None, _) => Relation::Missing,
                (Some(source), _, Some(target)) if source == target => Relation::Same,
                // What cannot be compared is never called the same.
                _ => Relation::Different,
            };
            Compared {
                tag: wanted.tag.to_string(),
                relation,
                digest: wanted.digest.clone(),
                remote_digest,
            }
        })
        .collect()
}

/// Returns what the target has beyond the source.
pub(super) fn extras(wanted: &[Wanted], target: &Digests) -> Vec<Compared> {
    target
        .iter()
        .filter(|(tag, _)| {
            !wanted
                .iter()
                .any(|wanted| wanted.tag.as_str() == tag.as_str())
        })
        .map(|(tag, digest)| Compared {
            tag: tag.clone(),
            relation: Relation::Extra,
            digest: None,
            remote_digest: digest.clone(),
        })
        .collect()
}

/// How many tags were the same, different, missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Verdict {
    /// Tags whose digests agree.
    pub(super) same: usize,
    /// Tags whose digests do not.
    pub(super) different: usize,
    /// Tags that the target does not have.
    pub(super) missing: usize,
}

impl Verdict {
    pub(super) fn of(compared: &[Compared]) -> Verdict {
        let count = |relation| {
            compared
                .iter()
                .filter(|one| one.relation == relation)
                .count()
        };
        Verdict {
            same: count(Relation::Same),
            different: count(Relation::Different),
            missing: count(Relation::Missing),
        }
    }

    pub(super) fn in_words(&self) -> String {
        format!(
            "{} same, {} different, {} missing",
            self.same, self.different, self.missing
        )
    }

    pub(super) fn is_clean(self) -> bool {
        self.different == 0 && self.missing == 0
    }
}
