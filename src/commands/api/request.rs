//! What is to be sent: fields in the query or in the body.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path as File;

use serde_json::{Map, Value};

use super::args::{JsonField, Path, TextField, Verb};
use crate::api::{Call, Method, Repeat};
use crate::commands::raw_arg::Problems;
use crate::error::{Error, Kind};
use crate::origin::Origin;

/// A validated request.
#[derive(Debug)]
pub(super) struct Request {
    method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    body: Option<Value>,
}

impl Request {
    /// Puts the values together: fields go into the query of GET and HEAD, and beside an input;
    /// else they are the body.
    pub(super) fn of(
        Verb(method): Verb,
        path: Path,
        texts: Vec<TextField>,
        values: Vec<JsonField>,
        input: Option<Value>,
        problems: &mut Problems,
    ) -> Request {
        let in_query = input.is_some() || matches!(method, Method::GET | Method::HEAD);
        let mut request = Request {
            method,
            path: path.path,
            query: path.query,
            body: input,
        };
        if in_query {
            request
                .query
                .extend(texts.into_iter().map(|field| (field.key, field.text)));
            request.query.extend(
                values
                    .into_iter()
                    .map(|field| (field.key, as_text(field.value))),
            );
            return request;
        }
        let texts = texts
            .into_iter()
            .map(|field| ("--field", field.key, field.text.into()));
        let values = values
            .into_iter()
            .map(|field| ("--json-field", field.key, field.value));
        let mut body = Map::new();
        for (option, key, value) in texts.chain(values) {
            if body.contains_key(&key) {
                let message = format!("invalid field '{key}' ({option}): it is given twice");
                problems.note(option, key, message);
            } else {
                body.insert(key, value);
            }
        }
        if !body.is_empty() {
            request.body = Some(body.into());
        }
        request
    }

    /// Returns `true` if the call can give a list.
    pub(super) fn can_paginate(&self) -> bool {
        self.method == Method::GET && self.body.is_none()
    }

    /// Makes the call. What a method promises decides whether it may be sent twice.
    pub(super) fn call(self) -> Call {
        let repeat = match self.method {
            Method::GET | Method::HEAD | Method::OPTIONS => Repeat::Read,
            Method::PUT | Method::DELETE => Repeat::State,
            _ => Repeat::Never,
        };
        let pairs = self
            .query
            .iter()
            .map(|(key, value)| (key.as_str(), Cow::Borrowed(value.as_str())));
        // Docker logins (sections 3.12, 3.13), and what IAM and STS hand out.
        let brings_secret = ["/utils/", "/securitytokens", "/auth/tokens", "/agencies/"]
            .iter()
            .any(|part| self.path.contains(part));
        let mut call = Call::new(self.method, self.path, repeat).query(pairs);
        call.brings_secret = brings_secret;
        match &self.body {
            Some(body) => call.json(body),
            None => call,
        }
    }
}

/// Returns a JSON value as a query has it: texts without quotes.
fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Reads the body; what is not JSON is noted as wrong.
///
/// # Errors
/// Kind `io` when the file cannot be read.
pub(super) fn read(file: &File, problems: &mut Problems) -> Result<Option<Value>, Error> {
    let mut text = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut text))
    };
    let shown = file.display();
    if let Err(error) = read {
        return Err(Error::new(Kind::Io, format!("'{shown}' cannot be read"))
            .cause(error)
            .origin(Origin::Option("--input")));
    }
    match serde_json::from_slice(&text) {
        Ok(value) => Ok(Some(value)),
        Err(error) => {
            let message = format!("invalid input '{shown}' (--input): it is not JSON: {error}");
            problems.note("--input", shown.to_string(), message);
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Request;
    use crate::api::{Call, Repeat};
    use crate::commands::api::args::{JsonField, Path, TextField, Verb};
    use crate::commands::raw_arg::Problems;
    use crate::error::Error;
    use crate::names::Parse;

    fn call(method: &str, path: &str, input: Option<Value>) -> Result<Call, Error> {
        let mut problems = Problems::default();
        let texts = ["name=web/api", "on=true"].map(|text| TextField::parse(text).unwrap());
        let values = ["count:=1", "word:=\"a b\""].map(|text| JsonField::parse(text).unwrap());
        let request = Request::of(
            Verb::parse(method).unwrap(),
            Path::parse(path).unwrap(),
            texts.into(),
            values.into(),
            input,
            &mut problems,
        );
        problems.end().map(|()| request.call())
    }

    #[test]
    fn a_question_has_its_fields_in_the_query() {
        let call = call("GET", "/v2/x?a=%24", None).unwrap();
        assert_eq!(
            call.path,
            "/v2/x?a=%24&name=web%2Fapi&on=true&count=1&word=a%20b"
        );
        assert_eq!((call.body, call.repeat), (None, Repeat::Read));
    }

    #[test]
    fn other_calls_have_them_in_the_body() {
        for (method, repeat) in [
            ("POST", Repeat::Never),
            ("PATCH", Repeat::Never),
            ("DELETE", Repeat::State),
        ] {
            let call = call(method, "/v2/x", None).unwrap();
            assert_eq!((call.path.as_str(), call.repeat), ("/v2/x", repeat));
            let body = json!({"name": "web/api", "on": "true", "count": 1, "word": "a b"});
            assert_eq!(call.body, Some(body));
        }
    }

    #[test]
    fn beside_an_input_they_go_into_the_query() {
        let call = call("POST", "/v2/x", Some(json!([1]))).unwrap();
        assert_eq!(call.path, "/v2/x?name=web%2Fapi&on=true&count=1&word=a%20b");
        assert_eq!(call.body, Some(json!([1])));
    }

    #[test]
    fn a_key_of_the_body_is_given_once() {
        let mut problems = Problems::default();
        let texts = ["a=1", "a=2"].map(|text| TextField::parse(text).unwrap());
        let path = Path::parse("/v2/x").unwrap();
        let method = Verb::parse("POST").unwrap();
        Request::of(method, path, texts.into(), Vec::new(), None, &mut problems);
        assert_eq!(
            problems.end().unwrap_err().message(),
            "invalid field 'a' (--field): it is given twice"
        );
    }
}
