//! `swr` keeps container images of Huawei Cloud SWR in more than one region.
//!
//! The map of the rooms stands in `docs/architecture.md`; imports run down its list only. This
//! file has the whole life of the process: parse, context, command, code.

pub mod api;
pub mod commands;
pub mod context;
pub mod credentials;
pub mod duration;
pub mod emulator;
pub mod endpoint;
pub mod error;
pub mod exit;
pub mod files;
pub mod glob;
pub mod interrupt;
pub mod lock;
pub mod names;
pub mod origin;
pub mod output;
pub mod panic;
pub mod parallel;
pub mod secret;
pub mod settings;
pub mod sync;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};

use clap::error::ErrorKind;

use crate::commands::{Arguments, format_of_refused_line};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::interrupt::{Interrupt, Signal};
use crate::output::{Format, Manner, Output};
use crate::settings::{Environment, Options, Settings};

/// What ends the main thread's wait.
enum Event {
    Finished(Result<Exit, Error>),
    Raised(Signal),
}

/// Runs `swr` with these arguments (the first is the program's name), and returns its exit code.
///
/// The command works on a thread of its own, so that a signal ends the process at once, wherever
/// the command is; see [`interrupt`].
pub fn run(arguments: &[OsString]) -> ExitCode {
    let environment = Environment::of_process();
    if commands::complete(arguments, &environment) {
        return Exit::Done.into();
    }
    let parsed = match Arguments::read(arguments) {
        Ok(parsed) => parsed,
        Err(refused) => return refuse(&refused, arguments, &environment).into(),
    };
    let options = Options::from(parsed.globals);
    let at_hand = context::manner_at_hand(&options, &environment);
    let interrupt = Interrupt::default();
    let (sender, events) = channel();
    watch_signals(&sender);
    let handle = interrupt.clone();
    std::thread::spawn(move || {
        let reads_config = parsed.command.reads_config();
        let outcome = match Context::load(&options, &environment, reads_config, handle) {
            Ok(context) => {
                let outcome = parsed.command.run(&context);
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
        };
        let _ = sender.send(Event::Finished(outcome));
    });
    loop {
        match events.recv() {
            Ok(Event::Finished(outcome)) => {
                return outcome.unwrap_or_else(|error| error.exit_code()).into();
            }
            Ok(Event::Raised(signal)) => {
                if interrupt.raise(signal) {
                    Output::of_process(at_hand).error(&signal.error());
                    interrupt.clean_up();
                    return signal.exit().into();
                }
            }
            // The command's thread is gone without a word, which only a defect of ours can do.
            Err(_) => return Exit::Local.into(),
        }
    }
}

/// Shows what clap says: help and version on standard output, a refusal on standard error.
fn refuse(refused: &clap::Error, arguments: &[OsString], environment: &Environment) -> Exit {
    let rendered = refused.render();
    if !refused.use_stderr() {
        let output = Output::of_process(Manner::default());
        let text = if std::io::stdout().is_terminal() {
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
    let format = format_of_refused_line(arguments)
        .unwrap_or_else(|| Settings::format_at_hand(&Options::default(), environment));
    let output = Output::of_process(Manner {
        format,
        ..context::manner_at_hand(&Options::default(), environment)
    });
    let text = rendered.to_string();
    let lacks_a_command = refused.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if lacks_a_command && format == Format::Human {
        output.help(&if std::io::stderr().is_terminal() {
            rendered.ansi().to_string()
        } else {
            text
        });
        return Exit::Usage;
    }
    let text = text.trim_start_matches("error: ").trim_end();
    let (what, hint) = match text.split_once("\n\n") {
        Some((_, help)) if lacks_a_command => {
            ("a command is missing", help.lines().next().unwrap_or(help))
        }
        Some(both) => both,
        None => (text, "see 'swr --help'"),
    };
    let what = match format {
        Format::Human => what.to_owned(),
        _ => what.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let hint = hint
        .trim()
        .trim_start_matches("tip: ")
        .replace("\n\n", "\n");
    output.error(&Error::new(Kind::Usage, what).hint(hint));
    Exit::Usage
}

/// Turns SIGINT and SIGTERM into events. A shell starts background jobs with SIGINT ignored, which
/// is left so.
#[cfg(unix)]
fn watch_signals(sender: &Sender<Event>) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else {
        return;
    };
    let sender = sender.clone();
    std::thread::spawn(move || {
        for signal in &mut signals {
            let signal = if signal == SIGTERM {
                Signal::Terminate
            } else {
                Signal::Interrupt
            };
            if sender.send(Event::Raised(signal)).is_err() {
                return;
            }
        }
    });
}

#[cfg(not(unix))]
fn watch_signals(_: &Sender<Event>) {}
