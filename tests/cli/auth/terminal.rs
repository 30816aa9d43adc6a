//! A person at a terminal, and others who look at the list of processes.

use std::process::Stdio;

use serde_json::{Value, json};

use super::{LOGIN, bodies, token, user};
use crate::support::{Home, Reply, Run, Wire, at_a_terminal};

#[test]
fn at_a_terminal_what_is_missing_is_asked_in_order_and_secrets_are_not_shown() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let user = user(&iam);
    let steps = json!([
        ["wait", "Account:"],
        ["type", "acme\n"],
        ["wait", "User:"],
        ["type", "alice\n"],
        ["wait", "Password:"],
        ["type", " pass word\n"],
        ["wait", "MFA code:"],
        ["type", "123456\n"],
    ]);
    let Some(typed) = at_a_terminal(&user, "auth login --mfa-user user-id", &steps) else {
        return;
    };
    assert_eq!(typed.code, 0, "{typed:?}");
    assert_eq!(typed.echo_at_prompt, [true, true, false, false]);
    assert!(typed.echo_after);
    assert!(
        typed.screen.starts_with(
            "Account: acme\r\nUser: alice\r\nPassword: \r\nMFA code: \r\nlogged in: alice of acme"
        ),
        "{}",
        typed.screen
    );
    let identity = &bodies(&iam)[0]["auth"]["identity"];
    assert_eq!(identity["password"]["user"]["password"], " pass word");
    assert_eq!(identity["totp"]["user"]["passcode"], "123456");
}

#[test]
fn at_a_terminal_the_secret_key_is_asked_and_a_token_is_hidden() {
    let user = Home::new().with("SWR_REGION", "cn-north-4");
    for (line, question, secret) in [
        (
            "auth login --access-key AKAK",
            "Secret key:",
            "secret-key\n",
        ),
        ("auth login --token-stdin", "Token:", "MII-of-mine\n"),
    ] {
        let steps = json!([["wait", question], ["type", secret]]);
        let Some(typed) = at_a_terminal(&user, line, &steps) else {
            return;
        };
        assert_eq!(typed.code, 0, "{typed:?}");
        assert!(!typed.screen.contains(secret.trim()), "{}", typed.screen);
    }
    assert_eq!(user.swr("auth token").exits(0).stdout, "MII-of-mine\n");
    let ci = user.with("CI", "1");
    let typed = at_a_terminal(&ci, "auth login --access-key AKAK", &json!([])).unwrap();
    assert_eq!(typed.code, 2, "nobody is asked where CI is set");
    assert!(
        typed.screen.contains("--secret-key-stdin"),
        "{}",
        typed.screen
    );
}

#[test]
fn a_signal_at_a_hidden_question_leaves_the_terminal_as_it_was() {
    let iam = Wire::serve([token("never")]);
    let user = user(&iam);
    let line = "auth login --user alice --account acme";
    let end = |step: Value| {
        let steps = json!([["wait", "Password:"], step]);
        at_a_terminal(&user, line, &steps)
    };
    for (step, code, signal) in [
        (json!(["type", "pass\u{3}"]), 130, "SIGINT"),
        (json!(["signal", 2]), 130, "SIGINT"),
        (json!(["signal", 15]), 143, "SIGTERM"),
        // These end the process by the signal itself.
        (json!(["type", "pass\u{1c}"]), -3, ""),
        (json!(["signal", 3]), -3, ""),
        (json!(["signal", 1]), -1, ""),
    ] {
        let Some(typed) = end(step) else { return };
        assert_eq!(typed.code, code, "{typed:?}");
        assert_eq!(typed.echo_at_prompt, [false]);
        assert!(typed.echo_after, "{typed:?}");
        assert!(!typed.screen.contains("pass"), "{typed:?}");
        let end = format!("error: interrupted by {signal}\r\n");
        assert!(
            signal.is_empty() || typed.screen.ends_with(&end),
            "{typed:?}"
        );
    }
    let nothing = json!([["wait", "Password:"], ["type", "\u{4}"]]);
    let typed = at_a_terminal(&user, line, &nothing).unwrap();
    assert_eq!((typed.code, typed.echo_after), (2, true), "{typed:?}");
    assert_eq!(iam.heard().len(), 0);
    let asked = json!([["wait", "Account:"], ["type", "\u{3}"]]);
    let typed = at_a_terminal(&user, "auth login", &asked).unwrap();
    assert_eq!(typed.code, 130, "{typed:?}");
}

#[test]
fn a_hidden_question_that_is_stopped_shows_nothing_of_the_answer_when_it_goes_on() {
    const CONT: u8 = 18;
    let iam = Wire::serve([token("MII-of-alice")]);
    let user = user(&iam);
    let line = "auth login --user alice --account acme";
    for stop in [json!(["type", "half\u{1a}"]), json!(["signal", 20])] {
        let steps = json!([
            ["wait", "Password:"],
            stop,
            ["stopped", ""],
            ["signal", CONT],
            ["wait", "Password:"],
            stop,
            ["stopped", ""],
            ["signal", CONT],
            ["wait", "Password:"],
            ["type", "pass\tword\n"],
        ]);
        let Some(typed) = at_a_terminal(&user, line, &steps) else {
            return;
        };
        assert_eq!(typed.code, 0, "{typed:?}");
        assert_eq!(
            typed.echo_at_prompt,
            [false, true, false, true, false],
            "{typed:?}"
        );
        assert!(typed.echo_after, "{typed:?}");
        for text in ["half", "pass", "word\r"] {
            assert!(!typed.screen.contains(text), "{typed:?}");
        }
        let sent = bodies(&iam).pop().unwrap();
        let password = &sent["auth"]["identity"]["password"]["user"]["password"];
        assert_eq!(password, "pass\tword");
    }
}

/// What `ps` shows of a process.
fn command_line(id: u32) -> String {
    let bytes = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn no_secret_is_among_the_arguments_of_a_process() {
    use std::io::Write;
    let iam = Wire::serve([Reply::Stall]);
    let user = user(&iam);
    let mut command = user.command(LOGIN.split(' '));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"pass-word\n")
        .unwrap();
    iam.wait_for_a_request();
    let shown = command_line(child.id());
    child.kill().unwrap();
    let _ = child.wait_with_output().unwrap();
    if cfg!(target_os = "linux") {
        assert!(shown.contains("--password-stdin"), "{shown}");
    }
    assert!(!shown.contains("pass-word"), "{shown}");
    // A token_command is run as it is written down, and is handed nothing.
    let user = Home::new()
        .file(
            "command",
            "#!/bin/sh\ncat /proc/$PPID/cmdline /proc/$$/cmdline /proc/$$/environ > seen\necho MII-of-mine\n",
        )
        .config("token_command = ['sh', 'command']\n");
    let run: Run = user.swr("auth token").exits(0);
    assert_eq!(run.stdout, "MII-of-mine\n");
    let seen = std::fs::read(user.path().join("seen")).unwrap();
    assert!(!String::from_utf8_lossy(&seen).contains("MII-of-mine"));
}
