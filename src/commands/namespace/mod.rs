//! `swr namespace`: namespaces, which the vendor also calls organizations.

mod create;
mod list;
mod report;
mod show;

#[cfg(test)]
pub(super) use self::{create::Created, report::NamespaceReport};

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr namespace`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Namespace {
    /// List the namespaces that you can see
    #[command(alias = "ls")]
    List,
    /// Show a namespace
    Show(show::Show),
    /// Create a namespace
    Create(create::Create),
}

impl Namespace {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Namespace::List => list::run(context),
            Namespace::Show(verb) => verb.run(context),
            Namespace::Create(verb) => verb.run(context),
        }
    }
}
