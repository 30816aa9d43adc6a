//! Where a login's secrets come from: a terminal that hides them, or lines of standard input.
//!
//! `login` asks. No option takes a secret, because everyone can read the arguments of a process.

use std::io::{BufRead, BufReader, IsTerminal, Read};

use super::no_echo;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::files;
use crate::origin::Origin;
use crate::secret::Secret;

/// More than any token; a device file must not be read without end.
const LARGEST: u64 = 1024 * 1024;

/// Where secrets come from.
#[derive(Debug)]
pub(super) enum Secrets<'a> {
    /// A person, who is asked.
    Person(&'a Context),
    /// Standard input, line by line; the name is that of the option that said so.
    Lines(BufReader<std::io::Stdin>, &'static str),
}

impl<'a> Secrets<'a> {
    /// Takes standard input where its option is given, else the person at the terminal.
    ///
    /// # Errors
    /// Kind `usage`, naming the option, where no one can be asked.
    pub(super) fn of(
        context: &'a Context,
        option: &'static str,
        is_given: bool,
    ) -> Result<Secrets<'a>, Error> {
        if can_ask(context) {
            return Ok(Secrets::Person(context));
        }
        if is_given {
            return Ok(Secrets::Lines(BufReader::new(std::io::stdin()), option));
        }
        let place = if context.settings().environment().is_ci() {
            "the environment says CI"
        } else {
            "there is no terminal"
        };
        let what = format!("{place}, so the secret cannot be prompted for");
        Err(Error::new(Kind::Usage, what)
            .hint(format!("pipe it in: '… | swr auth login … {option}'")))
    }

    /// Returns a secret: asked for and hidden, or the next line.
    ///
    /// # Errors
    /// Kind `usage` when there is none, or standard input holds more than it should.
    pub(super) fn read(&mut self, question: &str, noun: &str) -> Result<Secret, Error> {
        let text = match self {
            Secrets::Person(context) => {
                let mut text =
                    no_echo::line(context, question).map_err(|error| unreadable(noun, error))?;
                cut_line_end(&mut text);
                text
            }
            Secrets::Lines(lines, _) => line(lines, noun)?,
        };
        if text.is_empty() {
            return Err(empty(noun, matches!(self, Secrets::Lines(..))));
        }
        Ok(Secret::new(text))
    }

    /// Makes sure that nothing follows what was read, as far as that has come already: a
    /// secret that was torn in two must not be kept by half.
    ///
    /// # Errors
    /// Kind `usage`.
    pub(super) fn end(&self) -> Result<(), Error> {
        match self {
            Secrets::Lines(lines, option) if !lines.buffer().trim_ascii().is_empty() => {
                let what = format!("there are more lines than {option} takes");
                Err(Error::new(Kind::Usage, what).origin(Origin::Stdin).hint(
                    "line 1 is the secret, and line 2 the MFA code, which goes with --mfa-user",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Returns `true` if a person is at the terminal to be asked.
pub(super) fn can_ask(context: &Context) -> bool {
    let is_ci = context.settings().environment().is_ci();
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !is_ci
}

/// Asks for what is not a secret.
///
/// # Errors
/// Kind `usage` when nothing is typed.
pub(super) fn ask(context: &Context, question: &str, noun: &str) -> Result<String, Error> {
    context.output().ask(question);
    let mut text = String::new();
    std::io::stdin()
        .read_line(&mut text)
        .map_err(|error| unreadable(noun, error))?;
    let text = text.trim();
    if text.is_empty() {
        return Err(empty(noun, false));
    }
    Ok(text.to_owned())
}

fn line(lines: &mut BufReader<std::io::Stdin>, noun: &str) -> Result<String, Error> {
    let invalid =
        |flaw: &str| Error::new(Kind::Usage, format!("the {noun} {flaw}")).origin(Origin::Stdin);
    let mut bytes = Vec::new();
    lines
        .by_ref()
        .take(LARGEST + 1)
        .read_until(b'\n', &mut bytes)
        .map_err(|error| unreadable(noun, error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(invalid("is longer than 1 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| invalid("is not UTF-8"))?;
    let mut text = files::without_mark(text);
    cut_line_end(&mut text);
    Ok(text)
}

/// Only the line's end is cut: blanks may belong to a password.
fn cut_line_end(text: &mut String) {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
}

fn empty(noun: &str, is_piped: bool) -> Error {
    let error = Error::new(Kind::Usage, format!("the {noun} is empty"));
    if is_piped {
        error
            .origin(Origin::Stdin)
            .hint("check what is piped in: an unset variable gives an empty line")
    } else {
        error
    }
}

fn unreadable(noun: &str, error: std::io::Error) -> Error {
    Error::new(Kind::Io, format!("the {noun} cannot be read")).cause(error)
}
