//! A response of a resource before it goes over the wire.

use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::StatusCode;
use hyper::body::{Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::switches::{Switch, Switches};

/// What goes over the wire.
pub(super) type Wire = hyper::Response<WireBody>;
/// A body of any kind.
pub(super) type WireBody = UnsyncBoxBody<Bytes, io::Error>;

const JSON: &str = "application/json;charset=utf-8";

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
    /// Bytes with their content type.
    Raw(String, Bytes),
    /// A part of a file, from where it is.
    File {
        kind: String,
        file: File,
        length: u64,
    },
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

    /// Returns a response without a body.
    pub(super) fn nothing(status: u16) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body: Body::None,
        }
    }

    /// Returns the response to HEAD: the headers that GET would get.
    pub(super) fn without_body(mut self) -> Response {
        let (kind, length) = match &self.body {
            Body::None => return self,
            Body::Json(value) => (JSON, value.to_string().len() as u64),
            Body::Text(kind, text) => (*kind, text.len() as u64),
            Body::Raw(kind, bytes) => (kind.as_str(), bytes.len() as u64),
            Body::File { kind, length, .. } => (kind.as_str(), *length),
        };
        self.headers.push(("content-type", kind.to_owned()));
        self.headers.push(("content-length", length.to_string()));
        self.body = Body::None;
        self
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the response as it goes over the wire.
    pub(super) fn wire(self) -> Wire {
        let (kind, body) = match self.body {
            Body::None => (String::new(), empty()),
            Body::Json(value) => (JSON.to_owned(), full(value.to_string())),
            Body::Text(kind, text) => (kind.to_owned(), full(text)),
            Body::Raw(kind, bytes) => (kind, full(bytes)),
            Body::File { kind, file, length } => {
                let body = FileBody { file, left: length };
                (kind, body.boxed_unsync())
            }
        };
        let mut response = wire(self.status, body);
        if let Some(kind) = HeaderValue::from_str(&kind)
            .ok()
            .filter(|kind| !kind.is_empty())
        {
            response.headers_mut().insert(CONTENT_TYPE, kind);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                let name = HeaderName::from_static(name);
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// A part of a file, read as the client takes it.
struct FileBody {
    file: File,
    left: u64,
}

impl hyper::body::Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        const PIECE: u64 = 64 * 1024;
        let length = usize::try_from(self.left.min(PIECE)).unwrap_or_default();
        if length == 0 {
            return Poll::Ready(None);
        }
        let mut piece = vec![0; length];
        self.left -= length as u64;
        let read = self.file.read_exact(&mut piece);
        Poll::Ready(Some(read.map(|()| Frame::data(piece.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
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
