//! Why a request got no response, in words that a person can act on.

use std::time::Duration;

use url::Url;

use super::limits::Limits;
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
    /// Nobody knows.
    Unknown,
    /// It did, and would respond in the same way again.
    Received,
}

impl SendError {
    /// Explains what went wrong before the response began.
    pub(super) fn of(error: &reqwest::Error, url: &Url, limits: Limits) -> SendError {
        let host = url.host_str().unwrap_or_default();
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => SendError {
                error: Error::new(
                    Kind::Timeout,
                    format!(
                        "no connection to '{host}' within {:?}",
                        limits.connect_timeout
                    ),
                )
                .hint("check the network and the proxy, or give more time with --connect-timeout")
                .retryable(true),
                delivery: Delivery::NotSent,
            },
            (true, false) => SendError::timed_out(limits.timeout),
            (false, true) => SendError {
                error: no_connection(error, url),
                delivery: Delivery::NotSent,
            },
            (false, false) => SendError::cut(innermost(error)),
        }
    }

    /// Returns the error of a request that took too long.
    pub(super) fn timed_out(timeout: Duration) -> SendError {
        SendError {
            error: Error::new(Kind::Timeout, format!("timed out after {timeout:?}"))
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
}

/// Explains why no connection was made.
fn no_connection(error: &reqwest::Error, url: &Url) -> Error {
    let host = url.host_str().unwrap_or_default();
    let cause = innermost(error);
    let text = cause.to_string();
    let (what, hint) = if text.contains("invalid peer certificate") {
        (
            format!("the certificate of '{host}' is not trusted"),
            "if a company's CA signed it, add it with --ca-file; TLS checks are never switched off",
        )
    } else if text.contains("failed to lookup") || text.contains("Name or service not known") {
        (
            format!("the host '{host}' is not known"),
            "check the endpoint or the region, and the network's name resolution",
        )
    } else {
        let port = url.port_or_known_default().unwrap_or_default();
        (
            format!("no connection to '{host}:{port}'"),
            "check the endpoint, the network, and the proxy variables",
        )
    };
    Error::new(Kind::Network, what)
        .cause(cause)
        .hint(hint)
        .retryable(true)
}

/// Returns the deepest cause: the outer ones only repeat the address.
pub(super) fn innermost(error: &reqwest::Error) -> anyhow::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    anyhow::anyhow!(cause.to_string())
}
