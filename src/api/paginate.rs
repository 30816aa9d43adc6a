//! Lists of many pages, without holes and without rows that come twice.
//!
//! The v3 lists have markers, which do not shift while people push; not every region has them. The
//! v2 lists have offsets, which do. Where a list ends is the cursor's to say.
//! Source: `reference/swr-api.md` sections 2.5, 3.5, 3.8.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::cursor::{Cursor, Extent, Next, Position};
use super::{Answer, Call, Code, Service, headers};
use crate::error::{Error, Kind};

/// One kind of list: how its pages are requested and read.
pub trait Listing {
    /// A row.
    type Row;
    /// The rows' noun, for messages.
    const NOUN: &'static str;

    /// Returns the call for a page of the list with markers, if there is such a list.
    fn at_marker(&self, marker: Option<&str>) -> Option<Call> {
        let _ = marker;
        None
    }

    /// Returns the call for a page of the list with offsets.
    fn at_offset(&self, offset: usize) -> Call;

    /// Reads a page.
    ///
    /// # Errors
    /// Kind `http` when it is not the documented shape.
    fn page(&self, answer: &Answer) -> Result<Page<Self::Row>, Error>;

    /// Returns what distinguishes rows.
    fn key(&self, row: &Self::Row) -> String;

    /// Returns `true` if a row was asked for; the service's own filters match loosely.
    fn is_wanted(&self, row: &Self::Row) -> bool {
        let _ = row;
        true
    }

    /// Returns `true` if no later page can hold a wanted row.
    fn ends_after(&self, page: &[Self::Row]) -> bool {
        let _ = page;
        false
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct Page<R> {
    rows: Vec<R>,
    next: Next,
}

impl<R> Page<R> {
    /// Creates a page of a list with offsets.
    pub(super) fn of(rows: Vec<R>) -> Page<R> {
        Page {
            rows,
            next: Next::Unsaid,
        }
    }

    /// Creates a page of a list with markers. `has_more` decides, where it is there.
    pub(super) fn marked(rows: Vec<R>, marker: Option<&Value>, has_more: Option<bool>) -> Page<R> {
        // Text in one list and a number in another; 0 and empty are none.
        let marker = match marker {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(Value::Number(number)) if number.as_i64() != Some(0) => Some(number.to_string()),
            _ => None,
        };
        let next = match (marker, has_more) {
            (_, Some(false)) | (None, None) => Next::End,
            (Some(marker), _) => Next::Marker(marker),
            (None, Some(true)) => Next::Lost,
        };
        Page { rows, next }
    }
}

/// The rows of a list, fetched as they are asked for. A list that could not be read to its end
/// says so: its last item is an error.
#[derive(Debug)]
pub struct Pages<L: Listing> {
    service: Service,
    pub(super) listing: L,
    cursor: Cursor,
    rows: VecDeque<L::Row>,
    /// The rows that came, whether they were wanted or not.
    count: usize,
    retry_after: Option<Duration>,
    service_time: Option<Timestamp>,
    refused: Option<Answer>,
    /// Whether the error of a list that is incomplete was returned.
    is_reported: bool,
}

impl<L: Listing> Pages<L> {
    pub(super) fn new(service: Service, listing: L) -> Pages<L> {
        let cursor = if listing.at_marker(None).is_some() {
            Cursor::by_marker(None)
        } else {
            Cursor::by_offset(0)
        };
        Pages::at(service, listing, cursor)
    }

    pub(super) fn at(service: Service, listing: L, cursor: Cursor) -> Pages<L> {
        Pages {
            service,
            listing,
            cursor,
            rows: VecDeque::new(),
            count: 0,
            retry_after: None,
            service_time: None,
            refused: None,
            is_reported: false,
        }
    }

    /// Returns how long the service asks to wait before the next request, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the service's time when it sent the last page, if it says so.
    pub fn service_time(&self) -> Option<Timestamp> {
        self.service_time
    }

    /// Returns the response that refused a page, for callers that show it as it came.
    pub fn refused(&self) -> Option<&Answer> {
        self.refused.as_ref()
    }

    /// Returns how much of the list was read, once it has no more rows.
    pub fn extent(&self) -> Extent {
        self.cursor.extent()
    }

    fn fetch(&mut self, position: &Position) -> Result<(), Error> {
        let call = match position {
            Position::Offset(offset) => self.listing.at_offset(*offset),
            Position::Marker(marker) => match self.listing.at_marker(marker.as_deref()) {
                Some(call) => call,
                None => self.listing.at_offset(0),
            },
        };
        let answer = self.service.send(&call)?;
        self.retry_after = answer.poll_after();
        self.service_time = answer.service_time();
        if !answer.is_success() {
            if *position == Position::Marker(None) && is_closed(&answer) {
                // Not offered here, or not there at all: the older list knows which.
                self.cursor = Cursor::by_offset(0);
                return Ok(());
            }
            let refusal = answer.refusal();
            self.refused = Some(answer);
            return Err(refusal);
        }
        let Page { rows, next } = self.listing.page(&answer)?;
        let keys = rows.iter().map(|row| hash(&self.listing.key(row)));
        let total = answer.header("content-range").and_then(headers::total);
        let is_enough = self.listing.ends_after(&rows);
        let fresh = self.cursor.take(keys.collect(), next, total);
        for (row, is_fresh) in rows.into_iter().zip(fresh) {
            if is_fresh {
                self.count += 1;
                if self.listing.is_wanted(&row) {
                    self.rows.push_back(row);
                }
            }
        }
        if is_enough {
            self.cursor.stop();
        }
        Ok(())
    }
}

impl<L: Listing> Iterator for Pages<L> {
    type Item = Result<L::Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Some(Ok(row));
            }
            let Some(position) = self.cursor.position() else {
                return match self.extent() {
                    Extent::Missing(missing) if !std::mem::replace(&mut self.is_reported, true) => {
                        Some(Err(incomplete(L::NOUN, self.count, missing)))
                    }
                    _ => None,
                };
            };
            if let Err(error) = self.fetch(&position) {
                self.cursor.stop();
                return Some(Err(error));
            }
        }
    }
}

/// Returns `true` if the newer list may be closed where the older one is open: it is not recorded
/// how the service says so. Not for what the older one would be answered, too.
fn is_closed(answer: &Answer) -> bool {
    match answer.status {
        401 | 429 => false,
        400..=499 | 501 => !matches!(answer.code(), Some(Code::TooManyRequests | Code::Busy)),
        _ => false,
    }
}

/// Returns the error of a list that ended before its end.
pub(super) fn incomplete(noun: &str, count: usize, missing: Option<usize>) -> Error {
    let what = match missing {
        Some(missing) => format!(
            "the list of {noun} is incomplete: the service counts {} and gives {count}, so {missing} \
             are missing",
            count + missing
        ),
        None => format!(
            "the list of {noun} is incomplete: the service's paging does not move on after {count}"
        ),
    };
    Error::new(Kind::Http, what)
        .retryable(true)
        .hint("try again; if it stays so, some may not be visible to this credential")
}

fn hash(key: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(key)
}
