//! Why a try brought no answer, in words that a person can do something about.

use std::time::Duration;

use url::Url;

use super::transport::Limits;
use crate::error::{Error, Kind};

/// Why one try brought no answer.
pub(super) struct Lost {
    pub(super) error: Error,
    pub(super) sent: Sent,
}

/// Whether the service can have seen a request that brought no answer.
#[derive(PartialEq)]
pub(super) enum Sent {
    No,
    Perhaps,
    /// It did, and would answer in the same way again.
    ForGood,
}

/// Judges what went wrong before the answer began.
pub(super) fn lost(error: &reqwest::Error, url: &Url, limits: Limits) -> Lost {
    let host = url.host_str().unwrap_or_default();
    if error.is_timeout() {
        let unsent = error.is_connect();
        let error = if unsent {
            Error::new(
                Kind::Timeout,
                format!(
                    "no connection to '{host}' within {:?}",
                    limits.connect_timeout
                ),
            )
            .hint("check the network and the proxy, or give more time with --connect-timeout")
            .retryable(true)
        } else {
            out_of_time(limits.timeout)
        };
        return Lost {
            error,
            sent: if unsent { Sent::No } else { Sent::Perhaps },
        };
    }
    if error.is_connect() {
        return Lost {
            error: no_connection(error, url),
            sent: Sent::No,
        };
    }
    Lost {
        error: cut(innermost(error)),
        sent: Sent::Perhaps,
    }
}

/// Words the causes that a person can do something about.
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

/// Makes the error of a request that took too long.
pub(super) fn out_of_time(timeout: Duration) -> Error {
    Error::new(Kind::Timeout, format!("no answer within {timeout:?}"))
        .hint("try again, or give more time with --timeout")
        .retryable(true)
}

/// Makes the error of a connection that ended too early.
pub(super) fn cut(cause: impl Into<anyhow::Error>) -> Error {
    Error::new(
        Kind::Network,
        "the connection was cut before the whole answer came",
    )
    .cause(cause)
    .hint("try again")
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
