//! A response of the service, with the call that it belongs to, and how it is read.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::advice::Code;
use super::authorize::Authorize;
use super::call::Call;
use super::error_body::{ErrorBody, error_in_success, read_error_body};
use super::headers;
use crate::error::{Error, Kind};
use crate::secret::scrub;

/// A response, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The call that was sent.
    pub call: Call,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most 16 MiB.
    pub body: Vec<u8>,
    /// How many times the request was sent; above 1, an earlier try may have had its effect.
    pub tries: u32,
    /// The credential that was sent, to explain a refusal; `None` for calls without one.
    pub(super) credential: Option<Arc<dyn Authorize>>,
    error_body: OnceLock<Option<ErrorBody>>,
}

impl Answer {
    /// Creates the response to a call that was sent once, without a credential.
    pub fn new(call: Call, status: u16, headers: HeaderMap, body: Vec<u8>) -> Answer {
        Answer {
            call,
            status,
            headers,
            body,
            tries: 1,
            credential: None,
            error_body: OnceLock::new(),
        }
    }

    /// Returns `true` for a 2xx, unless its body is an error all the same (`reference/swr-api.md`
    /// 6.1).
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status) && self.error_body().is_none()
    }

    /// Returns the error that the body describes; `None` for a success.
    pub fn error_body(&self) -> Option<&ErrorBody> {
        let parsed = self.error_body.get_or_init(|| match self.status {
            200..300 => error_in_success(&self.body),
            _ => Some(read_error_body(&self.body)),
        });
        parsed.as_ref()
    }

    /// Returns the service's code, if it is one that has a meaning here.
    pub fn code(&self) -> Option<Code> {
        Code::of(self.error_body()?.code.as_deref()?)
    }

    /// Returns `true` if the service refused to create what exists already: a 409 other than
    /// 'busy', or a 400 whose text says so (sections 2.1, 6.2).
    pub fn says_exists(&self) -> bool {
        match self.status {
            409 => self.code() != Some(Code::Busy),
            400 => String::from_utf8_lossy(&self.body)
                .to_lowercase()
                .contains("duplicate"),
            _ => false,
        }
    }

    /// Returns method and path as text.
    pub(super) fn request(&self) -> (String, String) {
        (self.call.method.to_string(), self.call.path.clone())
    }

    /// Returns the service's id of the request: `X-Request-Id`, IAM's `X-IAM-Trace-Id`, or what
    /// an error body says (gateway and STS).
    pub fn request_id(&self) -> Option<&str> {
        ["x-request-id", "x-iam-trace-id"]
            .iter()
            .find_map(|name| self.header(name))
            .or_else(|| self.error_body()?.request_id.as_deref())
    }

    /// Returns a header's value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the service's time, if the response has a date.
    pub fn service_time(&self) -> Option<Timestamp> {
        headers::http_date(self.header("date")?)
    }

    /// Returns how far this machine's clock is ahead of the service's, if the response has a date.
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        Some(Timestamp::now().duration_since(self.service_time()?))
    }

    /// Returns how long the service asks to wait before the next request, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        headers::retry_after(self.header("retry-after")?)
    }

    /// Returns how long the service asks a client that polls to wait before its next look, if it
    /// says so: at least a second, whatever a gateway adds to a success. The emulator may say that
    /// there is nothing to wait for.
    pub fn poll_after(&self) -> Option<Duration> {
        let floor = match self.header("x-swr-emulator") {
            Some("at-once") => Duration::ZERO,
            _ => Duration::from_secs(1),
        };
        self.retry_after().map(|asked| asked.max(floor))
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

    /// Reads the body as a list, which may be `null`.
    ///
    /// # Errors
    /// As [`Answer::json`].
    pub fn rows<T: DeserializeOwned>(&self, documented: &str) -> Result<Vec<T>, Error> {
        Ok(self.json::<Option<_>>(documented)?.unwrap_or_default())
    }

    /// Returns how many rows are missing of a list without pages, if it says how many there are.
    pub(super) fn missing_rows(&self, count: usize) -> Option<usize> {
        let total = headers::total(self.header("content-range")?)?;
        Some(total.saturating_sub(count)).filter(|missing| *missing > 0)
    }

    /// Checks the body of a call for which none is documented: empty or any JSON is accepted.
    ///
    /// # Errors
    /// Kind `http`, exit 5, with what came instead.
    pub fn check_undocumented_body(&self) -> Result<(), Error> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.json::<IgnoredAny>("an empty body or JSON").map(|_| ())
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
