//! The command tree and its dispatch. One folder a noun, one file a verb.
//!
//! Knows clap and what a verb means; never URLs, variables, files, colors or exit numbers.

mod api;
mod auth;
mod columns;
mod complete;
mod completions;
mod config;
mod confirm;
mod doctor;
mod dry_run;
mod emulator;
mod fleet;
mod global_args;
mod help;
mod images;
mod man;
mod namespace;
mod raw_arg;
mod registry;
mod repo;
mod report;
mod report_args;
#[cfg(test)]
mod schemas;
mod shard_arg;
mod sync;
mod table;
mod tag;
mod version;

pub use complete::answer as complete;
pub use global_args::{Globals, format_of_refused_line};
pub use registry::CredentialHelper;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// Keep container images of Huawei Cloud SWR in more than one region
#[derive(Debug, Parser)]
#[command(
    name = "swr",
    version,
    propagate_version = false,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Try it without an account:\n  \
        swr emulator exec -- swr sync create -n demo -r web/api \\\n      \
        --to-region cn-east-3 --to-namespace demo --auto\n\n\
        Topics: swr help exit-codes | environment | config | json"
)]
pub struct Arguments {
    /// The options of every command.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// Reads a command line; its first word is the program's name.
    ///
    /// # Errors
    /// What is wrong with it, or the help that it asks for.
    pub fn read(line: &[OsString]) -> Result<Arguments, clap::Error> {
        let mut command = Arguments::command();
        let read = command
            .try_get_matches_from_mut(line)
            .and_then(|mut matches| Arguments::from_arg_matches_mut(&mut matches))
            .map_err(|error| error.format(&mut command));
        // To take the tree down leaf by leaf was a fifth of the whole start, and the process is
        // short.
        std::mem::forget(command);
        read
    }
}

/// The top of the tree. A branch is built when a command line goes there (`defer`), for all of
/// them take longer than the rest of the start. What a verb does is said here and in the mod.rs of
/// its noun: a doc comment of its own `Args` would take that line's place.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Create, list, run, follow and verify image synchronization
    #[command(subcommand)]
    Sync(sync::Sync),
    /// Check the file of a fleet, without asking the service
    Check(fleet::Check),
    /// List, show and create namespaces
    #[command(subcommand)]
    Namespace(namespace::Namespace),
    /// List and show repositories
    #[command(subcommand)]
    Repo(repo::Repo),
    /// List and show tags
    #[command(subcommand)]
    Tag(tag::Tag),
    /// Send any other call of the service, authenticated
    Api(api::Api),
    /// Log in and out, and show which credential is used
    #[command(subcommand)]
    Auth(auth::Auth),
    /// Log docker, podman, skopeo and others in to SWR's registry
    #[command(subcommand)]
    Registry(registry::Registry),
    /// Write, find and explain the settings
    #[command(subcommand)]
    Config(config::Config),
    /// Run an emulated SWR on this machine, for trying, scripting and testing
    Emulator(emulator::Emulator),
    /// Make one report out of the results of several shards
    Report(report::Report),
    /// Look at what is set up, what is wrong, and what to do
    Doctor(doctor::Doctor),
    /// Print the script that makes a shell complete swr
    Completions(completions::Completions),
    /// Print or write the manual pages
    Man(man::Man),
    /// Show the version
    Version,
    /// Show help for a command or a topic
    Help(help::Help),
}

impl Command {
    /// Returns `true` if the command needs what the config file says; the others work while it is
    /// missing or broken.
    pub fn reads_config(&self) -> bool {
        match self {
            Command::Config(command) => command.reads_config(),
            Command::Emulator(_)
            | Command::Report(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Version
            | Command::Help(_) => false,
            _ => true,
        }
    }

    /// Returns `true` if `--region` names the regions that the command works on, whatever the source
    /// region of the settings is.
    pub fn names_its_regions(&self) -> bool {
        matches!(self, Command::Registry(_))
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Command::Sync(command) => command.run(context),
            Command::Check(command) => command.run(context),
            Command::Namespace(command) => command.run(context),
            Command::Repo(command) => command.run(context),
            Command::Tag(command) => command.run(context),
            Command::Api(command) => command.run(context),
            Command::Auth(command) => command.run(context),
            Command::Registry(command) => command.run(context),
            Command::Config(command) => command.run(context),
            Command::Emulator(command) => command.run(context),
            Command::Report(command) => command.run(context),
            Command::Doctor(command) => command.run(context),
            Command::Completions(command) => command.run(context),
            Command::Man(command) => command.run(context),
            Command::Version => version::run(context),
            Command::Help(command) => command.run(context),
        }
    }
}
