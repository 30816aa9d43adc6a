//! `swr config`: the config file, and the settings in effect.

mod init;
mod path;
mod show;

#[cfg(test)]
pub(super) use self::{init::Written, path::ConfigPath};

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr config`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Config {
    /// Write a commented config file
    Init(init::Init),
    /// Show the path of the config file
    Path(path::Path),
    /// Show every setting with its value, its origin, and what it overrides
    Show(show::Show),
}

impl Config {
    /// Returns `true` if the verb needs what the file says.
    pub(super) fn reads_config(&self) -> bool {
        matches!(self, Config::Show(_))
    }

    /// Runs the verb.
    ///
    /// # Errors
    /// Those of the verb.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Config::Init(verb) => verb.run(context),
            Config::Path(verb) => verb.run(context),
            Config::Show(verb) => verb.run(context),
        }
    }
}
