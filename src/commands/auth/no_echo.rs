//! Reads a line while the terminal does not show what is typed.
//!
//! The terminal is silent before the question is seen, so that nothing typed ahead shows. Whatever
//! ends or stops the process meanwhile (Ctrl-C, Ctrl-\\, a hang-up, Ctrl-Z) puts it back; `fg` makes
//! it silent again and repeats the question.

use crate::context::Context;

/// Asks, and returns the line that is typed unseen, with its end.
#[cfg(unix)]
pub(super) fn line(context: &Context, question: &str) -> std::io::Result<String> {
    let _silence = unix::Silence::begin(context, question)?;
    context.output().ask(question);
    let mut text = String::new();
    std::io::stdin().read_line(&mut text)?;
    if text.len() >= unix::LONGEST {
        let error = "the terminal cuts a line of this length: pipe it in";
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

#[cfg(unix)]
mod unix {
    use std::sync::{Arc, Mutex, OnceLock};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGCONT, SIGTSTP};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use crate::context::Context;
    use crate::interrupt::CleanupGuard;
    use crate::lock::lock;
    use crate::output::Output;

    /// A terminal keeps no more of a line that has not ended (`MAX_CANON` of Linux; others less).
    pub(super) const LONGEST: usize = 4095;

    /// What is asked now; the thread that stops and continues the process looks here.
    type Asked = Arc<Mutex<Option<Prompt>>>;

    struct Prompt {
        before: Termios,
        silent: Termios,
        question: String,
        output: Arc<Output>,
    }

    /// While one lives, the terminal of standard input shows nothing.
    pub(super) struct Silence {
        asked: Asked,
        _cleanup: CleanupGuard,
    }

    impl Silence {
        pub(super) fn begin(context: &Context, question: &str) -> std::io::Result<Silence> {
            let asked = watched()?;
            let before = tcgetattr(std::io::stdin())?;
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            // The end of the line shows all the same: what comes next is on a line of its own.
            silent.local_modes.insert(LocalModes::ECHONL);
            let state = before.clone();
            // Half a password must not become the next line of the shell.
            let cleanup = context
                .interrupt()
                .on_exit(move || set(&state, OptionalActions::Flush));
            tcsetattr(std::io::stdin(), OptionalActions::Now, &silent)?;
            *lock(&asked) = Some(Prompt {
                before,
                silent,
                question: question.to_owned(),
                output: context.shared_output(),
            });
            Ok(Silence {
                asked,
                _cleanup: cleanup,
            })
        }
    }

    impl Drop for Silence {
        fn drop(&mut self) {
            if let Some(prompt) = lock(&self.asked).take() {
                set(&prompt.before, OptionalActions::Now);
            }
        }
    }

    /// Starts, once, to watch for Ctrl-Z and `fg`. The thread stays to the end of the process, for a
    /// signal that was once watched has no default action left.
    fn watched() -> std::io::Result<Asked> {
        static ASKED: OnceLock<Asked> = OnceLock::new();
        if let Some(asked) = ASKED.get() {
            return Ok(Arc::clone(asked));
        }
        let mut signals = Signals::new([SIGTSTP, SIGCONT])?;
        let asked = Arc::clone(ASKED.get_or_init(Asked::default));
        let shared = Arc::clone(&asked);
        std::thread::Builder::new().spawn(move || {
            for signal in &mut signals {
                let asked = lock(&shared);
                if signal == SIGTSTP {
                    if let Some(prompt) = &*asked {
                        set(&prompt.before, OptionalActions::Flush);
                    }
                    drop(asked);
                    // Returns when the process goes on, which SIGCONT reports as well.
                    let _ = emulate_default_handler(SIGTSTP);
                } else if let Some(prompt) = &*asked {
                    set(&prompt.silent, OptionalActions::Flush);
                    prompt.output.ask(&prompt.question);
                }
            }
        })?;
        Ok(asked)
    }

    fn set(state: &Termios, unread: OptionalActions) {
        // A terminal that is gone needs no state.
        let _ = tcsetattr(std::io::stdin(), unread, state);
    }
}
