//! Options that several verbs take. The comments on the structs are no doc comments, for those would
//! become the command's.

use std::time::Duration;

use clap::Args;

use crate::commands::dry_run::DryRun;
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::glob::Glob;
use crate::sync::select::TagFilter;

/// The help of `--wait-timeout`, for all verbs.
pub(super) const WAIT_TIMEOUT: &str = "Maximum time to wait";

/// Points out a `--timeout` that is probably meant for the wait: it limits one request only.
pub(super) fn point_out_timeout(context: &Context, waits: bool) {
    let long = |timeout: Duration| timeout > Duration::from_secs(30);
    if let Ok(timeout) = context.settings().timeout()
        && waits
        && timeout.origin.is_option()
        && long(timeout.value)
    {
        context.output().note(
            "--timeout limits each request; the wait as a whole is limited by --wait-timeout",
        );
    }
}

// Showing instead of doing.
#[derive(Debug, Args)]
pub(crate) struct DryRunArg {
    /// Show the exact requests and send nothing that changes anything
    #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "http")]
    pub(in crate::commands) dry_run: Option<DryRun>,
}

// The tags among those that are there; a doc comment would become that of the command.
#[derive(Debug, Args)]
pub(crate) struct Globs {
    /// Only tags that match; may be given several times
    #[arg(long = "match", value_name = "GLOB")]
    matching: Vec<Raw<Glob>>,
    /// No tags that match; may be given several times
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<Raw<Glob>>,
    /// Succeed when no tag is left
    #[arg(long)]
    pub(super) allow_empty: bool,
}

impl Globs {
    /// Validates the globs.
    pub(super) fn validate(self, problems: &mut Problems) -> TagFilter {
        TagFilter {
            matching: globs("--match", self.matching, problems),
            excluding: globs("--exclude", self.exclude, problems),
        }
    }

    /// Returns `true` if any was given.
    pub(super) fn are_given(&self) -> bool {
        !self.matching.is_empty() || !self.exclude.is_empty()
    }
}

fn globs(option: &'static str, given: Vec<Raw<Glob>>, problems: &mut Problems) -> Vec<Glob> {
    let glob = |glob| problems.take(option, glob);
    given.into_iter().filter_map(glob).collect()
}
