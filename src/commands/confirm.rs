//! The one way to ask a question: only of a person who sees it.

use std::io::{BufRead, IsTerminal};

use crate::context::Context;
use crate::error::{Error, Kind};

/// Fails where a question will have to be asked and there is no one to answer; `what` says why.
///
/// # Errors
/// Kind `usage`, naming `--yes`.
pub(super) fn require_person(context: &Context, what: &str) -> Result<(), Error> {
    if can_answer(context) {
        return Ok(());
    }
    let what = format!("{what}; nobody is there to answer");
    Err(Error::new(Kind::Usage, what).hint("--yes answers the question"))
}

/// Returns `true` if a person sees the question and can answer it.
fn can_answer(context: &Context) -> bool {
    std::io::stdin().is_terminal()
        && std::io::stderr().is_terminal()
        && !context.settings().environment().is_ci()
}

/// Asks a person; returns `true` for yes.
///
/// # Errors
/// Kind `io` when the answer cannot be read.
pub(super) fn ask(context: &Context, question: &str) -> Result<bool, Error> {
    context.output().ask(&format!("{question} [y/N]"));
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Error::new(Kind::Io, "the answer cannot be read").cause(error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
