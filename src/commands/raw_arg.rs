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

impl<T> Raw<T> {
    /// Returns the text as typed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
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
pub struct Problems {
    fields: Vec<Field>,
    /// What is wrong with a setting that replaces an option.
    setting: Option<Error>,
}

impl Problems {
    /// Begins with what is wrong among the global options, so that all of it is reported at once.
    pub(super) fn beside(context: &Context) -> Problems {
        Problems {
            fields: context.wrong_options().to_vec(),
            setting: None,
        }
    }

    /// Returns the value, or notes what is wrong with it.
    pub fn take<T: Parse>(&mut self, option: &'static str, given: Raw<T>) -> Option<T> {
        match given.parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.invalid(T::NOUN, option, &given.text, error);
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

    /// Notes a value that breaks the rule of its grammar.
    pub(super) fn invalid(
        &mut self,
        noun: &str,
        option: &'static str,
        value: &str,
        error: ParseError,
    ) {
        let shown = crate::output::harmless(value);
        self.fields.push(Field {
            field: option.into(),
            value: value.to_owned(),
            message: format!("invalid {noun} '{shown}' ({option}): {}", error.rule),
            hint: error.hint,
            file: None,
        });
    }

    /// Returns `true` if something is wrong with an option.
    pub(super) fn names(&self, option: &str) -> bool {
        self.fields.iter().any(|field| field.field == option)
    }

    /// Notes an error of the settings, which a command needs for a value that was not typed.
    pub(super) fn fail(&mut self, error: Error) {
        self.setting.get_or_insert(error);
    }

    /// Notes a value that breaks a rule of the command's own, with what to write instead.
    pub(super) fn hinted(
        &mut self,
        option: &'static str,
        value: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.note(option, value, message);
        if let Some(field) = self.fields.last_mut() {
            field.hint = Some(hint.into());
        }
    }

    /// Notes a value that breaks a rule of the command's own.
    pub fn note(
        &mut self,
        option: &'static str,
        value: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.fields.push(Field {
            field: option.into(),
            value: value.into(),
            message: message.into(),
            hint: None,
            file: None,
        });
    }

    /// Fails with everything that was noted; succeeds when nothing was.
    pub fn end(self) -> Result<(), Error> {
        if self.fields.is_empty() && self.setting.is_none() {
            Ok(())
        } else {
            Err(self.into())
        }
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Error {
        match problems {
            Problems {
                fields,
                setting: Some(error),
            } if fields.is_empty() => error,
            Problems { fields, .. } => Error::wrong_values(fields),
        }
    }
}
