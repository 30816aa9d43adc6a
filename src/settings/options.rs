//! The global options, as typed.
//!
//! `commands` fills it from the command line by the table of the settings; `settings` validates it.

use std::path::PathBuf;

use super::key::Key;
use super::layer::{Entries, Entry, Layer, LayerKind, Value};
use crate::origin::Origin;

/// The global options as they were typed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--config FILE`
    pub config: Option<PathBuf>,
    /// `--jq FILTER`
    pub jq: Option<String>,
    /// `-q`, `--quiet`
    pub quiet: bool,
    /// How often `-v`, `--verbose` was given.
    pub verbose: u8,
    settings: Entries,
}

impl Options {
    /// Sets the option of a setting.
    pub fn set(&mut self, key: Key, value: Value) {
        if let Some(option) = key.option() {
            let origin = Origin::Option(option);
            self.settings.insert(key, Entry { value, origin });
        }
    }

    /// Removes the option of a setting.
    pub fn unset(&mut self, key: Key) {
        self.settings.remove(&key);
    }

    /// Returns the text of an option, if it was given.
    pub(super) fn text(&self, key: Key) -> Option<&str> {
        match &self.settings.get(&key)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the layer of the command line.
    pub(super) fn layer(&self) -> Layer {
        Layer::new(LayerKind::Options, None, self.settings.clone())
    }
}
