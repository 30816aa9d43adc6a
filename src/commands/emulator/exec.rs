//! `swr emulator exec`.

use std::ffi::OsString;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use clap::Args;

use super::settings::Settings;
use crate::commands::raw_arg::Problems;
use crate::context::Context;
use crate::emulator::Emulator;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::interrupt::Signal;
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

/// How long until the child is looked at again; a signal shortens it.
const LOOK: Duration = Duration::from_millis(10);

impl Exec {
    /// Starts the emulator, runs the command, and passes its exit code on.
    ///
    /// # Errors
    /// Invalid values, and a command that cannot be started.
    pub(super) fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::default();
        let options = self.settings.validate(&mut problems);
        problems.end()?;
        let _graceful = context.interrupt().graceful();
        let emulator = Emulator::start(options)?;
        let (program, arguments) = match self.command.split_first() {
            Some((program, arguments)) => (program.clone(), arguments.to_vec()),
            None => return Err(Error::new(Kind::Usage, "no command is given")),
        };
        let mut command = Command::new(&program);
        command.args(arguments);
        let environment = context.settings().environment();
        for name in environment.names().filter(|name| leads_somewhere(name)) {
            command.env_remove(name);
        }
        command.envs(emulator.variables());
        command.env("NO_PROXY", "127.0.0.1");
        if let Some(path) = path_with_this_binary(environment.raw("PATH")) {
            // The command itself is looked for there, too.
            command.env("PATH", path);
        }
        let child = command.spawn().map_err(|error| {
            let name = program.to_string_lossy().into_owned();
            Error::new(Kind::Io, format!("'{name}' cannot be run"))
                .cause(error)
                .hint("give a command that is in PATH, or its path")
        })?;
        let status = wait(context, child)?;
        emulator.save()?;
        Ok(passed(status))
    }
}

/// Waits for the child. Ctrl-C reaches it from the terminal; SIGTERM is passed on.
fn wait(context: &Context, mut child: Child) -> Result<ExitStatus, Error> {
    let lost = |error: std::io::Error| {
        Error::new(Kind::Io, "the command cannot be waited for").cause(error)
    };
    loop {
        if let Some(status) = child.try_wait().map_err(lost)? {
            return Ok(status);
        }
        if context.interrupt().pause(LOOK).is_err() {
            if context.interrupt().raised() == Some(Signal::Terminate) {
                terminate(&child);
            }
            return child.wait().map_err(lost);
        }
    }
}

#[cfg(unix)]
fn terminate(child: &Child) {
    let process = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(process) = process {
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
    }
}

#[cfg(not(unix))]
fn terminate(_: &Child) {}

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

fn path_with_this_binary(path: Option<&std::ffi::OsStr>) -> Option<OsString> {
    let own = std::env::current_exe().ok()?;
    let mut directories = vec![own.parent()?.to_owned()];
    directories.extend(std::env::split_paths(path.unwrap_or_default()));
    std::env::join_paths(directories).ok()
}
