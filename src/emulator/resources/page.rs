//! Pages: the `a::1|b::2` filter, limit and offset, the order, and `Content-Range`. Source:
//! `reference/swr-api.md` 2.5, 3.5.

use super::call::Call;
use crate::emulator::refusal::{
    Code, FILTER_INVALID, ORDER_COLUMN, PAGE_SIZE, QUERY_INVALID, Refused,
};
use crate::emulator::reply::Reply;
use crate::emulator::switches::{Switch, Switches};

/// How many a page holds when nobody says.
pub(super) const USUAL: usize = 100;
/// How many a page holds at the most.
const MOST: usize = 1_000;

/// The parameters of a list, from its filter or from the query.
pub(super) struct Wanted {
    pairs: Vec<(String, String)>,
    /// What a broken parameter is refused with.
    code: Code,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    limit: usize,
    offset: usize,
    asked: bool,
}

impl Wanted {
    /// Reads a filter that is needed, and may hold these keys only.
    pub(super) fn of_filter(filter: &str, known: &[&str]) -> Result<Wanted, Refused> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in filter.split('|') {
            let (key, value) = part.split_once("::").ok_or(FILTER_INVALID)?;
            let twice = pairs.iter().any(|(other, _)| other == key);
            if !known.contains(&key) || value.is_empty() || twice {
                return Err(FILTER_INVALID.saying(format!("invalid filter: {part}")));
            }
            pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(Wanted {
            pairs,
            code: FILTER_INVALID,
        })
    }

    /// Reads the filter, which wins over plain parameters, else these (section 3.5).
    pub(super) fn of(call: &Call, known: &[&str]) -> Result<Wanted, Refused> {
        match call.parameter("filter") {
            Some(filter) => Wanted::of_filter(filter, known),
            None => Ok(Wanted {
                pairs: call.query.clone(),
                code: QUERY_INVALID,
            }),
        }
    }

    /// Returns a parameter; an empty one counts as missing.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Returns a parameter that is `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.value(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.code.into()),
        }
    }

    /// Returns the page; limit and offset stand together or not at all.
    pub(super) fn page(&self, switches: Switches) -> Result<Page, Refused> {
        let number = |name| self.number(name);
        match (number("limit")?, number("offset")?) {
            (None, None) => Ok(Page {
                limit: USUAL,
                offset: 0,
                asked: false,
            }),
            (Some(limit), Some(offset)) => Ok(Page {
                limit: judge_limit(limit, switches)?,
                offset,
                asked: true,
            }),
            _ => Err(self.code.saying("limit and offset only work together")),
        }
    }

    /// Returns the limit of a list that has no offset.
    pub(super) fn limit(&self, switches: Switches) -> Result<usize, Refused> {
        match self.number("limit")? {
            None => Ok(USUAL),
            Some(limit) => judge_limit(limit, switches),
        }
    }

    /// Returns a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, Refused> {
        let parse = |text: &str| text.parse().map_err(|_| Refused::from(self.code));
        self.value(name).map(parse).transpose()
    }

    /// Returns the column to order by, and whether it falls.
    pub(super) fn order(
        &self,
        columns: &[&'static str],
    ) -> Result<Option<(&'static str, bool)>, Refused> {
        let falls = match self.value("order_type") {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(_) => return Err(self.code.saying("order_type is asc or desc")),
        };
        let Some(column) = self.value("order_column") else {
            return Ok(None);
        };
        match columns.iter().find(|known| **known == column) {
            Some(column) => Ok(Some((column, falls))),
            None => Err(ORDER_COLUMN.into()),
        }
    }
}

fn judge_limit(limit: usize, switches: Switches) -> Result<usize, Refused> {
    match limit {
        1..=MOST => Ok(limit),
        0 => Err(PAGE_SIZE.into()),
        _ if switches.has(Switch::HighLimitsAreCapped) => Ok(MOST),
        _ => Err(PAGE_SIZE.into()),
    }
}

impl Page {
    /// Returns the part of a list that the page holds.
    pub(super) fn of<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.offset).take(self.limit).collect()
    }

    /// Adds `Content-Range: {offset}-{count}/{total}`, where limit and offset were given.
    pub(super) fn range(self, reply: Reply, count: usize, total: usize) -> Reply {
        if self.asked {
            reply.header("content-range", format!("{}-{count}/{total}", self.offset))
        } else {
            reply
        }
    }
}

/// Advises to look again at once, with the switch `pace=told`.
pub(super) fn paced(reply: Reply, switches: Switches) -> Reply {
    if switches.has(Switch::PaceIsTold) {
        reply.header("retry-after", "0")
    } else {
        reply
    }
}
