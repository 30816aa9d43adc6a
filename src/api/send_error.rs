//! Why a request got no response, in words that a person can act on.

use std::time::Duration;

use url::Url;

use super::limits::Limits;
use super::regions::near;
use super::tls_error;
use crate::duration;
use crate::error::{Error, Kind};

/// Why one try got no response.
#[derive(Debug)]
pub(super) struct SendError {
    pub(super) error: Error,
    pub(super) delivery: Delivery,
}

/// Whether the service can have received a request that got no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// It cannot.
    NotSent,
    /// It cannot, and another try would end in the same way.
    Refused,
    /// Nobody knows.
    Unknown,
    /// It did, and would respond in the same way again.
    Received,
}

impl SendError {
    /// Explains what went wrong before the response began.
    pub(super) fn of(
        error: &reqwest::Error,
        url: &Url,
        proxy: Option<&Url>,
        limits: Limits,
    ) -> SendError {
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => SendError {
                error: Error::new(
                    Kind::Timeout,
                    format!(
                        "no connection to '{}' within {}",
                        url.host_str().unwrap_or_default(),
                        duration::text(limits.for_connecting())
                    ),
                )
                .hint("check the network and the proxy, or give more time with --connect-timeout")
                .retryable(true),
                delivery: Delivery::NotSent,
            },
            (true, false) => SendError::timed_out(limits.timeout),
            (false, true) => SendError::not_connected(error, url, proxy),
            (false, false) => SendError::cut(innermost(error)),
        }
    }

    /// Returns the error of a request that took too long.
    pub(super) fn timed_out(timeout: Duration) -> SendError {
        let timeout = duration::text(timeout);
        SendError {
            error: Error::new(Kind::Timeout, format!("timed out after {timeout}"))
                .hint("try again, or give more time with --timeout")
                .retryable(true),
            delivery: Delivery::Unknown,
        }
    }

    /// Returns the error of a connection that closed too early.
    pub(super) fn cut(cause: impl Into<anyhow::Error>) -> SendError {
        SendError {
            error: Error::new(
                Kind::Network,
                "the connection closed before the response was complete",
            )
            .cause(cause)
            .hint("try again")
            .retryable(true),
            delivery: Delivery::Unknown,
        }
    }

    /// Explains why no connection was made.
    fn not_connected(error: &reqwest::Error, url: &Url, proxy: Option<&Url>) -> SendError {
        let host = url.host_str().unwrap_or_default();
        if let Some((what, hint)) = tls_error::explain(error, host) {
            return SendError {
                error: Error::new(Kind::Network, what).hint(hint),
                delivery: Delivery::Refused,
            };
        }
        let cause = innermost(error);
        let text = cause.to_string();
        if let Some(refusal) = SendError::of_proxy(&text, proxy, url) {
            return refusal;
        }
        let is_unknown =
            text.contains("failed to lookup") || text.contains("Name or service not known");
        let (what, hint) = if is_unknown {
            let hint = "check the endpoint or the region, and the network's name resolution";
            (
                format!("the host '{host}' is not known"),
                match meant(host) {
                    Some(region) => format!("did you mean the region '{region}'? {hint}"),
                    None => hint.to_owned(),
                },
            )
        } else {
            let port = url.port_or_known_default().unwrap_or_default();
            (
                format!("no connection to '{host}:{port}'"),
                "check the endpoint, the network, and the proxy variables".to_owned(),
            )
        };
        SendError {
            error: Error::new(Kind::Network, what)
                .cause(cause)
                .hint(hint)
                .retryable(true),
            delivery: Delivery::NotSent,
        }
    }
}

/// Returns the documented region that the host of a mistyped one names.
fn meant(host: &str) -> Option<&'static str> {
    let (_, rest) = host.split_once('.')?;
    near(rest.strip_suffix(".myhuaweicloud.com")?)
}

/// Returns the deepest cause: the outer ones only repeat the address.
pub(super) fn innermost(error: &reqwest::Error) -> anyhow::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    anyhow::anyhow!(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn a_host_of_no_region_may_be_a_slip() {
        for (host, region) in [
            ("swr-api.cn-nort-4.myhuaweicloud.com", Some("cn-north-4")),
            ("iam.cn-east-33.myhuaweicloud.com", Some("cn-east-3")),
            ("swr-api.cn-north-4.myhuaweicloud.com", None),
            ("swr-api.nowhere.myhuaweicloud.com", None),
            ("swr.example.com", None),
        ] {
            assert_eq!(meant(host), region, "{host}");
        }
    }
}
