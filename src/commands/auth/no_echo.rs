//! Reads a line while the terminal does not show what is typed.
//!
//! The terminal is silent before the question is seen, so that nothing typed ahead shows, and a
//! signal puts it right: it ends the process while the reading thread still waits for a key.

#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::context::Context;

/// Asks, and returns the line that is typed unseen, with its end.
#[cfg(unix)]
pub(super) fn line(context: &Context, question: &str) -> std::io::Result<String> {
    let _silence = Silence::begin(context)?;
    context.output().ask(question);
    let mut text = String::new();
    std::io::stdin().read_line(&mut text)?;
    if text.len() >= LONGEST {
        let error = "the terminal cuts so long a line: pipe it in";
        return Err(std::io::Error::other(error));
    }
    Ok(text)
}

/// Asks, and returns the line that is typed unseen.
#[cfg(not(unix))]
pub(super) fn line(context: &Context, question: &str) -> std::io::Result<String> {
    context.output().ask(question);
    rpassword::read_password()
}

/// A terminal keeps no more of a line that is not ended yet (`MAX_CANON` of Linux; others less).
#[cfg(unix)]
const LONGEST: usize = 4095;

/// While one lives, the terminal of standard input shows nothing.
#[cfg(unix)]
struct Silence {
    before: Termios,
    _cleanup: crate::interrupt::CleanupGuard,
}

#[cfg(unix)]
impl Silence {
    fn begin(context: &Context) -> std::io::Result<Silence> {
        let before = tcgetattr(std::io::stdin())?;
        let state = before.clone();
        // Half a password must not become the next line of the shell.
        let cleanup = context
            .interrupt()
            .on_exit(move || put_back(&state, OptionalActions::Flush));
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        // The line's end shows all the same: what comes next stands on a line of its own.
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &silent)?;
        Ok(Silence {
            before,
            _cleanup: cleanup,
        })
    }
}

#[cfg(unix)]
impl Drop for Silence {
    fn drop(&mut self) {
        put_back(&self.before, OptionalActions::Now);
    }
}

#[cfg(unix)]
fn put_back(before: &Termios, unread: OptionalActions) {
    // A terminal that is gone needs no cleanup.
    let _ = tcsetattr(std::io::stdin(), unread, before);
}
