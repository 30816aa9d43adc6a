//! Whole processes, measured from outside: `swr` beside what people use today.
//!
//! `cargo bench` prints the table of docs/performance.md; `cargo bench -- create` only the rows
//! whose name has that word; `--quick` fewer rounds. The commands of a row take turns, and ratios
//! are medians of the ratios of single rounds, so that a machine that changes its speed changes
//! both sides. A peer that is not installed is named, and its rows are skipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::single_char_pattern,
    clippy::semicolon_if_nothing_returned,
    unreachable_pub,
    missing_docs,
    reason = "a benchmark that cannot go on has failed, and prints its result"
)]

mod process {
    pub mod server;
    pub mod table;
    pub mod timing;
}

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use process::server::{Secure, Server, generate_load};
use process::table::Table;
use process::timing::{is_installed, paired, peak, processor_time};

/// The program as an installation leaves it; see [`install`].
const SWR: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/swr");
const CREATE: [&str; 12] = [
    "sync",
    "create",
    "-n",
    "team",
    "-r",
    "web/api",
    "--to-region",
    "cn-east-3",
    "--to-namespace",
    "team",
    "--auto",
    "-q",
];
const BODY: &str =
    r#"{"remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":true,"override":false}"#;
const PATH: &str = "/v2/manage/namespaces/team/repos/web$api/sync_repo";
const TOKEN: &str = "MIIEbenchmarktoken";

/// A command of swr with a clear environment.
fn swr(endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(SWR);
    command
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("SWR_ENDPOINT", endpoint)
        .env("SWR_ENDPOINT_CN_EAST_3", endpoint)
        .env("SWR_TOKEN_CN_EAST_3", TOKEN)
        .env("SWR_TOKEN", TOKEN);
    command
}

fn curl(endpoint: &str, more: &[&str]) -> Command {
    let mut command = Command::new("curl");
    command.args([
        "-sS",
        "-o",
        "/dev/null",
        "-X",
        "POST",
        "-H",
        "Content-Type: application/json",
    ]);
    command
        .arg("-H")
        .arg(format!("X-Auth-Token: {TOKEN}"))
        .args(["--data", BODY])
        .args(more);
    command
        .arg(format!("{endpoint}{PATH}"))
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    command
}

/// The vendor's Python SDK, where `.ci/run test` has installed it.
fn python() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/interop/bin/python"
    ));
    path.exists().then_some(path)
}

struct Bench {
    table: Table,
    only: Vec<String>,
    rounds: usize,
}

impl Bench {
    /// Whether rows of this name are asked for.
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| name.contains(only.as_str()))
    }

    fn ratio(&mut self, name: &str, goal: f64, ours: Command, peer: (&str, Command)) {
        self.ratio_of(name, goal, ours, peer, self.rounds);
    }

    fn ratio_of(
        &mut self,
        name: &str,
        goal: f64,
        mut ours: Command,
        peer: (&str, Command),
        rounds: usize,
    ) {
        if !self.wants(name) {
            return;
        }
        let (peer_name, mut peer) = peer;
        if !is_installed(&peer) {
            self.table
                .skipped(name, &format!("{peer_name} is not installed"));
            return;
        }
        let result = paired(&mut ours, &mut peer, rounds);
        let shown = format!("{:.2} ms / {:.2} ms", result.ours * 1e3, result.peer * 1e3);
        self.table.row(
            name,
            &format!("≤ {goal} of {peer_name}"),
            result.ratio,
            &shown,
            result.ratio <= goal,
        );
    }

    fn start_up(&mut self) {
        for option in ["--help", "--version"] {
            let mut ours = Command::new(SWR);
            ours.arg(option);
            let mut peer = Command::new("curl");
            peer.arg("--version");
            self.ratio(
                &format!("start: {option}"),
                0.30,
                ours,
                ("curl --version", peer),
            );
        }
    }

    fn plain(&mut self) {
        let server = Server::start(Duration::ZERO, 0);
        let at = server.endpoint();
        self.ratio(
            "create over http",
            0.40,
            swr(&at, &CREATE),
            ("curl", curl(&at, &[])),
        );
        let mut signed = swr(&at, &CREATE);
        signed
            .env_remove("SWR_TOKEN")
            .env("SWR_ACCESS_KEY", "ZIRRKMTWPTQFQI1WKNKB");
        signed.env("SWR_SECRET_KEY", "Me0U8LVTpZSBVYLYxEF3dNo6ogNBkmCRPkHvBHD1");
        self.ratio(
            "create, signed",
            1.1,
            signed,
            ("a token", swr(&at, &CREATE)),
        );
        if let Some(python) = python() {
            let mut sdk = Command::new(python);
            sdk.arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/benches/process/create.py"
            ))
            .arg(&at);
            let rounds = self.rounds / 4 + 1;
            self.ratio_of(
                "create, the SDK",
                0.05,
                swr(&at, &CREATE),
                ("the Python SDK", sdk),
                rounds,
            );
        } else {
            self.table
                .skipped("create, the SDK", "the vendor's SDK is not installed");
        }
        if self.wants("create, memory") {
            match peak(&swr(&at, &CREATE)) {
                Some(kib) => {
                    let peak = kib / 1024.0;
                    self.table
                        .row("create, memory", "≤ 8 MB", peak, "peak, MB", peak <= 8.0);
                }
                None => self
                    .table
                    .skipped("create, memory", "/usr/bin/time is not installed"),
            }
        }
        if self.wants("create, certificates") {
            self.certificates(&at);
        }
    }

    /// No certificate file is opened for an address on this machine.
    fn certificates(&mut self, at: &str) {
        let create = swr(at, &CREATE);
        let mut strace = Command::new("strace");
        strace
            .args(["-f", "-e", "trace=openat,open", "-o", "/dev/stdout", SWR])
            .args(CREATE);
        for (name, value) in create.get_envs() {
            strace.env(name, value.unwrap_or_default());
        }
        match strace.output() {
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stdout);
                let opened = text
                    .lines()
                    .filter(|line| line.contains("/ssl/") || line.contains("cert"))
                    .count();
                self.table.row(
                    "create, certificates",
                    "0 opened",
                    opened as f64,
                    "files",
                    opened == 0,
                );
            }
            Err(_) => self
                .table
                .skipped("create, certificates", "strace is not installed"),
        }
    }

    fn secure(&mut self) {
        if !self.wants("create over https") {
            return;
        }
        let secure = Secure::start();
        let at = secure.endpoint();
        let system = "/etc/ssl/certs/ca-certificates.crt";
        let Ok(roots) = std::fs::read_to_string(system) else {
            self.table
                .skipped("create over https", "the system has no bundle of roots");
            return;
        };
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (ca, bundle) = (
            file("ca.pem", &secure.ca),
            file("bundle.pem", &format!("{roots}\n{}", secure.ca)),
        );
        let ours = || {
            let mut ours = swr(&at, &CREATE);
            ours.args(["--ca-file", &ca]);
            ours
        };
        self.ratio(
            "create over https",
            0.30,
            ours(),
            ("curl, the same roots", curl(&at, &["--cacert", &bundle])),
        );
        self.ratio(
            "create over https, stretch",
            0.17,
            ours(),
            ("curl, the same roots", curl(&at, &["--cacert", &bundle])),
        );
        self.ratio(
            "create over https, one CA for curl",
            0.70,
            ours(),
            ("curl, one CA", curl(&at, &["--cacert", &ca])),
        );
    }

    fn many(&mut self) {
        let verify: &[&str] = &[
            "sync",
            "verify",
            "-n",
            "team",
            "--to-region",
            "cn-east-3",
            "--to-namespace",
            "team",
            "--concurrency",
            "64",
            "-o",
            "jsonl",
            "-q",
        ];
        if self.wants("verify, 2,000 at 20 ms") {
            let server = Server::start(Duration::from_millis(20), 2000);
            let at = server.endpoint();
            let rounds = (self.rounds / 12).max(3);
            let mut ratios: Vec<(f64, f64, f64)> = Vec::new();
            for _ in 0..rounds {
                let started = std::time::Instant::now();
                assert!(
                    swr(&at, verify)
                        .stdout(std::process::Stdio::null())
                        .status()
                        .unwrap()
                        .success()
                );
                let ours = started.elapsed().as_secs_f64();
                let plain = generate_load(&server, 2000, 64).as_secs_f64();
                ratios.push((ours / plain, ours, plain));
            }
            ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
            let (ratio, ours, plain) = ratios[ratios.len() / 2];
            let shown = format!("{ours:.2} s / {plain:.2} s");
            self.table.row(
                "verify, 2,000 at 20 ms",
                "≤ 1.15 of a load generator",
                ratio,
                &shown,
                ratio <= 1.15,
            );
        }
        if self.wants("verify, cost") {
            let mut peaks = Vec::new();
            for count in [2000, 20_000] {
                let server = Server::start(Duration::ZERO, count);
                let at = server.endpoint();
                // What a request costs is told at 8 at once: above, the threads' own cost grows.
                let mut narrow = verify.to_vec();
                narrow.extend(["--retries", "0"]);
                if let Some(place) = narrow.iter().position(|word| *word == "64") {
                    narrow[place] = "8";
                }
                let runs = (self.rounds * 4000 / count).max(3);
                let kib = peak(&swr(&at, verify));
                let before = server.count();
                let (Some(kib), Some(spent)) = (kib, processor_time(&swr(&at, &narrow), runs))
                else {
                    self.table
                        .skipped("verify, cost", "/usr/bin/time or bash is not installed");
                    return;
                };
                peaks.push(kib / 1024.0);
                let requests = (server.count() - before) / runs;
                let each = spent * 1e6 / requests as f64;
                let name = format!("verify, cost at {count}");
                let of = "µs of CPU a request, at 0 ms, 8 at once";
                self.table.row(&name, "≤ 35 µs", each, of, each <= 35.0);
            }
            let ratio = peaks[1] / peaks[0];
            let shown = format!("{:.1} MB / {:.1} MB", peaks[1], peaks[0]);
            self.table.row(
                "verify, cost in memory",
                "≤ 1.1 from 2,000 to 20,000",
                ratio,
                &shown,
                ratio <= 1.1,
            );
            self.table.row(
                "verify, cost at its peak",
                "≤ 16 MB",
                peaks[1],
                "MB",
                peaks[1] <= 16.0,
            );
        }
    }

    fn binary(&mut self) {
        if self.wants("binary") {
            let size = std::fs::metadata(SWR).unwrap().len() as f64 / 1e6;
            self.table.row("binary", "≤ 6 MB", size, "MB", size <= 6.0);
        }
    }
}

/// Makes what people install. The program that came with the benchmark has features of test crates
/// in it, so it is built anew; and it is copied, as `cargo install` does, for a file as the linker
/// wrote it starts slower than its copy.
fn install() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--profile", "dist", "--quiet"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.is_ok_and(|status| status.success()), "swr is built");
    let _ = std::fs::remove_file(SWR);
    let built = concat!(env!("CARGO_TARGET_TMPDIR"), "/../dist/swr");
    std::fs::copy(built, SWR).unwrap();
}

fn main() {
    install();
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let quick = arguments.iter().any(|word| word == "--quick");
    let only = arguments
        .into_iter()
        .filter(|word| !word.starts_with("--"))
        .collect();
    let mut bench = Bench {
        table: Table::default(),
        only,
        rounds: if quick { 12 } else { 60 },
    };
    bench.start_up();
    bench.plain();
    bench.secure();
    bench.many();
    bench.binary();
    bench.table.print();
}
