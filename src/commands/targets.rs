//! Targets as people name them: options, defaults of the settings, and the links to them. The
//! comments on the structs are not doc comments, because those would become the command's.

use clap::Args;

use super::raw_arg::{Problems, Raw};
use crate::api::sync::Target;
use crate::context::Context;
use crate::error::Error;
use crate::names::{Namespace, RegionId};
use crate::settings::TargetName;
use crate::sync::preflight::is_broken;
use crate::sync::{Host, Link, Source};

// Where images go.
#[derive(Debug, Args)]
pub(crate) struct To {
    /// Target region; several with commas, or given several times
    #[arg(long, value_name = "ID", value_delimiter = ',',
          add = crate::commands::complete::regions())]
    to_region: Vec<Raw<RegionId>>,
    /// Target namespace (default: the source's)
    #[arg(long, value_name = "NAME", add = crate::commands::complete::target_namespaces())]
    to_namespace: Option<Raw<Namespace>>,
    /// Target region, with its namespace where it has another name; takes several, as --to-region
    #[arg(long, value_name = "REGION[/NAMESPACE]", value_delimiter = ',',
          add = crate::commands::complete::targets())]
    to: Vec<Raw<TargetName>>,
}

impl To {
    /// Returns the targets: those that are typed, or those of the settings.
    pub(super) fn validate(
        self,
        context: &Context,
        problems: &mut Problems,
    ) -> Option<Vec<TargetName>> {
        let typed = !self.to.is_empty() || !self.to_region.is_empty();
        let default = match context.settings().targets() {
            _ if typed => None,
            Ok(setting) => setting.map(|setting| setting.value),
            Err(error) => {
                problems.fail(error);
                return None;
            }
        };
        self.with_default(default.unwrap_or_default(), problems)
    }

    /// Returns the one target, which has to be typed: the settings do not count.
    pub(super) fn one(self, problems: &mut Problems) -> Option<TargetName> {
        let mut targets = self.with_default(Vec::new(), problems)?;
        if targets.len() > 1 {
            problems.note("--to", "", "only one target can be given (--to)");
        }
        targets.pop()
    }

    /// Returns the targets that are typed, none where a verb looks at all.
    pub(super) fn filter(self, problems: &mut Problems) -> Vec<TargetName> {
        if self.to.is_empty() && self.to_region.is_empty() && self.to_namespace.is_none() {
            return Vec::new();
        }
        self.with_default(Vec::new(), problems).unwrap_or_default()
    }

    fn with_default(
        self,
        default: Vec<TargetName>,
        problems: &mut Problems,
    ) -> Option<Vec<TargetName>> {
        let typed = !self.to.is_empty() || !self.to_region.is_empty();
        let wanted = self.to.len() + self.to_region.len();
        let regions = problems.take_all("--to-region", self.to_region);
        let targets = problems.take_all("--to", self.to);
        let namespace = self
            .to_namespace
            .map(|raw| problems.take("--to-namespace", raw));
        if wanted == 0 && default.is_empty() {
            problems.note(
                "--to",
                "",
                "no target is named: --to REGION[/NAMESPACE], or --to-region and --to-namespace",
            );
            return None;
        }
        if matches!(namespace, Some(None)) || (typed && regions.is_empty() && targets.is_empty()) {
            return None;
        }
        let namespace = namespace.flatten();
        let whole = |target: TargetName| TargetName {
            namespace: target.namespace.or_else(|| namespace.clone()),
            ..target
        };
        let region = |region| TargetName {
            region,
            namespace: None,
        };
        let mut all: Vec<TargetName> = Vec::new();
        for target in regions
            .into_iter()
            .map(region)
            .chain(targets)
            .chain(default)
            .map(whole)
        {
            if !all.contains(&target) {
                all.push(target);
            }
        }
        Some(all)
    }
}

/// Returns `true` if a target is among those that were named, or none was.
pub(super) fn takes(targets: &[TargetName], region: &str, namespace: &str) -> bool {
    targets.is_empty()
        || targets
            .iter()
            .any(|target| target.includes(region, namespace))
}

/// Returns the target for images of a namespace, which is the target's where it has no other.
pub(super) fn target_of(name: &TargetName, source: &Namespace) -> Target {
    Target {
        region: name.region.clone(),
        namespace: name.namespace.as_ref().unwrap_or(source).clone(),
    }
}

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
        named: context.named(),
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
