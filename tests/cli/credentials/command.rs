//! The program of a token_command: it ends when `swr` does, with all that it started.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{CREATE, carried, user, willing};
use crate::support::Home;

/// Waits until a file holds a line for each process, and returns their ids.
fn processes(home: &Home, count: usize) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let text = std::fs::read_to_string(home.path().join("ids")).unwrap_or_default();
        let ids: Vec<String> = text.lines().map(str::to_owned).collect();
        if ids.len() == count && text.ends_with('\n') {
            return ids;
        }
        assert!(Instant::now() < end, "only {ids:?} came");
        std::thread::yield_now();
    }
}

fn runs(id: &str) -> bool {
    // A zombie runs no longer; whoever took it over has not looked yet.
    let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = status.rsplit(") ").next().unwrap_or_default();
    !status.is_empty() && !state.starts_with('Z')
}

fn until_gone(ids: &[String]) {
    let end = Instant::now() + Duration::from_secs(20);
    while ids.iter().any(|id| runs(id)) {
        assert!(Instant::now() < end, "{ids:?} still run");
        std::thread::yield_now();
    }
}

const SLOW: &str = "echo $$ >> ids\nsh -c 'echo $$ >> ids; exec sleep 600' &\nwait\n";
/// It takes no notice of what asks it to end.
const STUBBORN: &str = "trap '' INT TERM\necho $$ >> ids\nsh -c 'echo $$ >> ids; while :; do sleep 600; done' &\nwait\n";

#[test]
fn a_signal_to_swr_ends_the_program_and_all_that_it_started() {
    for script in [SLOW, STUBBORN] {
        for signal in ["INT", "TERM", "HUP", "QUIT"] {
            // `run --wait` takes the first signal as a wish; `create` ends at once.
            for line in [CREATE, "auth token"] {
                let home = user(&willing())
                    .file("print", script)
                    .config("token_command = ['sh', 'print']\n");
                let mut command = home.command(line.split(' '));
                command
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null());
                let mut child = command.spawn().unwrap();
                let ids = processes(&home, 2);
                let id = child.id().to_string();
                let sent = std::process::Command::new("kill")
                    .args(["-s", signal, &id])
                    .status();
                assert!(sent.unwrap().success());
                let status = child.wait().unwrap();
                assert!(!status.success(), "{signal}: {status}");
                until_gone(&ids);
            }
        }
    }
}

#[test]
fn a_program_that_takes_too_long_ends_with_all_that_it_started() {
    let home = user(&willing())
        .file("print", STUBBORN)
        .config("token_command = ['sh', 'print']\n");
    let run = home.swr(&format!("{CREATE} --timeout 2s")).exits(7);
    assert!(run.stderr.contains("took longer than 2s"), "{run}");
    until_gone(&processes(&home, 2));
}

#[test]
fn what_a_program_leaves_behind_with_its_output_open_does_not_hold_swr_up() {
    let service = willing();
    let home = user(&service)
        .file("print", "sleep 600 &\necho $! > ids\necho MII-of-mine\n")
        .config("token_command = ['sh', 'print']\n");
    let started = Instant::now();
    let _ = home.swr(CREATE).exits(0);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(carried(&service), "token MII-of-mine");
    for id in processes(&home, 1) {
        let _ = std::process::Command::new("kill").arg(&id).status();
    }
}
