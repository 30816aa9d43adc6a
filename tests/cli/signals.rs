//! SIGINT and SIGTERM, at a time when the command waits for an answer.

use std::process::{Command, Stdio};

use crate::support::{Reply, Wire};

const LINE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team";

fn interrupted(line: &str, reply: Reply, signal: &str) -> crate::support::Run {
    let wire = Wire::serve([reply]);
    let user = wire.user();
    let mut command = user.command(line.split(' '));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wire.wait_for_a_request();
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &id])
            .status()
            .unwrap()
            .success()
    );
    user.run_of(child.wait_with_output().unwrap())
}

#[test]
fn a_signal_ends_a_request_that_stalls() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let run = interrupted(LINE, Reply::Stall, signal).exits(code);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.starts_with("error: interrupted by SIG"), "{run}");
    }
}

#[test]
fn a_signal_ends_a_pause_before_a_retry() {
    let reply = Reply::json(503, "").header("Retry-After", "50");
    let run = interrupted(&format!("{LINE} -o json"), reply, "-TERM").exits(143);
    assert_eq!(run.json_error()["kind"], "interrupted");
}

#[test]
fn a_signal_among_many_tells_what_was_not_begun() {
    let reply = Reply::json(503, "").header("Retry-After", "50");
    let line = format!("{LINE} --to-region ap-southeast-1 --concurrency 1 -o json");
    let run = interrupted(&line, reply, "-INT").exits(130);
    assert_eq!(
        run.counts("sync-create-several"),
        serde_json::json!({"failed": 1, "skipped": 1})
    );
}

#[test]
fn a_signal_that_the_parent_ignores_stays_ignored() {
    let wire = Wire::serve([Reply::Stall]);
    let user = wire.user();
    let swr = user.command(LINE.split(' '));
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' INT; exec \"$0\" \"$@\""])
        .arg(swr.get_program())
        .args(swr.get_args())
        .env_clear()
        .envs(
            swr.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = shell.spawn().unwrap();
    wire.wait_for_a_request();
    for signal in ["-INT", "-TERM"] {
        let id = child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
    }
    let run = user.run_of(child.wait_with_output().unwrap()).exits(143);
    assert_eq!(run.stdout, "");
}
