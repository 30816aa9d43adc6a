//! Where images come from and where they go, as typed. The comments on the structs are no doc
//! comments, for those would become the command's.

use clap::Args;

use crate::api::sync::Target;
use crate::commands::given::{Given, Wrong};
use crate::names::{Namespace, RegionId, Repository};

// A source.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Source namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Given<Namespace>,
    /// Source repository, as people write it: web/api
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::repositories())]
    repo: Given<Repository>,
}

impl Source {
    /// Judges both names.
    pub(super) fn judge(self, wrong: &mut Wrong) -> Option<(Namespace, Repository)> {
        let namespace = wrong.judge("--namespace", self.namespace);
        let repository = wrong.judge("--repo", self.repo);
        Some((namespace?, repository?))
    }
}

// One target.
#[derive(Debug, Args)]
pub(crate) struct ToOne {
    /// Target region
    #[arg(long, value_name = "ID", add = crate::commands::complete::regions())]
    to_region: Given<RegionId>,
    /// Target namespace
    #[arg(long, value_name = "NAME", add = crate::commands::complete::target_namespaces())]
    to_namespace: Given<Namespace>,
}

impl ToOne {
    /// Judges both names.
    pub(super) fn judge(self, wrong: &mut Wrong) -> Option<Target> {
        let region = wrong.judge("--to-region", self.to_region);
        let namespace = wrong.judge("--to-namespace", self.to_namespace);
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
    to_region: Vec<Given<RegionId>>,
    /// Target namespace
    #[arg(long, value_name = "NAME", add = crate::commands::complete::target_namespaces())]
    to_namespace: Given<Namespace>,
}

impl ToMany {
    /// Judges all names; a region that is given twice is one.
    pub(super) fn judge(self, wrong: &mut Wrong) -> Option<Vec<Target>> {
        let regions = wrong.judge_all("--to-region", self.to_region);
        let namespace = wrong.judge("--to-namespace", self.to_namespace)?;
        let target = |region| Target {
            region,
            namespace: namespace.clone(),
        };
        Some(regions.into_iter().map(target).collect())
    }
}
