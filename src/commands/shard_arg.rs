//! The option that takes one part of several.

use clap::Args;

use super::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::fleet::{Shard, ShardArgument};

// One part of several.
#[derive(Debug, Clone, Args)]
pub(in crate::commands) struct ShardArg {
    /// Only the K-th of N parts; job/N takes K from Kubernetes' JOB_COMPLETION_INDEX
    #[arg(long, value_name = "K/N")]
    shard: Option<Raw<ShardArgument>>,
}

impl ShardArg {
    /// Returns `true` if it was given.
    pub(in crate::commands) fn is_given(&self) -> bool {
        self.shard.is_some()
    }

    /// Validates the shard; a problem is noted.
    pub(in crate::commands) fn validate(
        &self,
        context: &Context,
        problems: &mut Problems,
    ) -> Option<Shard> {
        let argument = problems.take_optional("--shard", self.shard.clone())?;
        let environment = context.settings().environment();
        let variable = |name: &'static str| environment.text(name).ok()?.map(str::to_owned);
        match argument.resolve(variable) {
            Ok(shard) => Some(shard),
            Err(error) => {
                let message = format!("invalid shard (--shard): {}", error.rule);
                problems.note("--shard", "job", message);
                None
            }
        }
    }
}
