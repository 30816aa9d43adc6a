//! Rules for every command (contract, section 1.3), each held against all that it is about.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::{Cloud, EAST, Home, Reply, Wire, in_a_window};

fn cloud() -> Cloud {
    Cloud::start()
        .repository("team", "web/api", &["v1", "v2"])
        .namespace(EAST, "team")
        .task(("team", "web/api"), "old", true, false)
}

/// Every command of the page, with its help.
fn pages() -> Vec<(String, String)> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cli.md");
    let page = std::fs::read_to_string(page).unwrap();
    page.split("\n##")
        .skip(1)
        .map(|part| {
            let name = part.split('`').nth(1).unwrap();
            (name.to_owned(), part.to_owned())
        })
        .collect()
}

/// Returns the options that a page offers: `--to-region`.
fn options(page: &str) -> Vec<(String, bool)> {
    let lines = page.lines().map(str::trim_start);
    lines
        .filter(|line| line.starts_with('-'))
        .filter_map(|line| {
            let option = line.split("--").nth(1)?;
            let name: String = option
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                .collect();
            let takes_a_value = option[name.len()..]
                .trim_start_matches('[')
                .starts_with([' ', '='])
                && option[name.len()..].trim_start().starts_with('<');
            Some((name, takes_a_value))
        })
        .collect()
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    let cloud = cloud();
    let user = cloud
        .user()
        .file("other.toml", "[profiles.prod]\nnamespace = \"team\"\n");
    for option in [
        "--config other.toml",
        "--config other.toml --profile prod",
        "--region cn-north-4",
        "--project-id 0123456789abcdef0123456789abcdef",
        "-o json",
        "--output jsonl",
        "--output=json",
        "-ojson",
        "--jq .[].namespace",
        "--timeout 20s",
        "--connect-timeout 5s",
        "--retries 0",
        "--color always",
        "-q",
        "-v",
        "--timeout nonsense",
        "--retries nonsense",
    ] {
        let before = user.swr(&format!("{option} namespace list"));
        let between = user.swr(&format!("namespace {option} list"));
        let after = user.swr(&format!("namespace list {option}"));
        let steady = |run: &crate::support::Run| {
            // A request's id and time are its own.
            let stderr: Vec<String> = run
                .stderr
                .lines()
                .map(|line| line.split(" in ").next().unwrap_or_default().to_owned())
                .map(|line| line.split(" (").next().unwrap_or_default().to_owned())
                .collect();
            (run.code, run.stdout.clone(), stderr)
        };
        assert_eq!(steady(&before), steady(&after), "{option}");
        assert_eq!(steady(&before), steady(&between), "{option}");
        let is_wrong = option.contains("nonsense");
        assert_eq!(before.code, Some(if is_wrong { 2 } else { 0 }), "{before}");
    }
}

#[test]
fn what_changes_something_can_be_tried_and_changes_nothing() {
    let fleet =
        "[[sync]]\nnamespace = \"team\"\nrepositories = [\"web/api\"]\nto = [\"cn-east-3\"]\n";
    for line in [
        "sync create team/web/api --to cn-east-3 --auto",
        "sync create team/web/api --to cn-east-3,xx-nowhere-1 --auto --if-exists replace --backfill",
        "sync create team/web/api --to cn-east-3/new --create-namespace",
        "sync delete team/web/api --to cn-east-3/old",
        "sync run team/web/api:v1 --to cn-east-3",
        "sync run team/web/api --all --override --to cn-east-3",
        "namespace create fresh",
        "api POST /v2/manage/namespaces --field namespace=fresh",
        "apply -f swr.toml",
    ] {
        for form in ["--dry-run", "--dry-run=curl", "--dry-run -o json"] {
            let cloud = cloud();
            let user = cloud.user().file("swr.toml", fleet);
            let before = cloud.tasks("team", "web/api");
            let run = user.swr(&format!("{line} {form}"));
            assert_eq!(run.code, Some(0), "{line} {form}: {run}");
            assert!(!run.stdout.is_empty(), "{line} {form}: {run}");
            let received = cloud.received();
            assert!(
                received.iter().all(|request| request.starts_with("GET ")),
                "{line} {form}: {received:?}"
            );
            assert_eq!(cloud.tasks("team", "web/api"), before, "{line} {form}");
            assert!(cloud.copies("team", "web/api").is_empty(), "{line} {form}");
        }
    }
}

#[test]
fn what_takes_many_takes_a_concurrency_and_what_waits_a_limit() {
    let pages = pages();
    let has = |command: &str, option: &str| {
        let (_, page) = pages.iter().find(|(name, _)| name == command).unwrap();
        options(page).iter().any(|(name, _)| name == option)
    };
    for command in [
        "sync create",
        "sync list",
        "sync run",
        "sync wait",
        "sync verify",
        "sync status",
        "plan",
        "apply",
        "export",
    ] {
        assert!(has(&format!("swr {command}"), "concurrency"), "{command}");
    }
    for command in ["sync create", "sync run", "sync wait", "apply"] {
        assert!(has(&format!("swr {command}"), "wait-timeout"), "{command}");
    }
    for line in [
        "sync verify -n team --to cn-east-3 --concurrency 0",
        "sync list --concurrency 0",
        "sync wait team/web/api:v1 --to cn-east-3 --wait-timeout soon",
    ] {
        let cloud = cloud();
        let _ = cloud.swr(line).exits(2);
        assert_eq!(cloud.received(), [""; 0], "{line}");
    }
}

#[test]
fn no_option_takes_a_secret_or_turns_tls_verification_off() {
    for (command, page) in pages() {
        for (option, takes_a_value) in options(&page) {
            for word in [
                "insecure",
                "skip-tls",
                "no-verify",
                "no-check",
                "tls-verify",
            ] {
                assert!(!option.contains(word), "{command}: --{option}");
            }
            let is_secret = ["token", "password", "secret", "mfa-code"]
                .iter()
                .any(|word| option.contains(word));
            assert!(!is_secret || !takes_a_value, "{command}: --{option}");
        }
    }
    // Nor is one taken that the page does not show.
    for option in [
        "--token",
        "--password",
        "--secret-key",
        "--insecure",
        "--access-token",
    ] {
        for command in [
            "auth login",
            "sync list",
            "namespace list",
            "registry login",
        ] {
            let run = Home::new().swr(&format!("{command} {option} x"));
            assert_eq!(run.code, Some(2), "{command} {option}: {run}");
        }
    }
}

#[test]
fn a_ci_system_is_never_asked_a_question() {
    let cloud = cloud();
    let digest = format!("sha256:{}", "b".repeat(64));
    cloud.emulator().add_repository(EAST, "team", "web/api");
    cloud
        .emulator()
        .push(EAST, "team", "web/api", "v1", Some(&digest));
    let user = cloud.user().with("CI", "true");
    for line in [
        "sync run team/web/api --all --override --to cn-east-3",
        "auth login",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let Some(typed) = in_a_window(&user, &words, ("dumb", 80), &json!([])) else {
            return;
        };
        assert_eq!(typed.code, 2, "{line}: {typed:?}");
    }
    let run = in_a_window(
        &user,
        &[
            "sync",
            "run",
            "team/web/api",
            "--all",
            "--override",
            "--to",
            "cn-east-3",
        ],
        ("dumb", 80),
        &json!([]),
    );
    assert!(run.unwrap().screen.contains("--yes"));
    assert!(cloud.copies("team", "web/api").is_empty());
}

#[test]
fn nothing_is_sent_that_nobody_asked_for() {
    let wire = Wire::serve([Reply::Cut]);
    let user = wire
        .user()
        .with("SWR_REGION", "cn-north-4")
        .with("HTTPS_PROXY", wire.address())
        .with("HTTP_PROXY", wire.address())
        .file(
            "swr.toml",
            "[[sync]]\nnamespace = \"team\"\nrepositories = [\"web/*\"]\nto = [\"cn-east-3\"]\n",
        );
    for line in [
        "version",
        "version -o json",
        "--version",
        "--help",
        "help exit-codes",
        "sync create --help",
        "man",
        "completions bash",
        "config show",
        "config path",
        "auth status",
        "check -f swr.toml",
        "sync create team/web/api --to cn-east-3 --dry-run",
        "sync delete team/web/api --to cn-east-3 --dry-run",
        "emulator exec -- true",
    ] {
        let run = user.swr(line);
        assert_eq!(run.code, Some(0), "{line}: {run}");
        assert_eq!(wire.lines(), [""; 0], "{line}");
    }
}

#[test]
fn force_gives_color_and_no_color_wins() {
    let cloud = cloud();
    let colored = |user: &Home| {
        let runs = [
            "namespace list",
            "--help",
            "sync create --help",
            "tag show team/web/api:v1",
        ];
        runs.map(|line| user.swr(line).exits(0).stdout.contains('\u{1b}'))
    };
    assert_eq!(colored(&cloud.user()), [false; 4]);
    for variable in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
        let forced = cloud.user().with(variable, "1");
        let [list, help, verb, show] = colored(&forced);
        assert!(
            help && verb && show,
            "{variable}: {list} {help} {verb} {show}"
        );
        assert_eq!(
            colored(&forced.with("NO_COLOR", "1")),
            [false; 4],
            "{variable}"
        );
    }
    let words = ["namespace", "list"];
    if let Some(typed) = in_a_window(&cloud.user(), &words, ("dumb", 80), &json!([])) {
        assert!(!typed.screen.contains('\u{1b}'), "{:?}", typed.screen);
    }
}

#[test]
fn a_wait_that_is_interrupted_says_how_to_go_on() {
    let cloud = cloud();
    let user = cloud.user();
    let line = "sync wait team/web/api:v1 --to cn-east-3";
    let mut command = user.command(line.split(' '));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    cloud.wait_for(6);
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let run = user.run_of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(130), "{run}");
    assert!(
        run.stderr.contains(
            "swr sync wait v1 -n team -r web/api --to-region cn-east-3 --to-namespace team"
        ),
        "{run}"
    );
}
