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
mod many_args;
mod namespace;
mod nearest;
mod raw_arg;
pub mod refusal;
mod registry;
mod repo;
mod report;
mod report_args;
#[cfg(test)]
mod schemas;
mod shell_word;
mod spelling;
mod sync;
mod table;
mod tag;
mod targets;
mod version;

pub use complete::answer as complete;
pub use global_args::{Globals, format_of_refused_line};
pub use registry::CredentialHelper;

use std::ffi::OsString;

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Style};
use clap::error::ErrorKind;
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
    disable_help_flag = true,
    styles = STYLES,
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

/// How help looks where there is color.
const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

impl Arguments {
    /// Reads a command line; its first word is the program's name.
    ///
    /// # Errors
    /// What is wrong with it, or the help that it asks for.
    pub fn read(line: &[OsString]) -> Result<Arguments, clap::Error> {
        let line = spelling::usual(line);
        let first = line.get(1).map(OsString::as_os_str);
        // Known before anything is parsed, which is the way of nearly all who ask for it.
        let asks_for_help = first.is_none_or(|word| word == "--help" || word == "-h");
        let mut command = Arguments::command();
        if asks_for_help {
            command = unhidden(command);
        }
        let read = command
            .try_get_matches_from_mut(&line)
            .and_then(|mut matches| Arguments::from_arg_matches_mut(&mut matches))
            .map_err(|error| error.format(&mut command));
        if let Err(refused) = &read
            && !asks_for_help
            && is_help_of(&mut command, refused)
        {
            let mut command = unhidden(Arguments::command());
            if let Err(error) = command.try_get_matches_from_mut(&line) {
                return Err(error.format(&mut command));
            }
        }
        // To take the tree down leaf by leaf was a fifth of the whole start, and the process is
        // short.
        std::mem::forget(command);
        read
    }

    /// Returns the whole tree as help shows it: the options of every command at the top only.
    fn tree() -> clap::Command {
        let mut command = Arguments::command().term_width(100);
        command.build();
        unhidden(command)
    }
}

/// Returns the command with its global options shown. They are hidden, because a verb would have
/// more of them than of its own.
fn unhidden(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| {
        let is_global = arg.is_global_set();
        if is_global { arg.hide(false) } else { arg }
    })
}

/// Returns `true` if what clap says is the help of this command.
fn is_help_of(command: &mut clap::Command, refused: &clap::Error) -> bool {
    let kinds = [
        ErrorKind::DisplayHelp,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
    ];
    kinds.contains(&refused.kind()) && {
        let shown = refused.render().to_string();
        shown == command.render_help().to_string()
            || shown == command.render_long_help().to_string()
    }
}

/// The top of the tree. A branch is built when a command line goes there (`defer`), because all of
/// them take longer than the rest of the start. What a verb does is said here and in the mod.rs of
/// its noun: a doc comment of its own `Args` would take that line's place.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Create, list, run, follow and verify image synchronization
    #[command(subcommand)]
    Sync(sync::Sync),
    /// Check the files of a fleet, without asking the service
    Check(fleet::Check),
    /// Show the differences between a fleet and the service
    Plan(fleet::Plan),
    /// Change the service to match a fleet or a saved plan
    Apply(fleet::Apply),
    /// Write the existing tasks as the file of a fleet
    Export(fleet::Export),
    /// List, show and create namespaces
    #[command(subcommand, aliases = ["namespaces", "ns"])]
    Namespace(namespace::Namespace),
    /// List and show repositories
    #[command(subcommand, aliases = ["repos", "repository", "repositories"])]
    Repo(repo::Repo),
    /// List and show tags
    #[command(subcommand, aliases = ["tags"])]
    Tag(tag::Tag),
    /// Send any other request to the service, authenticated
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
    /// Merge the results of several shards into one report
    Report(report::Report),
    /// Check the setup, and say what is wrong and how to fix it
    Doctor(doctor::Doctor),
    /// Print the completion script of a shell
    Completions(completions::Completions),
    /// Print or write the manual pages
    Man(man::Man),
    /// Log in; the usual spelling is 'swr auth login'
    #[command(hide = true)]
    Login(auth::LogIn),
    /// Forget a login; the usual spelling is 'swr auth logout'
    #[command(hide = true)]
    Logout(auth::LogOut),
    /// Show the version
    Version(version::Version),
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
            | Command::Version(_)
            | Command::Help(_) => false,
            _ => true,
        }
    }

    /// Returns `true` if `--region` names the regions that the command works on, whatever the
    /// source region of the settings is.
    pub fn names_its_regions(&self) -> bool {
        matches!(self, Command::Registry(_))
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        self.dispatch(context)
            .map_err(|error| nearest::suggest(context, error))
    }

    fn dispatch(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Command::Sync(command) => command.run(context),
            Command::Check(command) => command.run(context),
            Command::Plan(command) => command.run(context),
            Command::Apply(command) => command.run(context),
            Command::Export(command) => command.run(context),
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
            Command::Login(command) => auth::Auth::Login(command).run(context),
            Command::Logout(command) => auth::Auth::Logout(command).run(context),
            Command::Version(command) => command.run(context),
            Command::Help(command) => command.run(context),
        }
    }
}
