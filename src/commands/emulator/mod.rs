//! `swr emulator`: the service, played on this machine.

mod exec;
mod push;
mod settings;
mod start;

#[cfg(test)]
pub(super) use self::{push::Pushed, start::Serving};

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr emulator`; not deferred, for their `--region` stands for the global one.
#[derive(Debug, Subcommand)]
pub enum Emulator {
    /// Serve until Ctrl-C, and print what to export
    Start(start::Start),
    /// Run a command with the emulator, and end with its exit code
    Exec(exec::Exec),
    /// Push tags to a running emulator, as docker would
    Push(push::Push),
}

impl Emulator {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Emulator::Start(verb) => verb.run(context),
            Emulator::Exec(verb) => verb.run(context),
            Emulator::Push(verb) => verb.run(context),
        }
    }
}
