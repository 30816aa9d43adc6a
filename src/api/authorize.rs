//! How a request is authorized, without this room knowing with which credential.

use std::fmt::{self, Debug};

use url::Url;

use crate::error::Error;
use crate::secret::{Secret, scrub};

/// A header of a request: its name and value.
pub type Header = (&'static str, HeaderText);

/// The value of a header: not every one is a secret, and what is none is shown.
#[derive(Clone)]
pub enum HeaderText {
    /// May be shown.
    Plain(String),
    /// Must not be shown.
    Secret(Secret),
}

impl HeaderText {
    /// Returns the value as it is sent.
    pub fn expose(&self) -> &str {
        match self {
            HeaderText::Plain(text) => text,
            HeaderText::Secret(secret) => secret.expose(),
        }
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderText::Plain(text) => f.write_str(&scrub(text)),
            HeaderText::Secret(secret) => fmt::Display::fmt(secret, f),
        }
    }
}

impl Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A request that is about to be sent, to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The URL, exactly as it is sent.
    pub url: &'a Url,
    /// The headers that are set already.
    pub headers: &'a [(&'static str, &'static str)],
    /// The body; empty when there is none.
    pub body: &'a [u8],
}

/// A credential. Implemented by `credentials`.
pub trait Authorize: Send + Sync + Debug {
    /// Returns the headers that carry the credential; called again for each try, because a
    /// signature holds its time.
    fn authorize(&self, draft: &Draft<'_>) -> Result<Vec<Header>, Error>;

    /// Renews the credential without a person, after a 401; returns `false` if it cannot.
    fn renew(&self) -> Result<bool, Error>;

    /// Drops what is stored of the credential, after the service refused it.
    fn give_up(&self) {}

    /// Describes the credential for messages: kind and origin.
    fn describe(&self) -> String;

    /// Returns what to do when the service refuses the credential.
    fn remedy(&self) -> String;

    /// Returns when the credential expires, if that is known.
    fn ends(&self) -> Option<jiff::Timestamp> {
        None
    }

    /// Returns `true` if a wrong clock makes the credential invalid.
    fn needs_the_time(&self) -> bool {
        false
    }
}
