//! A request, taken apart: what the resources and the identity services look at.

use hyper::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::refusal::{PARAMETER_MISSING, Refusal, WRONG_BODY};
use super::switches::{Switch, Switches};

/// A request to one region's port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Incoming<'a> {
    pub(super) region: &'a str,
    pub(super) method: &'a str,
    /// Path and query as on the request line, not decoded.
    pub(super) path_and_query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// A request, with its path and query decoded.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) incoming: Incoming<'a>,
    pub(super) region: &'a str,
    pub(super) method: &'a str,
    /// The parts of the path, decoded; a repository still has `$` for `/`.
    pub(super) parts: Vec<String>,
    /// The query, decoded, in its order.
    pub(super) query: Vec<(String, String)>,
}

impl Incoming<'_> {
    /// Returns the text of a header; one that is not text counts as empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?;
        Some(value.to_str().unwrap_or_default())
    }
}

impl<'a> Request<'a> {
    /// Takes a request apart; a path that hides a slash is not one of the service's.
    pub(super) fn of(incoming: Incoming<'a>) -> Result<Request<'a>, Refusal> {
        let (path, query) = split_query(incoming.path_and_query);
        let mut parts = Vec::new();
        for part in path.trim_start_matches('/').split('/') {
            let part = decoded(part);
            // `%2F` leads nowhere, as a real slash does (section 4).
            if part.contains('/') {
                return Err(Refusal::not_published());
            }
            parts.push(part);
        }
        Ok(Request {
            incoming,
            region: incoming.region,
            method: incoming.method,
            parts,
            query: query_pairs(query),
        })
    }

    /// Checks Content-Type, which is documented as mandatory (section 2).
    pub(super) fn check_content_type(&self, switches: Switches) -> Result<(), Refusal> {
        let needed = !self.incoming.body.is_empty() || switches.has(Switch::ContentTypeAlways);
        let json = self
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json"));
        if needed && !json {
            return Err(WRONG_BODY.saying("Content-Type is not application/json"));
        }
        Ok(())
    }

    /// Returns the text of a header; one that is not text counts as empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.incoming.header(name)
    }

    /// Returns what follows `Bearer ` in `Authorization`.
    pub(super) fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// Returns a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the body, if it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.incoming.body).ok()
    }

    /// Returns the body, a JSON object.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        match self.json() {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(WRONG_BODY.into()),
        }
    }
}

/// Splits path and query.
pub(super) fn split_query(path_and_query: &str) -> (&str, &str) {
    path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""))
}

/// Returns the pairs of a query, decoded, in their order.
pub(super) fn query_pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Returns a required text field.
pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Err(missing(name)),
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(_) => Err(WRONG_BODY.saying(format!("{name} is not a text"))),
    }
}

/// Returns the text at a place in a body; anything but text there counts as missing.
pub(super) fn text_at<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer)?.as_str()
}

/// Returns the refusal of a request without a required field.
pub(super) fn missing(name: &str) -> Refusal {
    PARAMETER_MISSING.saying(format!("required parameter missing: {name}"))
}

/// Returns a boolean that may be missing, which means false.
pub(super) fn flag(object: &Map<String, Value>, name: &str) -> Result<bool, Refusal> {
    Ok(optional_flag(object, name)?.unwrap_or(false))
}

/// Returns a boolean that may be missing.
pub(super) fn optional_flag(
    object: &Map<String, Value>,
    name: &str,
) -> Result<Option<bool>, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(WRONG_BODY.saying(format!("{name} is not a boolean"))),
    }
}
