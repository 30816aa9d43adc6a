//! Whole processes in turns.

use std::process::{Command, Stdio};
use std::time::Instant;

/// What a pair came to: medians, in seconds, and the median of the rounds' ratios.
pub struct Paired {
    pub ours: f64,
    pub peer: f64,
    pub ratio: f64,
}

pub fn is_installed(command: &Command) -> bool {
    let program = command.get_program();
    if program.to_string_lossy().contains('/') {
        return std::path::Path::new(program).exists();
    }
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

/// Runs a command that has to succeed, and returns how long it took, in seconds.
pub fn once(command: &mut Command) -> f64 {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status().expect("the command runs");
    let took = started.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?} ended with {status}");
    took
}

/// Times two things in turns, after two rounds that do not count.
pub fn paired(
    mut ours: impl FnMut() -> f64,
    mut peer: impl FnMut() -> f64,
    rounds: usize,
) -> Paired {
    for _ in 0..2 {
        ours();
        peer();
    }
    let pairs: Vec<(f64, f64)> = (0..rounds).map(|_| (ours(), peer())).collect();
    Paired {
        ours: median(pairs.iter().map(|(ours, _)| *ours)),
        peer: median(pairs.iter().map(|(_, peer)| *peer)),
        ratio: median(pairs.iter().map(|(ours, peer)| ours / peer)),
    }
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Returns the largest resident memory of a command, in KiB, the median of several runs.
/// `/usr/bin/time` starts it from a small process: the peak of a child of a large one would read as
/// the parent's.
pub fn peak(command: &Command, runs: usize) -> Option<f64> {
    let mut timed = within("/usr/bin/time", &["-f", "TIME %M"], command);
    let peaks: Option<Vec<f64>> = (0..runs)
        .map(|_| measured(&mut timed).map(|found| found[0]))
        .collect();
    peaks.map(|peaks| median(peaks.into_iter()))
}

/// Returns the processor time of a command, user's and system's, in seconds: the least of several
/// runs, for there is no pair here to share a disturbance, and disturbances only add.
pub fn processor_time(command: &Command, runs: usize) -> Option<f64> {
    // The shell tells thousandths of a second, `/usr/bin/time` only hundredths.
    let shell = ["-c", r#"TIMEFORMAT="TIME %3U %3S"; time "$0" "$@""#];
    let mut timed = within("/bin/bash", &shell, command);
    (0..runs)
        .filter_map(|_| measured(&mut timed).map(|found| found[0] + found[1]))
        .min_by(f64::total_cmp)
}

/// Puts a command under one that measures it.
fn within(program: &str, options: &[&str], command: &Command) -> Command {
    let mut outer = Command::new(program);
    outer
        .args(options)
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .stdout(Stdio::null());
    for (name, value) in command.get_envs() {
        outer.env(name, value.unwrap_or_default());
    }
    outer
}

/// Returns the numbers of the line that begins with `TIME`.
fn measured(command: &mut Command) -> Option<Vec<f64>> {
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("TIME "))?;
    Some(
        line.split(' ')
            .filter_map(|word| word.parse().ok())
            .collect(),
    )
}
