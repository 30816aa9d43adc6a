//! `swr sync`: automatic tasks, copies, and proof that images have arrived.

mod create;
mod created;
mod delete;
mod jobs;
mod list;
mod preflight;
mod regions;
mod settle;
mod walk;

use clap::Subcommand;

use super::dry_run;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr sync`.
#[derive(Debug, Subcommand)]
pub enum Sync {
    /// Create an automatic synchronization task
    Create(create::Create),
    /// List the tasks of a repository, of a namespace, or of everything
    List(list::List),
    /// Delete an automatic synchronization task
    Delete(delete::Delete),
    /// Show what was copied, is being copied, or failed
    Jobs(jobs::Jobs),
    /// List the regions that images can be synchronized to
    Regions(regions::Regions),
}

impl Sync {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Sync::Create(verb) => verb.run(context),
            Sync::List(verb) => verb.run(context),
            Sync::Delete(verb) => verb.run(context),
            Sync::Jobs(verb) => verb.run(context),
            Sync::Regions(verb) => verb.run(context),
        }
    }
}
