//! A response of a resource before it goes over the wire.

use std::io;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::switches::{Switch, Switches};

/// What goes over the wire.
pub(super) type Wire = hyper::Response<WireBody>;
/// A body of any kind.
pub(super) type WireBody = UnsyncBoxBody<Bytes, io::Error>;

/// Status, headers and body of a response.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

/// The body of a response.
#[derive(Debug)]
pub(super) enum Body {
    None,
    Json(Value),
    /// Text with its content type.
    Text(&'static str, String),
}

impl Response {
    /// Returns a response with a JSON body.
    pub(super) fn json(status: u16, body: Value) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body: Body::Json(body),
        }
    }

    /// Returns a response with plain text.
    pub(super) fn text(status: u16, text: impl Into<String>) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body: Body::Text("text/plain", text.into()),
        }
    }

    /// Returns a success that is documented without a body: the service prints `{}` (section 2.1),
    /// or nothing.
    pub(super) fn silent(status: u16, switches: Switches) -> Response {
        let mut response = Response::json(status, json!({}));
        if status == 204 || switches.has(Switch::SuccessHasNoBody) {
            response.body = Body::None;
        }
        response
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the response as it goes over the wire.
    pub(super) fn wire(self) -> Wire {
        let (kind, body) = match self.body {
            Body::None => ("", empty()),
            Body::Json(value) => ("application/json;charset=utf-8", full(value.to_string())),
            Body::Text(kind, text) => (kind, full(text)),
        };
        let mut response = wire(self.status, body);
        if !kind.is_empty() {
            let kind = HeaderValue::from_static(kind);
            response.headers_mut().insert(CONTENT_TYPE, kind);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                let name = HeaderName::from_static(name);
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Returns a response with this status and body, and no headers yet.
pub(super) fn wire(status: u16, body: WireBody) -> Wire {
    let mut response = hyper::Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Returns a body without bytes.
pub(super) fn empty() -> WireBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// Returns a body of these bytes.
pub(super) fn full(bytes: impl Into<Bytes>) -> WireBody {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}
