//! `swr tag`: tags, which the vendor also calls versions.

mod list;
mod report;
mod show;

#[cfg(test)]
pub(super) use self::report::TagReport;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr tag`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Tag {
    /// List the tags of a repository
    #[command(alias = "ls")]
    List(list::List),
    /// Show a tag
    Show(show::Show),
}

impl Tag {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Tag::List(verb) => verb.run(context),
            Tag::Show(verb) => verb.run(context),
        }
    }
}
