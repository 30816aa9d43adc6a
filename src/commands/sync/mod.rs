//! `swr sync`: automatic tasks, copies, and proof that images have arrived.

mod compare;
mod copies;
mod create;
mod created;
mod evidence;
mod order;
mod preflight;
mod route;
mod run;
mod settle;
mod tags;
mod verify;
mod wait;

#[cfg(test)]
pub(super) use self::{created::Created, run::Copied, verify::Verified, wait::Waited};

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr sync`.
#[derive(Debug, Subcommand)]
pub enum Sync {
    /// Create an automatic synchronization task
    Create(create::Create),
    /// Copy tags that exist already
    Run(run::Run),
    /// Wait until jobs are final, or until tags have arrived
    Wait(wait::Wait),
    /// Compare tags and digests, source against target
    Verify(verify::Verify),
}

impl Sync {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Sync::Create(verb) => verb.run(context),
            Sync::Run(verb) => verb.run(context),
            Sync::Wait(verb) => verb.run(context),
            Sync::Verify(verb) => verb.run(context),
        }
    }
}
