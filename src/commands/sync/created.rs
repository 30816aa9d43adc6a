//! The result of `swr sync create`.

use serde::Serialize;

use super::copied::advised;
use super::link_report::{AsRow, LinkReport};
use crate::context::Context;
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain};
use crate::report::{Row, Subject};
use crate::sync::Link;
use crate::sync::copy::{CopyResult, CopyStatus};
use crate::sync::digests::{Counts, Digest};
use crate::sync::namespace::Presence;
use crate::sync::preflight::{Offer, Preflight};
use crate::sync::task::TaskStatus;

/// How one creation ended.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::commands) enum Status {
    /// The task was created.
    Created,
    /// It was there.
    Exists,
    /// It was deleted and created.
    Replaced,
    /// It could not be created.
    Failed,
    /// Nothing was tried.
    Skipped,
}

impl Status {
    /// Every status, in the order of the summary.
    pub(super) const ALL: [Status; 5] = [
        Status::Created,
        Status::Exists,
        Status::Replaced,
        Status::Failed,
        Status::Skipped,
    ];

    /// Returns the word that JSON has.
    pub(super) fn word(self) -> &'static str {
        match self {
            Status::Created => "created",
            Status::Exists => "exists",
            Status::Replaced => "replaced",
            Status::Failed => "failed",
            Status::Skipped => "skipped",
        }
    }
}

impl From<TaskStatus> for Status {
    fn from(status: TaskStatus) -> Status {
        match status {
            TaskStatus::Created => Status::Created,
            TaskStatus::Exists => Status::Exists,
            TaskStatus::Replaced => Status::Replaced,
        }
    }
}

/// What was created, or why not.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Created {
    /// How it ended.
    pub status: Status,
    /// From where to where.
    #[serde(flatten)]
    pub link: LinkReport,
    /// Whether each push is copied.
    pub sync_auto: bool,
    /// Whether a different image of the same tag is replaced; null where the service does not tell.
    #[serde(rename = "override")]
    pub override_: Option<bool>,
    /// The endpoint that was asked.
    pub endpoint: String,
    /// The status of the last answer.
    pub http_status: Option<u16>,
    /// The service's id of the last request.
    pub request_id: Option<String>,
    /// What the look before found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preflight: Option<Preflight>,
    /// What became of the tags that existed already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Backfill>,
    /// How the digests of both sides compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<Counts>,
    /// The exit code of this one.
    pub exit_code: u8,
    /// Why it did not end well; never null when it did not.
    pub error: Option<ErrorReport>,
}

/// What became of the tags that existed already.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Backfill {
    /// Tags of the source.
    pub tags: usize,
    /// Those that the target had with the same digest already.
    pub same: usize,
    /// Those whose copy was asked for or under way, and whose end was not seen.
    pub accepted: usize,
    /// Those that were copied.
    pub success: usize,
    /// Those that existed in the target.
    pub existed: usize,
    /// Those that were refused, not asked for, or whose copy ended badly.
    pub failed: usize,
    /// The tags that did not end well.
    pub items: Vec<BackfillItem>,
}

/// A tag that did not end well.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct BackfillItem {
    /// How its copy stands.
    status: CopyStatus,
    /// The tag.
    tag: String,
    /// The service's number of the job, when it was waited for.
    job_id: Option<i64>,
    /// The source's digest.
    digest: Option<Digest>,
    /// The target's digest, where it was looked at.
    remote_digest: Option<Digest>,
    /// The exit code of this tag.
    exit_code: u8,
    /// Why it did not end well.
    error: ErrorReport,
}

impl Backfill {
    /// Returns how many tags are in the target, or on their way.
    pub(in crate::commands) fn in_target(&self) -> usize {
        self.same + self.accepted + self.success + self.existed
    }

    /// Counts a copy, keeps one that did not end well, and returns its row for the reports.
    pub(in crate::commands) fn add(
        &mut self,
        context: &Context,
        link: &Link,
        result: CopyResult,
    ) -> Row {
        self.tags += 1;
        *match result.status {
            CopyStatus::Same => &mut self.same,
            CopyStatus::Accepted => &mut self.accepted,
            CopyStatus::Success => &mut self.success,
            CopyStatus::Existed => &mut self.existed,
            CopyStatus::Failed
            | CopyStatus::Timeout
            | CopyStatus::Cancel
            | CopyStatus::Unseen
            | CopyStatus::Skipped => &mut self.failed,
        } += 1;
        let error = result
            .failure
            .map(|failure| advised(failure, link, Some(&result.tag)));
        let exit_code = error.as_ref().map_or(0, |error| error.exit_code().code());
        let error = error.as_ref().map(ErrorReport::of);
        let digest = result.source.and_then(|source| source.digest);
        let remote_digest = result.comparison.and_then(|one| one.remote_digest);
        let end = (result.status.word(), exit_code);
        let row = Row {
            digest: digest.as_ref().map(ToString::to_string),
            remote_digest: remote_digest.as_ref().map(ToString::to_string),
            duration: result.took,
            ..LinkReport::new(context, link).row(
                Subject::Tag,
                Some(&result.tag),
                end,
                error.as_ref(),
            )
        };
        if let Some(error) = error {
            self.items.push(BackfillItem {
                status: result.status,
                tag: result.tag,
                job_id: result.job,
                digest,
                remote_digest,
                exit_code,
                error,
            });
        }
        row
    }

    fn in_words(&self) -> String {
        let named = [
            (self.same, "there already"),
            (self.accepted, "accepted"),
            (self.success, "copied"),
            (self.existed, "existed"),
            (self.failed, "failed"),
        ];
        let words: Vec<String> = named
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        format!("{} tags: {}", self.tags, words.join(", "))
    }
}

impl AsRow for Created {
    fn as_row(&self) -> Row {
        let end = (self.status.word(), self.exit_code);
        self.link.row(Subject::Task, None, end, self.error.as_ref())
    }
}

impl Report for Created {
    fn human(&self, page: &mut Page) {
        let word = self.status.word();
        page.line(&self.link.task_line(match self.status {
            Status::Failed => bad(word),
            Status::Skipped => dim(word),
            _ => good(word),
        }));
        if let Some(error) = &self.error {
            page.line(&[plain("  "), plain(&error.message)]);
        }
        if matches!(self.status, Status::Failed | Status::Skipped) {
            return;
        }
        let pushes = if self.sync_auto {
            "each push is copied"
        } else {
            "nothing is copied on a push"
        };
        let override_ = match self.override_ {
            Some(true) => "a different image of the same tag is replaced",
            Some(false) => "a different image of the same tag is left alone",
            None => "whether a different image of the same tag is replaced cannot be read",
        };
        page.line(&[dim(format!("  {pushes}; {override_}"))]);
        if let Some(preflight) = &self.preflight {
            page.line(&[dim(checked(preflight))]);
        }
        if let Some(backfill) = &self.backfill {
            let text = format!("  backfill: {}", backfill.in_words());
            page.line(&[if backfill.items.is_empty() {
                plain(text)
            } else {
                bad(text)
            }]);
            for item in &backfill.items {
                page.line(&[
                    bad(format!("    {}", item.status.word())),
                    plain(format!(": {}: {}", item.tag, item.error.message)),
                ]);
            }
        }
        if let Some(counts) = &self.verify {
            let text = format!(
                "  verified: {} same, {} different, {} missing",
                counts.same, counts.different, counts.missing
            );
            page.line(&[if counts.is_clean() {
                good(text)
            } else {
                bad(text)
            }]);
        }
    }
}

fn checked(preflight: &Preflight) -> String {
    let region = match preflight.target_region {
        Offer::Offered => "offered",
        Offer::NotOffered => "not offered",
        Offer::Unknown => "unknown",
    };
    let presence = |presence| match presence {
        Presence::Exists => "exists",
        Presence::Created => "created",
        Presence::Missing => "missing",
        Presence::Unknown => "unknown",
    };
    format!(
        "  checked before: target region {region}, repository {}, target namespace {}",
        presence(preflight.repository),
        presence(preflight.target_namespace)
    )
}
