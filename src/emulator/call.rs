//! A request, taken apart: what the resources look at.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::refusal::{PARAMETER_MISSING, Refused, WRONG_BODY};
use super::switches::{Switch, Switches};

/// A request to the service in one region.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) region: &'a str,
    pub(super) method: &'a str,
    /// The parts of the path, decoded; a repository still has `$` for `/`.
    pub(super) parts: Vec<String>,
    /// The query, decoded, in its order.
    pub(super) query: Vec<(String, String)>,
    pub(super) content_type: Option<&'a str>,
    pub(super) body: &'a [u8],
}

impl<'a> Call<'a> {
    /// Takes a request apart; a path that hides a slash is none of the service's.
    pub(super) fn of(
        region: &'a str,
        method: &'a str,
        path_and_query: &str,
        content_type: Option<&'a str>,
        body: &'a [u8],
    ) -> Result<Call<'a>, Refused> {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let mut parts = Vec::new();
        for part in path.trim_start_matches('/').split('/') {
            let part = percent_decode_str(part).decode_utf8_lossy().into_owned();
            // `%2F` leads nowhere, as a real slash does (section 4).
            if part.contains('/') {
                return Err(Refused::not_published());
            }
            parts.push(part);
        }
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
                (decode(key), decode(value))
            })
            .collect();
        Ok(Call {
            region,
            method,
            parts,
            query,
            content_type,
            body,
        })
    }

    /// Judges Content-Type, which is documented as mandatory (section 2).
    pub(super) fn judge_content_type(&self, switches: Switches) -> Result<(), Refused> {
        let needed = !self.body.is_empty() || switches.has(Switch::ContentTypeAlways);
        let json = self
            .content_type
            .is_some_and(|kind| kind.starts_with("application/json"));
        if needed && !json {
            return Err(WRONG_BODY.saying("Content-Type is not application/json"));
        }
        Ok(())
    }

    /// Returns a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the body, a JSON object.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refused> {
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(WRONG_BODY.into()),
        }
    }
}

/// Returns a field that has to be there, and text.
pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refused> {
    match object.get(name) {
        None | Some(Value::Null) => Err(missing(name)),
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(_) => Err(WRONG_BODY.saying(format!("{name} is not a text"))),
    }
}

/// Returns the refusal of a field that has to be there.
pub(super) fn missing(name: &str) -> Refused {
    PARAMETER_MISSING.saying(format!("required parameter missing: {name}"))
}

/// Returns a switch that may be missing, which means false.
pub(super) fn flag(object: &Map<String, Value>, name: &str) -> Result<bool, Refused> {
    Ok(optional_flag(object, name)?.unwrap_or(false))
}

/// Returns a switch that may be missing.
pub(super) fn optional_flag(
    object: &Map<String, Value>,
    name: &str,
) -> Result<Option<bool>, Refused> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(WRONG_BODY.saying(format!("{name} is not a boolean"))),
    }
}
