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
use process::timing::{is_installed, median, once, paired, peak, processor_time};

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
        let result = paired(|| once(&mut ours), || once(&mut peer), rounds);
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
            match peak(&swr(&at, &CREATE), 9) {
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
            .env_clear()
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
            "-o",
            "jsonl",
            "-q",
        ];
        let tags = ("GET", "/v2/manage/namespaces/team/repos/x/tags?limit=100");
        self.load("verify, 2,000 at 20 ms", 1.15, verify, &[tags, tags]);
        self.cost("verify", verify, 20_000);
    }

    /// A fleet of one namespace: `team`, where all is as declared, or `new`, where nothing is.
    fn fleet(&mut self) {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let entry = |namespace: &str, repositories: &str, to: &str| {
            format!(
                "[[sync]]\nnamespace = '{namespace}'\nrepositories = [{repositories}]\nto = {to}\n"
            )
        };
        let team = file("team.toml", &entry("team", "'**'", "['cn-east-3']"));
        let new = file(
            "new.toml",
            &entry(
                "new",
                "'**'",
                "['cn-east-3', { region = 'cn-east-3', namespace = 'other' }]",
            ),
        );
        let plan = ["plan", "-f", &team, "-o", "jsonl", "-q"];
        let apply = ["apply", "-f", &new, "-o", "jsonl", "-q"];
        let (read, made) = (
            ("GET", "/v2/manage/namespaces/team/repos/x/sync_repo"),
            ("POST", "/v2/manage/namespaces/new/repos/x/sync_repo"),
        );
        self.load("plan, 2,000 unchanged at 20 ms", 1.1, &plan, &[read]);
        self.load(
            "apply, 4,000 new over 2,000 at 20 ms",
            1.1,
            &apply,
            &[read, made, made],
        );
        self.cost("plan", &plan, 200_000);
        self.cost("apply", &apply, 20_000);
        if self.wants("plan, 20 names") {
            let names: Vec<String> = (0..20).map(|n| format!("'repository-{n}'")).collect();
            let twenty = file("20.toml", &entry("team", &names.join(","), "['cn-east-3']"));
            let server = Server::start(Duration::ZERO, 2000);
            once(&mut swr(&server.endpoint(), &["plan", "-f", &twenty, "-q"]));
            let sent = server.count();
            // One each, the regions, the target namespace.
            self.table.row(
                "plan, 20 names",
                "≤ 22",
                sent as f64,
                "requests",
                sent <= 22,
            );
        }
        if self.wants("HTML") {
            self.page(&file);
        }
    }

    /// The page of 2,000 repositories by 5 targets, from the document that a run left.
    fn page(&mut self, file: &dyn Fn(&str, &str) -> String) {
        let items: Vec<String> = (0..10_000)
            .map(|number| {
                format!(
                    r#"{{"status":"{}","region":"cn-north-4","namespace":"team","repository":"group/repository-{}","remote_region_id":"region-{}","remote_namespace":"team","exit_code":0,"error":null}}"#,
                    if number % 97 == 0 { "create" } else { "unchanged" },
                    number / 5,
                    number % 5
                )
            })
            .collect();
        let document = format!(
            r#"{{"command":"plan","exit_code":0,"items":[{}],"summary":{{}}}}"#,
            items.join(",")
        );
        let (document, page) = (file("plan.json", &document), file("page.html", ""));
        let mut report = swr("", &["report", &document, "--html", &page, "-q"]);
        let times = (0..9).map(|_| once(&mut report));
        let took = median(times) * 1e3;
        let size = std::fs::metadata(&page).unwrap().len() as f64 / 1e6;
        self.table.row(
            "HTML, 2,000 by 5",
            "≤ 200 ms",
            took,
            "ms, a whole 'swr report'",
            took <= 200.0,
        );
        self.table
            .row("HTML, its size", "≤ 3 MB", size, "MB", size <= 3.0);
    }

    /// 2,000 repositories, 20 ms a request, 64 at once, beside a load generator with the same
    /// requests.
    fn load(&mut self, name: &str, goal: f64, arguments: &[&str], each: &[(&str, &str)]) {
        if !self.wants(name) {
            return;
        }
        let server = Server::start(Duration::from_millis(20), 2000);
        let at = server.endpoint();
        let mut ours = swr(&at, arguments);
        ours.args(["--concurrency", "64"]);
        let rounds = (self.rounds / 12).max(3);
        let load = || generate_load(&server, 2000, 64, each).as_secs_f64();
        let result = paired(|| once(&mut ours), load, rounds);
        let before = server.count();
        once(&mut ours);
        let shown = format!(
            "{:.2} s / {:.2} s, {} requests",
            result.ours,
            result.peer,
            server.count() - before
        );
        self.table.row(
            name,
            &format!("≤ {goal} of a load generator"),
            result.ratio,
            &shown,
            result.ratio <= goal,
        );
    }

    /// Processor time a request, and the peak's growth from 2,000 repositories to `many`.
    fn cost(&mut self, verb: &str, arguments: &[&str], many: usize) {
        if !self.wants(&format!("{verb}, cost")) {
            return;
        }
        let mut peaks = Vec::new();
        for count in [2000, many] {
            let server = Server::start(Duration::ZERO, count);
            let at = server.endpoint();
            let at_once = |many: &str| {
                let mut command = swr(&at, arguments);
                command.args(["--concurrency", many]);
                command
            };
            let mut narrow = at_once("8");
            // What a request costs is told at 8 at once: above, the threads' own cost grows.
            narrow.args(["--retries", "0"]);
            let runs = (self.rounds * 4000 / count).max(3);
            let kib = peak(&at_once("64"), if count > 20_000 { 3 } else { 9 });
            let before = server.count();
            let (Some(kib), Some(spent)) = (kib, processor_time(&narrow, runs)) else {
                self.table.skipped(
                    &format!("{verb}, cost"),
                    "/usr/bin/time or bash is not installed",
                );
                return;
            };
            peaks.push(kib / 1024.0);
            let requests = (server.count() - before) / runs;
            let each = spent * 1e6 / requests as f64;
            self.table.row(
                &format!("{verb}, cost at {count}"),
                "≤ 35 µs",
                each,
                "µs of CPU a request, at 0 ms, 8 at once",
                each <= 35.0,
            );
        }
        let ratio = peaks[1] / peaks[0];
        self.table.row(
            &format!("{verb}, cost in memory"),
            &format!("≤ 1.1 from 2,000 to {many}"),
            ratio,
            &format!("{:.1} MB / {:.1} MB", peaks[1], peaks[0]),
            ratio <= 1.1,
        );
        self.table.row(
            &format!("{verb}, cost at its peak"),
            "≤ 16 MB",
            peaks[1],
            "MB",
            peaks[1] <= 16.0,
        );
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
    bench.fleet();
    bench.binary();
    bench.table.print();
}
