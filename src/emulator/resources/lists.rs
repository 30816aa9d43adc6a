//! What lists have in common: limit and offset, which only count together, and their header.

use serde_json::Value;

use super::Work;
use crate::emulator::call::number;
use crate::emulator::refusal::{PAGE_SIZE, QUERY_INVALID, Refused};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;

/// How many rows come unless something else is asked (section 3.5).
const USUAL: usize = 100;
/// How many rows come at the most.
const MOST: usize = 1000;

/// A page that was asked for; `None` where nobody asked.
pub(super) struct Page {
    limit: usize,
    offset: usize,
    asked: bool,
}

impl Page {
    /// Reads limit and offset: both or neither, the limit from 1 to 1,000.
    pub(super) fn of(
        work: &Work<'_>,
        limit: Option<&str>,
        offset: Option<&str>,
    ) -> Result<Page, Refused> {
        match (limit, offset) {
            (None, None) => Ok(Page {
                limit: USUAL,
                offset: 0,
                asked: false,
            }),
            (Some(limit), Some(offset)) => {
                let limit = work.limit(number(limit)?)?;
                Ok(Page {
                    limit,
                    offset: number(offset)?,
                    asked: true,
                })
            }
            _ => Err(QUERY_INVALID.saying("limit and offset only work together")),
        }
    }

    /// Cuts the page out of the rows; `Content-Range` comes where a page was asked for.
    pub(super) fn reply(&self, rows: Vec<Value>) -> Reply {
        let total = rows.len();
        let page: Vec<Value> = rows
            .into_iter()
            .skip(self.offset)
            .take(self.limit)
            .collect();
        let range = format!("{}-{}/{total}", self.offset, page.len());
        let reply = Reply::json(200, Value::Array(page));
        if self.asked {
            reply.header("content-range", range)
        } else {
            reply
        }
    }
}

impl Work<'_> {
    fn limit(&self, limit: usize) -> Result<usize, Refused> {
        match limit {
            0 => Err(PAGE_SIZE.into()),
            1..=MOST => Ok(limit),
            _ if self.switches.has(Switch::HighLimitsAreCapped) => Ok(MOST),
            _ => Err(PAGE_SIZE.into()),
        }
    }

    /// Reads the limit of a v3 list.
    pub(super) fn v3_limit(&self) -> Result<usize, Refused> {
        match self.call.parameter("limit") {
            Some(limit) => self.limit(number(limit)?),
            None => Ok(USUAL),
        }
    }

    /// Lets a poll look again at once, where the switch says so.
    pub(super) fn paced(&self, reply: Reply) -> Reply {
        if self.switches.has(Switch::PaceIsTold) {
            reply.header("retry-after", "0")
        } else {
            reply
        }
    }
}

/// Reads a filter: `name::value|name::value`.
pub(super) fn filter(text: &str) -> Option<Vec<(&str, &str)>> {
    text.split('|')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once("::"))
        .collect()
}

/// Returns a value of a filter.
pub(super) fn value<'a>(filter: &[(&'a str, &'a str)], name: &str) -> Option<&'a str> {
    filter
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| *value)
}
