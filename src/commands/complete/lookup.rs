//! The way to an answer: the cache, else a process in the background that asks and fills it.
//!
//! The process goes on when nobody waits any more, so that the next Tab has the answer. It has no
//! terminal, and ends after [`HARD_LIMIT`] whatever happens.

use std::ffi::OsString;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread::Builder;
use std::time::Duration;

use super::VARIABLE;
use super::cache::Cache;
use super::line::Line;
use super::question::Question;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::interrupt::Interrupt;
use crate::output::{Manner, Output};

/// A person waits no longer for candidates; the start of the process takes the rest of 300 ms.
const PATIENCE: Duration = Duration::from_millis(250);
/// The process in the background ends after this.
const HARD_LIMIT: Duration = Duration::from_secs(15);
/// The first argument of that process.
const FETCH: &str = "__fetch-names";

/// Returns what `work` gives within a person's patience, else nothing.
pub(super) fn in_time(work: impl FnOnce() -> Option<Vec<String>> + Send + 'static) -> Vec<String> {
    within(PATIENCE, work).flatten().unwrap_or_default()
}

/// Works on a thread of its own, which ends with the process at the latest.
fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = channel();
    let work = move || drop(sender.send(work()));
    Builder::new().spawn(work).ok()?;
    receiver.recv_timeout(limit).ok()
}

/// Returns the answer to a question: a kept one, else that of a process that is started to ask.
pub(super) fn answer(line: &Line, context: &Context, question: &Question) -> Option<Vec<String>> {
    let cache = Cache::of(context, question).ok()?;
    let kept = cache.as_ref().and_then(Cache::read);
    kept.or_else(|| ask_in_background(line, question))
}

fn ask_in_background(line: &Line, question: &Question) -> Option<Vec<String>> {
    // Without /proc the program does not know its own file.
    let program = std::env::current_exe().unwrap_or_else(|_| "swr".into());
    let mut child = Command::new(program)
        .arg(FETCH)
        .args(question.words())
        .arg("--")
        .args(line.words())
        .env_remove(VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut text = String::new();
    child.stdout.take()?.read_to_string(&mut text).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

/// Returns `true` if this process was started by [`answer`].
pub(super) fn is_fetch(arguments: &[OsString]) -> bool {
    arguments.get(1).is_some_and(|word| word == FETCH)
}

/// Asks the service, keeps the answer, and prints it for who started this process, if it is there
/// still.
pub(super) fn fetch(arguments: &[OsString]) {
    // A session of its own has no terminal: nothing can be asked or shown there, and Ctrl-C at the
    // prompt does not end it.
    #[cfg(unix)]
    let _ = rustix::process::setsid();
    let words = arguments.get(2..).unwrap_or_default();
    let at = words.iter().position(|word| word == "--");
    let (asked, rest) = words.split_at(at.unwrap_or(words.len()));
    let asked: Vec<&str> = asked.iter().filter_map(|word| word.to_str()).collect();
    let Some(question) = Question::parse(&asked) else {
        return;
    };
    let line = Line::of(rest.get(1..).unwrap_or_default());
    let interrupt = Interrupt::default();
    let handle = interrupt.clone();
    let names = within(HARD_LIMIT, move || names_of(&line, &question, handle));
    // A program that prints the token must not outlive this one.
    interrupt.clean_up();
    if let Some(Ok(names)) = names {
        let text = names.join("\n");
        let _ = Output::of_process(Manner::default()).write(&text);
    }
}

fn names_of(line: &Line, question: &Question, interrupt: Interrupt) -> Result<Vec<String>, Error> {
    let context = line.context(interrupt)?;
    let Some(cache) = Cache::of(&context, question)? else {
        return question.ask(&context);
    };
    // Where there can be no cache, each Tab asks.
    let lock = cache.lock();
    match &lock {
        Ok(_) => {
            if let Some(kept) = cache.read() {
                return Ok(kept);
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            return Ok(cache.read().unwrap_or_default());
        }
        Err(_) => return question.ask(&context),
    }
    let names = question.ask(&context);
    let kept = match &names {
        Ok(names) => Some(names.as_slice()),
        // Wrong keys get locked: what is refused is not asked for again with each Tab.
        Err(error) if is_refused(error) => Some([].as_slice()),
        Err(_) => None,
    };
    if let Some(kept) = kept {
        // An answer that cannot be kept is still one.
        let _ = cache.keep(kept);
    }
    names
}

fn is_refused(error: &Error) -> bool {
    let status = error.details().http_status;
    status.is_some_and(|status| (400..500).contains(&status)) || error.kind() == Kind::Auth
}
