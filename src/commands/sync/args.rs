//! Options that several verbs take. The comments on the structs are no doc comments, for those would
//! become the command's.

use std::time::Duration;

use clap::Args;

use crate::api::sync::Target;
use crate::commands::dry_run::DryRun;
use crate::commands::images::target_of;
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::glob::Glob;
use crate::names::Namespace;
use crate::settings::TargetName;
use crate::sync::Host;
use crate::sync::preflight::is_broken;
use crate::sync::select::TagFilter;
use crate::sync::{Link, Source};

/// The help of `--wait-timeout`, for all verbs.
pub(super) const WAIT_TIMEOUT: &str = "How long to wait at the most";

/// Returns the link of a repository with a target; a target that is the source is noted.
pub(super) fn link(
    source: &Source,
    target: &TargetName,
    context: &Context,
    problems: &mut Problems,
) -> Option<Link> {
    let target = target_of(target, &source.namespace);
    let circle = refuse_circle(context, &source.namespace, &target, problems);
    (!circle).then(|| Link {
        namespace: source.namespace.clone(),
        repository: source.repository.clone(),
        target,
    })
}

/// Notes a target that is the source itself; returns `true` if it is.
pub(super) fn refuse_circle(
    context: &Context,
    namespace: &Namespace,
    target: &Target,
    problems: &mut Problems,
) -> bool {
    let circle =
        context.region().as_ref() == Some(&target.region) && *namespace == target.namespace;
    if circle {
        problems.note(
            "--to",
            format!("{}/{}", target.region, target.namespace),
            format!(
                "the target is the source itself: namespace '{namespace}' in {} (--to)",
                target.region
            ),
        );
    }
    circle
}

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

// How many at once.
#[derive(Debug, Args)]
pub(crate) struct Concurrency {
    /// How many items are worked on at once
    #[arg(long = "concurrency", value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    count: u16,
}

impl Concurrency {
    /// Returns the number.
    pub(super) fn get(&self) -> usize {
        self.count.into()
    }
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
    /// Succeed when that leaves nothing
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

/// Finds broken settings of the targets before anything is sent. A target without any is fine,
/// unless the command has to compare its images in the end.
///
/// # Errors
/// Kinds `config` and `auth`, with the place of the broken setting.
pub(super) fn check_targets<'a>(
    context: &Context,
    targets: impl IntoIterator<Item = &'a Target>,
    compares: bool,
) -> Result<(), Error> {
    for target in targets {
        match context.service_in(&target.region) {
            Err(error) if compares || is_broken(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
