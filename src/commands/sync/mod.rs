//! `swr sync`: automatic tasks, copies, and proof that images have arrived.

mod create;
mod created;
mod dry_run;
mod preflight;
mod settle;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr sync`.
#[derive(Debug, Subcommand)]
pub enum Sync {
    /// Create an automatic synchronization task
    Create(create::Create),
}

impl Sync {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Sync::Create(verb) => verb.run(context),
        }
    }
}
