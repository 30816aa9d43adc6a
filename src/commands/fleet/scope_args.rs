//! The options that choose a part of a fleet.

use clap::Args;

use crate::commands::many_args::{Concurrency, ShardArg};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::fleet::Scope;
use crate::glob::Glob;

// The part of a fleet that a run is about.
#[derive(Debug, Clone, Args)]
pub(in crate::commands) struct ScopeArgs {
    /// Only repositories whose NAMESPACE/REPOSITORY matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    only: Vec<Raw<Glob>>,
    #[command(flatten)]
    shard: ShardArg,
    #[command(flatten)]
    concurrency: Concurrency,
}

impl ScopeArgs {
    /// Returns how many repositories are worked on at once.
    pub(in crate::commands) fn concurrency(&self) -> usize {
        self.concurrency.get()
    }

    /// Validates the scope, and the global options beside it.
    ///
    /// # Errors
    /// Every wrong value.
    pub(in crate::commands) fn validate(&self, context: &Context) -> Result<Scope, Error> {
        let mut problems = Problems::beside(context);
        let only = problems.take_all("--only", self.only.clone());
        let shard = self.shard.validate(context, &mut problems);
        problems.end()?;
        Ok(Scope { only, shard })
    }
}
