//! A run that is cut short leaves whole files that say so.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use super::{FILES, VERIFY, cloud, junit, read};
use crate::support::{Cloud, Home};

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([name, &id])
            .status()
            .unwrap()
            .success()
    );
}

fn start(user: &Home, line: &str) -> Child {
    let mut command = user.command(line.split_whitespace());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[track_caller]
fn all_say(user: &Home, words: &str) {
    let report = junit(&read(user, "report.xml"));
    assert_ne!(report.counts[2], 0, "{report:?}");
    let last = report.not_passed.last().unwrap();
    assert!(
        last.2.contains("cut short") && last.2.contains(words),
        "{report:?}"
    );
    let page = read(user, "page.md");
    assert!(
        page.contains("> **Incomplete:** ") && page.contains(words),
        "{page}"
    );
    let page = read(user, "page.html");
    assert!(
        page.contains(">Incomplete<") && page.contains(words),
        "{page}"
    );
    assert!(page.trim_end().ends_with("</html>"), "{page}");
    assert!(read(user, "swr.prom").contains("swr_run_complete{command=\"sync verify\"} 0\n"));
}

/// The second repository is not answered.
fn stalling(how: &str) -> Cloud {
    cloud().failing(&format!("GET /web$worker/tags@cn-east-3: {how} x*"))
}

#[test]
fn by_one_signal() {
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let cloud = stalling("503 retry-after=50");
        let user = cloud.user();
        let child = start(&user, &format!("{VERIFY} {FILES} --concurrency 1"));
        cloud.wait_for(5);
        signal(&child, name);
        let run = user.run_of(child.wait_with_output().unwrap()).exits(code);
        assert!(run.stdout.contains("team/web/api:v1"), "{run}");
        all_say(&user, "interrupted by SIG");
        assert!(read(&user, "page.md").contains("`team/web/api:v1`"));
    }
}

#[test]
fn by_a_second_signal_that_ends_the_process_at_once() {
    let cloud = stalling("slow");
    let user = cloud.user();
    let mut child = start(&user, &format!("{VERIFY} {FILES} --concurrency 1"));
    cloud.wait_for(5);
    // A signal that comes while the first one waits for its turn would be one with it.
    while child.try_wait().unwrap().is_none() {
        signal(&child, "-INT");
        std::thread::yield_now();
    }
    let run = user.run_of(child.wait_with_output().unwrap()).exits(130);
    assert!(run.stderr.contains("interrupted by SIGINT"), "{run}");
    all_say(&user, "interrupted by SIGINT");
}

#[test]
fn by_a_reader_that_has_gone() {
    let tags: Vec<String> = (0..3000).map(|number| format!("v{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let cloud = Cloud::start()
        .repository("team", "web/api", &tags)
        .namespace("cn-east-3", "mirror");
    let user = cloud.user();
    let mut child = start(&user, &format!("{VERIFY} {FILES} -o jsonl"));
    let mut first = [0];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    drop(child.stdout.take());
    let run = user.run_of(child.wait_with_output().unwrap()).exits(0);
    assert_eq!(run.stderr, "");
    all_say(&user, "standard output was closed");
}

#[test]
fn by_a_kill_that_nobody_sees() {
    let cloud = stalling("slow");
    let user = cloud
        .user()
        .file("page.html", "the old page")
        .file("swr.prom", "old 1\n");
    let child = start(&user, &format!("{VERIFY} {FILES} --concurrency 1"));
    cloud.wait_for(5);
    signal(&child, "-KILL");
    let run = user.run_of(child.wait_with_output().unwrap());
    assert_eq!(run.code, None);
    // What is replaced as a whole is the old one; what is streamed can be read, and is red.
    assert_eq!(read(&user, "page.html"), "the old page");
    assert_eq!(read(&user, "swr.prom"), "old 1\n");
    let report = junit(&read(&user, "report.xml"));
    assert_eq!(report.not_passed.last().unwrap().2, "the run has not ended");
}
