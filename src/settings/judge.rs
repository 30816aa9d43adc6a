//! Values are judged here: a typed value, or the error of the place that gave a wrong one.
//!
//! A wrong option is told together with all other wrong options (contract section 4).

use super::key::Key;
use super::layer::{Given, Layer, Place, Value};
use super::load::Settings;
use super::setting::Setting;
use super::value::{self, CredentialSource};
use crate::endpoint::Endpoint;
use crate::error::{Error, Field, Kind};
use crate::names::{Parse, ParseError, RegionId};
use crate::origin::Origin;
use crate::output::{Color, Format};

impl Settings {
    /// Judges the first of a chain; the others are beaten, unjudged.
    pub(super) fn parsed<T>(
        &self,
        key: Key,
        chain: &[&Given],
        parse: impl Fn(&str) -> Result<T, ParseError>,
    ) -> Result<Option<Setting<T>>, Error> {
        let Some(first) = chain.first() else {
            return Ok(None);
        };
        Ok(Some(Setting {
            value: self.judged(key, first, parse)?,
            origin: first.origin.clone(),
            beaten: beaten(chain),
        }))
    }

    /// Judges a single value.
    pub(super) fn judged<T>(
        &self,
        key: Key,
        given: &Given,
        parse: impl Fn(&str) -> Result<T, ParseError>,
    ) -> Result<T, Error> {
        given
            .text()
            .and_then(|text| parse(&text))
            .map_err(|flaw| self.wrong(key, given, flaw))
    }

    /// Makes the error of a wrong value: of all wrong options, or of the one place.
    pub(super) fn wrong(&self, key: Key, given: &Given, flaw: ParseError) -> Error {
        if given.origin.is_option() {
            let options = self.layers(None).filter(|at| at.place == Place::Options);
            return Error::wrong_values(options.flat_map(wrong_options).collect());
        }
        let what = format!(
            "invalid {} '{}': {}",
            noun(key),
            given.value.shown(),
            flaw.rule
        );
        let error = Error::new(Kind::Config, what).origin(given.origin.clone());
        match flaw.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl Given {
    /// Returns the value as text.
    pub(super) fn text(&self) -> Result<std::borrow::Cow<'_, str>, ParseError> {
        match &self.value {
            Value::Text(text) => Ok(text.into()),
            Value::Secret(secret) => Ok(secret.expose().into()),
            Value::Path(path) => Ok(path.to_string_lossy()),
            Value::Words(words) => Ok(words.join(" ").into()),
            Value::Undecodable => Err(ParseError {
                rule: "it is not UTF-8".to_owned(),
                hint: None,
            }),
        }
    }
}

pub(super) fn empty() -> ParseError {
    ParseError {
        rule: "it is empty".to_owned(),
        hint: None,
    }
}

pub(super) fn wrong_options(options: &Layer) -> Vec<Field> {
    let mut wrong = Vec::new();
    for (key, given) in &options.entries {
        let (Some(field), Err(flaw)) = (key.row().option, judge(*key, given)) else {
            continue;
        };
        let value = given.value.shown();
        wrong.push(Field {
            field: field.into(),
            message: format!("invalid {} '{value}' ({field}): {}", noun(*key), flaw.rule),
            value,
            hint: flaw.hint,
            file: None,
        });
    }
    wrong
}

/// Judges a value by the grammar of its setting, without keeping what it means.
pub(super) fn judge(key: Key, given: &Given) -> Result<(), ParseError> {
    let text = given.text()?;
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

pub(super) fn plain_address(text: &str) -> Result<Endpoint, ParseError> {
    Endpoint::parse_plain(text).map_err(|rule| ParseError { rule, hint: None })
}

/// Returns what lost against the first of a chain, as it may be shown.
pub(super) fn beaten(chain: &[&Given]) -> Vec<(Origin, String)> {
    chain
        .iter()
        .skip(1)
        .map(|given| (given.origin.clone(), given.value.shown()))
        .collect()
}

/// Returns what a setting is called in a sentence: `project id`.
pub(super) fn noun(key: Key) -> String {
    key.name().replace('_', " ")
}
