//! `swr repo`: repositories, which the vendor also calls images.

mod list;
mod show;
mod shown;

#[cfg(test)]
pub(super) use self::shown::Shown;

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
