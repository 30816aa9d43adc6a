//! Where a list is read next, and where it ends: the one rule for every list (contract 5).
//!
//! A list ends where there is no marker, at an empty page without one, or at the total. A short
//! page is not an end, because a service may have limits of its own, and may filter rows after it
//! has cut the page. A round that brings nothing new stops. Nothing here knows requests or rows:
//! only what distinguishes rows.

use std::collections::{HashSet, VecDeque};

/// How many rows are asked for; what the service gives by default, so that it accepts it.
pub(super) const PAGE: usize = 100;
/// A list that changes faster than it can be read is given up after so many rounds.
const ROUNDS: usize = 5;
/// So many pages in a row without anything new mean that the paging does not move.
const STALE: usize = 20;
/// So many rows of a list with markers are remembered: only neighboring pages overlap, and a list
/// of any length is read in the same memory.
const RECENT: usize = 10_000;

/// What to ask for next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Position {
    /// The page behind a marker; `None` is the first one.
    Marker(Option<String>),
    /// The page that begins at this row.
    Offset(usize),
}

/// What a page says about the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: the list has offsets.
    Unsaid,
    /// There is none.
    End,
    /// It is behind this marker.
    Marker(String),
    /// There is one, and no marker leads to it.
    Lost,
}

/// How much of a list was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Complete,
    /// Not all: so many rows are missing, if the service says how many there are.
    Missing(Option<usize>),
}

/// A position in a list.
#[derive(Debug)]
pub(super) struct Cursor {
    way: Way,
    seen: HashSet<u64>,
    extent: Extent,
}

#[derive(Debug)]
enum Way {
    Markers(Markers),
    Offsets(Offsets),
    Done,
}

#[derive(Debug, Default)]
struct Markers {
    current: Option<String>,
    passed: HashSet<String>,
    stale: usize,
    /// The rows that are remembered, oldest first.
    recent: VecDeque<u64>,
    pages: usize,
    /// The rows of the last page whose number is a power of two. If they come again after they were
    /// forgotten, the pages go round.
    landmark: Vec<u64>,
}

/// Offsets shift while people push and delete: pages overlap by one row, a gap steps back, and at
/// the end the beginning is read again, because what was pushed meanwhile is there.
#[derive(Debug, Default)]
struct Offsets {
    start: usize,
    offset: usize,
    /// The row that the page should begin with.
    overlap: Option<u64>,
    /// The page before: its offset and its rows.
    before: Option<(usize, Vec<u64>)>,
    /// The least total of this round: the list grows and shrinks while it is read.
    total: Option<usize>,
    round: usize,
    pages: usize,
    /// Whether this round has brought anything new, and whether its last page has.
    news: bool,
    late_news: bool,
    stale: usize,
    /// Whether the paging did not move in this round, and in the one before.
    is_stuck: bool,
    was_stuck: bool,
}

impl Cursor {
    /// Starts a list that has markers.
    pub(super) fn by_marker(marker: Option<String>) -> Cursor {
        Cursor::new(Way::Markers(Markers {
            current: marker,
            ..Markers::default()
        }))
    }

    /// Starts a list that has offsets, at one of its rows.
    pub(super) fn by_offset(start: usize) -> Cursor {
        Cursor::new(Way::Offsets(Offsets {
            start,
            offset: start,
            ..Offsets::default()
        }))
    }

    fn new(way: Way) -> Cursor {
        Cursor {
            way,
            seen: HashSet::new(),
            extent: Extent::Complete,
        }
    }

    /// Returns what to ask for next; `None` at the end of the list.
    pub(super) fn position(&self) -> Option<Position> {
        match &self.way {
            Way::Markers(markers) => Some(Position::Marker(markers.current.clone())),
            Way::Offsets(offsets) => Some(Position::Offset(offsets.offset)),
            Way::Done => None,
        }
    }

    /// Returns how much was read; only at the end of the list is that all there is.
    pub(super) fn extent(&self) -> Extent {
        self.extent
    }

    /// Ends the list where it is: no later page is wanted.
    pub(super) fn stop(&mut self) {
        self.way = Way::Done;
    }

    /// Takes a page: what distinguishes its rows, what it says about the next one, and how many
    /// rows the list has. Returns which of the rows are new.
    pub(super) fn take(&mut self, keys: Vec<u64>, next: Next, total: Option<usize>) -> Vec<bool> {
        let fresh: Vec<bool> = keys.iter().map(|key| self.seen.insert(*key)).collect();
        let news = fresh.contains(&true);
        let end = match &mut self.way {
            Way::Markers(markers) => {
                let new = keys.iter().zip(&fresh).filter(|(_, is_new)| **is_new);
                markers.recent.extend(new.map(|(key, _)| *key));
                let surplus = markers.recent.len().saturating_sub(RECENT);
                for key in markers.recent.drain(..surplus) {
                    self.seen.remove(&key);
                }
                markers.take(keys, news, next)
            }
            Way::Offsets(offsets) => offsets.take(keys, news, total, self.seen.len()),
            Way::Done => None,
        };
        if let Some(extent) = end {
            self.extent = extent;
            self.way = Way::Done;
        }
        fresh
    }
}

impl Markers {
    fn take(&mut self, keys: Vec<u64>, news: bool, next: Next) -> Option<Extent> {
        self.stale = if news { 0 } else { self.stale + 1 };
        let is_circle = news && keys == self.landmark;
        self.pages += 1;
        if self.pages.is_power_of_two() {
            self.landmark = keys;
        }
        let marker = match next {
            Next::Unsaid | Next::End => return Some(Extent::Complete),
            Next::Lost => return Some(Extent::Missing(None)),
            Next::Marker(marker) => marker,
        };
        self.passed.extend(self.current.take());
        if self.passed.contains(&marker) || self.stale >= STALE || is_circle {
            return Some(Extent::Missing(None));
        }
        self.current = Some(marker);
        None
    }
}

impl Offsets {
    fn take(
        &mut self,
        keys: Vec<u64>,
        news: bool,
        total: Option<usize>,
        seen: usize,
    ) -> Option<Extent> {
        self.total = match (self.total, total) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.pages += 1;
        self.news |= news;
        self.late_news = news;
        self.stale = if news { 0 } else { self.stale + 1 };
        let missing = self.missing(seen);
        let count = keys.len();
        let end = self.offset + count;
        let is_gap = news && self.overlap.is_some_and(|row| keys.first() != Some(&row));
        let repeats =
            matches!(&self.before, Some((offset, rows)) if *offset != self.offset && *rows == keys);
        // A total below what the page itself shows is wrong, and is not an end. One that is reached
        // exactly is believed at once only where the page is the whole list.
        let at_total = total == Some(end) && self.offset == self.start && count < PAGE;
        let is_known = self.round > 0 && !news && missing.is_none() && !self.was_stuck;
        if count == 0 || at_total || is_known {
            return self.end_round(missing);
        }
        if repeats || self.stale >= STALE {
            // A service that knows no offset gives the same page again; a page that is not full is
            // then all there is.
            self.is_stuck |= count >= PAGE || self.stale >= STALE;
            return self.end_round(missing);
        }
        if is_gap && let Some((_, rows)) = &self.before {
            // Rows were deleted before this page, so others moved up into what was read.
            let back = self.offset.saturating_sub(rows.len().max(1));
            self.go_to(back.max(self.start), None, keys);
        } else if total == Some(end) || count == 1 {
            self.go_to(end, None, keys);
        } else {
            self.go_to(end - 1, keys.last().copied(), keys);
        }
        None
    }

    fn go_to(&mut self, offset: usize, overlap: Option<u64>, keys: Vec<u64>) {
        self.before = Some((self.offset, keys));
        self.offset = offset;
        self.overlap = overlap;
    }

    /// Starts another round where this one may have missed rows, else ends the list.
    fn end_round(&mut self, missing: Option<usize>) -> Option<Extent> {
        let several = self.pages > 1;
        let is_whole = missing.is_none() && !self.is_stuck;
        let again = if is_whole {
            self.news && several
        } else {
            self.news
        };
        // News on the first page of the last round are pushes; on a later one the list has no
        // order, and there may be more.
        let is_restless = self.news && self.late_news && several && self.round > 0;
        if again && self.round < ROUNDS {
            *self = Offsets {
                start: self.start,
                offset: self.start,
                round: self.round + 1,
                was_stuck: self.is_stuck,
                ..Offsets::default()
            };
            return None;
        }
        Some(match missing {
            Some(_) => Extent::Missing(missing),
            None if self.total.is_none() && (self.is_stuck || is_restless) => Extent::Missing(None),
            None => Extent::Complete,
        })
    }

    fn missing(&self, seen: usize) -> Option<usize> {
        let missing = self.total?.saturating_sub(self.start + seen);
        (missing > 0).then_some(missing)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_oneof};
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::{Cursor, Extent, Next, PAGE, Position, RECENT};

    /// What a service makes of the requests for a list.
    #[derive(Debug, Clone)]
    struct Behavior {
        rows: usize,
        /// The largest page, whatever is asked for.
        cap: usize,
        /// What the total is off by; `None` where none is sent.
        total: Option<isize>,
        ignores_offset: bool,
        /// Every so many rows are left out after the page was cut; 0 for none.
        hidden: usize,
        /// Pages are in an order of their own.
        shuffles: bool,
    }

    impl Behavior {
        fn visible(&self) -> Vec<u64> {
            (0..self.rows)
                .filter(|row| self.shows(*row))
                .map(|row| row as u64)
                .collect()
        }

        fn shows(&self, row: usize) -> bool {
            self.hidden == 0 || !(row + 1).is_multiple_of(self.hidden)
        }

        fn page(&self, offset: usize, request: usize) -> Vec<u64> {
            let offset = if self.ignores_offset { 0 } else { offset };
            let mut rows: Vec<usize> = (0..self.rows).collect();
            if self.shuffles {
                rows.rotate_left((request * 37) % self.rows.max(1));
            }
            let page = rows.into_iter().skip(offset).take(self.cap.min(PAGE));
            page.filter(|row| self.shows(*row))
                .map(|row| row as u64)
                .collect()
        }

        fn says(&self) -> Option<usize> {
            Some(self.rows.saturating_add_signed(self.total?))
        }
    }

    /// Reads a list; returns what was read, how much that is, and how many requests it took.
    fn read(behavior: &Behavior) -> (Vec<u64>, Extent, usize) {
        let mut cursor = Cursor::by_offset(0);
        let (mut read, mut requests) = (Vec::new(), 0);
        while let Some(Position::Offset(offset)) = cursor.position() {
            assert!(requests < 20_000, "never ends: {behavior:?}");
            let page = behavior.page(offset, requests);
            requests += 1;
            let fresh = cursor.take(page.clone(), Next::Unsaid, behavior.says());
            read.extend(
                page.into_iter()
                    .zip(fresh)
                    .filter(|(_, fresh)| *fresh)
                    .map(|(row, _)| row),
            );
        }
        read.sort_unstable();
        (read, cursor.extent(), requests)
    }

    fn behaviors() -> impl Strategy<Value = Behavior> {
        let total = prop_oneof![Just(None), Just(Some(0)), (-30_isize..60).prop_map(Some)];
        let cap = prop_oneof![Just(PAGE), Just(1000), 1_usize..PAGE];
        let hidden = prop_oneof![3 => Just(0), 1 => 2_usize..9];
        (
            0_usize..350,
            cap,
            total,
            any::<bool>(),
            hidden,
            any::<bool>(),
        )
            .prop_map(
                |(rows, cap, total, ignores_offset, hidden, shuffles)| Behavior {
                    rows,
                    cap,
                    total,
                    ignores_offset,
                    hidden,
                    shuffles,
                },
            )
    }

    proptest! {
        #[test]
        fn a_list_is_read_whole_or_said_to_be_incomplete(behavior in behaviors()) {
            let (read, extent, _) = read(&behavior);
            let visible = behavior.visible();
            // Where the service gives a page of its own size again and again, and no total, or
            // where its total is what one page of its own size shows, no one can know better.
            let first = behavior.page(0, 0).len();
            let cannot_know = (behavior.ignores_offset && behavior.cap < PAGE && behavior.total.is_none())
                || (behavior.says().is_some_and(|total| total <= read.len()) && read.len() < visible.len()
                    && (first < PAGE || behavior.ignores_offset));
            // An empty page is an end: filtered rows and no total may look so.
            let is_hidden = behavior.hidden > 0 && behavior.total.is_none();
            if extent == Extent::Complete && !cannot_know && !is_hidden && !behavior.shuffles {
                prop_assert_eq!(&read, &visible);
            }
            if let Extent::Missing(Some(missing)) = extent {
                prop_assert_eq!(Some(read.len() + missing), behavior.says());
            }
            prop_assert!(read.iter().all(|row| visible.contains(row)));
        }

        #[test]
        fn a_list_of_a_plain_service_is_complete(rows in 0_usize..450, cap in 1_usize..150, says in any::<bool>()) {
            let behavior = Behavior {
                rows, cap, total: says.then_some(0), ignores_offset: false, hidden: 0, shuffles: false,
            };
            let (read, extent, requests) = read(&behavior);
            prop_assert_eq!(extent, Extent::Complete);
            prop_assert_eq!(read, behavior.visible());
            // A page overlaps by a row, the end is confirmed, and the head is read again.
            prop_assert!(requests <= 2 * rows.div_ceil(cap.min(PAGE)) + 5);
        }

        #[test]
        fn markers_always_end(pages in proptest::collection::vec((0_u64..40, 0_usize..6), 0..60)) {
            let mut cursor = Cursor::by_marker(None);
            let mut asked = 0;
            while let Some(Position::Marker(marker)) = cursor.position() {
                asked += 1;
                assert!(asked < 5_000, "never ends");
                // The pages come round again, behind markers that may repeat.
                let at = marker.map_or(0, |marker| marker.parse::<usize>().unwrap_or(0) + 1);
                let Some((row, next)) = pages.get(at % (pages.len() + 1)) else {
                    cursor.take(Vec::new(), Next::End, None);
                    continue;
                };
                let next = match next {
                    0 => Next::Lost,
                    1 => Next::Marker("0".to_owned()),
                    _ => Next::Marker(at.to_string()),
                };
                cursor.take(vec![*row], next, None);
            }
        }
    }

    #[test]
    fn a_list_of_any_length_takes_the_same_memory_and_ends_where_its_pages_go_round() {
        let rows = 3 * RECENT as u64;
        let mut cursor = Cursor::by_marker(None);
        let mut read = 0;
        for page in 0.. {
            if cursor.position().is_none() {
                break;
            }
            assert!(page < 5_000, "never ends");
            let keys = (0..100).map(|row| (page * 100 + row) % rows).collect();
            // Markers that never repeat.
            read += cursor
                .take(keys, Next::Marker(page.to_string()), None)
                .len();
            assert!(cursor.seen.len() <= RECENT);
        }
        assert!(read as u64 > rows);
        assert_eq!(cursor.extent(), Extent::Missing(None));
    }

    #[test]
    fn a_list_of_one_short_page_with_its_total_is_one_request() {
        let behavior = Behavior {
            rows: 7,
            cap: PAGE,
            total: Some(0),
            ignores_offset: false,
            hidden: 0,
            shuffles: false,
        };
        assert_eq!(read(&behavior).2, 1);
    }

    #[test]
    fn a_total_that_is_too_high_is_told_after_few_requests() {
        let behavior = Behavior {
            rows: 7,
            cap: PAGE,
            total: Some(42),
            ignores_offset: false,
            hidden: 0,
            shuffles: false,
        };
        let (read, extent, requests) = read(&behavior);
        assert_eq!((read.len(), extent), (7, Extent::Missing(Some(42))));
        assert!(requests < 10, "{requests}");
    }

    #[test]
    fn an_empty_page_with_a_marker_is_no_end_and_a_lost_marker_is_told() {
        let mut cursor = Cursor::by_marker(None);
        cursor.take(vec![1, 2], Next::Marker("a".to_owned()), None);
        cursor.take(vec![], Next::Marker("b".to_owned()), None);
        assert_eq!(
            cursor.position(),
            Some(Position::Marker(Some("b".to_owned())))
        );
        assert_eq!(cursor.take(vec![3], Next::Lost, None), [true]);
        assert_eq!(
            (cursor.position(), cursor.extent()),
            (None, Extent::Missing(None))
        );
    }
}
