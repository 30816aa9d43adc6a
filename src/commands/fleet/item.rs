//! One task of a fleet, or one repository: what a plan finds, and what became of it.

use serde::Serialize;

use crate::commands::dry_run::Planned;
use crate::commands::sync::Backfill;
use crate::error::Error;
use crate::fleet::{Action, Change, Found, PlannedChange};
use crate::output::{ErrorReport, Page, Report, Span, bad, dim, good, plain, strong, uneasy};
use crate::report::{self, Row, Subject};
use crate::sync::digests::Counts;
use crate::verdict::Verdict;

/// How a task, or a repository, stands or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::commands) enum Status {
    /// It is missing, and to be created.
    Create,
    /// It is there and not as wished: to be deleted and created anew.
    Replace,
    /// Nobody wishes it: to be deleted.
    Delete,
    /// Nobody wishes it.
    Surplus,
    /// It is as wished.
    Unchanged,
    /// It was created.
    Created,
    /// It was deleted and created anew.
    Replaced,
    /// It was deleted.
    Deleted,
    /// It was there as wished when it was to be created.
    Exists,
    /// It is not as the plan found it.
    Stale,
    /// The repository that the file names does not exist.
    Missing,
    /// Its target cannot work.
    Unmet,
    /// It could not be read or changed.
    Failed,
    /// It was not tried.
    Skipped,
}

impl Status {
    /// The statuses of a plan, in the order of its summary.
    pub(super) const OF_PLAN: [Status; 9] = [
        Status::Create,
        Status::Replace,
        Status::Delete,
        Status::Surplus,
        Status::Missing,
        Status::Unmet,
        Status::Failed,
        Status::Skipped,
        Status::Unchanged,
    ];

    /// The statuses of an apply, in the order of its summary.
    pub(super) const OF_APPLY: [Status; 11] = [
        Status::Created,
        Status::Replaced,
        Status::Deleted,
        Status::Exists,
        Status::Stale,
        Status::Surplus,
        Status::Missing,
        Status::Unmet,
        Status::Failed,
        Status::Skipped,
        Status::Unchanged,
    ];

    /// The statuses of a dry run, in the order of its summary.
    pub(super) const OF_DRY_RUN: [Status; 12] = [
        Status::Create,
        Status::Replace,
        Status::Delete,
        Status::Deleted,
        Status::Exists,
        Status::Stale,
        Status::Surplus,
        Status::Missing,
        Status::Unmet,
        Status::Failed,
        Status::Skipped,
        Status::Unchanged,
    ];

    /// Returns the word that JSON has.
    pub(super) fn word(self) -> &'static str {
        match self {
            Status::Create => "create",
            Status::Replace => "replace",
            Status::Delete => "delete",
            Status::Surplus => "surplus",
            Status::Unchanged => "unchanged",
            Status::Created => "created",
            Status::Replaced => "replaced",
            Status::Deleted => "deleted",
            Status::Exists => "exists",
            Status::Stale => "stale",
            Status::Missing => "missing",
            Status::Unmet => "unmet",
            Status::Failed => "failed",
            Status::Skipped => "skipped",
        }
    }

    /// Returns the words of a summary: `to create`, `created`.
    pub(super) fn in_words(self) -> String {
        match self {
            Status::Create | Status::Replace | Status::Delete => format!("to {}", self.word()),
            _ => self.word().to_owned(),
        }
    }

    fn sign(self) -> Span {
        match self {
            Status::Create | Status::Created => good("+"),
            Status::Replace | Status::Replaced => uneasy("~"),
            Status::Delete | Status::Deleted | Status::Surplus => bad("-"),
            Status::Unchanged | Status::Exists => dim("="),
            Status::Missing | Status::Unmet | Status::Failed | Status::Stale | Status::Skipped => {
                bad("!")
            }
        }
    }
}

/// A task, or a repository without one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Item {
    /// How it stands or ended.
    pub status: Status,
    /// The profile of the source.
    pub profile: Option<String>,
    /// The source region, where it is known.
    pub region: Option<String>,
    /// The endpoint that was asked.
    pub endpoint: String,
    /// The source namespace.
    pub namespace: String,
    /// The source repository.
    pub repository: String,
    /// The target region; null for a whole repository.
    pub remote_region_id: Option<String>,
    /// The target namespace; null for a whole repository.
    pub remote_namespace: Option<String>,
    /// The override that is wished; of a surplus task, the one that was found.
    #[serde(rename = "override")]
    pub override_: Option<bool>,
    /// The task that was found.
    pub found: Option<Found>,
    /// Where it is declared: file and line.
    pub declared: Option<String>,
    /// Whether what was replaced had been hidden: a task without syncAuto, which never copied.
    pub hidden: bool,
    /// The tags that were pushed while the task was replaced, and were copied.
    pub window: Option<Vec<String>>,
    /// What became of the tags that existed already.
    pub backfill: Option<Backfill>,
    /// How the digests of both sides compare.
    pub verify: Option<Counts>,
    /// The status of the last response.
    pub http_status: Option<u16>,
    /// The service's id of the last request.
    pub request_id: Option<String>,
    /// The exit code of this item.
    pub exit_code: u8,
    /// Why it did not end well; never null when it did not.
    pub error: Option<ErrorReport>,
    /// The tags of its copies, as rows of the reports.
    #[serde(skip)]
    #[cfg_attr(test, schemars(skip))]
    pub tags: Vec<Row>,
    /// What a dry run shows instead of sending it.
    #[serde(skip)]
    #[cfg_attr(test, schemars(skip))]
    pub requests: Vec<Planned>,
    /// What a person reads beside the status.
    #[serde(skip)]
    #[cfg_attr(test, schemars(skip))]
    pub remark: String,
    /// The error itself, for the one line that stands for all failures.
    #[serde(skip)]
    #[cfg_attr(test, schemars(skip))]
    pub failure: Option<Error>,
}

/// A repository of a source, as its items name it.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) profile: Option<String>,
    pub(super) region: Option<String>,
    pub(super) endpoint: String,
    pub(super) namespace: String,
    pub(super) repository: String,
}

impl Item {
    /// Returns the item of a whole repository.
    pub(super) fn of_repository(origin: Origin, status: Status, declared: Option<String>) -> Item {
        Item {
            status,
            profile: origin.profile,
            region: origin.region,
            endpoint: origin.endpoint,
            namespace: origin.namespace,
            repository: origin.repository,
            remote_region_id: None,
            remote_namespace: None,
            override_: None,
            found: None,
            declared,
            hidden: false,
            window: None,
            backfill: None,
            verify: None,
            http_status: None,
            request_id: None,
            exit_code: 0,
            error: None,
            tags: Vec::new(),
            requests: Vec::new(),
            remark: String::new(),
            failure: None,
        }
    }

    /// Returns the item of a task.
    pub(super) fn of_change(origin: Origin, status: Status, change: &Change) -> Item {
        let declared = change.declared.as_ref().map(ToString::to_string);
        let mut item = Item::of_repository(origin, status, declared);
        item.remote_region_id = Some(change.target.region.to_string());
        item.remote_namespace = Some(change.target.namespace.to_string());
        item.override_ = match (change.action, change.found) {
            (Action::Delete, Some(found)) => found.override_,
            _ => Some(change.override_),
        };
        item.found = change.found;
        item
    }

    /// Says why it did not end well.
    #[must_use]
    pub(super) fn because(mut self, error: &Error) -> Item {
        self.exit_code = error.exit_code().code();
        self.http_status = error.details().http_status;
        self.request_id.clone_from(&error.details().request_id);
        self.error = Some(ErrorReport::of(error));
        self.remark = error.message();
        self.failure = Some(error.summary());
        self
    }

    /// Returns `true` if it failed because the credential is dead.
    pub(super) fn is_refused(&self) -> bool {
        self.exit_code != 0 && self.http_status == Some(401)
    }

    /// Returns the repository as people write it.
    pub(super) fn repository_name(&self) -> String {
        format!("{}/{}", self.namespace, self.repository)
    }

    fn target(&self) -> Option<(&str, &str)> {
        self.remote_namespace
            .as_deref()
            .zip(self.remote_region_id.as_deref())
    }

    /// Returns the line of a saved plan; `None` for what is no change.
    pub(super) fn planned(&self) -> Option<PlannedChange> {
        let (namespace, region) = self.target()?;
        Some(PlannedChange {
            status: match self.status {
                Status::Create => Action::Create,
                Status::Replace => Action::Replace,
                Status::Delete => Action::Delete,
                _ => return None,
            },
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            namespace: self.namespace.clone(),
            repository: self.repository.clone(),
            remote_region_id: region.to_owned(),
            remote_namespace: namespace.to_owned(),
            override_: self.override_.unwrap_or_default(),
            found: self.found,
            declared: self.declared.clone(),
        })
    }

    /// Returns the row of a report; `strict` is a run that surplus tasks fail.
    pub(super) fn as_row(&self, strict: bool) -> Row {
        let verdict = match self.status {
            Status::Failed => Verdict::Bad,
            Status::Skipped => Verdict::Skipped,
            Status::Surplus if !strict => Verdict::Good,
            Status::Create
            | Status::Replace
            | Status::Delete
            | Status::Surplus
            | Status::Missing
            | Status::Unmet
            | Status::Stale => Verdict::Different,
            Status::Unchanged
            | Status::Created
            | Status::Replaced
            | Status::Deleted
            | Status::Exists => match self.exit_code {
                0 => Verdict::Good,
                8 => Verdict::Different,
                _ => Verdict::Bad,
            },
        };
        let subject = match self.target() {
            Some(_) => Subject::Task,
            None => Subject::Repository,
        };
        let mut row = Row::new(
            subject,
            report::Status::new(verdict, self.status.word()),
            &self.namespace,
        );
        row.profile.clone_from(&self.profile);
        row.region.clone_from(&self.region);
        row.repository = Some(self.repository.clone());
        row.target = self
            .target()
            .map(|(namespace, region)| report::Place::new(namespace, region));
        row.reason = (!self.remark.is_empty()).then(|| self.remark.clone());
        row.hint = self.error.as_ref().and_then(|error| error.hint.clone());
        row
    }
}

impl Report for Item {
    fn human(&self, page: &mut Page) {
        let remark = match (&self.error, self.remark.as_str()) {
            (_, "") => String::new(),
            (Some(_), remark) => format!(": {remark}"),
            (None, remark) => format!(
                "{}{remark}",
                if remark.starts_with(';') { "" } else { ": " }
            ),
        };
        let Some((namespace, region)) = self.target() else {
            let declared = match &self.declared {
                Some(place) => format!(" ({place})"),
                None => String::new(),
            };
            page.line(&[
                strong(format!("{:<32} ", self.repository_name())),
                plain(self.status.word()),
                plain(declared),
                plain(if self.status == Status::Missing {
                    String::new()
                } else {
                    remark
                }),
            ]);
            return;
        };
        page.line(&[
            plain("  "),
            self.status.sign(),
            plain(format!(" {:<29}", format!("{namespace} ({region})"))),
            plain(self.status.word()),
            plain(remark),
        ]);
    }
}

/// What a run was about.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct FleetReport {
    /// How many files were read.
    pub files: usize,
    /// How many `[[sync]]` they have.
    pub entries: usize,
    /// How many repositories were listed or named.
    pub repositories: usize,
    /// How many of them entries select, in the scope of the run.
    pub selected: usize,
    /// Which of several parts it was: `2/7`.
    pub shard: Option<String>,
    /// Whether surplus tasks are to be deleted.
    pub prune: bool,
}
