//! Values as typed: nothing is refused inside clap, which would stop at the first wrong one.

use std::convert::Infallible;
use std::str::FromStr;

use crate::context::Context;
use crate::error::{Error, Field};
use crate::names::{Flaw, Name};

/// A name as typed: the value, or why it is none.
#[derive(Debug, Clone)]
pub struct Given<T> {
    text: String,
    parsed: Result<T, Flaw>,
}

impl<T: Name> FromStr for Given<T> {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Given<T>, Infallible> {
        Ok(Given {
            text: text.to_owned(),
            parsed: T::parse(text),
        })
    }
}

/// The wrong values of a command line, collected.
#[derive(Debug, Default)]
pub struct Wrong(Vec<Field>);

impl Wrong {
    /// Begins with what is wrong among the global options, so that all is told at once.
    pub(super) fn beside(context: &Context) -> Wrong {
        Wrong(context.wrong_options().to_vec())
    }

    /// Returns the value, or notes what is wrong with it.
    pub fn judge<T: Name>(&mut self, option: &'static str, given: Given<T>) -> Option<T> {
        match given.parsed {
            Ok(value) => Some(value),
            Err(flaw) => {
                let message = format!(
                    "invalid {} '{}' ({option}): {}",
                    T::NOUN,
                    crate::output::harmless(&given.text),
                    flaw.rule
                );
                self.0.push(Field {
                    field: option,
                    value: given.text,
                    message,
                    hint: flaw.hint,
                });
                None
            }
        }
    }

    /// Returns the value where one was given; `None` inside when it is wrong or not given.
    pub fn judge_optional<T: Name>(
        &mut self,
        option: &'static str,
        given: Option<Given<T>>,
    ) -> Option<T> {
        given.and_then(|given| self.judge(option, given))
    }

    /// Returns all values; those that are wrong are noted and left out, repeated ones, too.
    pub fn judge_all<T: Name + PartialEq>(
        &mut self,
        option: &'static str,
        given: Vec<Given<T>>,
    ) -> Vec<T> {
        let mut values: Vec<T> = Vec::with_capacity(given.len());
        for given in given {
            if let Some(value) = self.judge(option, given)
                && !values.contains(&value)
            {
                values.push(value);
            }
        }
        values
    }

    /// Notes a value that breaks a rule of the command's own.
    pub fn note(
        &mut self,
        option: &'static str,
        value: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.0.push(Field {
            field: option,
            value: value.into(),
            message: message.into(),
            hint: None,
        });
    }

    /// Fails with everything that was noted; succeeds when nothing was.
    pub fn end(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::wrong_values(self.0))
        }
    }
}

impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Error {
        Error::wrong_values(wrong.0)
    }
}
