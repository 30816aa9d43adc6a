//! The command line so far, read without clap, which refuses one that is not complete.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::names::Parse;
use crate::settings::{Environment, Key, Options, Value};

/// How long the service has for an answer in the background; a person has gone on long before.
pub(super) const LIMIT: &str = "10s";

/// The words up to the cursor.
#[derive(Debug, Clone)]
pub(super) struct Line(Vec<String>);

impl Line {
    pub(super) fn of(words: &[OsString]) -> Line {
        let words = words.iter().map(|word| word.to_string_lossy().into_owned());
        Line(words.collect())
    }

    pub(super) fn words(&self) -> &[String] {
        &self.0
    }

    /// Returns the line with an option in front of all others.
    #[must_use]
    pub(super) fn with(mut self, option: &str, value: &str) -> Line {
        self.0.splice(0..0, [option.to_owned(), value.to_owned()]);
        self
    }

    /// Returns the value of an option on the line: `--name value`, `--name=value`, `-nvalue`.
    fn value(&self, spellings: &[&str]) -> Option<String> {
        self.0.iter().enumerate().find_map(|(index, word)| {
            spellings.iter().find_map(|spelling| {
                let rest = word.strip_prefix(spelling)?;
                match (rest, spelling.starts_with("--")) {
                    ("", _) => self.0.get(index + 1).cloned(),
                    (rest, true) => rest.strip_prefix('=').map(str::to_owned),
                    (rest, false) => Some(rest.trim_start_matches('=').to_owned()),
                }
            })
        })
    }

    /// Returns the name that an option gives, where it is one.
    pub(super) fn name<T: Parse>(&self, spellings: &[&str]) -> Option<T> {
        T::parse(&self.value(spellings)?).ok()
    }

    /// Returns the global options of the line.
    pub(super) fn options(&self) -> Options {
        let mut options = Options::default();
        options.config = self.value(&["--config"]).map(Into::into);
        options.quiet = true;
        for (key, value) in [
            (Key::Profile, self.value(&["--profile"])),
            (Key::Region, self.value(&["--region"])),
            (Key::Endpoint, self.value(&["--endpoint"])),
            (Key::Timeout, Some(LIMIT.to_owned())),
            (Key::ConnectTimeout, Some(LIMIT.to_owned())),
            (Key::Retries, Some("0".to_owned())),
        ] {
            if let Some(text) = value {
                options.set(key, Value::Text(text));
            }
        }
        options
    }

    /// Loads the settings as the line's command would have them.
    ///
    /// # Errors
    /// As [`Context::load`].
    pub(super) fn context(&self, interrupt: Interrupt) -> Result<Context, Error> {
        let environment = Environment::of_process();
        Context::load(&self.options(), &environment, true, interrupt)
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn values_are_read_off_the_line_in_every_spelling() {
        let line = |words: &str| Line(words.split(' ').map(str::to_owned).collect());
        for words in [
            "swr -n team -r",
            "swr -nteam",
            "swr --namespace team",
            "swr --namespace=team",
        ] {
            assert_eq!(
                line(words).value(&["--namespace", "-n"]).as_deref(),
                Some("team"),
                "{words}"
            );
        }
        assert_eq!(line("swr -n").value(&["-n"]), None);
    }
}
