//! Command lines and streams: usage, help, pipes, full disks.

use std::process::Stdio;

use snapbox::{assert_data_eq, str};

use crate::support::{Home, Reply, Wire};

#[test]
fn a_refused_line_says_what_and_how() {
    let home = Home::new();
    assert_data_eq!(
        home.swr("sync crate").to_string(),
        str![[r#"
exit: 2
--- stderr
error: unrecognized command 'crate'
hint: did you mean 'create'?
usage: swr sync <COMMAND>

"#]]
    );
    assert_data_eq!(
        home.swr("sync create --bogus -o json").to_string(),
        str![[r#"
exit: 2
--- stderr
{"error":{"kind":"usage","message":"unexpected argument '--bogus' found","hint":"see 'swr sync create --help'","exit_code":2,"retryable":false,"http_status":null,"code":null,"request_id":null,"field":null,"request":null}}

"#]]
    );
    assert_data_eq!(
        home.with("SWR_OUTPUT", "json")
            .swr("sync create -n a")
            .exits(2)
            .stderr,
        str![[r#"
{"error":{"kind":"validation","message":"no repository is named: --repo NAME/nno target is named: --to REGION[/NAMESPACE], or --to-region and --to-namespace","hint":null,"exit_code":2,"retryable":false,"http_status":null,"code":null,"request_id":null,"field":null,"request":null,"fields":[{"field":"--repo","value":"","message":"no repository is named: --repo NAME"},{"field":"--to","value":"","message":"no target is named: --to REGION[/NAMESPACE], or --to-region and --to-namespace"}]}}

"#]]
    );
}

#[test]
fn nothing_at_all_is_help() {
    let home = Home::new();
    for (words, help) in [(vec![], "--help"), (vec!["sync"], "sync --help")] {
        let run = home.words(words);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
        assert_eq!(run.stderr, home.swr(help).exits(0).stdout);
    }
    let run = home.with("SWR_OUTPUT", "json").swr("sync").exits(2);
    assert!(
        run.stderr.contains(r#""message":"a command is missing""#),
        "{run}"
    );
}

#[test]
fn help_reads_no_settings() {
    let home = Home::new()
        .config("broken = [")
        .with("SWR_OUTPUT", "nonsense");
    for line in ["--help", "--version", "sync create --help", "-V"] {
        let run = home.swr(line).exits(0);
        assert_eq!(run.stderr, "", "{line}");
    }
}

#[test]
fn topics_and_commands_have_help() {
    let home = Home::new();
    for (line, part) in [
        ("help exit-codes", "130"),
        ("help environment", "SWR_TOKEN_<REGION>"),
        ("help config", "token_command"),
        ("help json", "snake_case"),
        ("help sync create", "--if-exists"),
        ("help", "Usage: swr"),
    ] {
        let run = home.swr(line).exits(0);
        assert!(run.stdout.contains(part), "{line}: {run}");
        assert_eq!(run.stderr, "", "{line}");
    }
    assert_data_eq!(
        home.swr("help nonsense").to_string(),
        str![[r#"
exit: 2
--- stderr
error: unrecognized command 'nonsense'
hint: see 'swr --help'
usage: swr <COMMAND>

"#]]
    );
}

#[test]
fn a_closed_pipe_is_quiet_success() {
    let home = Home::new();
    for line in [
        "--help",
        "help environment",
        "config show -o json",
        "help exit-codes",
    ] {
        let mut command = home.command(line.split(' '));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let run = home.run_of(output);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = || std::fs::File::options().write(true).open("/dev/full");
    if full().is_err() {
        return;
    }
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let user = wire.user();
    for line in [
        "--help",
        "version",
        "help exit-codes",
        "sync create -n a -r b --to-region cn-east-3 --to-namespace c -o json",
    ] {
        let mut command = user.command(line.split(' '));
        command.stdout(full().unwrap()).stderr(Stdio::piped());
        let run = user.run_of(command.output().unwrap());
        assert_eq!(run.code, Some(1), "{line}: {run}");
        assert!(
            run.stderr.contains("standard output cannot be written"),
            "{line}: {run}"
        );
    }
}

#[test]
fn color_is_for_terminals_and_for_those_who_ask() {
    let escape = '\u{1b}';
    let home = Home::new();
    let colored = |home: &Home, line: &str| home.swr(line).stdout.contains(escape);
    assert!(!colored(&home, "help exit-codes"));
    assert!(colored(&home, "help exit-codes --color always"));
    let home = home.with("CLICOLOR_FORCE", "1");
    assert!(colored(&home, "help exit-codes"));
    assert!(!colored(&home, "help exit-codes --color never"));
    let home = home.with("NO_COLOR", "1");
    assert!(!colored(&home, "help exit-codes"));
}

#[test]
fn quiet_leaves_errors_alone() {
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let line = "sync create -n a -r b --to-region cn-east-3 --to-namespace c";
    assert_eq!(wire.user().swr(&format!("{line} -q")).exits(0).stderr, "");
    let run = wire
        .user()
        .swr("sync create -q -n A -r b --to-region cn-east-3 --to-namespace c");
    assert!(run.exits(2).stderr.starts_with("error: "));
}

#[test]
fn verbose_shows_each_request() {
    let wire = Wire::serve([Reply::json(200, "{}").header("X-Request-Id", "r9")]);
    let line = "sync create -n a -r b --to-region cn-east-3 --to-namespace c -v";
    let run = wire.user().swr(line).exits(0);
    let first = run.stderr.lines().next().unwrap();
    assert_eq!(
        first,
        "> POST http://[SERVER]/v2/manage/namespaces/a/repos/b/sync_repo"
    );
    assert!(run.stderr.contains("request id r9"), "{run}");
}

#[test]
fn the_version_names_the_json_promise() {
    let run = Home::new().swr("version -o json").exits(0);
    let document = run.document("version");
    assert_eq!(document["json"], 1);
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
}
