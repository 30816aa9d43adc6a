//! `swr sync`: automatic tasks, copies, and proof that images have arrived.

mod args;
mod copied;
mod coverage_report;
mod create;
mod created;
mod delete;
mod hints;
mod jobs;
mod link_report;
mod list;
mod overwrite;
mod part;
mod regions;
mod run;
mod status;
mod verified;
mod verify;
mod wait;
mod watch;

pub(super) use self::{
    args::DryRunArg, copied::advised, copied::not_tried, created::Backfill, watch::Ends,
};

#[cfg(test)]
pub(super) use self::{
    copied::Copied, coverage_report::Covered, created::Created, delete::Deleted, jobs::JobReport,
    list::TaskReport, regions::RegionReport, verified::Verified, wait::WaitReport as Waited,
};

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr sync`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Sync {
    /// Create an automatic synchronization task
    Create(create::Create),
    /// List the tasks of a repository, of a namespace, or of everything
    #[command(alias = "ls")]
    List(list::List),
    /// Delete an automatic synchronization task
    #[command(alias = "rm")]
    Delete(delete::Delete),
    /// Copy tags that exist already
    Run(run::Run),
    /// Show what was copied, is being copied, or failed
    Jobs(jobs::Jobs),
    /// Wait until jobs are final, or until tags have arrived
    Wait(wait::Wait),
    /// Compare tags and digests, source against target
    Verify(verify::Verify),
    /// Show which repositories are copied, and how their last copies ended
    Status(status::Status),
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
            Sync::Run(verb) => verb.run(context),
            Sync::Wait(verb) => verb.run(context),
            Sync::Verify(verb) => verb.run(context),
            Sync::Status(verb) => verb.run(context),
            Sync::List(verb) => verb.run(context),
            Sync::Delete(verb) => verb.run(context),
            Sync::Jobs(verb) => verb.run(context),
            Sync::Regions(verb) => verb.run(context),
        }
    }
}
