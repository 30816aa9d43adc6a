//! An answer of a resource before it goes over the wire.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::switches::{Switch, Switches};

/// Status, headers and body of an answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
}

impl Reply {
    /// Returns an answer with a JSON body.
    pub(super) fn json(status: u16, body: Value) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: Some(body),
        }
    }

    /// Returns a success that is documented without a body: the service prints `{}` (section 2.1),
    /// or nothing.
    pub(super) fn silent(status: u16, switches: Switches) -> Reply {
        let mut reply = Reply::json(status, json!({}));
        if status == 204 || switches.has(Switch::SuccessHasNoBody) {
            reply.body = None;
        }
        reply
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the answer as it goes over the wire.
    pub(super) fn response(self) -> Response<Body> {
        let body = match &self.body {
            Some(value) => Body::from(value.to_string()),
            None => Body::empty(),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.body.is_some() {
            let json = HeaderValue::from_static("application/json;charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
