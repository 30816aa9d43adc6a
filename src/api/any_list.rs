//! Any list of the service, its pages joined: for calls that no other file knows.
//!
//! v3 lists have markers; v2 lists have limit and offset, which are inside `filter` where there is
//! one, because it wins over plain parameters. Source: `reference/swr-api.md` sections 2.5, 3.5.

use std::borrow::Cow;

use serde_json::Value;

use super::cursor::{Cursor, PAGE};
use super::paginate::{Listing, Page, Pages};
use super::{Answer, Call, Service};
use crate::error::Error;

/// A list of which only path and query are known.
#[derive(Debug)]
pub struct AnyList {
    path: String,
    query: Vec<(String, String)>,
    start: Start,
}

#[derive(Debug)]
enum Start {
    Marker(Option<String>),
    Offset(usize),
}

impl AnyList {
    /// Starts a list: its path, and its query as text.
    pub fn new(path: impl Into<String>, mut query: Vec<(String, String)>) -> AnyList {
        let path = path.into();
        let start = if path.starts_with("/v3/") {
            add_limit(&mut query);
            Start::Marker(remove(&mut query, "marker"))
        } else {
            let offset = if let Some(filter) = filter_of(&mut query) {
                take_offset(filter)
            } else {
                add_limit(&mut query);
                remove(&mut query, "offset")
            };
            Start::Offset(offset.and_then(|offset| offset.parse().ok()).unwrap_or(0))
        };
        AnyList { path, query, start }
    }

    /// Returns the call for the first page.
    pub fn first_call(&self) -> Call {
        match &self.start {
            Start::Marker(marker) => self.page_at(marker.as_deref()),
            Start::Offset(offset) => self.at_offset(*offset),
        }
    }

    fn page_at(&self, marker: Option<&str>) -> Call {
        let marker = marker.map(|marker| ("marker", Cow::Borrowed(marker)));
        Call::read(self.path.clone()).query(self.pairs().chain(marker))
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.query
            .iter()
            .map(|(key, value)| (key.as_str(), Cow::Borrowed(value.as_str())))
    }
}

impl Service {
    /// Reads any list, page by page as its rows are asked for.
    pub fn rows(&self, list: AnyList) -> Pages<AnyList> {
        let cursor = match &list.start {
            Start::Marker(marker) => Cursor::by_marker(marker.clone()),
            Start::Offset(offset) => Cursor::by_offset(*offset),
        };
        Pages::at(self.clone(), list, cursor)
    }
}

impl Listing for AnyList {
    type Row = Value;
    const NOUN: &'static str = "rows";

    fn at_marker(&self, marker: Option<&str>) -> Option<Call> {
        matches!(self.start, Start::Marker(_)).then(|| self.page_at(marker))
    }

    fn at_offset(&self, offset: usize) -> Call {
        let mut query: Vec<(&str, Cow<'_, str>)> = self.pairs().collect();
        match query.iter_mut().find(|(key, _)| *key == "filter") {
            Some((_, filter)) => filter.to_mut().push_str(&format!("|offset::{offset}")),
            None => query.push(("offset", Cow::Owned(offset.to_string()))),
        }
        Call::read(self.path.clone()).query(query)
    }

    fn page(&self, answer: &Answer) -> Result<Page<Value>, Error> {
        match answer.json("a list")? {
            Value::Null => Ok(Page::of(Vec::new())),
            Value::Array(rows) => Ok(Page::of(rows)),
            Value::Object(mut page) => {
                let (marker, has_more) = (page.remove("nextMarker"), page.remove("has_more"));
                let rows = page.into_iter().find_map(|(_, value)| match value {
                    Value::Array(rows) => Some(rows),
                    _ => None,
                });
                let rows = rows.ok_or_else(|| not_a_list(answer))?;
                if matches!(self.start, Start::Offset(_)) {
                    return Ok(Page::of(rows));
                }
                let has_more = has_more.as_ref().and_then(Value::as_bool);
                Ok(Page::marked(rows, marker.as_ref(), has_more))
            }
            _ => Err(not_a_list(answer)),
        }
    }

    /// What the service calls the row, where it has such a name; else all of it.
    fn key(&self, row: &Value) -> String {
        let named = ["id", "tag", "Tag", "name"]
            .iter()
            .filter_map(|key| row.get(*key))
            .filter(|value| value.is_string() || value.is_number());
        let name: Vec<String> = named.map(Value::to_string).collect();
        if name.is_empty() {
            row.to_string()
        } else {
            name.join("\n")
        }
    }
}

fn not_a_list(answer: &Answer) -> Error {
    answer.unreadable("a list, nor an object with one in it", None)
}

fn add_limit(query: &mut Vec<(String, String)>) {
    if !query.iter().any(|(key, _)| key == "limit") {
        query.push(("limit".to_owned(), PAGE.to_string()));
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
fn take_offset(filter: &mut String) -> Option<String> {
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
        parts.push(format!("limit::{PAGE}"));
    }
    *filter = parts.join("|");
    offset
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::super::paginate::Listing;
    use super::AnyList;
    use crate::api::{Answer, Call};

    fn list(path: &str, query: &[(&str, &str)]) -> AnyList {
        let query = query
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        AnyList::new(path, query.collect())
    }

    #[test]
    fn limit_and_offset_are_added() {
        let list = list("/v2/list", &[("limit", "2"), ("namespace", "a")]);
        assert_eq!(
            list.first_call().path,
            "/v2/list?limit=2&namespace=a&offset=0"
        );
        assert_eq!(
            list.at_offset(2).path,
            "/v2/list?limit=2&namespace=a&offset=2"
        );
    }

    #[test]
    fn in_a_filter_they_are_inside() {
        let list = list("/v2/jobs", &[("filter", "limit::1|offset::7|order::desc")]);
        assert_eq!(
            list.first_call().path,
            "/v2/jobs?filter=limit%3A%3A1%7Corder%3A%3Adesc%7Coffset%3A%3A7"
        );
        assert_eq!(
            list.at_offset(8).path,
            "/v2/jobs?filter=limit%3A%3A1%7Corder%3A%3Adesc%7Coffset%3A%3A8"
        );
    }

    #[test]
    fn a_marker_is_passed_on() {
        let list = list("/v3/tags", &[("marker", "m")]);
        assert_eq!(list.first_call().path, "/v3/tags?limit=100&marker=m");
        let next = list.at_marker(Some("n")).unwrap();
        assert_eq!(next.path, "/v3/tags?limit=100&marker=n");
    }

    #[test]
    fn what_is_not_a_list_is_an_error() {
        for body in [r#"{"name":"a"}"#, "1", r#""a""#, "<html>", ""] {
            let answer = Answer::new(
                Call::read("/v2/one"),
                200,
                HeaderMap::new(),
                body.as_bytes().to_vec(),
            );
            assert!(list("/v2/one", &[]).page(&answer).is_err(), "{body}");
        }
    }
}
