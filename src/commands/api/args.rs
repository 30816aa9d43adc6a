//! The values of `swr api` as typed.

use serde_json::Value;
use url::form_urlencoded;

use crate::api::Method;
use crate::names::{Parse, ParseError};

/// A method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verb(pub(super) Method);

impl Parse for Verb {
    const NOUN: &'static str = "method";

    fn parse(text: &str) -> Result<Verb, ParseError> {
        const KNOWN: [Method; 7] = [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
        ];
        KNOWN
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(text))
            .map(Verb)
            .ok_or_else(|| error("it must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
    }
}

/// A path with the pairs of its query, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
}

impl Parse for Path {
    const NOUN: &'static str = "path";

    fn parse(text: &str) -> Result<Path, ParseError> {
        if text.contains("://") && !text.starts_with('/') {
            return Err(ParseError {
                rule: "it is a whole address; the credential goes to the endpoint only".to_owned(),
                hint: Some(
                    "give the path alone, like /v2/manage/namespaces, and the address with \
                     --endpoint"
                        .to_owned(),
                ),
            });
        }
        if !text.starts_with('/') {
            return Err(error("it must begin with '/', like /v2/manage/namespaces"));
        }
        if let Some(character) = text
            .chars()
            .find(|c| c.is_control() || c.is_whitespace() || matches!(c, '#' | '\\'))
        {
            let shown = character.escape_debug();
            return Err(error(format!("'{shown}' must be percent-encoded in it")));
        }
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        if path.split('/').any(is_dots) {
            return Err(error("'.' and '..' lead elsewhere"));
        }
        Ok(Path {
            path: path.to_owned(),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        })
    }
}

/// Returns `true` if a part of a path is `.` or `..`, in any spelling that a URL takes for it.
fn is_dots(part: &str) -> bool {
    let part = part.to_ascii_lowercase().replace("%2e", ".");
    matches!(part.as_str(), "." | "..")
}

/// A field with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextField {
    pub(super) key: String,
    pub(super) text: String,
}

impl Parse for TextField {
    const NOUN: &'static str = "field";

    fn parse(text: &str) -> Result<TextField, ParseError> {
        match text.split_once('=') {
            Some((key, text)) if !key.is_empty() => Ok(TextField {
                key: key.to_owned(),
                text: text.to_owned(),
            }),
            _ => Err(error("write it like key=text")),
        }
    }
}

/// A field with a JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JsonField {
    pub(super) key: String,
    pub(super) value: Value,
}

impl Parse for JsonField {
    const NOUN: &'static str = "field";

    fn parse(text: &str) -> Result<JsonField, ParseError> {
        match text.split_once(":=") {
            Some((key, json)) if !key.is_empty() => match serde_json::from_str(json) {
                Ok(value) => Ok(JsonField {
                    key: key.to_owned(),
                    value,
                }),
                Err(error) => Err(ParseError {
                    rule: format!("its value is not JSON: {error}"),
                    hint: Some("a text goes with -f key=text".to_owned()),
                }),
            },
            _ => Err(error("write it like key:=json, as in is_public:=false")),
        }
    }
}

fn error(rule: impl Into<String>) -> ParseError {
    ParseError {
        rule: rule.into(),
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{JsonField, Path, TextField, Verb};
    use crate::names::Parse;

    #[test]
    fn a_method_is_known_in_either_case() {
        assert_eq!(Verb::parse("delete").unwrap().0.as_str(), "DELETE");
        for wrong in ["", "FETCH", "GET ", "CONNECT"] {
            assert!(Verb::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_path_stays_at_the_endpoint() {
        for wrong in [
            "",
            "v2/manage",
            "https://far.example/v2",
            "//a\n",
            "/a b",
            "/a#b",
            "/a\\..\\b",
            "/v2/../../x",
            "/v2/%2E%2e/x",
            "/v2/./x",
        ] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Path::parse("/v2/repos/web$api/tags/a..b").is_ok());
        assert!(Path::parse("/v2?next=https://far.example/../x").is_ok());
    }

    #[test]
    fn a_query_is_read_as_text() {
        let path = Path::parse("/v2/list?filter=limit%3A%3A1|offset::0&a=b+c&empty&a=2").unwrap();
        let pairs: Vec<_> = path
            .query
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(path.path, "/v2/list");
        assert_eq!(
            pairs,
            [
                ("filter", "limit::1|offset::0"),
                ("a", "b c"),
                ("empty", ""),
                ("a", "2")
            ]
        );
    }

    #[test]
    fn fields_are_split_at_their_first_sign() {
        let field = TextField::parse("key=a=b").unwrap();
        assert_eq!((field.key.as_str(), field.text.as_str()), ("key", "a=b"));
        let field = JsonField::parse("key:={\"a\":\":=\"}").unwrap();
        assert_eq!((field.key, field.value), ("key".into(), json!({"a": ":="})));
        assert!(TextField::parse("=a").is_err() && TextField::parse("a").is_err());
        assert!(JsonField::parse("a=1").is_err() && JsonField::parse("a:=x").is_err());
    }
}
