//! The error bodies of the service, its gateway and IAM: all eight shapes of
//! `reference/swr-api.md` 6.1.

use serde_json::Value;

/// The contents of an error body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The service's code: `SVCSTG.SWR.4030170`, `APIGW.0301`, `IAM.0001`.
    pub code: Option<String>,
    /// The service's message.
    pub text: Option<String>,
    /// Tags that failed (shape E, manual synchronization).
    pub failed_tags: Vec<String>,
    /// A message from which an administrator can decode which permission is missing.
    pub authorization_message: Option<String>,
    /// The id of the request (shape F, gateway and STS).
    pub request_id: Option<String>,
}

impl ErrorBody {
    /// Returns the HTTP status that the code's digits begin with (section 6.1).
    pub fn status_of_code(&self) -> Option<u16> {
        let number = self.code.as_deref()?.rsplit('.').next()?;
        let status = number.get(..3)?.parse().ok()?;
        (number.len() == 7 && (400..600).contains(&status)).then_some(status)
    }
}

const CODES: [&str; 3] = ["error_code", "errorCode", "code"];
const TEXTS: [&str; 6] = [
    "error_msg",
    "errorMessage",
    "errorMsg",
    "error_message",
    "message",
    "msg",
];
const REQUEST_IDS: [&str; 3] = ["request_id", "requestId", "RequestId"];
/// The members of an error that say that it is one, whatever the status.
const MARKS: [&str; 6] = [
    "error",
    "errors",
    "error_code",
    "errorCode",
    "error_msg",
    "errorMessage",
];

/// Reads an error body of any shape; text that is not JSON has neither code nor message.
pub(super) fn read_error_body(body: &[u8]) -> ErrorBody {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => read(&value),
        Err(_) => ErrorBody::default(),
    }
}

/// Reads the error in the body of a 2xx; `None` if the body is none. An array of text is not one:
/// that is a documented body.
pub(super) fn error_in_success(body: &[u8]) -> Option<ErrorBody> {
    // Lists can be large, and this is asked of each one.
    let text = std::str::from_utf8(body).ok()?;
    let is_marked = MARKS.iter().any(|mark| text.contains(mark));
    let is_bare = ["code", "message"].iter().all(|key| text.contains(key));
    if !is_marked && !is_bare {
        return None;
    }
    let value: Value = serde_json::from_str(text).ok()?;
    let is_error = match &value {
        Value::Object(_) => is_error(&value),
        Value::Array(items) => !items.is_empty() && items.iter().all(is_error),
        _ => false,
    };
    is_error.then(|| read(&value))
}

/// Returns `true` for an object that holds a code or a text of an error, and no row of a list or
/// resource beside it.
fn is_error(value: &Value) -> bool {
    let Value::Object(object) = value else {
        return false;
    };
    let marked = MARKS.iter().any(|mark| match object.get(*mark) {
        Some(Value::String(text)) => !matches!(text.as_str(), "" | "0"),
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(inner)) => !inner.is_empty(),
        _ => false,
    });
    let bare = object.contains_key("code") && object.contains_key("message");
    let own = |key: &str| {
        MARKS.contains(&key)
            || CODES.contains(&key)
            || TEXTS.contains(&key)
            || REQUEST_IDS.contains(&key)
            || matches!(
                key,
                "detail" | "details" | "title" | "status" | "encoded_authorization_message"
            )
    };
    (marked || bare) && object.keys().all(|key| own(key))
}

fn read(value: &Value) -> ErrorBody {
    match value {
        // C, and an array of error objects from manual synchronization; E, bare tags.
        Value::Array(items) => {
            let tags: Vec<String> = items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
            if tags.is_empty() {
                items
                    .iter()
                    .map(read)
                    .find(|body| *body != ErrorBody::default())
                    .unwrap_or_default()
            } else {
                ErrorBody {
                    failed_tags: tags,
                    ..ErrorBody::default()
                }
            }
        }
        // A, B, D, F, H; G keeps its code inside `error`.
        Value::Object(object) => {
            let mut body = ErrorBody {
                code: CODES.iter().find_map(|key| scalar(object.get(*key))),
                text: TEXTS.iter().find_map(|key| scalar(object.get(*key))),
                failed_tags: Vec::new(),
                authorization_message: scalar(object.get("encoded_authorization_message")),
                request_id: REQUEST_IDS.iter().find_map(|key| scalar(object.get(*key))),
            };
            for inner in ["errors", "error"] {
                let Some(inner) = object.get(inner).filter(|inner| !inner.is_null()) else {
                    continue;
                };
                let inner = match inner {
                    Value::String(text) => ErrorBody {
                        text: Some(text.clone()),
                        ..ErrorBody::default()
                    },
                    other => read(other),
                };
                body.code = body.code.or(inner.code);
                body.text = body.text.or(inner.text);
                body.authorization_message =
                    body.authorization_message.or(inner.authorization_message);
                body.request_id = body.request_id.or(inner.request_id);
            }
            body
        }
        _ => ErrorBody::default(),
    }
}

fn scalar(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy, any, prop_oneof};
    use proptest::sample::select;
    use proptest::{prop_assert_eq, proptest};
    use serde_json::Value;

    use super::{CODES, ErrorBody, MARKS, TEXTS, error_in_success, read_error_body};

    fn body(code: Option<&str>, text: Option<&str>) -> ErrorBody {
        ErrorBody {
            code: code.map(str::to_owned),
            text: text.map(str::to_owned),
            ..ErrorBody::default()
        }
    }

    #[test]
    fn every_shape_of_the_reference_is_read() {
        let swr = body(Some("SVCSTG.SWR.4030170"), Some("Insufficient permissions"));
        let shapes: [(&str, ErrorBody); 11] = [
            (
                r#"{"errors":[{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"Insufficient permissions","detail":""}],
                   "error_code":"SVCSTG.SWR.4030170","error_msg":"Insufficient permissions","details":[]}"#,
                swr.clone(),
            ),
            (
                r#"{"errors":[{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"Insufficient permissions"}]}"#,
                swr.clone(),
            ),
            (
                r#"[{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"Insufficient permissions","detail":""}]"#,
                swr,
            ),
            (
                r#"{"errorCode":"SVCSTG.SWR.4001090"}"#,
                body(Some("SVCSTG.SWR.4001090"), None),
            ),
            (
                r#"["v1","v2"]"#,
                ErrorBody {
                    failed_tags: vec!["v1".into(), "v2".into()],
                    ..ErrorBody::default()
                },
            ),
            (
                r#"{"error_msg":"no","error_code":"APIGW.0301","request_id":"1"}"#,
                ErrorBody {
                    request_id: Some("1".into()),
                    ..body(Some("APIGW.0301"), Some("no"))
                },
            ),
            (
                r#"{"error":{"code":401,"message":"wrong","title":"Unauthorized"}}"#,
                body(Some("401"), Some("wrong")),
            ),
            (
                r#"{"error_code":"IAM.0001","error_msg":"first"}"#,
                body(Some("IAM.0001"), Some("first")),
            ),
            (r#"{"code":"X","message":"y"}"#, body(Some("X"), Some("y"))),
            ("<html>busy</html>", ErrorBody::default()),
            ("", ErrorBody::default()),
        ];
        for (text, expected) in shapes {
            assert_eq!(read_error_body(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn an_error_is_one_in_a_2xx_too() {
        for error in [
            r#"{"errors":[{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"no"}],"error_code":"SVCSTG.SWR.4030170","error_msg":"no","details":[]}"#,
            r#"{"errors":[{"errorCode":"c","errorMessage":"no","detail":""}]}"#,
            r#" [{"errorCode":"c","errorMessage":"no","detail":""}]"#,
            r#"{"errorCode":"c"}"#,
            r#"{"error_msg":"no","error_code":"APIGW.0301","request_id":"1"}"#,
            r#"{"error":{"code":401,"message":"no","title":"Unauthorized"}}"#,
            r#"{"code":"c","message":"no"}"#,
            r#"{"error":"no"}"#,
        ] {
            assert!(error_in_success(error.as_bytes()).is_some(), "{error}");
        }
        for other in [
            "",
            "{}",
            "null",
            "[]",
            r#"["error"]"#,
            r#"{"tags":[{"tag":"error"}]}"#,
            r#"{"name":"error_code","message":"a"}"#,
            r#"[{"id":1,"tag":"v1","error_code":"c","error_msg":"the copy failed"}]"#,
            r#"{"repos":[],"error_code":null}"#,
            r#"{"error_code":"0","error_msg":""}"#,
            r#"{"errors":[]}"#,
            "<html>error</html>",
        ] {
            assert_eq!(error_in_success(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_code_names_its_status() {
        for (code, status) in [
            ("SVCSTG.SWR.4030170", Some(403)),
            ("5001101", Some(500)),
            ("APIGW.0301", None),
            ("9030170", None),
            ("", None),
        ] {
            assert_eq!(body(Some(code), None).status_of_code(), status, "{code}");
        }
    }

    #[test]
    fn the_message_for_an_administrator_is_kept() {
        let text = r#"{"errors":[{"errorCode":"c","encoded_authorization_message":"abc"}]}"#;
        assert_eq!(
            read_error_body(text.as_bytes())
                .authorization_message
                .as_deref(),
            Some("abc")
        );
    }

    /// JSON of the members that errors have, nested at will.
    fn bodies() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        let keys = select([&CODES[..], &TEXTS[..], &MARKS[..], &["tags", "id"]].concat());
        leaf.prop_recursive(4, 32, 4, move |inner| {
            let members = vec((keys.clone(), inner.clone()), 0..4);
            prop_oneof![
                vec(inner, 0..4).prop_map(Value::from),
                members.prop_map(|members| members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_body_is_read(bytes in vec(any::<u8>(), 0..200)) {
            let _ = (read_error_body(&bytes), error_in_success(&bytes));
        }

        #[test]
        fn any_json_is_read_and_an_array_of_text_is_no_error(value in bodies(), tags in vec("\\PC{0,9}", 0..5)) {
            let body = value.to_string();
            if let Some(error) = error_in_success(body.as_bytes()) {
                prop_assert_eq!(error, read_error_body(body.as_bytes()));
            }
            let tags = Value::from(tags).to_string();
            prop_assert_eq!(error_in_success(tags.as_bytes()), None);
        }
    }
}
