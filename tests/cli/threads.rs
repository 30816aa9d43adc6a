//! A system that allows few threads, as containers do, or none.

use std::process::{Command, Stdio};

use crate::support::{Cloud, EAST, Home, NORTH, Run};

/// What a thread takes of the address space, so that a limit on it is a limit on threads.
const STACK: u64 = 256 << 20;

/// Runs a command line where the system allows so many threads beside the first.
fn with_threads(user: &Home, line: &str, threads: u64) -> Run {
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
        .current_dir(user.path())
        .stdin(Stdio::null());
    user.run_of(limited.output().unwrap())
}

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
        let run = with_threads(&user, line, threads);
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

#[test]
fn a_thread_that_is_refused_is_no_defect() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1"]);
    let user = cloud.user().with("RUST_MIN_STACK", STACK.to_string());
    let served = user.variables().find(|(name, _)| *name == "SWR_ENDPOINT");
    let named = served.unwrap().1.replace("127.0.0.1", "localhost");
    let token = user.variables().find(|(name, _)| *name == "SWR_TOKEN");
    let token = token.unwrap().1.to_owned();
    let user = user
        .file("print", &format!("echo {token}"))
        .config("token_command = ['sh', 'print']\n")
        .without("SWR_TOKEN")
        .without("SWR_TOKEN_CN_NORTH_4")
        .with("SWR_ENDPOINT", named);
    for line in [
        "tag list -n team -r web/api",
        "doctor",
        "emulator exec -- true",
    ] {
        let runs: Vec<Run> = (0..=8)
            .map(|threads| with_threads(&user, line, threads))
            .collect();
        for (threads, run) in runs.iter().enumerate() {
            let shown = format!("{line} with {threads} threads: {run}");
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(!said.contains("internal error"), "{shown}");
            let is_refused = said.contains("refuses to start a thread");
            assert!(run.code == Some(0) || is_refused, "{shown}");
        }
        assert_eq!(runs[0].code, Some(1), "{line}: {}", runs[0]);
        assert_eq!(runs[8].code, Some(0), "{line}: {}", runs[8]);
    }
}
