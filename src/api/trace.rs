//! What can be seen of the traffic. The transport reports it; `context` shows it.

use std::time::Duration;

use url::Url;

use super::answer::Answer;
use super::authorize::Header;
use super::roots::Roots;

/// What can be seen of the traffic (`-v`).
#[derive(Debug)]
pub enum Event<'a> {
    /// A request goes out.
    Sending {
        /// The method.
        method: &'a str,
        /// The whole address.
        url: &'a Url,
        /// All headers.
        headers: &'a [Header],
        /// The body.
        body: &'a [u8],
    },
    /// A response came.
    Answered {
        /// The response, read.
        answer: &'a Answer,
        /// From sending to the last byte.
        took: Duration,
        /// Whether the body holds a credential that is not known as a secret yet.
        is_secret: bool,
    },
    /// No response came.
    Failed {
        /// The reason, in words.
        why: &'a str,
    },
    /// The same request will be sent again.
    Pausing {
        /// How long until then.
        pause: Duration,
        /// The reason, in words.
        why: &'a str,
    },
    /// The roots that TLS trusts were read.
    Trusting(&'a Roots),
}

/// Shows the traffic. Implemented by `context`.
pub trait Trace: Send + Sync {
    /// Shows an event as it happens.
    fn event(&self, event: &Event<'_>);
}
