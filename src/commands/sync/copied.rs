//! The result of `swr sync run`: one a tag and target.

use std::time::Duration;

use serde::Serialize;

use super::hints::{self, Subject};
use super::link_report::{AsRow, LinkReport};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain, uneasy};
use crate::report::{Row, Subject as About};
use crate::sync::copy::{CopyResult, CopyStatus};
use crate::sync::digests::{Digest, Relation};
use crate::sync::{Failure, Link};

/// The copy of one tag to one target.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Copied {
    /// How the copy stands.
    pub(super) status: CopyStatus,
    /// The tag; null where a whole target failed.
    pub(super) tag: Option<String>,
    /// From where to where.
    #[serde(flatten)]
    link: LinkReport,
    /// Whether a different image of the same tag is replaced.
    #[serde(rename = "override")]
    override_: bool,
    /// The service's number of the job, when it was waited for.
    job_id: Option<i64>,
    /// How long the copy took, when it was waited for.
    duration_seconds: Option<f64>,
    /// The source's digest.
    digest: Option<Digest>,
    /// The target's digest, where it was looked at.
    remote_digest: Option<Digest>,
    /// How the digests relate, where they were compared.
    verify: Option<Relation>,
    /// The exit code of this copy.
    exit_code: u8,
    /// Why it did not end well; never null when it did not.
    error: Option<ErrorReport>,
}

impl Copied {
    /// Returns the report of a copy.
    pub(super) fn new(
        context: &Context,
        link: &Link,
        override_: bool,
        result: CopyResult,
    ) -> Copied {
        let error = result
            .failure
            .map(|failure| advised(failure, link, Some(&result.tag)));
        Copied {
            status: result.status,
            tag: Some(result.tag),
            link: LinkReport::new(context, link),
            override_,
            job_id: result.job,
            duration_seconds: result.took.map(|took| took.as_secs_f64()),
            digest: result.source.and_then(|source| source.digest),
            verify: result.comparison.as_ref().map(|one| one.relation),
            remote_digest: result.comparison.and_then(|one| one.remote_digest),
            exit_code: error.as_ref().map_or(0, |error| error.exit_code().code()),
            error: error.as_ref().map(ErrorReport::of),
        }
    }

    /// Returns the report of a target for which nothing was asked.
    pub(super) fn whole(
        context: &Context,
        link: &Link,
        override_: bool,
        status: CopyStatus,
        error: &Error,
    ) -> Copied {
        Copied {
            status,
            tag: None,
            link: LinkReport::new(context, link),
            override_,
            job_id: None,
            duration_seconds: None,
            digest: None,
            remote_digest: None,
            verify: None,
            exit_code: error.exit_code().code(),
            error: Some(ErrorReport::of(error)),
        }
    }
}

/// Returns the error of one tag, with its advice.
pub(in crate::commands) fn advised(failure: Failure, link: &Link, tag: Option<&str>) -> Error {
    let mut subject = Subject::default();
    subject.add(link, tag);
    hints::advise(failure, &subject)
}

/// Returns the error of what was not begun: a signal or a dead credential stopped the run.
pub(in crate::commands) fn not_tried(context: &Context) -> Error {
    match context.interrupt().raised() {
        Some(signal) => signal.error(),
        None => Error::new(Kind::Auth, "not tried: the credential was refused before").status(401),
    }
}

impl AsRow for Copied {
    fn as_row(&self) -> Row {
        let subject = match self.tag {
            Some(_) => About::Tag,
            None => About::Repository,
        };
        let end = (self.status.word(), self.exit_code);
        Row {
            digest: self.digest.as_ref().map(ToString::to_string),
            remote_digest: self.remote_digest.as_ref().map(ToString::to_string),
            duration: self
                .duration_seconds
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            ..self
                .link
                .row(subject, self.tag.as_deref(), end, self.error.as_ref())
        }
    }
}

impl Report for Copied {
    fn human(&self, page: &mut Page) {
        let word = self.status.word();
        let status = match (&self.error, self.status) {
            (None, CopyStatus::Existed) | (Some(_), CopyStatus::Skipped | CopyStatus::Accepted) => {
                uneasy(word)
            }
            (None, _) => good(word),
            (Some(_), _) => bad(word),
        };
        let mut line = self.link.tag_line(status, self.tag.as_deref());
        if let Some(seconds) = self.duration_seconds {
            line.push(dim(format!(" in {seconds:.0} s")));
        }
        match self.verify {
            Some(Relation::Same) => line.push(good(", same digest")),
            Some(other) => line.push(bad(format!(", digest {}", other.word()))),
            None => {}
        }
        page.line(&line);
        if let Some(error) = &self.error {
            page.line(&[plain("  "), plain(&error.message)]);
        }
    }
}
