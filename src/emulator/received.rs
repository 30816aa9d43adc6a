//! What the emulator was asked, for tests that look at it.

use crate::names::RegionId;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The region whose port it came to.
    pub region: RegionId,
    /// The method.
    pub method: String,
    /// Path and query, as on the wire.
    pub path: String,
    /// The headers; names are lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as text.
    pub body: String,
    /// The status that was answered; 0 while there is none.
    pub status: u16,
}
