//! The answers of faults, and the bodies that no honest server sends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderValue};

use super::grammar::is_foreign_code;
use super::{Answer, Content};
use crate::emulator::refusal::Refusal;
use crate::emulator::response::{Response, Wire, WireBody, empty, full, wire};
use crate::emulator::switches::Switches;

const PAGE: &str = "<html><head><title>Service</title></head><body><h1>Service</h1></body></html>";
/// More than the 16 MiB that a client should read.
const HUGE: usize = 17 * 1024 * 1024;

impl Answer {
    /// Returns the answer as it goes over the wire.
    pub(in crate::emulator) fn response(&self, switches: Switches, request_id: &str) -> Wire {
        let found = self.location.as_ref().map_or(200, |_| 302);
        let status = self.status.unwrap_or(found);
        let mut response = match &self.content {
            Some(content) => content.response(status),
            None => self.plain(status, switches, request_id).wire(),
        };
        for (name, value) in [
            (header::RETRY_AFTER, &self.retry_after),
            (header::LOCATION, &self.location),
        ] {
            if let Some(Ok(value)) = value.as_deref().map(HeaderValue::from_str) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// The body that fits the status: shape A of the service, or F of its gateway.
    fn plain(&self, status: u16, switches: Switches, request_id: &str) -> Response {
        if status < 400 {
            return Response::silent(status, switches);
        }
        let refused = match self.code.as_deref() {
            Some(code) if is_foreign_code(code) => {
                Refusal::gateway(status, code, gateway_text(status))
            }
            Some(code) => {
                let number = code.parse().ok();
                let text = number.and_then(Refusal::usual_text);
                Refusal::Service {
                    status,
                    code: format!("SVCSTG.SWR.{code}"),
                    text: text.unwrap_or("a fault of the emulator").to_owned(),
                }
            }
            None => usual(status),
        };
        refused.response(switches, request_id)
    }
}

/// What usually comes with a status: codes of section 6.2 and 6.3.
fn usual(status: u16) -> Refusal {
    let number = match status {
        400 => 4_000_014,
        403 => 4_030_170,
        404 => 4_040_010,
        500 => 5_000_057,
        507 => 5_070_070,
        _ => 0,
    };
    let code = match status {
        401 => "APIGW.0301",
        429 => "APIGW.0308",
        413 | 414 | 494 | 502..=504 => "APIGW.0201",
        _ => "",
    };
    match (number, code) {
        (0, "") => Refusal::Service {
            status,
            code: format!("SVCSTG.SWR.{status}0000"),
            text: "a fault of the emulator".to_owned(),
        },
        (0, code) => Refusal::gateway(status, code, gateway_text(status)),
        (number, _) => {
            let text = Refusal::usual_text(number).unwrap_or("invalid parameter");
            Refusal::service(number, text)
        }
    }
}

fn gateway_text(status: u16) -> &'static str {
    match status {
        401 => "Incorrect IAM authentication information: decrypt token fail",
        429 => {
            "The throttling threshold has been reached: policy user over ratelimit,limit:100,time:1 minute"
        }
        502 | 503 => "Backend unavailable",
        504 => "Backend timeout",
        _ => "a fault of the emulator",
    }
}

impl Content {
    fn response(&self, status: u16) -> Wire {
        let (kind, body) = match self {
            Content::Html => ("text/html", full(PAGE)),
            Content::Empty => ("", empty()),
            Content::Null => ("application/json", full("null")),
            Content::Shape => ("application/json", full(r#"{"unexpected":["shape",1]}"#)),
            Content::Endless => ("application/json", EndlessBody.boxed_unsync()),
            Content::Huge => {
                let mut text = String::with_capacity(HUGE);
                text.push('[');
                text.extend(std::iter::repeat_n(' ', HUGE - 2));
                text.push(']');
                ("application/json", full(text))
            }
            Content::Text(text) => {
                let json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
                let kind = if json {
                    "application/json"
                } else {
                    "text/plain"
                };
                (kind, full(text.clone()))
            }
        };
        let mut response = wire(status, body);
        if !kind.is_empty() {
            let kind = HeaderValue::from_static(kind);
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        response
    }
}

/// A list that never ends.
struct EndlessBody;

impl Body for EndlessBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        const PIECE: &[u8] = &[b'['; 16 * 1024];
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(PIECE)))))
    }
}

/// A body that ends before it is whole, though its length was announced.
pub(in crate::emulator) struct TornBody {
    half: Option<Bytes>,
    /// The half is on its way: without a pause it would be lost with the connection.
    sent: bool,
    announced: u64,
}

impl TornBody {
    /// Returns the body of which only the first half arrives.
    pub(in crate::emulator) fn of(whole: &Bytes) -> TornBody {
        TornBody {
            half: Some(whole.slice(..whole.len() / 2)),
            sent: false,
            announced: whole.len() as u64,
        }
    }
}

impl Body for TornBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.sent {
            self.sent = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("torn"))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

/// A body that says when it is through.
pub(in crate::emulator) struct ClosingBody {
    body: WireBody,
    end: Option<Box<dyn FnOnce() + Send>>,
}

impl ClosingBody {
    /// Returns a body behind which `end` is called.
    pub(in crate::emulator) fn new(body: WireBody, end: Box<dyn FnOnce() + Send>) -> ClosingBody {
        ClosingBody {
            body,
            end: Some(end),
        }
    }
}

impl Drop for ClosingBody {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl Body for ClosingBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
