//! A request before endpoint and credential are known: what each resource file creates.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value};

use super::authorize::Header;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::secret::REDACTED;

/// The methods that the API uses.
pub type Method = reqwest::Method;

/// Whether a request may be sent again when the service may have received it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Only reads: always, also after a 500.
    Read,
    /// Asks for a state (create a task, delete it): always, because a second request is harmless.
    State,
    /// Starts work: only when the service cannot have received it.
    Never,
}

/// A request of the API: method, path with query, body, and whether it may be repeated.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Path and query, encoded, from `/v2` on.
    pub path: String,
    /// The JSON body.
    pub body: Option<Value>,
    /// Whether the request may be sent twice.
    pub repeat: Repeat,
    /// The permission that the call needs, to explain a 403 (`reference/swr-api.md` 2.7).
    pub permission: Option<&'static str>,
    /// Headers beside those that every call has.
    pub extra_headers: Vec<Header>,
    /// Whether the response holds a credential, so that its body is never shown.
    pub brings_secret: bool,
}

/// What is not encoded in a query: the unreserved characters of RFC 3986.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

impl Call {
    /// The headers that every call carries; Content-Type is documented as mandatory, also for GET
    /// (section 2).
    pub const HEADERS: [(&'static str, &'static str); 2] = [
        ("Content-Type", "application/json"),
        ("User-Agent", concat!("swr/", env!("CARGO_PKG_VERSION"))),
    ];

    /// Creates a call without a body.
    pub fn new(method: Method, path: impl Into<String>, repeat: Repeat) -> Call {
        Call {
            method,
            path: path.into(),
            body: None,
            repeat,
            permission: None,
            extra_headers: Vec::new(),
            brings_secret: false,
        }
    }

    /// Creates a call that only reads.
    pub fn read(path: impl Into<String>) -> Call {
        Call::new(Method::GET, path, Repeat::Read)
    }

    /// Adds a query; keys and values are encoded as the signature encodes them.
    #[must_use]
    pub fn query<'a>(mut self, pairs: impl IntoIterator<Item = (&'a str, Cow<'a, str>)>) -> Call {
        for (key, value) in pairs {
            self.path
                .push(if self.path.contains('?') { '&' } else { '?' });
            self.path.extend(utf8_percent_encode(key, QUERY));
            self.path.push('=');
            self.path.extend(utf8_percent_encode(&value, QUERY));
        }
        self
    }

    /// Adds the JSON body.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Call {
        self.body = serde_json::to_value(body).ok();
        self
    }

    /// Marks the response as one that holds a credential.
    #[must_use]
    pub fn brings_secret(mut self) -> Call {
        self.brings_secret = true;
        self
    }

    /// Sets the permission that the call needs.
    #[must_use]
    pub fn needs(mut self, permission: &'static str) -> Call {
        self.permission = Some(permission);
        self
    }

    /// Returns the body as it is sent.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        match &self.body {
            None => Ok(Vec::new()),
            Some(body) => serde_json::to_vec(body).map_err(|error| {
                Error::new(Kind::Io, "the request's body cannot be written").cause(error)
            }),
        }
    }

    /// Returns the request as a dry run shows it.
    pub fn preview(&self, endpoint: &Endpoint, credential: PreviewCredential) -> RequestPreview {
        let mut headers = Map::new();
        for (name, value) in Call::HEADERS {
            headers.insert(name.to_owned(), value.into());
        }
        match credential {
            PreviewCredential::Token | PreviewCredential::None => {
                headers.insert("X-Auth-Token".to_owned(), REDACTED.into());
            }
            PreviewCredential::Signature => {
                headers.insert("Authorization".to_owned(), REDACTED.into());
            }
        }
        RequestPreview {
            method: self.method.to_string(),
            url: endpoint.at_query(&self.path).to_string(),
            headers,
            body: self.body.clone().unwrap_or(Value::Null),
        }
    }
}

/// The kind of credential that a dry run shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewCredential {
    /// None is set; the request is shown as with a token.
    None,
    /// A token.
    Token,
    /// Access keys: a signature.
    Signature,
}

/// A request as `--dry-run` shows it: complete, secrets redacted.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RequestPreview {
    /// The method.
    pub method: String,
    /// The full URL.
    pub url: String,
    /// The headers, in the order in which they are sent.
    pub headers: Map<String, Value>,
    /// The body; null when there is none.
    pub body: Value,
}
