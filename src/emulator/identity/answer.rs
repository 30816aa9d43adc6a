//! The answers of the services here, in the shapes of `reference/swr-api.md` 6.1.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Refusal;

/// One answer, before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Answer {
        Answer::of(status, "application/json", body.to_string())
    }

    pub(super) fn text(status: u16, body: &str) -> Answer {
        Answer::of(status, "text/plain", body.to_owned())
    }

    pub(super) fn html(status: u16, body: &str) -> Answer {
        Answer::of(status, "text/html", body.to_owned())
    }

    /// Shape F, the gateway's.
    pub(super) fn gateway(refusal: &Refusal, request_id: &str) -> Answer {
        let body = json!({
            "error_msg": refusal.text, "error_code": refusal.code, "request_id": request_id,
        });
        Answer::json(refusal.status, &body)
    }

    /// Shape G in its first form, IAM's: `{"error":{"code":401,"message","title":"Unauthorized"}}`.
    pub(super) fn iam(status: u16, message: &str) -> Answer {
        let title = StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason());
        let body = json!({"error": {"code": status, "message": message, "title": title}});
        Answer::json(status, &body)
    }

    /// Shape G in its second form: `{"error_code":"IAM.0061","error_msg"}`.
    pub(super) fn iam_code(status: u16, code: &str, message: &str) -> Answer {
        Answer::json(status, &json!({"error_code": code, "error_msg": message}))
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Answer {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn of(status: u16, content_type: &str, body: String) -> Answer {
        Answer {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body,
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response
            .body(Body::from(self.body))
            .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}
