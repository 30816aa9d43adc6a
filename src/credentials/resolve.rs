//! Turns a candidate into a source of credentials, or into the error that says what is wrong.
//!
//! `candidates` calls it for the first candidate only.

use std::borrow::Cow;

use jiff::Timestamp;

use super::keys::{KEYS, Keys, LARGEST, TOKENS, credential_text, nothing_found, setting_text};
use super::logins::{Login, TokenLogin};
use super::source::Source;
use crate::error::{Error, Kind};
use crate::files;
use crate::origin::Origin;
use crate::secret::Secret;
use crate::settings::{Entries, Entry, Key, Layer, LayerKind, Settings, Value};

/// Returns what a setting is called where it is: its variable, or its key.
fn called(key: Key, given: &Entry) -> Cow<'_, str> {
    match &given.origin {
        Origin::Variable(name) => name.into(),
        _ => key.name().into(),
    }
}

fn two_in_one_place(first: (Key, &Entry), second: (Key, &Entry)) -> Error {
    let (first, other) = (called(first.0, first.1), second.1);
    let second = called(second.0, other);
    Error::new(Kind::Config, format!("both {first} and {second} are set"))
        .origin(other.origin.clone())
        .hint("unset one of the two: it is ambiguous which one to use")
}

/// Fails where a place holds one of `keys` and names a `credential_source`: two in one place.
pub(super) fn refuse_second(layer: &Layer, keys: &[Key]) -> Result<(), Error> {
    let asked = layer.entries.get(&Key::CredentialSource);
    let present = keys
        .iter()
        .find_map(|key| Some((*key, layer.entries.get(key)?)));
    match (present, asked) {
        (Some(present), Some(asked)) => {
            Err(two_in_one_place(present, (Key::CredentialSource, asked)))
        }
        _ => Ok(()),
    }
}

pub(super) fn token(layer: &Layer, settings: &Settings) -> Result<Source, Error> {
    refuse_second(layer, &TOKENS)?;
    let mut given = TOKENS
        .into_iter()
        .filter_map(|key| Some((key, layer.entries.get(&key)?)));
    let Some(first) = given.next() else {
        return Err(nothing_found());
    };
    if let Some(second) = given.next() {
        return Err(two_in_one_place(first, second));
    }
    let (_, given) = first;
    match &given.value {
        Value::Path(path) => {
            let text = files::read_text(path, LARGEST).map_err(|error| {
                let what = format!("the token file '{}' cannot be read", path.display());
                Error::new(Kind::Auth, what)
                    .cause(error)
                    .origin(given.origin.clone())
            })?;
            let file = Origin::File(path.clone(), None);
            Ok(Source::Token(Secret::new(credential_text(
                "token", &text, &file,
            )?)))
        }
        Value::Words(words) => Ok(Source::Command {
            words: words.clone(),
            limit: settings.timeout()?.value,
        }),
        Value::Untrusted(_) => Err(untrusted(given)),
        _ => Ok(Source::Token(Secret::new(setting_text("token", given)?))),
    }
}

/// A program is run with the user's rights, so only the user may say which.
fn untrusted(command: &Entry) -> Error {
    let what =
        "token_command is not run: the config file can be written by others, or is not yours";
    Error::new(Kind::Config, what)
        .origin(command.origin.clone())
        .hint(
            "check what it runs, then take the file over: 'chown' it to yourself, 'chmod go-w' it",
        )
}

pub(super) fn keys(entries: &Entries, kind: LayerKind) -> Result<Source, Error> {
    let part = |key: Key| entries.get(&key);
    let (Some(access_key), Some(secret_key)) = (part(Key::AccessKey), part(Key::SecretKey)) else {
        let present = KEYS.iter().find_map(|key| Some((*key, part(*key)?)));
        let absent = [Key::AccessKey, Key::SecretKey]
            .into_iter()
            .find(|key| part(*key).is_none());
        return Err(match (present, absent) {
            (Some(present), Some(absent)) => half_of_keys(present, absent, kind),
            _ => nothing_found(),
        });
    };
    Ok(Source::Keys(Keys {
        access_key: setting_text("access key", access_key)?.into_owned(),
        secret_key: Secret::new(setting_text("secret key", secret_key)?),
        security_token: match part(Key::SecurityToken) {
            Some(given) => Some(Secret::new(setting_text("security token", given)?)),
            None => None,
        },
    }))
}

fn half_of_keys((key, given): (Key, &Entry), absent: Key, kind: LayerKind) -> Error {
    let present = called(key, given);
    let absent = kind.variable(absent).unwrap_or(absent.name());
    Error::new(
        Kind::Config,
        format!("{present} is set and {absent} is not"),
    )
    .origin(given.origin.clone())
    .hint(format!(
        "access key, secret key and security token come from one place: \
         set {absent} there, too, or unset {present}"
    ))
}

pub(super) fn login(login: Login, origin: &Origin, now: Timestamp) -> Result<Source, Error> {
    match login {
        Login::Keys(keys) => Ok(Source::Keys(keys)),
        Login::Token(TokenLogin {
            expires_at: Some(end),
            region,
            ..
        }) if end <= now => Err(Error::new(
            Kind::Auth,
            format!("the login for '{region}' ended at {end}"),
        )
        .origin(origin.clone())
        .hint("log in again: 'swr auth login'")),
        Login::Token(login) => Ok(Source::Token(login.token)),
    }
}
