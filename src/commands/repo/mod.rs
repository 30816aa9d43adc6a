//! `swr repo`: repositories, which the vendor also calls images.

mod list;
mod report;
mod show;

#[cfg(test)]
pub(super) use self::report::RepositoryReport;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr repo`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Repo {
    /// List the repositories of a namespace, or all that you can see
    #[command(alias = "ls")]
    List(list::List),
    /// Show a repository
    Show(show::Show),
}

impl Repo {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Repo::List(verb) => verb.run(context),
            Repo::Show(verb) => verb.run(context),
        }
    }
}
