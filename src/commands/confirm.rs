//! The one way to ask a question: only of a person who sees it.

use std::io::{BufRead, IsTerminal};

use crate::context::Context;
use crate::error::{Error, Kind};

/// Asks before something that cannot be undone; `yes` is the answer given beforehand.
///
/// # Errors
/// Kind `usage` naming `--yes` where nobody can answer, and kind `usage` when the answer is no.
pub(super) fn confirm(context: &Context, question: &str, yes: bool) -> Result<(), Error> {
    if yes {
        return Ok(());
    }
    if !can_answer(context) {
        return Err(
            Error::new(Kind::Usage, format!("{question} nobody is there to answer"))
                .hint("--yes answers the question"),
        );
    }
    if ask(context, question)? {
        Ok(())
    } else {
        Err(Error::new(
            Kind::Usage,
            "nothing was done: the answer was no",
        ))
    }
}

/// Returns `true` if a person sees the question and can answer it.
pub(super) fn can_answer(context: &Context) -> bool {
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
