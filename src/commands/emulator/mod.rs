//! `swr emulator`: the service, emulated on this machine.

mod children;
mod exec;
mod push;
mod run_directory;
mod settings;
mod start;

#[cfg(test)]
pub(super) use self::{push::Pushed, start::Serving};

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

#[derive(Debug, Args)]
pub struct Emulator {
    #[command(subcommand)]
    verb: Verb,
}

// The verbs of `swr emulator`. Deferred as a whole and not one by one: their `--region` takes the
// place of the global one, so it has to be there first.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Start the emulator, print the variables to export, and serve until Ctrl-C
    Start(start::Start),
    /// Run a command inside the emulator and exit with its code
    Exec(exec::Exec),
    /// Push tags to a running emulator, as docker would
    Push(push::Push),
}

impl Emulator {
    /// Runs the verb.
    ///
    /// # Errors
    /// What ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self.verb {
            Verb::Start(verb) => verb.run(context),
            Verb::Exec(verb) => verb.run(context),
            Verb::Push(verb) => verb.run(context),
        }
    }
}
