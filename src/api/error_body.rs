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

/// Reads an error body of any shape; text that is not JSON has neither code nor message.
pub fn read_error_body(body: &[u8]) -> ErrorBody {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => read(&value),
        Err(_) => ErrorBody::default(),
    }
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
    use super::{ErrorBody, read_error_body};

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
                body(Some("APIGW.0301"), Some("no")),
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
    fn the_message_for_an_administrator_is_kept() {
        let text = r#"{"errors":[{"errorCode":"c","encoded_authorization_message":"abc"}]}"#;
        assert_eq!(
            read_error_body(text.as_bytes())
                .authorization_message
                .as_deref(),
            Some("abc")
        );
    }
}
