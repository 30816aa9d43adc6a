//! Where images come from and where they go, as typed. The comments on the structs are no doc
//! comments, for those would become the command's.

use clap::Args;

use crate::api::sync::Target;
use crate::commands::raw_arg::{Problems, Raw};
use crate::names::{Namespace, RegionId, Repository};

// A source.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Source namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Raw<Namespace>,
    /// Source repository, as people write it: web/api
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::repositories())]
    repo: Raw<Repository>,
}

impl Source {
    /// Judges both names.
    pub(super) fn validate(self, problems: &mut Problems) -> Option<(Namespace, Repository)> {
        let namespace = problems.take("--namespace", self.namespace);
        let repository = problems.take("--repo", self.repo);
        Some((namespace?, repository?))
    }
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
    /// Judges both names.
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
    /// Judges all names; a region that is given twice is one.
    pub(super) fn validate(self, problems: &mut Problems) -> Option<Vec<Target>> {
        let regions = problems.take_all("--to-region", self.to_region);
        let namespace = problems.take("--to-namespace", self.to_namespace)?;
        let target = |region| Target {
            region,
            namespace: namespace.clone(),
        };
        Some(regions.into_iter().map(target).collect())
    }
}
