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
fn a_login_with_nothing_given_leads_through_each_way_and_checks_it_with_one_request() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let ways = [
        (
            "1",
            json!([
                ["wait", "Account:"],
                ["type", "acme\n"],
                ["wait", "User:"],
                ["type", "alice\n"],
                ["wait", "Password:"],
                ["type", "pass-word\n"]
            ]),
        ),
        (
            "2",
            json!([
                ["wait", "Access key:"],
                ["type", "AKAKAKAKAKAKAKAK\n"],
                ["wait", "Secret key:"],
                ["type", "secret-of-mine\n"]
            ]),
        ),
        ("3", json!([["wait", "Token:"], ["type", "MII-of-mine\n"]])),
    ];
    for (way, answers) in ways {
        for has_region in [true, false] {
            for status in [200, 401] {
                let service = Wire::serve([Reply::json(status, r#"{"namespaces":[]}"#)]);
                let mut user = user(&iam).with("SWR_ENDPOINT_CN_NORTH_4", service.address());
                let mut steps = vec![
                    json!(["wait", "1, 2 or 3:"]),
                    json!(["type", format!("{way}\n")]),
                ];
                // Of access keys, the access key is asked before the region.
                let (first, rest) =
                    answers
                        .as_array()
                        .unwrap()
                        .split_at(if way == "2" { 2 } else { 0 });
                steps.extend_from_slice(first);
                if !has_region {
                    user = user.without("SWR_REGION");
                    steps.extend([json!(["wait", "Region"]), json!(["type", "cn-north-4\n"])]);
                }
                steps.extend_from_slice(rest);
                let Some(typed) = at_a_terminal(&user, "auth login", &Value::Array(steps)) else {
                    return;
                };
                let code = if status == 200 { 0 } else { 4 };
                assert_eq!(typed.code, code, "{way}: {typed:?}");
                assert!(typed.screen.contains("kept in "), "{typed:?}");
                for secret in ["pass-word", "secret-of-mine", "MII-of-mine"] {
                    assert!(!typed.screen.contains(secret), "{typed:?}");
                }
                assert_eq!(
                    typed.screen.contains("is an IAM user"),
                    way == "1",
                    "{typed:?}"
                );
                let checked = "checked: SWR in cn-north-4 accepts the login";
                assert_eq!(typed.screen.contains(checked), status == 200, "{typed:?}");
                assert_eq!(
                    service.heard().len(),
                    1,
                    "a wrong try counts, so there is one: {typed:?}"
                );
                // A token that the service calls dead is dropped at once.
                let code = i32::from(status == 401 && way != "2");
                let _ = user.swr("auth status --region cn-north-4").exits(code);
            }
        }
    }
    let steps = json!([["wait", "1, 2 or 3:"], ["type", "4\n"]]);
    let typed = at_a_terminal(&Home::new(), "auth login", &steps).unwrap();
    assert_eq!(typed.code, 2, "{typed:?}");
    // Something stronger is set, so a check would be one of that.
    let service = Wire::serve([Reply::json(200, r#"{"namespaces":[]}"#)]);
    let user = user(&iam)
        .with("SWR_ENDPOINT", service.address())
        .with("SWR_TOKEN", "token-of-the-variable");
    let steps = json!([
        ["wait", "1, 2 or 3:"],
        ["type", "3\n"],
        ["wait", "Token:"],
        ["type", "MII-of-mine\n"]
    ]);
    let typed = at_a_terminal(&user, "auth login", &steps).unwrap();
    assert!(
        typed.screen.contains("SWR_TOKEN takes precedence"),
        "{typed:?}"
    );
    assert_eq!(service.heard().len(), 0);
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
    let asked = json!([["wait", "1, 2 or 3:"], ["type", "\u{3}"]]);
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
    // A token_command is run as it is written down, and is passed nothing.
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
