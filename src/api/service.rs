//! One endpoint with one credential: what the resource files send their calls with.

use std::sync::Arc;

use super::advice::advise;
use super::answer::Answer;
use super::authorize::Authorize;
use super::call::Call;
use super::error_body::read_error_body;
use super::transport::Transport;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};

/// The service in one region, as one credential sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Service {
    transport: Arc<Transport>,
    endpoint: Endpoint,
    credential: Arc<dyn Authorize>,
}

impl Service {
    /// Creates a service; sends nothing.
    pub fn new(
        transport: Arc<Transport>,
        endpoint: Endpoint,
        credential: Arc<dyn Authorize>,
    ) -> Service {
        Service {
            transport,
            endpoint,
            credential,
        }
    }

    /// Returns the endpoint.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns the transport, for requests to other endpoints.
    pub fn transport(&self) -> &Arc<Transport> {
        &self.transport
    }

    /// Returns the credential.
    pub fn credential(&self) -> &Arc<dyn Authorize> {
        &self.credential
    }

    /// Sends a call and returns its response, whatever its status. After a 401, a credential that
    /// can be renewed without a person is renewed once; otherwise the 401 is final, for failures
    /// lock keys.
    ///
    /// # Errors
    /// Those of [`Transport::send`] and of the credential.
    pub fn send(&self, call: &Call) -> Result<Answer, Error> {
        let answer = self.once(call)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        if self.credential.renew()? {
            return self.once(call);
        }
        // A resource of another account says nothing about the credential (section 6.2).
        if !ends(read_error_body(&answer.body).code.as_deref(), "4011064") {
            self.credential.give_up();
        }
        Ok(answer)
    }

    fn once(&self, call: &Call) -> Result<Answer, Error> {
        self.transport
            .send(&self.endpoint, call, Some(self.credential.as_ref()))
            .map_err(|error| {
                let request = (call.method.to_string(), call.path.clone());
                error.with(|details| details.request = Some(request))
            })
    }

    /// Sends a call that has to succeed (2xx).
    ///
    /// # Errors
    /// Those of [`Service::send`], and [`Service::refusal`] for any other status.
    pub fn succeed(&self, call: &Call) -> Result<Answer, Error> {
        let answer = self.send(call)?;
        if (200..300).contains(&answer.status) {
            Ok(answer)
        } else {
            Err(self.refusal(call, &answer))
        }
    }

    /// Returns the error for an unsuccessful response: status, code, text, request id, advice.
    pub fn refusal(&self, call: &Call, answer: &Answer) -> Error {
        refusal(call, answer, Some(self.credential.as_ref()))
    }
}

/// Turns a 404 into `None`, for callers to whom that is a regular result.
pub(super) fn unless_missing<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.details().http_status == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the error for an unsuccessful response.
pub fn refusal(call: &Call, answer: &Answer, credential: Option<&dyn Authorize>) -> Error {
    let body = read_error_body(&answer.body);
    let said = match (&body.code, &body.text) {
        (Some(code), Some(text)) => format!("{code} {text}"),
        (Some(code), None) => code.clone(),
        (None, Some(text)) => text.clone(),
        (None, None) if !body.failed_tags.is_empty() => {
            format!("failed tags: {}", body.failed_tags.join(", "))
        }
        (None, None) if matches!(answer.body.trim_ascii(), b"" | b"{}" | b"[]" | b"null") => {
            "no reason is given".to_owned()
        }
        (None, None) => answer.excerpt(),
    };
    let verb = match answer.status {
        300..400 => "redirected",
        400..500 => "refused",
        _ => "failed",
    };
    let mut what = format!("the service {verb}: {}: {said}", answer.status_line());
    if let Some(id) = answer.request_id() {
        what.push_str(&format!(" (request id {id})"));
    }
    let kind = if matches!(answer.status, 401 | 403) && !is_throttling(body.code.as_deref()) {
        Kind::Auth
    } else {
        Kind::Http
    };
    let retryable = matches!(answer.status, 429 | 500 | 502..=504 | 507)
        && !ends(body.code.as_deref(), "5001101")
        || is_throttling(body.code.as_deref())
        || ends(body.code.as_deref(), "4090023");
    let mut error = Error::new(kind, what)
        .status(answer.status)
        .retryable(retryable)
        .with(|details| {
            details.code.clone_from(&body.code);
            details.failed_tags.clone_from(&body.failed_tags);
            details.request_id = answer.request_id().map(str::to_owned);
            details.request = Some(answer.request());
        });
    if let Some(skew) = clock_skew(answer, credential) {
        error = error
            .about(&skew)
            .hint("set this machine's clock (NTP), then try again");
    } else if let Some(advice) = advise(call, answer, &body, credential) {
        error = error.hint(advice);
    }
    error
}

/// Returns `true` if a code means 'too many requests', which comes with status 403 (section 6.2).
fn is_throttling(code: Option<&str>) -> bool {
    ends(code, "4031032") || ends(code, "4031042")
}

fn ends(code: Option<&str>, number: &str) -> bool {
    code.and_then(|code| code.rsplit('.').next()) == Some(number)
}

/// Describes the difference of the clocks where it may be why a signature was refused: the
/// service accepts 15 minutes (section 5.2).
fn clock_skew(answer: &Answer, credential: Option<&dyn Authorize>) -> Option<String> {
    if answer.status != 401 || !credential?.needs_the_time() {
        return None;
    }
    let seconds = answer.clock_ahead()?.as_secs();
    let minutes = seconds.abs() / 60;
    (minutes >= 15).then(|| {
        let way = if seconds > 0 { "ahead of" } else { "behind" };
        format!("this machine's clock is {minutes} minutes {way} the service's")
    })
}
