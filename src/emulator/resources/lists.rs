//! What lists have in common: limit and offset, which only count together, and their header.

use serde_json::Value;

use super::Work;
use crate::emulator::refusal::{Code, FILTER_INVALID, PAGE_SIZE, QUERY_INVALID, Refusal};
use crate::emulator::response::Response;
use crate::emulator::switches::Switch;

/// How many rows come unless something else is asked (section 3.5).
const USUAL: usize = 100;
/// How many rows come at the most.
const MOST: usize = 1000;

/// A page that was asked for; `None` where none was asked for.
pub(super) struct Page {
    limit: usize,
    offset: usize,
    asked: bool,
}

impl Page {
    /// Reads limit and offset: both or neither, the limit from 1 to 1,000.
    pub(super) fn of(work: &Work<'_>, asked: &Asked<'_>) -> Result<Page, Refusal> {
        match (asked.number("limit")?, asked.number("offset")?) {
            (None, None) => Ok(Page {
                limit: USUAL,
                offset: 0,
                asked: false,
            }),
            (Some(limit), Some(offset)) => {
                let limit = work.limit(limit)?;
                Ok(Page {
                    limit,
                    offset,
                    asked: true,
                })
            }
            _ => Err(asked.code.saying("limit and offset only work together")),
        }
    }

    /// Cuts the page out of the rows and writes its rows only; `Content-Range` comes where a page
    /// was asked for.
    pub(super) fn response<T>(&self, rows: &[T], write: impl Fn(&T) -> Value) -> Response {
        let page: Vec<Value> = rows
            .iter()
            .skip(self.offset)
            .take(self.limit)
            .map(write)
            .collect();
        let range = format!("{}-{}/{}", self.offset, page.len(), rows.len());
        let response = Response::json(200, Value::Array(page));
        if self.asked {
            response.header("content-range", range)
        } else {
            response
        }
    }
}

impl Work<'_> {
    fn limit(&self, limit: usize) -> Result<usize, Refusal> {
        match limit {
            0 => Err(PAGE_SIZE.into()),
            1..=MOST => Ok(limit),
            _ if self.switches.has(Switch::HighLimitsAreCapped) => Ok(MOST),
            _ => Err(PAGE_SIZE.into()),
        }
    }

    /// Reads the limit of a v3 list.
    pub(super) fn v3_limit(&self, asked: &Asked<'_>) -> Result<usize, Refusal> {
        match asked.number("limit")? {
            Some(limit) => self.limit(limit),
            None => Ok(USUAL),
        }
    }

    /// Returns what a list is asked for: by its filter, which wins, else by plain parameters, which
    /// are then all that counts (section 3.5).
    pub(super) fn asked(&self) -> Result<Asked<'_>, Refusal> {
        match self.request.parameter("filter") {
            Some(text) => Asked::of_filter(text),
            None => Ok(Asked {
                pairs: self
                    .request
                    .query
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect(),
                code: QUERY_INVALID,
            }),
        }
    }

    /// Lets a poll look again at once, where the switch says so.
    pub(super) fn paced(&self, reply: Response) -> Response {
        if self.switches.has(Switch::PaceIsTold) {
            reply
                .header("retry-after", "0")
                .header("x-swr-emulator", "at-once")
        } else {
            reply
        }
    }
}

/// What a list is asked for.
pub(super) struct Asked<'a> {
    pairs: Vec<(&'a str, &'a str)>,
    /// What a value is refused with that cannot be understood.
    code: Code,
}

impl<'a> Asked<'a> {
    /// Reads a filter: `name::value|name::value`, each name once.
    pub(super) fn of_filter(text: &'a str) -> Result<Asked<'a>, Refusal> {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for pair in text.split('|').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once("::").ok_or(FILTER_INVALID)?;
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(FILTER_INVALID.into());
            }
            pairs.push((name, value));
        }
        Ok(Asked {
            pairs,
            code: FILTER_INVALID,
        })
    }

    /// Returns `true` if nothing else is asked for.
    pub(super) fn has_only(&self, names: &[&str]) -> bool {
        self.pairs.iter().all(|(name, _)| names.contains(name))
    }

    /// Returns a value; an empty one counts as none.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.pairs
            .iter()
            .find(|(known, value)| *known == name && !value.is_empty())
            .map(|(_, value)| *value)
    }

    /// Returns a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let parse = |text: &str| text.parse().map_err(|_| Refusal::from(self.code));
        self.value(name).map(parse).transpose()
    }

    /// Returns what is `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let parse = |text: &str| text.parse().map_err(|_| Refusal::from(self.code));
        self.value(name).map(parse).transpose()
    }

    /// Returns which way the list runs, where that is said: true from the greatest to the least.
    pub(super) fn descending(&self) -> Result<Option<bool>, Refusal> {
        match self.value("order_type") {
            None => Ok(None),
            Some("desc") => Ok(Some(true)),
            Some("asc") => Ok(Some(false)),
            Some(_) => Err(self.code.into()),
        }
    }
}
