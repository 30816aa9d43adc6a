//! Validates values: what is wrong with one, as an error of the layer that gave it.
//!
//! `load` and `show` call it. All invalid options are reported together (contract section 4).

use super::key::Key;
use super::layer::{Entry, Layer, Value};
use crate::error::{Error, Field, Kind};
use crate::names::ParseError;
use crate::origin::Origin;

impl Entry {
    /// Returns the value as text.
    pub(super) fn text(&self) -> Result<std::borrow::Cow<'_, str>, ParseError> {
        match &self.value {
            Value::Text(text) => Ok(text.into()),
            Value::Secret(secret) => Ok(secret.expose().into()),
            Value::Path(path) => Ok(path.to_string_lossy()),
            Value::Words(words) | Value::Untrusted(words) => Ok(words.join(" ").into()),
            Value::Undecodable => Err(ParseError {
                rule: "not valid UTF-8".to_owned(),
                hint: None,
            }),
        }
    }
}

/// Makes the error of an invalid value that no option brought.
pub(super) fn invalid(key: Key, entry: &Entry, error: ParseError) -> Error {
    let (noun, value) = (noun(key), entry.value.shown());
    let what = format!("invalid {noun} '{value}': {}", error.rule);
    let invalid = Error::new(Kind::Config, what).origin(entry.origin.clone());
    match error.hint {
        Some(hint) => invalid.hint(hint),
        None => invalid,
    }
}

/// Returns every invalid option, as the fields of one error.
pub(super) fn invalid_options(options: &Layer) -> Vec<Field> {
    let mut invalid = Vec::new();
    for (key, entry) in &options.entries {
        let (Some(field), Err(error)) = (key.option(), validate(*key, entry)) else {
            continue;
        };
        let value = entry.value.shown();
        invalid.push(Field {
            field: field.into(),
            message: format!("invalid {} '{value}' ({field}): {}", noun(*key), error.rule),
            value,
            hint: error.hint,
            file: None,
        });
    }
    invalid
}

/// Checks a value against the grammar of its setting.
pub(super) fn validate(key: Key, entry: &Entry) -> Result<(), ParseError> {
    (key.row().check)(&entry.text()?)
}

/// Returns what the first of a chain overrides, as it may be shown.
pub(super) fn overridden(chain: &[&Entry]) -> Vec<(Origin, String)> {
    chain
        .iter()
        .skip(1)
        .filter(|entry| entry.origin != Origin::Default)
        .map(|entry| (entry.origin.clone(), entry.value.shown()))
        .collect()
}

/// Returns the noun of a setting: `project id`.
fn noun(key: Key) -> String {
    key.name().replace('_', " ")
}
