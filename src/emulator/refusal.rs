//! How the emulated services refuse a request: their codes, and the shapes in which they travel.
//!
//! Resources and identity services return a [`Refusal`], `server` renders it. Source:
//! `reference/swr-api.md` section 6.

use serde_json::{Value, json};

use super::response::Response;
use super::switches::{Switch, Switches};

/// A code of the service; its digits begin with the status, without exception (section 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    number: u32,
    text: &'static str,
}

const fn code(number: u32, text: &'static str) -> Code {
    Code { number, text }
}

pub(super) const DUPLICATE: Code = code(4_000_014, "duplicate sync repo");
/// In no table, like the real one: it is not recorded.
pub(super) const DUPLICATE_CONFLICT: Code = code(4_091_158, "duplicate sync repo");
pub(super) const INVALID_PARAMETER: Code = code(4_000_014, "invalid parameter");
pub(super) const PAGE_SIZE: Code = code(4_000_056, "bad page size");
pub(super) const QUOTA_REACHED: Code = code(4_000_097, "the quota of namespaces is reached");
pub(super) const NAMESPACE_NAME: Code = code(4_001_008, "invalid namespace name");
pub(super) const PARAMETER_MISSING: Code = code(4_001_014, "required parameter missing");
pub(super) const WRONG_BODY: Code = code(4_001_018, "wrong type of request body");
pub(super) const QUERY_INVALID: Code = code(4_001_024, "invalid query parameters");
pub(super) const IMAGE_NAME: Code = code(4_001_028, "invalid image name");
pub(super) const FILTER_INVALID: Code = code(4_001_035, "invalid filter");
pub(super) const FILTER_MISSING: Code = code(4_001_036, "required parameter missing: filter");
pub(super) const ORDER_COLUMN: Code = code(4_001_096, "param order column error");
pub(super) const TASK_MISSING: Code = code(4_001_158, "sync repo does not exist");
pub(super) const NO_PERMISSION: Code = code(4_030_170, "Insufficient permissions");
pub(super) const NAMESPACE_FORBIDDEN: Code = code(4_037_017, "no right to manage the namespace");
pub(super) const NOT_YOURS: Code = code(4_039_001, "the resource belongs to another project");
pub(super) const REPOSITORY_MISSING: Code = code(4_040_010, "image not found");
pub(super) const TAG_MISSING: Code = code(4_040_048, "tag not found");
pub(super) const NAMESPACE_MISSING: Code = code(4_040_058, "namespace not found");
pub(super) const TASK_NOT_FOUND: Code = code(4_040_113, "sync repo not found");
pub(super) const REPOSITORY_FULL: Code = code(4_060_012, "repository not empty");
pub(super) const NAMESPACE_FULL: Code = code(4_060_074, "namespace not empty");
pub(super) const REPOSITORY_EXISTS: Code = code(4_090_006, "image already exists");
pub(super) const NAMESPACE_EXISTS: Code = code(4_090_060, "namespace already exists");
pub(super) const UNKNOWN_REGION: Code = code(5_001_101, "Internal error");

/// Texts of the codes that only faults send.
const OTHER_TEXTS: [Code; 9] = [
    code(4_010_000, "authentication failed"),
    code(4_011_064, "the resource belongs to another account"),
    code(4_031_032, "too many requests"),
    code(4_031_033, "request not available"),
    code(4_031_042, "too many requests"),
    code(4_090_023, "the system is busy, please try again later"),
    code(4_131_001, "request body too long"),
    code(5_000_057, "internal error"),
    code(5_070_070, "object storage failed"),
];

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// By the service (shapes A to D).
    Service {
        status: u16,
        code: String,
        text: String,
    },
    /// By the gateway, or the authentication (shape F).
    Gateway {
        status: u16,
        code: String,
        text: String,
    },
    /// By a manual copy, which names the tags that it cannot copy (shape E).
    Tags(Vec<String>),
    /// By IAM (shape G, first form).
    Iam { status: u16, text: String },
    /// By IAM, with a code (shape G, second form).
    IamCode {
        status: u16,
        code: &'static str,
        text: String,
    },
    /// By a service that answers in plain text.
    Plain { status: u16, text: &'static str },
}

impl Code {
    /// Returns the refusal with this code and a more detailed text.
    pub(super) fn saying(self, text: impl Into<String>) -> Refusal {
        Refusal::service(self.number, text)
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Refusal {
        code.saying(code.text)
    }
}

impl Refusal {
    /// Returns a refusal of the service by the digits of its code.
    pub(super) fn service(number: u32, text: impl Into<String>) -> Refusal {
        Refusal::Service {
            status: u16::try_from(number / 10_000).unwrap_or(500),
            code: format!("SVCSTG.SWR.{number}"),
            text: text.into(),
        }
    }

    /// Returns a refusal of the gateway.
    pub(super) fn gateway(status: u16, code: &str, text: impl Into<String>) -> Refusal {
        Refusal::Gateway {
            status,
            code: code.to_owned(),
            text: text.into(),
        }
    }

    /// Returns the gateway's answer to nearly every wrong proof of identity (section 6.3).
    pub(super) fn incorrect(why: &str) -> Refusal {
        let text = format!("Incorrect IAM authentication information: {why}");
        Refusal::gateway(401, "APIGW.0301", text)
    }

    /// Returns a refusal of IAM.
    pub(super) fn iam(status: u16, text: impl Into<String>) -> Refusal {
        Refusal::Iam {
            status,
            text: text.into(),
        }
    }

    /// Returns a refusal of IAM with a code (section 6.4).
    pub(super) fn iam_code(status: u16, code: &'static str, text: impl Into<String>) -> Refusal {
        Refusal::IamCode {
            status,
            code,
            text: text.into(),
        }
    }

    /// Returns the gateway's answer to a body that is too large.
    pub(super) fn too_large() -> Refusal {
        Refusal::gateway(413, "APIGW.0201", "Request entity too large")
    }

    /// Returns the gateway's answer to a path or method that is not offered (section 6.3).
    pub(super) fn not_published() -> Refusal {
        Refusal::gateway(
            404,
            "APIGW.0101",
            "The API does not exist or has not been published in the environment.",
        )
    }

    /// Returns the text that usually goes with a code of the service.
    pub(super) fn usual_text(number: u32) -> Option<&'static str> {
        const NAMED: [Code; 6] = [
            NO_PERMISSION,
            NAMESPACE_MISSING,
            REPOSITORY_MISSING,
            TAG_MISSING,
            TASK_MISSING,
            UNKNOWN_REGION,
        ];
        OTHER_TEXTS
            .iter()
            .chain(&NAMED)
            .find(|code| code.number == number)
            .map(|code| code.text)
    }

    /// Renders the refusal as the service or its gateway would send it.
    pub(super) fn response(&self, switches: Switches, request_id: &str) -> Response {
        match self {
            Refusal::Tags(tags) => Response::json(400, json!(tags)),
            Refusal::Gateway { status, code, text } => Response::json(
                *status,
                json!({"error_msg": text, "error_code": code, "request_id": request_id}),
            ),
            Refusal::Service { status, code, text } => {
                Response::json(*status, in_shape(switches, *status, code, text))
            }
            Refusal::Iam { status, text } => {
                let title = hyper::StatusCode::from_u16(*status)
                    .ok()
                    .and_then(|status| status.canonical_reason());
                let error = json!({"code": status, "message": text, "title": title});
                Response::json(*status, json!({"error": error}))
            }
            Refusal::IamCode { status, code, text } => {
                Response::json(*status, json!({"error_code": code, "error_msg": text}))
            }
            Refusal::Plain { status, text } => Response::text(*status, *text),
        }
    }
}

/// Shapes A to D of section 6.1.
fn in_shape(switches: Switches, status: u16, code: &str, text: &str) -> Value {
    let mut one = json!({"errorCode": code, "errorMessage": text, "detail": ""});
    match switches.choice(Switch::ErrorShape) {
        0 => {
            let message = (status == 403 && code.ends_with("4030170"))
                .then(|| json!("ZW11bGF0ZWQgYXV0aG9yaXphdGlvbiBtZXNzYWdl"));
            if let Some(message) = &message {
                one["encoded_authorization_message"] = message.clone();
            }
            let mut all = json!({
                "errors": [one],
                "error_code": code,
                "error_msg": text,
                "details": [{"error_code": code, "error_msg": text}],
            });
            if let Some(message) = message {
                all["encoded_authorization_message"] = message;
            }
            all
        }
        1 => json!({"errors": [one]}),
        2 => json!([one]),
        _ => one,
    }
}
