//! Any list of the service, its pages joined: for calls that no other file knows.
//!
//! v3 lists have markers; v2 lists have limit and offset, which stand inside `filter` where there
//! is one, for it wins over plain parameters. Source: `reference/swr-api.md` sections 2.5, 3.5.

use std::borrow::Cow;

use serde_json::Value;

use super::headers::total;
use super::paginate::marker;
use super::{Answer, Call};
use crate::error::Error;

/// How many rows are asked for where the caller does not say.
const LIMIT: usize = 100;

/// The pages of a list, fetched as they are asked for.
#[derive(Debug)]
pub struct Joined {
    path: String,
    query: Vec<(String, String)>,
    way: Way,
    before: Vec<Value>,
}

#[derive(Debug)]
enum Way {
    Marker(Option<String>),
    Offset(usize),
    Done,
}

impl Joined {
    /// Begins a list: its path, and its query as text.
    pub fn new(path: impl Into<String>, mut query: Vec<(String, String)>) -> Joined {
        let path = path.into();
        let way = if path.starts_with("/v3/") {
            limit(&mut query);
            Way::Marker(remove(&mut query, "marker"))
        } else {
            let start = if let Some(filter) = filter_of(&mut query) {
                begin_filter(filter)
            } else {
                limit(&mut query);
                remove(&mut query, "offset")
            };
            Way::Offset(start.and_then(|start| start.parse().ok()).unwrap_or(0))
        };
        Joined {
            path,
            query,
            way,
            before: Vec::new(),
        }
    }

    /// Returns the call for the next page; `None` after the last one.
    pub fn call(&self) -> Option<Call> {
        let mut query = self.query.clone();
        match &self.way {
            Way::Done => return None,
            Way::Marker(marker) => {
                query.extend(marker.clone().map(|marker| ("marker".to_owned(), marker)));
            }
            Way::Offset(offset) => match filter_of(&mut query) {
                Some(filter) => filter.push_str(&format!("|offset::{offset}")),
                None => query.push(("offset".to_owned(), offset.to_string())),
            },
        }
        let pairs = query
            .iter()
            .map(|(key, value)| (key.as_str(), Cow::Borrowed(value.as_str())));
        Some(Call::read(self.path.clone()).query(pairs))
    }

    /// Returns the rows of a page, and goes on to the next one.
    ///
    /// # Errors
    /// Kind `http` when there is no list in it.
    pub fn take(&mut self, answer: &Answer) -> Result<Vec<Value>, Error> {
        let (rows, next) = rows_of(answer.json("a list")?)
            .ok_or_else(|| answer.unreadable("a list, nor an object with one in it", None))?;
        let total = answer.header("content-range").and_then(total);
        self.way = match &self.way {
            Way::Marker(before) if !rows.is_empty() && next.is_some() && next != *before => {
                Way::Marker(next)
            }
            // A page that comes again means that the service knows no offset.
            Way::Offset(_) if rows.is_empty() || rows == self.before => Way::Done,
            Way::Offset(offset) => {
                let offset = offset + rows.len();
                if total.is_some_and(|total| offset >= total) {
                    Way::Done
                } else {
                    Way::Offset(offset)
                }
            }
            _ => Way::Done,
        };
        if rows == self.before {
            return Ok(Vec::new());
        }
        self.before.clone_from(&rows);
        Ok(rows)
    }
}

/// Returns the array of a page, which is the page or stands in it, and the next marker.
fn rows_of(page: Value) -> Option<(Vec<Value>, Option<String>)> {
    match page {
        Value::Null => Some((Vec::new(), None)),
        Value::Array(rows) => Some((rows, None)),
        Value::Object(mut page) => {
            let more = page.get("has_more") != Some(&Value::Bool(false));
            let next = marker(page.remove("nextMarker")).filter(|_| more);
            let rows = page.into_iter().find_map(|(_, value)| match value {
                Value::Array(rows) => Some(rows),
                _ => None,
            })?;
            Some((rows, next))
        }
        _ => None,
    }
}

fn limit(query: &mut Vec<(String, String)>) {
    if !query.iter().any(|(key, _)| key == "limit") {
        query.push(("limit".to_owned(), LIMIT.to_string()));
    }
}

fn filter_of(query: &mut [(String, String)]) -> Option<&mut String> {
    let (_, filter) = query.iter_mut().find(|(key, _)| key == "filter")?;
    Some(filter)
}

fn remove(query: &mut Vec<(String, String)>, key: &str) -> Option<String> {
    let index = query.iter().position(|(other, _)| other == key)?;
    Some(query.remove(index).1)
}

/// Takes the offset out of a filter and makes sure that it has a limit.
fn begin_filter(filter: &mut String) -> Option<String> {
    let (mut parts, mut offset, mut limited) = (Vec::new(), None, false);
    for part in filter.split('|').filter(|part| !part.is_empty()) {
        match part.split_once("::") {
            Some(("offset", value)) => offset = Some(value.to_owned()),
            known => {
                limited |= matches!(known, Some(("limit", _)));
                parts.push(part.to_owned());
            }
        }
    }
    if !limited {
        parts.push(format!("limit::{LIMIT}"));
    }
    *filter = parts.join("|");
    offset
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::Joined;
    use crate::api::{Answer, Call};

    fn answer(body: &str, range: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(range) = range {
            headers.insert("content-range", HeaderValue::from_str(range).unwrap());
        }
        Answer::new(Call::read("/"), 200, headers, body.as_bytes().to_vec())
    }

    /// Plays a service that gives these pages, and returns the paths asked and the rows joined.
    fn read(
        path: &str,
        query: &[(&str, &str)],
        pages: &[(&str, Option<&str>)],
    ) -> (Vec<String>, String) {
        let query = query
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let mut list = Joined::new(path, query.collect());
        let (mut asked, mut rows) = (Vec::new(), Vec::new());
        let mut pages = pages.iter();
        while let Some(call) = list.call() {
            asked.push(call.path.clone());
            let (body, range) = pages.next().expect("a page too many was asked for");
            rows.extend(list.take(&answer(body, *range)).unwrap());
        }
        assert!(pages.next().is_none(), "a page was not asked for");
        (asked, serde_json::to_string(&rows).unwrap())
    }

    #[test]
    fn offsets_go_on_to_the_total() {
        let pages = [("[1,2]", Some("0-2/3")), ("[3]", Some("2-1/3"))];
        let (asked, rows) = read("/v2/list", &[("limit", "2"), ("namespace", "a")], &pages);
        assert_eq!(
            asked,
            [
                "/v2/list?limit=2&namespace=a&offset=0",
                "/v2/list?limit=2&namespace=a&offset=2"
            ]
        );
        assert_eq!(rows, "[1,2,3]");
    }

    #[test]
    fn without_a_total_an_empty_page_is_the_end() {
        let pages = [("[1]", None), ("[2]", None), ("[]", None)];
        assert_eq!(read("/v2/list", &[], &pages).1, "[1,2]");
    }

    #[test]
    fn a_service_that_knows_no_offset_is_asked_twice_at_the_most() {
        let pages = [(r#"{"all":[1,2]}"#, None), (r#"{"all":[1,2]}"#, None)];
        assert_eq!(read("/v2/list", &[], &pages).1, "[1,2]");
    }

    #[test]
    fn in_a_filter_limit_and_offset_stand_inside() {
        let pages = [("[5]", Some("7-1/9")), ("[6]", Some("8-1/9"))];
        let query = [("filter", "limit::1|offset::7|order::desc")];
        assert_eq!(
            read("/v2/jobs", &query, &pages).0,
            [
                "/v2/jobs?filter=limit%3A%3A1%7Corder%3A%3Adesc%7Coffset%3A%3A7",
                "/v2/jobs?filter=limit%3A%3A1%7Corder%3A%3Adesc%7Coffset%3A%3A8"
            ]
        );
    }

    #[test]
    fn markers_go_on_until_there_is_none() {
        let pages = [
            (
                r#"{"tags":[{"tag":"a"}],"nextMarker":"m","has_more":true}"#,
                None,
            ),
            (
                r#"{"tags":[{"tag":"b"}],"nextMarker":"n","has_more":false}"#,
                None,
            ),
        ];
        let (asked, rows) = read("/v3/tags", &[], &pages);
        assert_eq!(asked, ["/v3/tags?limit=100", "/v3/tags?limit=100&marker=m"]);
        assert_eq!(rows, r#"[{"tag":"a"},{"tag":"b"}]"#);
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        let mut list = Joined::new("/v2/one", Vec::new());
        assert!(list.take(&answer(r#"{"name":"a"}"#, None)).is_err());
    }
}
