//! Options that several verbs take. The comments on the structs are no doc comments, for those would
//! become the command's.

use clap::Args;

use crate::api::sync::Target;
use crate::commands::dry_run::DryRun;
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::glob::Glob;
use crate::names::{Namespace, RegionId, Repository};
use crate::sync::Link;
use crate::sync::select::TagFilter;

/// The help of `--namespace`, for all verbs.
pub(super) const NAMESPACE: &str = "Source namespace";
/// The help of `--wait-timeout`, for all verbs.
pub(super) const WAIT_TIMEOUT: &str = "How long to wait at the most";
/// The help of `--repo`, for all verbs.
pub(super) const REPOSITORY: &str = "Source repository, as people write it: web/api";

// A source.
#[derive(Debug, Args)]
pub(crate) struct Source {
    #[arg(short, long, value_name = "NAME", help = NAMESPACE,
          add = crate::commands::complete::namespaces())]
    namespace: Raw<Namespace>,
    #[arg(short, long, value_name = "NAME", help = REPOSITORY,
          add = crate::commands::complete::repositories())]
    repo: Raw<Repository>,
}

impl Source {
    /// Validates both names.
    pub(super) fn validate(self, problems: &mut Problems) -> Option<(Namespace, Repository)> {
        let namespace = problems.take("--namespace", self.namespace);
        let repository = problems.take("--repo", self.repo);
        Some((namespace?, repository?))
    }

    /// Validates a source with one target.
    pub(super) fn link(
        self,
        to: ToOne,
        context: &Context,
        problems: &mut Problems,
    ) -> Option<Link> {
        let source = self.validate(problems);
        let target = to.validate(problems)?;
        let (namespace, repository) = source?;
        if refuse_circle(context, &namespace, &target, problems) {
            return None;
        }
        Some(Link {
            namespace,
            repository,
            target,
        })
    }

    /// Validates a source with several targets.
    pub(super) fn links(
        self,
        to: ToMany,
        context: &Context,
        problems: &mut Problems,
    ) -> Option<Vec<Link>> {
        let source = self.validate(problems);
        let targets = to.validate(problems)?;
        let (namespace, repository) = source?;
        for target in &targets {
            if refuse_circle(context, &namespace, target, problems) {
                return None;
            }
        }
        let link = |target| Link {
            namespace: namespace.clone(),
            repository: repository.clone(),
            target,
        };
        Some(targets.into_iter().map(link).collect())
    }
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
            "--to-region",
            target.region.as_str(),
            format!(
                "the target is the source itself: namespace '{namespace}' in {} (--to-region)",
                target.region
            ),
        );
    }
    circle
}

// One target.
#[derive(Debug, Args)]
pub(crate) struct ToOne {
    /// Target region
    #[arg(long, value_name = "ID", add = crate::commands::complete::regions())]
    to_region: Raw<RegionId>,
    /// Target namespace
    #[arg(long, value_name = "NAME", add = crate::commands::complete::target_namespaces())]
    to_namespace: Raw<Namespace>,
}

impl ToOne {
    /// Validates both names.
    pub(super) fn validate(self, problems: &mut Problems) -> Option<Target> {
        let region = problems.take("--to-region", self.to_region);
        let namespace = problems.take("--to-namespace", self.to_namespace);
        Some(Target {
            region: region?,
            namespace: namespace?,
        })
    }
}

// A namespace of the same name in several regions.
#[derive(Debug, Args)]
pub(crate) struct ToMany {
    /// Target region; may be given several times
    #[arg(long, value_name = "ID", required = true, add = crate::commands::complete::regions())]
    to_region: Vec<Raw<RegionId>>,
    /// Target namespace
    #[arg(long, value_name = "NAME", add = crate::commands::complete::target_namespaces())]
    to_namespace: Raw<Namespace>,
}

impl ToMany {
    /// Validates all names; a region that is given twice is one.
    fn validate(self, problems: &mut Problems) -> Option<Vec<Target>> {
        let regions = problems.take_all("--to-region", self.to_region);
        let namespace = problems.take("--to-namespace", self.to_namespace)?;
        let target = |region| Target {
            region,
            namespace: namespace.clone(),
        };
        Some(regions.into_iter().map(target).collect())
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
