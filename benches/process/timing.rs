//! Whole processes in turns.

use std::process::{Command, Stdio};
use std::time::Instant;

/// What a pair came to: medians, in seconds, and the median of the rounds' ratios.
pub struct Paired {
    pub ours: f64,
    pub peer: f64,
    pub ratio: f64,
}

/// What a process used.
pub struct Usage {
    /// User and system time, in seconds.
    pub cpu: f64,
    /// The largest resident memory.
    pub peak_kib: f64,
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

fn once(command: &mut Command) -> f64 {
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

/// Runs two commands in turns, after two rounds that do not count.
pub fn paired(ours: &mut Command, peer: &mut Command, rounds: usize) -> Paired {
    for _ in 0..2 {
        once(ours);
        once(peer);
    }
    let pairs: Vec<(f64, f64)> = (0..rounds).map(|_| (once(ours), once(peer))).collect();
    Paired {
        ours: median(pairs.iter().map(|(ours, _)| *ours)),
        peer: median(pairs.iter().map(|(_, peer)| *peer)),
        ratio: median(pairs.iter().map(|(ours, peer)| ours / peer)),
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs a command under `/usr/bin/time`, which starts it from a small process: the peak of a child
/// of a large one would read as the parent's.
pub fn usage(command: &Command) -> Option<Usage> {
    let mut timed = Command::new("/usr/bin/time");
    timed
        .args(["-f", "TIME %U %S %M"])
        .arg(command.get_program())
        .args(command.get_args());
    timed.env_clear();
    for (name, value) in command.get_envs() {
        timed.env(name, value.unwrap_or_default());
    }
    let output = timed.stdout(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("TIME "))?;
    let numbers: Vec<f64> = line
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    Some(Usage {
        cpu: numbers[0] + numbers[1],
        peak_kib: numbers[2],
    })
}
