//! What `verify` found out about one tag.

use serde::Serialize;

use super::link_report::{AsRow, LinkReport};
use crate::error::{Error, Kind};
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain, uneasy};
use crate::report::{Row, Subject};
use crate::sync::digests::{Comparison, Digest, Relation};
use crate::sync::{Failure, Reason};
use crate::verdict::Verdict;

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::commands) enum VerifyStatus {
    /// The digests are equal.
    Same,
    /// They are not, or one of them is not known.
    Different,
    /// The target has no such tag.
    Missing,
    /// The source has no such tag.
    Extra,
    /// The repository could not be compared.
    Failed,
    /// The repository was not looked at.
    Skipped,
}

impl VerifyStatus {
    /// Every status, in the order of the summary.
    pub(super) const ALL: [VerifyStatus; 6] = [
        VerifyStatus::Same,
        VerifyStatus::Different,
        VerifyStatus::Missing,
        VerifyStatus::Extra,
        VerifyStatus::Failed,
        VerifyStatus::Skipped,
    ];

    /// Returns the word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            VerifyStatus::Same => "same",
            VerifyStatus::Different => "different",
            VerifyStatus::Missing => "missing",
            VerifyStatus::Extra => "extra",
            VerifyStatus::Failed => "failed",
            VerifyStatus::Skipped => "skipped",
        }
    }
}

impl From<Relation> for VerifyStatus {
    fn from(relation: Relation) -> VerifyStatus {
        match relation {
            Relation::Same => VerifyStatus::Same,
            Relation::Different => VerifyStatus::Different,
            Relation::Missing => VerifyStatus::Missing,
            Relation::Extra => VerifyStatus::Extra,
        }
    }
}

/// One tag, compared.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Verified {
    /// What was found out.
    pub(super) status: VerifyStatus,
    /// The tag; null for a whole repository.
    pub(super) tag: Option<String>,
    /// From where to where.
    #[serde(flatten)]
    pub(super) link: LinkReport,
    /// The source's digest.
    pub(super) digest: Option<Digest>,
    /// The target's digest.
    pub(super) remote_digest: Option<Digest>,
    /// The exit code of this one.
    exit_code: u8,
    /// Why it is not as it should be; never null when it is not.
    pub(super) error: Option<ErrorReport>,
    /// Whether a person is told the target: there are several.
    #[serde(skip)]
    pub(super) names_its_target: bool,
}

impl Verified {
    /// Returns the report of a comparison.
    pub(super) fn new(link: LinkReport, one: Comparison, error: Option<&Error>) -> Verified {
        Verified {
            status: one.relation.into(),
            tag: Some(one.tag),
            link,
            digest: one.digest,
            remote_digest: one.remote_digest,
            exit_code: error.map_or(0, |error| error.exit_code().code()),
            error: error.map(ErrorReport::of),
            names_its_target: false,
        }
    }

    /// Returns the report of a repository that was not compared.
    pub(super) fn whole(link: LinkReport, status: VerifyStatus, error: &Error) -> Verified {
        Verified {
            status,
            tag: None,
            link,
            digest: None,
            remote_digest: None,
            exit_code: error.exit_code().code(),
            error: Some(ErrorReport::of(error)),
            names_its_target: false,
        }
    }

    /// Returns the repository and tag as people write them.
    pub(super) fn subject(&self) -> String {
        self.link.subject(self.tag.as_deref())
    }
}

/// Returns why a comparison is not as it should be; `None` when it is.
pub(super) fn failure_of(one: &Comparison, ignore_missing: bool) -> Option<Failure> {
    let (what, reason) = match one.relation {
        Relation::Same | Relation::Extra => return None,
        Relation::Missing if ignore_missing => return None,
        Relation::Missing => ("the target does not have the tag", Reason::NotInTarget),
        Relation::Different => {
            let what = match (&one.digest, &one.remote_digest) {
                (Some(_), Some(_)) => "the target has another image of the tag",
                (None, _) => "the service gives no digest of the tag in the source",
                (_, None) => "the service gives no digest of the tag in the target",
            };
            (what, Reason::Differs)
        }
    };
    Some(Failure::new(Error::new(Kind::Unmet, what), reason))
}

impl AsRow for Verified {
    fn as_row(&self) -> Row {
        let subject = match self.tag {
            Some(_) => Subject::Tag,
            None => Subject::Repository,
        };
        let end = (self.status.word(), self.exit_code);
        let mut row = Row {
            digest: self.digest.as_ref().map(ToString::to_string),
            remote_digest: self.remote_digest.as_ref().map(ToString::to_string),
            ..self
                .link
                .row(subject, self.tag.as_deref(), end, self.error.as_ref())
        };
        if row.status.verdict == Verdict::Different && self.digest.is_some() {
            // The digests say more than that they differ.
            row.reason = None;
        }
        row
    }
}

impl Report for Verified {
    fn human(&self, page: &mut Page) {
        let word = self.status.word();
        let status = match self.status {
            VerifyStatus::Same => good(word),
            VerifyStatus::Extra | VerifyStatus::Skipped => uneasy(word),
            _ => bad(word),
        };
        let mut line = vec![status, plain(": "), crate::output::strong(self.subject())];
        if self.names_its_target {
            let LinkReport {
                remote_region_id,
                remote_namespace,
                ..
            } = &self.link;
            line.push(plain(format!(" → {remote_namespace} ({remote_region_id})")));
        }
        let shown = |digest: &Option<Digest>| match digest {
            Some(digest) => digest.to_string(),
            None => "no digest".to_owned(),
        };
        match (self.status, &self.digest) {
            (VerifyStatus::Same, Some(digest)) => line.push(dim(format!(" {digest}"))),
            (VerifyStatus::Different, _) => line.push(dim(format!(
                " {} in the source, {} in the target",
                shown(&self.digest),
                shown(&self.remote_digest)
            ))),
            _ => {}
        }
        page.line(&line);
        if let Some(error) = &self.error
            && matches!(self.status, VerifyStatus::Failed | VerifyStatus::Skipped)
        {
            page.line(&[plain("  "), plain(&error.message)]);
        }
    }
}
