//! Values as typed: nothing is refused inside clap, which would stop at the first wrong one.

use std::convert::Infallible;
use std::str::FromStr;

use crate::context::Context;
use crate::error::{Error, Field};
use crate::names::{Parse, ParseError};

/// A name as typed: the value, or why it is none.
#[derive(Debug, Clone)]
pub struct Raw<T> {
    text: String,
    parsed: Result<T, ParseError>,
}

impl<T: Parse> FromStr for Raw<T> {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Raw<T>, Infallible> {
        Ok(Raw {
            text: text.to_owned(),
            parsed: T::parse(text),
        })
    }
}

/// The wrong values of a command line, collected.
#[derive(Debug, Default)]
pub struct Problems(Vec<Field>);

impl Problems {
    /// Begins with what is wrong among the global options, so that all is told at once.
    pub(super) fn beside(context: &Context) -> Problems {
        Problems(context.wrong_options().to_vec())
    }

    /// Returns the value, or notes what is wrong with it.
    pub fn take<T: Parse>(&mut self, option: &'static str, given: Raw<T>) -> Option<T> {
        match given.parsed {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!(
                    "invalid {} '{}' ({option}): {}",
                    T::NOUN,
                    crate::output::harmless(&given.text),
                    error.rule
                );
                self.0.push(Field {
                    field: option.into(),
                    value: given.text,
                    message,
                    hint: error.hint,
                    file: None,
                });
                None
            }
        }
    }

    /// Returns the value where one was given; `None` inside when it is wrong or not given.
    pub fn take_optional<T: Parse>(
        &mut self,
        option: &'static str,
        given: Option<Raw<T>>,
    ) -> Option<T> {
        given.and_then(|given| self.take(option, given))
    }

    /// Returns all values; those that are wrong are noted and left out, repeated ones, too.
    pub fn take_all<T: Parse + PartialEq>(
        &mut self,
        option: &'static str,
        given: Vec<Raw<T>>,
    ) -> Vec<T> {
        let mut values: Vec<T> = Vec::with_capacity(given.len());
        for given in given {
            if let Some(value) = self.take(option, given)
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
            field: option.into(),
            value: value.into(),
            message: message.into(),
            hint: None,
            file: None,
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

impl From<Problems> for Error {
    fn from(problems: Problems) -> Error {
        Error::wrong_values(problems.0)
    }
}
