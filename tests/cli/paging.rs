//! Lists of many pages while people push and delete: no row is lost, none comes twice.

use std::sync::Mutex;

use serde_json::json;

use crate::support::{Heard, Reply, Wire};

/// Returns a number of the query.
fn number(heard: &Heard, name: &str) -> usize {
    let query = heard.line.split(['?', ' ']).nth(2).unwrap_or_default();
    let found = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// A v2 list of tags that changes after each page.
fn shifting(
    count: usize,
    change: impl Fn(usize, &mut Vec<String>) + Send + Sync + 'static,
) -> Wire {
    let tags: Vec<String> = (0..count).map(|number| format!("t{number}")).collect();
    let tags = Mutex::new(tags);
    Wire::play(move |request, heard| {
        if heard.line.contains("/v3/") {
            return Reply::json(
                404,
                r#"{"error_code":"APIGW.0101","error_msg":"not published"}"#,
            );
        }
        let mut tags = tags.lock().unwrap();
        let (limit, offset) = (number(heard, "limit"), number(heard, "offset"));
        let page: Vec<_> = tags
            .iter()
            .skip(offset)
            .take(limit)
            .map(|tag| json!({"Tag": tag, "digest": "d"}))
            .collect();
        let range = format!("{offset}-{}/{}", page.len(), tags.len());
        change(request, &mut tags);
        Reply::json(200, &json!(page).to_string()).header("Content-Range", &range)
    })
}

fn listed(wire: &Wire) -> Vec<String> {
    let run = wire
        .user()
        .swr("tag list -n team -r web/api -o jsonl")
        .exits(0);
    let mut tags: Vec<String> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|row| row["tag"].as_str().unwrap().to_owned())
        .collect();
    let all = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(all, tags.len(), "a row came twice");
    tags
}

fn numbered(range: impl Iterator<Item = usize>) -> Vec<String> {
    let mut tags: Vec<String> = range.map(|number| format!("t{number}")).collect();
    tags.sort();
    tags
}

#[test]
fn a_list_that_stands_still_is_read_to_its_end() {
    for count in [0, 1, 99, 100, 101, 250] {
        let wire = shifting(count, |_, _| {});
        assert_eq!(listed(&wire), numbered(0..count), "{count}");
    }
}

#[test]
fn pushes_between_pages_lose_nothing() {
    let wire = shifting(350, |request, tags| tags.insert(0, format!("new{request}")));
    let tags = listed(&wire);
    assert!(numbered(0..350).iter().all(|tag| tags.contains(tag)));
}

#[test]
fn deletions_between_pages_lose_nothing() {
    let wire = shifting(350, |request, tags| {
        if request < 4 {
            tags.drain(0..7);
        }
    });
    let tags = listed(&wire);
    // The first page was read before anything was deleted, the rest stood there all the time.
    assert!(numbered(28..350).iter().all(|tag| tags.contains(tag)));
}

#[test]
fn a_tag_that_moves_to_the_front_is_not_lost() {
    let wire = shifting(350, |request, tags| {
        if request < 3 {
            let last = tags.pop().unwrap();
            tags.insert(0, last);
        }
    });
    assert_eq!(listed(&wire), numbered(0..350));
}

#[test]
fn markers_lead_through_the_v3_list() {
    let wire = Wire::play(|_, heard| {
        let from = number(heard, "marker");
        let tags: Vec<_> = (from..(from + 100).min(250))
            .map(|number| json!({"tag": format!("t{number}")}))
            .collect();
        let more = from + 100 < 250;
        let marker = if more {
            (from + 100).to_string()
        } else {
            String::new()
        };
        Reply::json(
            200,
            &json!({"tags": tags, "nextMarker": marker, "has_more": more}).to_string(),
        )
    });
    assert_eq!(listed(&wire), numbered(0..250));
    assert_eq!(wire.lines().len(), 3);
}

#[test]
fn loose_filters_are_filtered_again() {
    let wire = Wire::serve([Reply::json(
        200,
        r#"{"repos":[{"name":"a","namespace_name":"team"},{"name":"b","namespace_name":"team2"}],"nextMarker":0}"#,
    )]);
    let run = wire.user().swr("repo list -n team -o json").exits(0);
    let names: Vec<_> = run
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["repository"].clone())
        .collect();
    assert_eq!(names, ["a"]);
}
