//! A system that allows few threads, as containers do, or none.

use std::process::{Command, Stdio};

use crate::support::{Cloud, EAST, NORTH};

/// What a thread takes of the address space, so that a limit on it is a limit on threads.
const STACK: u64 = 256 << 20;

#[test]
fn few_threads_mean_fewer_workers_or_one_error_and_never_a_hang() {
    let cloud = Cloud::start();
    let digest = format!("sha256:{}", "a".repeat(64));
    for region in [NORTH, EAST] {
        let cloud = cloud.emulator();
        cloud.add_namespace(region, "team");
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            cloud.add_repository(region, "team", name);
            cloud.push(region, "team", name, "v1", Some(&digest));
        }
    }
    let user = cloud.user().with("RUST_MIN_STACK", STACK.to_string());
    let line =
        "sync verify -n team --to-region cn-east-3 --to-namespace team --concurrency 16 -o json";
    let mut ends = Vec::new();
    for threads in 0..=12 {
        let swr = user.command(line.split(' '));
        let limit = (128 << 20) + threads * (STACK + (1 << 20));
        let mut limited = Command::new("sh");
        limited
            .args([
                "-c",
                &format!("ulimit -v {}; exec \"$0\" \"$@\"", limit / 1024),
            ])
            .arg(swr.get_program())
            .args(swr.get_args())
            .env_clear()
            .envs(
                swr.get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .stdin(Stdio::null());
        let run = user.run_of(limited.output().unwrap());
        match run.code {
            Some(0) => {
                assert_eq!(run.json()["summary"]["same"], 8, "{threads}: {run}");
                assert_eq!(run.stderr, "", "{threads}: {run}");
            }
            Some(1) => {
                assert_eq!(run.json_error()["exit_code"], 1, "{threads}: {run}");
                assert_eq!(run.stderr.lines().count(), 1, "{threads}: {run}");
            }
            _ => panic!("{threads} threads: {run}"),
        }
        ends.push(run.code == Some(0));
    }
    assert!(!ends[0], "no thread at all is an error");
    assert!(
        ends[12],
        "twelve threads are enough for sixteen workers: {ends:?}"
    );
}
