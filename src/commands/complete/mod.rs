//! Completion: what a shell asks for when somebody presses Tab.
//!
//! A shell's script ([`script()`]) runs `swr` with [`VARIABLE`] set and the words up to the cursor; the
//! answer is a list of candidates ([`shell`]). Values of the service ([`values`]) come from a cache of
//! a minute ([`cache`]), which a process in the background fills ([`lookup`]). Nothing but candidates
//! is ever printed.

mod cache;
mod line;
mod lookup;
mod question;
mod script;
mod shell;
mod values;

pub(super) use script::script;
pub(super) use shell::NAMES as SHELLS;
pub(super) use values::{
    command_words, help_words, images, namespaces, profiles, regions, repositories, tagged_images,
    target_namespaces, targets,
};

use std::ffi::OsString;

use clap::CommandFactory;
use clap_complete::engine::complete;

use self::line::Line;
use self::shell::Shell;
use super::spelling;
use crate::output::{Manner, Output};
use crate::settings::Environment;

/// The variable through which a shell asks for completions.
const VARIABLE: &str = "SWR_COMPLETE";

/// Answers a shell that asks for completions, or fetches what one asked for; `false` when neither is
/// wanted.
pub fn answer(arguments: &[OsString], environment: &Environment) -> bool {
    if lookup::is_fetch(arguments) {
        lookup::fetch(arguments);
        return true;
    }
    let Some(name) = environment.raw(VARIABLE) else {
        return false;
    };
    if let Some(shell) = Shell::called(name) {
        let text = match words(arguments) {
            Some(words) => shell.answer(arguments, candidates(words)),
            None => script(&name.to_string_lossy()).unwrap_or_default(),
        };
        // A shell that does not wait for the answer is none to complain to.
        let _ = Output::of_process(Manner::default()).write(&text);
    }
    true
}

/// Returns the words of the line up to the cursor, the last one being completed.
fn words(arguments: &[OsString]) -> Option<&[OsString]> {
    let at = arguments.iter().position(|word| word == "--")?;
    arguments.get(at + 1..).filter(|words| !words.is_empty())
}

/// Returns the candidates for the last word; options only where it begins with `-`.
fn candidates(words: &[OsString]) -> Vec<shell::Candidate> {
    let words = spelling::usual_words(words);
    let Some(last) = words.last() else {
        return Vec::new();
    };
    let wants_options = last.as_encoded_bytes().starts_with(b"-");
    let index = words.len() - 1;
    let directory = std::env::current_dir().ok();
    let mut command = super::Arguments::command();
    let found = complete(&mut command, words, index, directory.as_deref());
    // As in `Arguments::read`.
    std::mem::forget(command);
    found
        .unwrap_or_default()
        .into_iter()
        .map(shell::Candidate::from)
        .filter(|candidate| wants_options || !candidate.value.starts_with('-'))
        .collect()
}

/// Returns the line that this process completes.
fn line() -> Line {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    Line::of(&spelling::usual_words(
        words(&arguments).unwrap_or_default(),
    ))
}
