//! `swr emulator exec`.

use std::ffi::OsString;
use std::process::{Command, ExitStatus};

use clap::Args;

use super::children::Children;
use super::run_directory::RunDirectory;
use super::settings::Settings;
use crate::commands::raw_arg::Problems;
use crate::context::Context;
use crate::emulator::Emulator;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::settings::leads_somewhere;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr emulator exec -- swr sync list\n  \
    swr emulator exec -- bash\n  \
    swr emulator exec --fault 'POST sync_repo: cut-after' -- ./mirror.sh")]
pub(super) struct Exec {
    #[command(flatten)]
    settings: Settings,
    /// The command to run
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    command: Vec<OsString>,
}

impl Exec {
    /// Starts the emulator, runs the command, and passes its exit code on.
    ///
    /// # Errors
    /// Invalid values, and a command that cannot be started.
    pub(super) fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::default();
        let options = self.settings.validate(&mut problems);
        problems.end()?;
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(Error::new(Kind::Usage, "no command is given"));
        };
        let _graceful = context.interrupt().graceful();
        let emulator = Emulator::start(options)?;
        let directory = RunDirectory::new()?;
        let mut command = Command::new(program);
        command.args(arguments);
        let environment = context.settings().environment();
        for name in environment.names().filter(|name| leads_somewhere(name)) {
            command.env_remove(name);
        }
        command.envs(emulator.variables());
        command.envs([directory.home()]);
        // The command itself is looked for on its new PATH, too.
        command.envs(directory.container_tools(&emulator, context)?);
        command.env("NO_PROXY", "127.0.0.1");
        let status = Children::start(command, context)?.wait(context)?;
        emulator.save()?;
        Ok(passed(status))
    }
}

fn passed(status: ExitStatus) -> Exit {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        // As a shell says it.
        return Exit::Passed(128_u8.saturating_add(u8::try_from(signal).unwrap_or(0)));
    }
    match status.code() {
        Some(0) => Exit::Done,
        code => Exit::Passed(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
    }
}
