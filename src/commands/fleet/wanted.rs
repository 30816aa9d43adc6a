//! The options of an apply, valid.

use super::item::Status;
use super::sheet::Style;
use crate::fleet::Scope;
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
}

impl Wanted {
    /// Returns how long the copies of a repository are waited for, if at all.
    pub(super) fn wait(&self) -> Option<WaitLimit> {
        self.backfill.and_then(|options| options.wait)
    }

    pub(super) fn style(&self, is_strict: bool) -> Style {
        Style {
            command: "apply",
            statuses: &Status::OF_APPLY,
            shows_unchanged: self.shows_all,
            is_strict,
        }
    }
}
