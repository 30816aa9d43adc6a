//! The result of `swr sync create`.

use serde::Serialize;

use super::compare::Verdict;
use super::copies::End;
use super::link_report::LinkReport;
use super::order::Outcome;
use crate::api::sync::JobStatus;
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain};
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
    pub verify: Option<Verdict>,
    /// Of several: the exit code of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// Of several: why this one failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
}

/// What became of the tags that existed already, counted.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Backfill {
    /// Tags of the source.
    pub tags: usize,
    /// Those that stood in the target with the same digest already.
    pub same: usize,
    /// Those whose copy was asked for or under way, and not waited for.
    pub accepted: usize,
    /// Those that were copied.
    pub success: usize,
    /// Those that existed in the target.
    pub existed: usize,
    /// Those whose copy ended failed, timed out or cancelled.
    pub failed: usize,
}

impl Backfill {
    pub(super) fn of(outcomes: &[Outcome]) -> Backfill {
        let mut counts = Backfill {
            tags: outcomes.len(),
            ..Backfill::default()
        };
        for outcome in outcomes {
            let count = match &outcome.end {
                End::Same => &mut counts.same,
                End::Accepted => &mut counts.accepted,
                End::Final(job) if job.status == JobStatus::Success => &mut counts.success,
                End::Final(job) if job.status == JobStatus::Existed => &mut counts.existed,
                End::Final(_) | End::Refused | End::Unseen => &mut counts.failed,
            };
            *count += 1;
        }
        counts
    }

    fn in_words(&self) -> String {
        let named = [
            (self.same, "there already"),
            (self.accepted, "asked for"),
            (self.success, "copied"),
            (self.existed, "existed"),
            (self.failed, "failed"),
        ];
        let words: Vec<String> = named
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        match words.as_slice() {
            [] => "no tags existed".to_owned(),
            words => format!("{} tags: {}", self.tags, words.join(", ")),
        }
    }
}

impl Created {
    /// Returns what became of the tags, for an error.
    pub(super) fn in_words(&self) -> String {
        let backfill = self.backfill.as_ref().map(Backfill::in_words);
        let verify = self.verify.as_ref().map(Verdict::in_words);
        backfill
            .into_iter()
            .chain(verify)
            .collect::<Vec<_>>()
            .join("; ")
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
            return;
        }
        if matches!(self.status, Status::Skipped) {
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
            page.line(&[if backfill.failed > 0 {
                bad(text)
            } else {
                plain(text)
            }]);
        }
        if let Some(verdict) = &self.verify {
            let text = format!("  verified: {}", verdict.in_words());
            page.line(&[if verdict.is_clean() {
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
