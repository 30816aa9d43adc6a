//! The live view on a real terminal: something is seen at once, then each item under way.

use serde_json::json;

use crate::support::{Cloud, EAST, Home, Typed, in_a_window};

const TARGET: &str = "--to-region cn-east-3 --to-namespace team";
/// An answer that never comes is waited for longer than any step takes.
const LONG: &str = "--timeout 1m --retries 0";
const FLEET: &str = "[[sync]]\nnamespace = \"team\"\nrepositories = ['**']\nto = [\"cn-east-3\"]\n";

/// What is shown before the first answer.
const FIRST: &str = "asking the service";

/// Each verb that takes long.
fn verbs() -> [String; 6] {
    let link = format!("-n team -r web/api {TARGET}");
    [
        format!("sync create {link} --auto --backfill --wait"),
        format!("sync run {link} --all --wait"),
        format!("sync wait {link} v1 v2"),
        format!("sync verify -n team {TARGET}"),
        "plan".to_owned(),
        "apply --backfill --wait".to_owned(),
    ]
}

fn cloud() -> Cloud {
    Cloud::start()
        .repository("team", "web/api", &["v1", "v2"])
        .namespace(EAST, "team")
}

fn user(cloud: &Cloud) -> Home {
    cloud.user().file("swr.toml", FLEET)
}

/// The first signal asks for a stop, the second one ends the process.
#[track_caller]
fn ended_by_a_signal(line: &str, typed: &Typed) {
    assert!([130, 143].contains(&typed.code), "{line}: {typed:?}");
}

/// Returns the rows that a terminal of so many columns shows, without colors and cursor moves. A
/// line of the live view fills its row, so the next one follows without a line break.
fn rows(screen: &str, columns: u16) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = screen.chars();
    while let Some(character) = rest.next() {
        if character == '\u{1b}' {
            let _ = rest.by_ref().skip(1).find(char::is_ascii_alphabetic);
            plain.push('\n');
        } else {
            plain.push(character);
        }
    }
    let lines = plain.split(['\n', '\r']).filter(|row| !row.is_empty());
    lines
        .flat_map(|line| {
            let characters: Vec<char> = line.chars().collect();
            let chunks = characters.chunks(columns.into());
            chunks
                .map(|row| row.iter().collect())
                .collect::<Vec<String>>()
        })
        .collect()
}

#[test]
fn something_is_seen_before_the_first_answer_comes() {
    for line in verbs() {
        let cloud = cloud().failing("* *: slow x*");
        let line = format!("{line} {LONG}");
        let words: Vec<&str> = line.split(' ').collect();
        let steps = json!([["wait", FIRST], ["signal", 2], ["signal", 15]]);
        let Some(typed) = in_a_window(&user(&cloud), &words, ("xterm", 80), &steps) else {
            return;
        };
        ended_by_a_signal(&line, &typed);
    }
}

#[test]
fn each_item_under_way_has_its_state_and_its_time_at_any_width() {
    let stuck = [
        ("COPY *: stuck x*", 0, "v2  waiting"),
        ("COPY *: stuck x*", 1, "v2  waiting"),
        ("COPY *: stuck x*", 2, "v2  no job yet"),
        (
            "GET tags@cn-east-3: slow x*",
            3,
            "team/web/api → team (cn-east-3)  comparing",
        ),
        ("GET sync_repo: slow x*", 4, "team/web/api  reading"),
        (
            "COPY *: stuck x*",
            5,
            "team/web/api → team (cn-east-3)  0 of 2 copies",
        ),
    ];
    for (fault, verb, expected) in stuck {
        let line = &verbs()[verb];
        for columns in [60, 80, 200] {
            let cloud = cloud().failing(fault);
            let line = format!("{line} {LONG}");
            let words: Vec<&str> = line.split(' ').collect();
            let steps = json!([["wait", expected], ["signal", 2], ["signal", 15]]);
            let Some(typed) = in_a_window(&user(&cloud), &words, ("xterm", columns), &steps) else {
                return;
            };
            ended_by_a_signal(&line, &typed);
            let rows = rows(&typed.screen, columns);
            let own = rows.iter().find(|row| row.contains(expected)).unwrap();
            assert_eq!(own.chars().count(), usize::from(columns), "{line}: {own:?}");
            let time = own.split(' ').next_back().unwrap();
            assert!(["0s", "1s"].contains(&time), "{line} at {columns}: {own:?}");
        }
    }
}

#[test]
fn what_ended_scrolls_up_while_the_rest_goes_on() {
    let cloud = cloud()
        .repository("team", "zz", &["v1"])
        .failing("GET zz/tags@cn-east-3: slow x*");
    let run = cloud.swr(&format!(
        "sync run -n team -r web/api --all {TARGET} --wait"
    ));
    let _ = run.exits(0);
    let line = format!("sync verify -n team {TARGET} {LONG}");
    let words: Vec<&str> = line.split(' ').collect();
    let steps = json!([
        ["wait", "team/web/api:v2"],
        ["wait", "team/zz → team (cn-east-3)  comparing"],
        ["signal", 2],
        ["signal", 15]
    ]);
    let Some(typed) = in_a_window(&user(&cloud), &words, ("xterm", 80), &steps) else {
        return;
    };
    ended_by_a_signal(&line, &typed);
}

#[test]
fn nothing_is_drawn_between_the_lines_of_a_document() {
    for line in verbs() {
        let cloud = cloud();
        let words: Vec<&str> = line.split(' ').chain(["-o", "json"]).collect();
        if line.starts_with("sync wait") || line.starts_with("sync verify") {
            let _ = cloud.swr(&format!(
                "sync run -n team -r web/api --all {TARGET} --wait"
            ));
        }
        let Some(typed) = in_a_window(&user(&cloud), &words, ("xterm", 80), &json!([])) else {
            return;
        };
        assert_eq!(typed.code, 0, "{line}: {typed:?}");
        assert!(!typed.screen.contains(FIRST), "{line}: {typed:?}");
    }
}

/// Who writes holds the live view, and is stuck where no one reads.
#[test]
#[cfg(target_os = "linux")]
fn a_second_signal_ends_a_run_whose_results_no_one_reads() {
    let cloud = (0..100).fold(cloud(), |cloud, number| {
        cloud.repository("team", &format!("repository-{number:03}"), &[])
    });
    let words: Vec<&str> = "plan --concurrency 1".split(' ').collect();
    let steps = json!([
        ["full", 3900],
        ["signal", 2],
        ["signal", 15],
        ["signal", 15]
    ]);
    let Some(typed) = in_a_window(&user(&cloud), &words, ("xterm", 80), &steps) else {
        return;
    };
    ended_by_a_signal("plan", &typed);
}
