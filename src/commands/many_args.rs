//! Options of verbs that work on many things: one part of several, and how many at once. The
//! comments on the structs are not doc comments, because those would become the command's.

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

// How many at once.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::commands) struct Concurrency {
    /// Number of items to work on at once
    #[arg(long = "concurrency", value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    count: u16,
}

impl Concurrency {
    /// Returns the number.
    pub(in crate::commands) fn get(self) -> usize {
        self.count.into()
    }
}
