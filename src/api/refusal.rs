//! The error for a response that is not a success: what the service said, and what to do about it.

use std::time::Duration;

use super::advice::{Code, advice};
use super::answer::Answer;
use super::error_body::ErrorBody;
use crate::error::{Error, Kind};

impl Answer {
    /// Returns the error for an unsuccessful response: status, code, text, request id, advice.
    pub fn refusal(&self) -> Error {
        let unknown = ErrorBody::default();
        let body = self.error_body().unwrap_or(&unknown);
        let code = self.code();
        let mut what = format!(
            "the service {}: {}: {}",
            match self.status {
                300..400 => "redirected",
                400..500 => "refused",
                _ => "failed",
            },
            self.status_line(),
            self.reason(body)
        );
        if let Some(id) = self.request_id() {
            what.push_str(&format!(" (request id {id})"));
        }
        let is_throttled = code == Some(Code::TooManyRequests);
        let kind = if matches!(self.status, 401 | 403) && !is_throttled {
            Kind::Auth
        } else {
            Kind::Http
        };
        let retryable = match code {
            Some(Code::TooManyRequests | Code::Busy) => true,
            Some(Code::InternalError) => false,
            _ => matches!(self.status, 429 | 500 | 502..=504 | 507),
        };
        let error = Error::new(kind, what)
            .status(self.status)
            .retryable(retryable)
            .with(|details| {
                details.code.clone_from(&body.code);
                details.failed_tags.clone_from(&body.failed_tags);
                details.request_id = self.request_id().map(str::to_owned);
                details.request = Some(self.request());
            });
        if let Some(skew) = self.clock_skew() {
            return error
                .about(&skew)
                .hint("set this machine's clock (NTP), then try again");
        }
        match self.advice(body) {
            Some(advice) => error.hint(advice),
            None => error,
        }
    }

    /// Returns the error for an unsuccessful response of another service than SWR, which
    /// `subject` names; the hint is for a request that was refused, not for a service that failed.
    pub fn refusal_by(&self, subject: &str, hint: &str) -> Error {
        let error = self.refusal().about(subject);
        if (400..500).contains(&self.status) && !error.details().retryable {
            error.hint(hint)
        } else {
            error
        }
    }

    fn reason(&self, body: &ErrorBody) -> String {
        match (&body.code, &body.text) {
            (Some(code), Some(text)) => format!("{code} {text}"),
            (Some(code), None) => code.clone(),
            (None, Some(text)) => text.clone(),
            (None, None) if !body.failed_tags.is_empty() => {
                format!("failed tags: {}", body.failed_tags.join(", "))
            }
            (None, None) if matches!(self.body.trim_ascii(), b"" | b"{}" | b"[]" | b"null") => {
                "no reason is given".to_owned()
            }
            (None, None) => self.excerpt(),
        }
    }

    fn advice(&self, body: &ErrorBody) -> Option<String> {
        if (300..400).contains(&self.status) {
            let target = self.header("location").unwrap_or("another address");
            return Some(format!(
                "redirects are not followed, for they could carry the credential away: \
                 if {target} is right, set it as the endpoint"
            ));
        }
        // An error in a 2xx has its real status in its code (section 6.1).
        let status = match self.status {
            200..300 => body.status_of_code().unwrap_or(self.status),
            status => status,
        };
        let mut advice = advice(status, self.code(), self.credential.is_some()).map(str::to_owned);
        if status == 401
            && let Some(credential) = &self.credential
        {
            // What the credential is and where it came from says more than the code.
            advice = Some(match advice {
                Some(advice) => format!("{advice}; {}", credential.remedy()),
                None => credential.remedy(),
            });
        }
        if status == 403
            && let (Some(advice), Some(permission)) = (&mut advice, self.call.permission)
            && advice.contains("permission")
        {
            advice.push_str(&format!(" (the call needs {permission})"));
            if let Some(message) = &body.authorization_message {
                advice.push_str(&format!(
                    "; an administrator can decode why with STS decode-authorization-message: \
                     {message}"
                ));
            }
        }
        advice
    }

    /// Describes the difference of the clocks where it may be why a signature was refused: the
    /// service accepts 15 minutes (section 5.2).
    fn clock_skew(&self) -> Option<String> {
        if self.status != 401 || !self.credential.as_ref()?.needs_the_time() {
            return None;
        }
        let ahead = self.clock_ahead()?;
        let skew = ahead.unsigned_abs();
        (skew >= Duration::from_secs(15 * 60)).then(|| {
            let way = if ahead.is_positive() {
                "ahead of"
            } else {
                "behind"
            };
            let minutes = (skew.as_secs() + 30) / 60;
            format!("this machine's clock is {minutes} minutes {way} the service's")
        })
    }
}
