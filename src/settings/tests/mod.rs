//! The settings as a whole, seen through the room's door.

mod broken_files;
mod example;
mod precedence;
mod regions;
mod shown;

use std::path::PathBuf;

use super::{Environment, Key, Options, Settings, Value};
use crate::error::Error;

/// A home of its own, with a config file when `toml` is not empty.
pub(super) struct Home {
    directory: tempfile::TempDir,
    pairs: Vec<(String, String)>,
    pub(super) options: Options,
}

impl Home {
    pub(super) fn new(toml: &str) -> Home {
        let home = Home {
            directory: tempfile::tempdir().unwrap(),
            pairs: Vec::new(),
            options: Options::default(),
        };
        if !toml.is_empty() {
            home.write(".config/swr/config.toml", toml);
        }
        home
    }

    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn path(&self, part: &str) -> PathBuf {
        self.directory.path().join(part)
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Home {
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn option(mut self, key: Key, text: &str) -> Home {
        self.options.set(key, Value::Text(text.to_owned()));
        self
    }

    pub(super) fn environment(&self) -> Environment {
        let home = self.directory.path().to_str().unwrap().to_owned();
        Environment::of(
            self.pairs
                .iter()
                .cloned()
                .chain([("HOME".to_owned(), home)]),
        )
    }

    pub(super) fn load(&self) -> Result<Settings, Error> {
        Settings::load(&self.options, &self.environment())
    }

    /// Returns a text with the home's path written `~`.
    pub(super) fn plain(&self, text: &str) -> String {
        text.replace(self.directory.path().to_str().unwrap(), "~")
    }

    /// Returns an error as a person reads it: text, place, exit code, hint.
    pub(super) fn told<T: std::fmt::Debug>(&self, result: Result<T, Error>) -> String {
        let error = result.unwrap_err();
        let place = error.place().map(ToString::to_string).unwrap_or_default();
        self.plain(&format!(
            "{} | {place} | {} | {}",
            error.message(),
            error.exit_code().code(),
            error.advice().unwrap_or_default(),
        ))
    }
}
