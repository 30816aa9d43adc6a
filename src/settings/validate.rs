//! Validates values: what is wrong with one, as an error of the layer that gave it.
//!
//! `load` and `show` call it. All invalid options are reported together (contract section 4).

use super::key::Key;
use super::layer::{Entry, Layer, Value};
use super::value::{self, CredentialSource};
use crate::endpoint::Endpoint;
use crate::error::{Error, Field, Kind};
use crate::names::{Parse, ParseError, RegionId};
use crate::origin::Origin;
use crate::output::{Color, Format};

impl Entry {
    /// Returns the value as text.
    pub(super) fn text(&self) -> Result<std::borrow::Cow<'_, str>, ParseError> {
        match &self.value {
            Value::Text(text) => Ok(text.into()),
            Value::Secret(secret) => Ok(secret.expose().into()),
            Value::Path(path) => Ok(path.to_string_lossy()),
            Value::Words(words) => Ok(words.join(" ").into()),
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

/// The error of a value that is empty.
pub(super) fn empty() -> ParseError {
    ParseError {
        rule: "must not be empty".to_owned(),
        hint: None,
    }
}

/// Returns every invalid option, as the fields of one error.
pub(super) fn invalid_options(options: &Layer) -> Vec<Field> {
    let mut invalid = Vec::new();
    for (key, entry) in &options.entries {
        let (Some(field), Err(error)) = (key.row().option, validate(*key, entry)) else {
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
    let text = entry.text()?;
    match key {
        Key::Region => RegionId::parse(&text).map(drop),
        Key::Endpoint | Key::IamEndpoint | Key::StsEndpoint => address(&text).map(drop),
        Key::MetadataEndpoint => plain_address(&text).map(drop),
        Key::ProjectId => value::project_id(&text).map(drop),
        Key::Output => value::one_of(&text, &Format::ALL).map(drop),
        Key::Timeout | Key::ConnectTimeout => crate::duration::parse(&text).map(drop),
        Key::Retries => value::retries(&text).map(drop),
        Key::Color => value::one_of(&text, &Color::ALL).map(drop),
        Key::CredentialSource => value::one_of(&text, &CredentialSource::ALL).map(drop),
        Key::Profile
        | Key::CaFile
        | Key::Token
        | Key::TokenFile
        | Key::TokenCommand
        | Key::AccessKey
        | Key::SecretKey
        | Key::SecurityToken => value::not_empty(&text).map(drop),
    }
}

/// Parses an address that credentials may be sent to.
pub(super) fn address(text: &str) -> Result<Endpoint, ParseError> {
    Endpoint::parse(text).map_err(|rule| ParseError { rule, hint: None })
}

/// Parses an address that may be plain http.
pub(super) fn plain_address(text: &str) -> Result<Endpoint, ParseError> {
    Endpoint::parse_plain(text).map_err(|rule| ParseError { rule, hint: None })
}

/// Returns what the first of a chain overrides, as it may be shown.
pub(super) fn overridden(chain: &[&Entry]) -> Vec<(Origin, String)> {
    chain
        .iter()
        .skip(1)
        .map(|entry| (entry.origin.clone(), entry.value.shown()))
        .collect()
}

/// Returns the noun of a setting: `project id`.
fn noun(key: Key) -> String {
    key.name().replace('_', " ")
}
