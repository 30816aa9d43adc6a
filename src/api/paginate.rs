//! Lists of many pages, without holes and without rows that come twice.
//!
//! The v3 lists have markers, which do not shift while people push; not every region has them. The
//! v2 lists have offsets, which do: pages overlap by one row, a gap steps back, and at the end the
//! beginning is read again, for what was pushed meanwhile stands there.
//! Source: `reference/swr-api.md` sections 3.5, 3.8.

use std::borrow::Cow;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use serde_json::Value;

use super::headers::total;
use super::{Answer, Call, Service};
use crate::error::Error;

/// How many rows are asked for; what the service gives by default, so that it takes it.
const LIMIT: usize = 100;
/// A list that changes faster than it can be read is given up after so many rounds.
const ROUNDS: usize = 5;

/// The two ways to list one kind of thing.
pub trait Lists {
    /// A row.
    type Item;

    /// Path and query of the v3 list, without its marker.
    fn v3(&self) -> (String, Vec<(&'static str, String)>);
    /// Reads a page of the v3 list, and the marker of the next one.
    fn v3_page(&self, answer: &Answer) -> Result<(Vec<Self::Item>, Option<String>), Error>;
    /// Path and query of the v2 list, without limit and offset.
    fn v2(&self) -> (String, Vec<(&'static str, String)>);
    /// Reads a page of the v2 list.
    fn v2_page(&self, answer: &Answer) -> Result<Vec<Self::Item>, Error>;
    /// What tells rows apart.
    fn key(&self, item: &Self::Item) -> String;
    /// Returns `true` if a row was asked for; the service's own filters match loosely.
    fn wanted(&self, item: &Self::Item) -> bool {
        let _ = item;
        true
    }
}

#[derive(Debug)]
enum Way {
    Marker(Option<String>),
    Offset {
        offset: usize,
        round: usize,
        news: bool,
    },
    Done,
}

/// The rows of a list, fetched as they are asked for.
#[derive(Debug)]
pub struct Pages<L: Lists> {
    service: Service,
    lists: L,
    way: Way,
    rows: VecDeque<L::Item>,
    seen: HashSet<u64>,
}

impl<L: Lists> Pages<L> {
    pub(super) fn new(service: Service, lists: L) -> Pages<L> {
        let way = Way::Marker(None);
        Pages {
            service,
            lists,
            way,
            rows: VecDeque::new(),
            seen: HashSet::new(),
        }
    }

    fn fetch(&mut self) -> Result<(), Error> {
        match std::mem::replace(&mut self.way, Way::Done) {
            Way::Marker(marker) => self.by_marker(marker.as_deref()),
            Way::Offset {
                offset,
                round,
                news,
            } => self.by_offset(offset, round, news),
            Way::Done => Ok(()),
        }
    }

    fn by_marker(&mut self, marker: Option<&str>) -> Result<(), Error> {
        let (path, mut query) = self.lists.v3();
        query.push(("limit", LIMIT.to_string()));
        let first = marker.is_none();
        query.extend(marker.map(|marker| ("marker", marker.to_owned())));
        let call =
            Call::read(path).query(query.iter().map(|(k, v)| (*k, Cow::Borrowed(v.as_str()))));
        let answer = self.service.send(&call)?;
        if first && matches!(answer.status, 404 | 405 | 501) {
            // Not offered here, or not there at all: the older list knows which.
            self.way = Way::Offset {
                offset: 0,
                round: 0,
                news: false,
            };
            return Ok(());
        }
        if !answer.is_success() {
            return Err(answer.refusal());
        }
        let (rows, next) = self.lists.v3_page(&answer)?;
        // A marker that does not move would never end.
        if !rows.is_empty() && next.is_some() && next.as_deref() != marker {
            self.way = Way::Marker(next);
        }
        // Markers do not shift, so no row comes twice, and only each page's last one has to be
        // remembered: a page that ends with it again is one whose marker did not move. A list of
        // one page has nothing to remember.
        let only = first && matches!(self.way, Way::Done);
        let last = rows.last().filter(|_| !only).map(|row| self.hash(row));
        if last.is_some_and(|last| !self.seen.insert(last)) {
            self.way = Way::Done;
            return Ok(());
        }
        self.rows
            .extend(rows.into_iter().filter(|row| self.lists.wanted(row)));
        Ok(())
    }

    fn by_offset(&mut self, offset: usize, round: usize, news: bool) -> Result<(), Error> {
        let (path, mut query) = self.lists.v2();
        query.push(("limit", LIMIT.to_string()));
        query.push(("offset", offset.to_string()));
        let call =
            Call::read(path).query(query.iter().map(|(k, v)| (*k, Cow::Borrowed(v.as_str()))));
        let answer = self.service.succeed(&call)?;
        let total = answer.header("content-range").and_then(total);
        let rows = self.lists.v2_page(&answer)?;
        let gap = offset > 0
            && rows
                .first()
                .is_some_and(|row| !self.seen.contains(&self.hash(row)));
        let count = rows.len();
        let fresh = self.take(rows);
        let news = news || fresh > 0;
        let read_to_the_end =
            count == 0 || total.map_or(fresh == 0, |total| offset + count >= total);
        let missing = total.is_some_and(|total| self.seen.len() < total);
        let several = offset > 0 || round > 0;
        self.way = if gap && fresh > 0 {
            // Rows were deleted before this page, so others moved up into what was read.
            Way::Offset {
                offset: offset.saturating_sub(LIMIT),
                round,
                news,
            }
        } else if !read_to_the_end && (round == 0 || fresh > 0) {
            Way::Offset {
                offset: offset + count - 1,
                round,
                news,
            }
        } else if round < ROUNDS && ((news && several) || missing) {
            Way::Offset {
                offset: 0,
                round: round + 1,
                news: false,
            }
        } else {
            Way::Done
        };
        Ok(())
    }

    /// Takes the rows that did not come before, and returns how many they were.
    fn take(&mut self, rows: Vec<L::Item>) -> usize {
        let mut fresh = 0;
        for row in rows {
            let hash = self.hash(&row);
            if self.seen.insert(hash) {
                fresh += 1;
                if self.lists.wanted(&row) {
                    self.rows.push_back(row);
                }
            }
        }
        fresh
    }

    fn hash(&self, row: &L::Item) -> u64 {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(self.lists.key(row))
    }
}

impl<L: Lists> Iterator for Pages<L> {
    type Item = Result<L::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Some(Ok(row));
            }
            if matches!(self.way, Way::Done) {
                return None;
            }
            if let Err(error) = self.fetch() {
                self.way = Way::Done;
                return Some(Err(error));
            }
        }
    }
}

/// Reads a marker, which is text in one list and a number in another; 0 and empty are none.
pub(super) fn marker(value: Option<Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()).filter(|text| text != "0"),
        _ => None,
    }
}
