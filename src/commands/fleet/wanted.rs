//! The options of an apply, valid.

use super::item::Status;
use super::reach::Manner;
use super::sheet::Style;
use crate::commands::dry_run::DryRun;
use crate::commands::report_args::ReportArgs;
use crate::context::Context;
use crate::error::Error;
use crate::fleet::Scope;
use crate::report::{Reports, Run};
use crate::sync::copy::CopyOptions;
use crate::sync::poll::WaitLimit;

/// So many tasks are deleted without being asked for by number.
pub(super) const MAX_DELETES: usize = 10;

/// The options of a run, valid.
pub(super) struct Wanted {
    pub(super) scope: Scope,
    pub(super) concurrency: usize,
    pub(super) max_deletes: usize,
    pub(super) yes: bool,
    pub(super) backfill: Option<CopyOptions>,
    pub(super) shows_all: bool,
    pub(super) create_namespaces: bool,
    pub(super) dry_run: Option<DryRun>,
}

impl Wanted {
    /// Returns how long the copies of a repository are waited for, if at all.
    pub(super) fn wait(&self) -> Option<WaitLimit> {
        self.backfill.and_then(|options| options.wait)
    }

    /// Returns how the regions are treated.
    pub(super) fn manner(&self) -> Manner {
        Manner {
            creates_namespaces: self.create_namespaces,
            is_dry: self.dry_run.is_some(),
        }
    }

    /// Opens the reports; a dry run is no result.
    ///
    /// # Errors
    /// As [`ReportArgs::open`].
    pub(super) fn open(
        &self,
        reports: &ReportArgs,
        context: &Context,
        run: Run,
    ) -> Result<Reports, Error> {
        match self.dry_run {
            Some(_) => ReportArgs::default().open_named(context, run),
            None => reports.open(context, run),
        }
    }

    pub(super) fn style(&self, is_strict: bool) -> Style {
        Style {
            command: "apply",
            statuses: match self.dry_run {
                Some(_) => &Status::OF_DRY_RUN,
                None => &Status::OF_APPLY,
            },
            shows_unchanged: self.shows_all,
            is_strict,
            dry_run: self.dry_run,
        }
    }
}
