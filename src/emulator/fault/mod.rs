//! What goes wrong, and when: counted, never random.
//!
//! `commands` parse `--fault`, tests add faults while the emulator runs, `server` asks the
//! [`Schedule`] about every request and `world` about every copy. It never sees what a request
//! means: a fault is chosen by method, path and region alone, so IAM, STS and the metadata service
//! are triggered the same way.

mod answer;
mod grammar;
mod schedule;

use std::time::Duration;

use super::world::Ending;
use crate::names::RegionId;

pub(super) use answer::{ClosingBody, TornBody};
pub(super) use schedule::Schedule;

/// One thing that goes wrong. Written `METHOD PATTERN[@REGION]: WHAT [xN] [after=K] [every=K]`:
/// see [`Fault::WORDS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    method: String,
    pattern: String,
    region: Option<RegionId>,
    what: What,
    times: Times,
    after: u32,
    every: u32,
}

/// How often a fault triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Counted(u32),
    Always,
}

/// What happens to a request, or to a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Another answer; with `done` the work is done all the same.
    Answer { answer: Answer, done: bool },
    /// The connection ends without an answer; with `done` the work is done.
    Cut { done: bool },
    /// The real answer, of which half arrives before the connection ends.
    Torn,
    /// The real answer, after which the connection ends without notice.
    Close,
    /// No answer, as long as the client waits; with `done` the work is done.
    Stall { done: bool },
    /// The real answer, late.
    Delay(Duration),
    /// How a copy ends.
    Copy(Ending),
}

/// An answer that the service would not give by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answer {
    status: Option<u16>,
    code: Option<String>,
    content: Option<Content>,
    retry_after: Option<String>,
    location: Option<String>,
}

/// The body of an answer that is not an error of the documented shapes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Html,
    Empty,
    Null,
    Shape,
    Endless,
    Huge,
    Text(String),
}

impl Fault {
    /// The words of the grammar with their meanings, for help and docs.
    #[rustfmt::skip] // a table reads as a table
    pub const WORDS: &'static [(&'static str, &'static str)] = &[
        ("METHOD", "GET, POST, PUT, PATCH, DELETE, HEAD, * for any, or COPY for the copying of a tag"),
        ("PATTERN", "a part of the path with its query, * for any; with COPY, a part of NAMESPACE/REPOSITORY:TAG"),
        ("@REGION", "only at this region's port; with COPY, only from this region"),
        ("STATUS", "respond with this status and a matching body: 503"),
        ("STATUS CODE", "the same with a code of the service or the gateway: 409 4090023, 401 APIGW.0307"),
        ("retry-after=TEXT", "with a status: the header Retry-After"),
        ("redirect=URL", "302 with this Location; with a status before it, that one"),
        ("html, empty, null, shape", "200 (or the status before it) with a page, nothing, null, or JSON of another shape"),
        ("endless, huge", "200 (or the status before it) with a body that never ends, or that has 17 MiB"),
        ("body=TEXT", "200 (or the status before it) with this body; it takes the rest of the line, so it must come last"),
        ("done", "with a response: do the work all the same"),
        ("cut, cut-after", "close the connection without a response, before or after the work"),
        ("torn, close", "do the work and close the connection in the middle of the body, or unannounced after the response"),
        ("slow, slow-after, slow=2s", "never respond (before or after the work), or respond late"),
        ("failed, timeout, cancel, stuck, late", "with COPY: how the copy ends; stuck never does, late xN does N polls later"),
        ("xN, x*", "trigger N times, or always; the default is once, and always with every="),
        ("after=K", "let the first K matching requests pass"),
        ("every=K", "trigger at every K-th matching request"),
    ];
}
