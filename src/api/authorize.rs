//! How a credential gets onto a request, without this room knowing which one it is.

use std::fmt::Debug;

use url::Url;

use crate::error::Error;
use crate::secret::Secret;

/// A request as it is about to be sent, for whoever signs it.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The address, exactly as it goes over the wire.
    pub url: &'a Url,
    /// The headers that are set already.
    pub headers: &'a [(&'static str, &'static str)],
    /// The body; empty when there is none.
    pub body: &'a [u8],
}

/// A credential. Implemented by `credentials`.
pub trait Authorize: Send + Sync + Debug {
    /// Returns the headers that carry the credential; called anew for each try, for a signature
    /// holds its time.
    fn authorize(&self, draft: &Draft<'_>) -> Result<Vec<(&'static str, Secret)>, Error>;

    /// Gets the credential again without a person, after a 401; `false` when it cannot.
    fn renew(&self) -> Result<bool, Error>;

    /// Is told that the service calls the credential dead: what is kept of it is of no more use.
    fn give_up(&self) {}

    /// Says which credential it is, for messages: kind and origin.
    fn describe(&self) -> String;

    /// Says what to do when the service refuses the credential.
    fn remedy(&self) -> String;

    /// Returns when the credential ends, where that is known.
    fn ends(&self) -> Option<jiff::Timestamp> {
        None
    }

    /// Returns `true` if a wrong clock makes the credential invalid.
    fn needs_the_time(&self) -> bool {
        false
    }
}
