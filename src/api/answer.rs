//! A response of the service, and how it is read.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;

use super::headers;
use crate::error::{Error, Kind};
use crate::secret::scrub;

/// A response, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most 16 MiB.
    pub body: Vec<u8>,
    /// How many times the request was sent; above 1, an earlier try may have had its effect.
    pub tries: u32,
    /// Method and path, for messages.
    pub request: (Method, String),
}

impl Answer {
    /// Returns method and path as text.
    pub(super) fn request(&self) -> (String, String) {
        let (method, path) = &self.request;
        (method.to_string(), path.clone())
    }

    /// Returns the service's id of the request (`X-Request-Id`; IAM: `X-IAM-Trace-Id`).
    pub fn request_id(&self) -> Option<&str> {
        ["x-request-id", "x-iam-trace-id"]
            .iter()
            .find_map(|name| self.header(name))
    }

    /// Returns a header's value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns how far this machine's clock is ahead of the service's, if the response has a date.
    pub fn clock_ahead(&self) -> Option<jiff::SignedDuration> {
        let theirs = headers::http_date(self.header("date")?)?;
        Some(jiff::Timestamp::now().duration_since(theirs))
    }

    /// Returns how long the service asks to wait before the next request, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        headers::retry_after(self.header("retry-after")?)
    }

    /// Returns the status with its reason: `404 Not Found`.
    pub fn status_line(&self) -> String {
        status_line(self.status)
    }

    /// Reads the body as the documented shape.
    ///
    /// # Errors
    /// Kind `http`, exit 5, with what came instead.
    pub fn json<T: DeserializeOwned>(&self, documented: &str) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| self.unreadable(documented, Some(error)))
    }

    /// Checks the body of a call for which none is documented: empty or any JSON is accepted.
    pub fn nothing(&self) -> Result<(), Error> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.json::<serde::de::IgnoredAny>("an empty body or JSON")
            .map(|_| ())
    }

    /// Returns the error for a response without the documented shape.
    pub fn unreadable(&self, documented: &str, cause: Option<serde_json::Error>) -> Error {
        let shown = self.excerpt();
        let error = Error::new(
            Kind::Http,
            format!("the answer ({}) is not {documented}: {shown}", self.status_line()),
        )
        .status(self.status)
        .hint("check that the endpoint is that of SWR and that no proxy or portal answers in its place")
        .with(|details| {
            details.request_id = self.request_id().map(str::to_owned);
            details.request = Some(self.request());
        });
        match cause.filter(|error| error.is_data()) {
            Some(cause) => error.cause(cause),
            None => error,
        }
    }

    /// Returns the start of the body, for a message.
    pub fn excerpt(&self) -> String {
        const LONGEST: usize = 200;
        // A secret that is cut or joined is no longer recognized.
        let text = String::from_utf8_lossy(&self.body);
        let text = scrub(&text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return "it is empty".to_owned();
        }
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("'{}…'", &text[..end]),
            None => format!("'{text}'"),
        }
    }
}

/// Returns a status with its standard reason.
pub(super) fn status_line(status: u16) -> String {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    match reason {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}
