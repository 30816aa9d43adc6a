//! `swr` keeps container images of Huawei Cloud SWR in more than one region.
//!
//! The crate's interface is the command line; the emulator is public for the tests. The map of the
//! rooms is in `docs/architecture.md`; imports run down its list only. This file has the whole life
//! of the process: parse, context, command, code.

mod api;
mod commands;
mod context;
mod credentials;
mod duration;
pub mod emulator;
mod endpoint;
mod error;
mod exit;
mod files;
mod fleet;
mod glob;
mod interrupt;
mod lock;
pub mod names;
mod origin;
mod output;
mod panic;
mod parallel;
mod report;
mod secret;
mod settings;
mod sync;
mod verdict;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use clap::error::ErrorKind;

use crate::commands::{Arguments, CredentialHelper, format_of_refused_line, refusal};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::interrupt::{Interrupt, Signal};
use crate::output::{Format, Manner, Output};
use crate::settings::{Environment, Key, Options};

/// What ends the main thread's wait.
enum Event {
    Finished(Result<Exit, Error>),
    Raised(Signal),
    /// A thread that is not waited for panicked.
    Panicked(Error),
}

/// Runs `swr` with these arguments (the first is the program's name), and returns its exit code.
///
/// The command works on a thread of its own, so that a signal ends the process at once, wherever
/// the command is (see `interrupt`). A panic, on whatever thread, ends it with one error.
pub fn run(arguments: &[OsString]) -> ExitCode {
    let (sender, events) = channel();
    let panicked = sender.clone();
    panic::on_uncaught(move |error| {
        let _ = panicked.send(Event::Panicked(error));
    });
    let environment = Environment::of_process();
    let exit = panic::catch(|| run_command_line(arguments, &environment, sender, &events));
    exit.unwrap_or_else(|error| {
        let manner = Manner {
            format: format_of_refused_line(arguments).unwrap_or_default(),
            ..Manner::default()
        };
        Output::of_process(manner).error(&error);
        error.exit_code()
    })
    .into()
}

fn run_command_line(
    arguments: &[OsString],
    environment: &Environment,
    sender: Sender<Event>,
    events: &Receiver<Event>,
) -> Exit {
    if commands::complete(arguments, environment) {
        return Exit::Done;
    }
    if let Some(helper) = CredentialHelper::of(arguments) {
        let interrupt = Interrupt::default();
        let (environment, handle) = (environment.clone(), interrupt.clone());
        let work = move || Ok(helper.run(&environment, handle));
        return supervise(Manner::default(), &interrupt, sender, events, work);
    }
    let parsed = match Arguments::read(arguments) {
        Ok(parsed) => parsed,
        Err(refused) => return refuse(&refused, arguments, environment),
    };
    let mut options = Options::from(parsed.globals);
    if parsed.command.names_its_regions() {
        options.unset(Key::Region);
    }
    let at_hand = context::manner_at_hand(&options, environment);
    let interrupt = Interrupt::default();
    let handle = interrupt.clone();
    let environment = environment.clone();
    let work = move || -> Result<Exit, Error> {
        let reads_config = parsed.command.reads_config();
        match Context::load(&options, &environment, reads_config, handle) {
            Ok(context) => {
                let outcome = panic::catch(|| parsed.command.run(&context)).and_then(|it| it);
                let completed = context.output().complete();
                let outcome = outcome.and_then(|exit| completed.map(|()| exit));
                // While the context lives, its secrets are known, and taken out of the text.
                if let Err(error) = &outcome {
                    context.output().error(error);
                }
                outcome
            }
            Err(error) => {
                Output::of_process(at_hand).error(&error);
                Err(error)
            }
        }
    };
    supervise(at_hand, &interrupt, sender, events, work)
}

/// Runs the command on a thread of its own, until it ends, a signal ends it, or a panic does.
fn supervise(
    at_hand: Manner,
    interrupt: &Interrupt,
    sender: Sender<Event>,
    events: &Receiver<Event>,
    work: impl FnOnce() -> Result<Exit, Error> + Send + 'static,
) -> Exit {
    let started = watch_signals(&sender, interrupt).and_then(|()| {
        Builder::new().spawn(move || {
            let event = match panic::catch(work) {
                Ok(outcome) => Event::Finished(outcome),
                Err(error) => Event::Panicked(error),
            };
            let _ = sender.send(event);
        })
    });
    let finish = |error: &Error| {
        interrupt.clean_up();
        Output::of_process(at_hand).error(error);
        error.exit_code()
    };
    if let Err(error) = started {
        return finish(&Error::no_thread(error));
    }
    loop {
        match events.recv() {
            Ok(Event::Finished(outcome)) => {
                return outcome.unwrap_or_else(|error| error.exit_code());
            }
            Ok(Event::Raised(signal)) => {
                if interrupt.raise(signal) {
                    return finish(&signal.error());
                }
            }
            Ok(Event::Panicked(error)) => return finish(&error),
            // The hook keeps a sender, so the channel stays open.
            Err(_) => return Exit::Local,
        }
    }
}

/// Shows what clap says: help and version on standard output, a refusal on standard error.
fn refuse(refused: &clap::Error, arguments: &[OsString], environment: &Environment) -> Exit {
    let rendered = refused.render();
    let at_hand = context::manner_at_hand(&Options::default(), environment);
    if !refused.use_stderr() {
        let output = Output::of_process(Manner {
            format: Format::Human,
            ..at_hand
        });
        let text = if output.is_colored() {
            rendered.ansi().to_string()
        } else {
            rendered.to_string()
        };
        return match output.write(&text) {
            Ok(()) => Exit::Done,
            Err(error) => {
                output.error(&error);
                error.exit_code()
            }
        };
    }
    let format = format_of_refused_line(arguments).unwrap_or(at_hand.format);
    let output = Output::of_process(Manner { format, ..at_hand });
    let text = rendered.to_string();
    if refused.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        if format == Format::Human {
            output.help(&if output.is_watched_in_color() {
                rendered.ansi().to_string()
            } else {
                text
            });
        } else {
            let error = Error::new(Kind::Usage, "a command is missing");
            output.error(&error.hint(refusal::hint(refused, &text)));
        }
        return Exit::Usage;
    }
    output.error(&refusal::error(refused, &text));
    if let Some(usage) = refusal::usage(&text)
        && format == Format::Human
    {
        output.help(&format!("usage: {usage}\n"));
    }
    Exit::Usage
}

/// Turns SIGINT and SIGTERM into events. What the parent ignores stays ignored: a shell without
/// job control starts background jobs with SIGINT ignored, so that Ctrl-C does not end them.
#[cfg(unix)]
fn watch_signals(sender: &Sender<Event>, interrupt: &Interrupt) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let ignored = interrupt::ignored_signals();
    let watched = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
        .into_iter()
        .filter(|signal| ignored & (1 << (signal - 1)) == 0);
    let mut signals = signal_hook::iterator::Signals::new(watched)?;
    let (sender, interrupt) = (sender.clone(), interrupt.clone());
    Builder::new()
        .spawn(move || {
            for signal in &mut signals {
                if matches!(signal, SIGHUP | SIGQUIT) {
                    if interrupt.passes_on_hangups() {
                        continue;
                    }
                    // They end the process as they always do, but leave nothing behind.
                    interrupt.clean_up();
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
                let signal = if signal == SIGTERM {
                    Signal::Terminate
                } else {
                    Signal::Interrupt
                };
                if sender.send(Event::Raised(signal)).is_err() {
                    return;
                }
            }
        })
        .map(|_| ())
}

#[cfg(not(unix))]
fn watch_signals(_: &Sender<Event>, _: &Interrupt) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::mpsc::channel;

    use super::{Event, supervise};
    use crate::error::Error;
    use crate::exit::Exit;
    use crate::interrupt::Interrupt;
    use crate::output::{Format, Manner};
    use crate::panic;

    /// Runs a command as `run` does, in a process of its own: the hook is the process's.
    fn supervised(work: impl FnOnce() -> Result<Exit, Error> + Send + 'static) -> Exit {
        let (sender, events) = channel();
        let panicked = sender.clone();
        panic::on_uncaught(move |error| {
            let _ = panicked.send(Event::Panicked(error));
        });
        let manner = Manner {
            format: Format::Json,
            ..Manner::default()
        };
        supervise(manner, &Interrupt::default(), sender, &events, work)
    }

    #[test]
    #[ignore = "run in a process of its own by the test below"]
    fn in_the_command() {
        assert_eq!(supervised(|| panic!("on the spot")), Exit::Local);
    }

    #[test]
    #[ignore = "run in a process of its own by the test below"]
    fn in_a_thread_that_nobody_waits_for() {
        let exit = supervised(|| {
            std::thread::spawn(|| panic!("on the spot"));
            std::thread::park();
            Ok(Exit::Done)
        });
        assert_eq!(exit, Exit::Local);
    }

    #[test]
    #[ignore = "run in a process of its own by the test below"]
    fn in_a_scoped_thread() {
        let exit = supervised(|| {
            std::thread::scope(|scope| {
                scope.spawn(|| panic!("on the spot"));
            });
            Ok(Exit::Done)
        });
        assert_eq!(exit, Exit::Local);
    }

    #[test]
    fn a_panic_anywhere_ends_the_process_with_one_error() {
        for place in [
            "in_the_command",
            "in_a_thread_that_nobody_waits_for",
            "in_a_scoped_thread",
        ] {
            let child = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--nocapture", "--exact"])
                .arg(format!("tests::{place}"))
                .env("RUST_BACKTRACE", "1")
                .output()
                .unwrap();
            let stderr = String::from_utf8(child.stderr).unwrap();
            assert!(child.status.success(), "{place}: {stderr}");
            let start = r#"{"error":{"kind":"internal","message":"internal error: on the spot","#;
            assert!(stderr.starts_with(start), "{place}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{place}: {stderr}");
        }
    }
}
