//! The command of `swr emulator exec`: what it is sent, and that nothing of it is left behind.
//!
//! On a terminal the command stays in the process group that has it, because a shell needs the
//! keyboard; the terminal sends its signals to the whole group. Anywhere else it gets a group of
//! its own, so that a signal reaches all that it started.

use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::interrupt::CleanupGuard;
use crate::lock::lock;

/// How long until the child is looked at again; a signal shortens it.
const LOOK: Duration = Duration::from_millis(10);

/// The running command.
#[derive(Debug)]
pub(super) struct Children {
    child: Child,
    handle: Handle,
    _cleanup: CleanupGuard,
}

impl Children {
    /// Starts the command, with all signals watched before it is there.
    ///
    /// # Errors
    /// That the command cannot be started, or signals not be watched.
    pub(super) fn start(mut command: Command, context: &Context) -> Result<Children, Error> {
        let handle = Handle {
            id: Arc::default(),
            own_group: !has_terminal(),
        };
        #[cfg(unix)]
        if handle.own_group {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        let killed = handle.clone();
        let cleanup = context.interrupt().on_exit(move || killed.kill());
        context.interrupt().pass_on_hangups();
        handle.pass_on_hangups()?;
        // Who has a signal for it waits until it is there.
        let mut id = lock(&handle.id);
        let child = command.spawn().map_err(|error| {
            let name = command.get_program().to_string_lossy();
            Error::new(Kind::Io, format!("'{name}' cannot be run"))
                .cause(error)
                .hint("give a command that is in PATH, or its path")
        })?;
        *id = Some(child.id());
        drop(id);
        Ok(Children {
            child,
            handle,
            _cleanup: cleanup,
        })
    }

    /// Waits for the command and passes every signal on to it. A second SIGINT or SIGTERM ends the
    /// command, too.
    ///
    /// # Errors
    /// Kind `io`.
    pub(super) fn wait(mut self, context: &Context) -> Result<ExitStatus, Error> {
        let mut passed_on = false;
        loop {
            let ended = self.child.try_wait().map_err(|error| {
                Error::new(Kind::Io, "the command cannot be waited for").cause(error)
            })?;
            if let Some(status) = ended {
                // What it left running would go on without an emulator.
                if self.handle.own_group {
                    self.handle.kill();
                }
                self.handle.forget();
                return Ok(status);
            }
            if passed_on {
                std::thread::park_timeout(LOOK);
            } else if context.interrupt().pause(LOOK).is_err() {
                passed_on = true;
                self.handle.pass_on(context);
            }
        }
    }
}

/// The process, or its group, while it is there.
#[derive(Debug, Clone)]
struct Handle {
    id: Arc<Mutex<Option<u32>>>,
    own_group: bool,
}

impl Handle {
    /// The command has ended: its number may be another process's from now on.
    fn forget(&self) {
        *lock(&self.id) = None;
    }
}

#[cfg(unix)]
fn has_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stdin())
}

#[cfg(not(unix))]
fn has_terminal() -> bool {
    true
}

#[cfg(unix)]
impl Handle {
    fn send(&self, signal: rustix::process::Signal) {
        let process = lock(&self.id)
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw);
        let Some(process) = process else { return };
        // It may have ended meanwhile; then there is nothing to send to.
        let _ = if self.own_group {
            rustix::process::kill_process_group(process, signal)
        } else {
            rustix::process::kill_process(process, signal)
        };
    }

    fn kill(&self) {
        self.send(rustix::process::Signal::KILL);
    }

    /// Passes on the signal that was raised; on a terminal SIGINT came to the command as well.
    fn pass_on(&self, context: &Context) {
        match context.interrupt().raised() {
            Some(crate::interrupt::Signal::Terminate) => {
                self.send(rustix::process::Signal::TERM);
            }
            Some(crate::interrupt::Signal::Interrupt) if self.own_group => {
                self.send(rustix::process::Signal::INT);
            }
            _ => {}
        }
    }

    /// Passes SIGHUP and SIGQUIT on, which would end `swr` and leave the command.
    fn pass_on_hangups(&self) -> Result<(), Error> {
        use signal_hook::consts::{SIGHUP, SIGQUIT};
        let ignored = crate::interrupt::ignored_signals();
        let watched = [SIGHUP, SIGQUIT]
            .into_iter()
            .filter(|signal| ignored & (1 << (signal - 1)) == 0);
        let mut signals = signal_hook::iterator::Signals::new(watched)
            .map_err(|error| Error::new(Kind::Io, "signals cannot be watched").cause(error))?;
        let handle = self.clone();
        std::thread::Builder::new()
            .spawn(move || {
                for signal in &mut signals {
                    handle.send(if signal == SIGHUP {
                        rustix::process::Signal::HUP
                    } else {
                        rustix::process::Signal::QUIT
                    });
                }
            })
            .map(|_| ())
            .map_err(Error::no_thread)
    }
}

#[cfg(not(unix))]
impl Handle {
    fn kill(&self) {}

    fn pass_on(&self, _: &Context) {}

    fn pass_on_hangups(&self) -> Result<(), Error> {
        Ok(())
    }
}
