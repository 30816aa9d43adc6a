//! How results look: on a terminal, in a pipe, through a filter, and when the process is cut short.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Cloud, EAST, Reply, Wire, in_a_window};

/// A cloud with names as long as they may be.
fn wide() -> Cloud {
    let long = "a".repeat(60);
    let cloud = Cloud::start()
        .repository("team", &format!("web/{long}"), &["v1", "v2"])
        .repository("team", "web/api", &["v1.0.0", &"t".repeat(100)])
        .namespace(EAST, "team")
        .task(("team", "web/api"), "team", true, false);
    let run = cloud.swr(
        "sync run -n team -r web/api --all --to-region cn-east-3 --to-namespace team --wait -q",
    );
    assert_eq!(run.code, Some(0), "{run}");
    cloud
}

/// The lists.
const LISTS: [&str; 6] = [
    "namespace list",
    "repo list",
    "tag list -n team -r web/api",
    "sync list -n team -r web/api",
    "sync jobs -n team -r web/api",
    "sync regions",
];

/// Returns how wide a line stands on the terminal, its colors taken away.
fn width_of(line: &str) -> usize {
    let mut width = 0;
    let mut characters = line.trim_end_matches('\r').chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            let _ = characters.by_ref().find(|c| c.is_ascii_alphabetic());
        } else {
            width += 1;
        }
    }
    width
}

#[test]
fn every_table_fits_the_terminal_with_a_bold_heading() {
    let cloud = wide();
    let user = cloud.user();
    for line in LISTS {
        let words: Vec<&str> = line.split(' ').collect();
        for columns in [60, 80, 200] {
            let Some(typed) = in_a_window(&user, &words, ("xterm", columns), &json!([])) else {
                return;
            };
            assert_eq!(typed.code, 0, "{line}: {typed:?}");
            let rows: Vec<&str> = typed.screen.lines().collect();
            let heading = rows[0];
            assert!(heading.starts_with("\u{1b}[1m"), "{line}: {heading:?}");
            for row in rows.iter().filter(|row| !row.contains("note: ")) {
                let width = width_of(row);
                assert!(
                    width <= usize::from(columns),
                    "{line} at {columns}: {width} {row}"
                );
            }
            assert!(
                !typed.screen.contains("T00:00"),
                "{line}: a time is told as seen from now"
            );
        }
    }
}

#[test]
fn in_a_pipe_every_list_is_tab_separated_uncut_and_without_heading() {
    let cloud = wide();
    for line in LISTS {
        let run = cloud.user().with("CLICOLOR_FORCE", "1").swr(line).exits(0);
        let columns = run.stdout.lines().next().unwrap().split('\t').count();
        assert!(columns > 1, "{line}: {run}");
        for row in run.stdout.lines() {
            assert_eq!(row.split('\t').count(), columns, "{line}: {row}");
            assert!(
                !row.contains('\u{1b}') && !row.contains('…'),
                "{line}: {row}"
            );
        }
        let rows: Vec<Value> = cloud
            .swr(&format!("{line} -o jsonl"))
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(run.stdout.lines().count(), rows.len(), "{line}");
        for (row, document) in run.stdout.lines().zip(&rows) {
            for key in ["tag", "digest", "repository"] {
                let Some(value) = document[key].as_str() else {
                    continue;
                };
                assert!(
                    row.contains(value) || line.contains(value),
                    "{line}: {value} in {row}"
                );
            }
        }
    }
}

#[test]
fn a_filter_writes_what_jq_would() {
    let cloud = wide();
    for (line, filter, expected) in [
        ("tag list -n team -r web/api", ".[1].tag", "v1.0.0\n"),
        (
            "tag list -n team -r web/api -o jsonl",
            ".tag | length",
            "100\n6\n",
        ),
        ("namespace show team", ".namespace", "team\n"),
        (
            "sync verify -n team -r web/api --to-region cn-east-3 --to-namespace team",
            "[.items[].status, (.summary | add)] | @json",
            "[\"same\",\"same\",2]\n",
        ),
        (
            "api GET /v2/manage/namespaces",
            ".namespaces | length",
            "2\n",
        ),
        ("tag list -n team -r web/api", "empty", ""),
    ] {
        let words = line.split(' ').chain(["--jq", filter]);
        let run = cloud.user().words(words).exits(0);
        assert_eq!(run.stdout, expected, "{line} --jq {filter}");
    }
}

#[test]
fn a_filter_that_is_wrong_sends_nothing_and_one_that_fails_is_exit_1() {
    let cloud = wide();
    let before = cloud.received().len();
    let run = cloud
        .user()
        .words(["tag", "list", "-n", "team", "-r", "web/api", "--jq", ".["]);
    let run = run.exits(2);
    assert!(
        run.stderr
            .starts_with("error: invalid filter '.[': it ends too early (--jq)\n"),
        "{run}"
    );
    assert_eq!(cloud.received().len(), before);
    for line in [
        "namespace list --jq .[].namespace.x",
        "completions bash --jq .",
    ] {
        let run = cloud.swr(line).exits(1);
        assert_eq!(run.stdout, "", "{run}");
        assert!(run.stderr.starts_with("error: "), "{run}");
    }
}

#[test]
fn beside_json_standard_error_is_json_lines() {
    let cloud = wide();
    let user = cloud.user();
    let create = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace other";
    for (line, keys) in [
        (format!("{create} -o json"), &["note", "hint"][..]),
        (
            format!("{create} --if-exists keep -vv -o json"),
            &["trace", "note"],
        ),
        ("sync list -n team -o jsonl".to_owned(), &["note"]),
        ("namespace show nope -o json".to_owned(), &["error"]),
        ("sync create --bogus -o json".to_owned(), &["error"]),
        ("namespace list -v -o json".to_owned(), &["trace"]),
    ] {
        let run = user.swr(&line);
        assert!(!run.stderr.is_empty(), "{line}");
        let lines: Vec<Value> = run
            .stderr
            .lines()
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| panic!("{line}: {text}")))
            .collect();
        for key in keys {
            assert!(
                lines.iter().any(|value| value.get(key).is_some()),
                "{line}: {key}: {run}"
            );
        }
        for value in &lines {
            assert_eq!(value.as_object().unwrap().len(), 1, "{line}: {value}");
        }
        let quiet = user.swr(&format!(
            "{} -q",
            line.replace(" -vv", "").replace(" -v", "")
        ));
        assert!(
            quiet.stderr.is_empty() || quiet.stderr.starts_with(r#"{"error":"#),
            "{quiet}"
        );
    }
}

/// What a hostile service writes into each of its texts.
const HOSTILE: &str = "::error::\u{1b}[2J\u{9b}1m\u{202e}\u{200b}\u{feff}\u{e0041}\\n##[group]x";

#[test]
fn no_text_of_a_service_deceives_a_reader_or_a_ci_runner() {
    let text = HOSTILE.replace('\u{1b}', "\\u001b");
    let list = format!(
        r#"{{"namespaces":[{{"name":"{text}","creator_name":"{text}","id":1,"auth":7}}]}}"#
    );
    let error = format!(r#"{{"errors":[{{"errorCode":"{text}","errorMessage":"{text}"}}]}}"#);
    let replies = [
        Reply::json(200, &list),
        Reply::json(400, &error),
        Reply::json(500, &text),
    ];
    for reply in replies {
        for form in [
            "",
            " -o json",
            " -o jsonl",
            " --jq . ",
            " -vv",
            " -vv -o json",
        ] {
            let user = Wire::serve([reply.clone()]);
            let run = user
                .user()
                .swr(&format!("namespace list --retries 0{form}"));
            for (line, stream) in run
                .stdout
                .lines()
                .map(|line| (line, "stdout"))
                .chain(run.stderr.lines().map(|line| (line, "stderr")))
            {
                let deceptive = |c: char| {
                    c.is_control() && c != '\t'
                        || "\u{9b}\u{202e}\u{200b}\u{feff}\u{e0041}".contains(c)
                };
                assert!(!line.contains(deceptive), "{form} {stream}: {line:?}");
                assert!(
                    !line.trim_start().starts_with("::"),
                    "{form} {stream}: {line:?}"
                );
                assert!(!line.contains("##["), "{form} {stream}: {line:?}");
            }
        }
    }
}

#[test]
fn a_document_is_whole_when_a_signal_cuts_it_short() {
    let page = |names: [&str; 2], marker: bool| {
        let rows = names.map(|name| json!({"name": name, "namespace": "team", "Tag": name}));
        let next = if marker { json!("x") } else { Value::Null };
        json!({"repos": rows, "tags": rows, "namespaces": rows, "nextMarker": next}).to_string()
    };
    for (line, expected) in [
        ("repo list -n team -o json", true),
        ("tag list -n team -r web/api -o json", true),
        ("repo list -n team --jq .", true),
        ("api GET /v3/manage/repos --paginate", true),
        ("repo list -n team -o jsonl", false),
    ] {
        for signal in ["-INT", "-TERM"] {
            let first = page(["a", "b"], true);
            let wire = Wire::play(move |count, _| match count {
                0 => Reply::json(200, &first),
                _ => Reply::Stall,
            });
            let user = wire.user();
            let mut command = user.command(line.split(' '));
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let child = command.spawn().unwrap();
            wire.wait_for_a_request();
            wire.wait_for_a_request();
            let id = child.id().to_string();
            let sent = Command::new("kill").args([signal, &id]).status();
            assert!(sent.unwrap().success());
            let run = user.run_of(child.wait_with_output().unwrap());
            assert!(matches!(run.code, Some(130 | 143)), "{line}: {run}");
            if expected {
                assert_eq!(
                    run.json().as_array().map(Vec::len),
                    Some(2),
                    "{line}: {run}"
                );
            } else {
                assert_eq!(run.stdout.lines().count(), 2, "{line}: {run}");
            }
        }
    }
}

const BULK: &str =
    "sync run -n team -r web/api --all --override --to-region cn-east-3 --to-namespace team -q";

/// A source of five tags, of which the target has other images of the first so many.
fn with_others(count: usize) -> Cloud {
    let tags = ["v1", "v2", "v3", "v4", "v5"];
    let cloud = Cloud::start()
        .repository("team", "web/api", &tags)
        .namespace(EAST, "team");
    cloud.emulator().add_repository(EAST, "team", "web/api");
    let digest = format!("sha256:{}", "b".repeat(64));
    for tag in &tags[..count] {
        let emulator = cloud.emulator();
        emulator.push(EAST, "team", "web/api", tag, Some(&digest));
    }
    cloud
}

#[test]
fn a_question_looks_first_and_is_asked_with_quiet_too() {
    let asked = [
        (
            1,
            "1 tag has another image in the target (team/web/api:v1 in team (cn-east-3)), which",
        ),
        (
            5,
            " and 2 more), which will be replaced; this cannot be undone. Continue? [y/N]",
        ),
    ];
    for (count, question) in asked {
        let cloud = with_others(count);
        let words: Vec<&str> = BULK.split(' ').collect();
        let steps = json!([["wait", "[y/N]"], ["type", "n\n"]]);
        let Some(typed) = in_a_window(&cloud.user(), &words, ("dumb", 200), &steps) else {
            return;
        };
        assert_eq!(typed.code, 2, "{typed:?}");
        assert!(typed.screen.contains(question), "{typed:?}");
        assert!(cloud.copies("team", "web/api").is_empty());
    }
}

#[test]
fn a_question_says_what_cannot_be_looked_at() {
    let cloud = with_others(1).failing("GET tags@cn-east-3: 403 x*");
    let words: Vec<&str> = BULK.split(' ').collect();
    let steps = json!([["wait", "[y/N]"], ["type", "y\n"]]);
    let Some(typed) = in_a_window(&cloud.user(), &words, ("dumb", 200), &steps) else {
        return;
    };
    let expected = "it cannot be seen how many images will be replaced in team (cn-east-3): ";
    assert!(typed.screen.contains(expected), "{typed:?}");
    assert_eq!(typed.code, 0, "{typed:?}");
    assert_eq!(cloud.copies("team", "web/api").len(), 5);
}

#[test]
fn nothing_is_asked_where_nothing_would_be_replaced() {
    let cloud = with_others(0);
    let words: Vec<&str> = BULK.split(' ').collect();
    let Some(typed) = in_a_window(&cloud.user(), &words, ("dumb", 80), &json!([])) else {
        return;
    };
    assert_eq!(typed.code, 0, "{typed:?}");
    assert!(!typed.screen.contains("[y/N]"), "{typed:?}");
    assert_eq!(cloud.copies("team", "web/api").len(), 5);
}

#[test]
fn without_a_terminal_a_question_is_refused_before_anything_is_sent() {
    let cloud = with_others(0);
    let run = cloud.swr(BULK).exits(2);
    assert_eq!(
        run.stderr,
        "error: a bulk --override replaces images; nobody is there to answer\n\
         hint: --yes answers the question\n"
    );
    assert_eq!(cloud.received(), [""; 0]);
    let _ = cloud.swr(&format!("{BULK} --yes")).exits(0);
}

#[test]
fn a_live_view_shows_something_before_the_first_answer_and_leaves_a_clean_terminal() {
    for line in [
        "sync verify -n team -r web/api --to-region cn-east-3 --to-namespace team",
        "sync run -n team -r web/api v1 --to-region cn-east-3 --to-namespace team --wait",
        "sync wait -n team -r web/api v1 --to-region cn-east-3 --to-namespace team",
    ] {
        let wire = Wire::serve([Reply::Stall]);
        let user = wire
            .user()
            .with("SWR_ENDPOINT_CN_EAST_3", wire.address())
            .with("SWR_TOKEN_CN_EAST_3", "token-of-the-east");
        let line = format!("{line} --timeout 2s --retries 0");
        let words: Vec<&str> = line.split(' ').collect();
        let steps = json!([["wait", "asking the service"], ["signal", 2]]);
        let Some(typed) = in_a_window(&user, &words, ("xterm", 60), &steps) else {
            return;
        };
        assert_eq!(typed.code, 130, "{line}: {typed:?}");
        let last = typed.screen.rsplit("\u{1b}[2K").next().unwrap();
        assert!(!last.contains("asking"), "{line}: {:?}", typed.screen);
        assert!(
            last.contains("interrupted by SIGINT"),
            "{line}: {:?}",
            typed.screen
        );
    }
}

#[test]
fn a_live_view_shows_each_item_and_its_results_scroll_up() {
    let target = "--to-region cn-east-3 --to-namespace team";
    for (columns, line, items, ends) in [
        (
            60,
            format!("sync run team/web/api --all {target} --wait"),
            "v3  ",
            "team/web/api:v3",
        ),
        (
            80,
            format!("sync create team/web/api {target} --backfill --wait"),
            "v3  ",
            "created",
        ),
        (
            80,
            format!("sync wait team/web/api:v1 {target} --wait-timeout 1s"),
            "v1  ",
            "team/web/api:v1",
        ),
        (
            200,
            format!("sync verify -n team {target}"),
            "team/web/api → team (cn-east-3)  comparing",
            "team/web/api:v3",
        ),
    ] {
        let cloud = Cloud::far(Duration::from_millis(60))
            .repository("team", "web/api", &["v1", "v2", "v3"])
            .namespace(EAST, "team");
        let user = cloud.user();
        let words: Vec<&str> = line.split(' ').collect();
        let steps = json!([
            ["wait", "asking the service"],
            ["wait", items],
            ["resize", 40]
        ]);
        let Some(typed) = in_a_window(&user, &words, ("xterm", columns), &steps) else {
            return;
        };
        // What stays is written whole, above the view.
        let screen = &typed.screen;
        assert!(screen.contains(ends), "{line}: {screen:?}");
        // Lines follow each other without an end: each is as wide as the terminal is.
        let drawn = screen.split(['\r', '\n']).rfind(|part| {
            ["copies done", "tags arrived", "compared"]
                .iter()
                .any(|said| part.contains(said) && !part.contains("error"))
        });
        if let Some(drawn) = drawn {
            let width = width_of(drawn);
            assert!(
                width.is_multiple_of(40) || width.is_multiple_of(usize::from(columns)),
                "{line}: {drawn:?}"
            );
        }
        let last = screen.rsplit("\u{1b}[2K").next().unwrap();
        assert!(!last.contains("asking"), "{line}: {last:?}");
    }
    // Where a line has no room, nothing is drawn.
    for columns in [0, 1, 7] {
        let cloud = Cloud::start()
            .repository("team", "web/api", &["v1"])
            .namespace(EAST, "team");
        let words = [
            "sync",
            "run",
            "team/web/api:v1",
            "--to",
            "cn-east-3",
            "--wait",
        ];
        let Some(typed) = in_a_window(&cloud.user(), &words, ("xterm", columns), &json!([])) else {
            return;
        };
        assert_eq!(typed.code, 0, "{columns}: {typed:?}");
        assert!(!typed.screen.contains("asking"), "{columns}: {typed:?}");
    }
}

#[test]
fn an_answer_is_indented_on_a_terminal_and_as_it_came_in_a_pipe() {
    let body = r#"{"namespaces":[{"name":"team","note":"a\u001b[2Jb"}]}"#;
    let wire = Wire::serve([Reply::json(200, body)]);
    let user = wire.user();
    let line = ["api", "GET", "/v2/manage/namespaces"];
    assert_eq!(user.words(line).exits(0).stdout, body);
    if let Some(typed) = in_a_window(&user, &line, ("xterm", 80), &json!([])) {
        let name = "      \u{1b}[1m\"name\"\u{1b}[0m: \"team\",\r\n";
        assert!(typed.screen.contains(name), "{:?}", typed.screen);
        assert!(!typed.screen.contains("\u{1b}[2J"), "{:?}", typed.screen);
    }
    // The error that follows has a line of its own, also where both go to one log.
    let wire = Wire::serve([Reply::json(404, r#"{"code":"x"}"#)]);
    let run = wire.user().words(line).exits(4);
    assert_eq!(run.stdout, "{\"code\":\"x\"}\n");
}
