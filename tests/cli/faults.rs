//! Storms: every fault at every request of every verb, and kill -9 between any two requests.
//!
//! After a fault the command has succeeded with the right end state, or has said clearly what
//! failed; run again without it, the end state is right.

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Cloud, EAST, NORTH, Run};

const TARGET: &str = "--to-region cn-east-3 --to-namespace team";

/// A verb in its scene: what is there, what is typed, and what has to be true at the end.
struct Scene {
    line: String,
    prepare: fn() -> Cloud,
    right: fn(&Cloud) -> bool,
}

fn plain() -> Cloud {
    Cloud::start()
        .repository("team", "web/api", &["v1", "v2"])
        .namespace(EAST, "team")
}

fn with_task() -> Cloud {
    plain().task(("team", "web/api"), "team", true, false)
}

fn pushed() -> Cloud {
    let cloud = with_task();
    cloud.emulator().push(NORTH, "team", "web/api", "v3", None);
    cloud
}

fn copied() -> Cloud {
    let cloud = plain();
    cloud.emulator().add_repository(EAST, "team", "web/api");
    for (tag, digest) in cloud.tags(NORTH, "team", "web/api") {
        cloud
            .emulator()
            .push(EAST, "team", "web/api", &tag, Some(&digest));
    }
    cloud
}

fn one_task(cloud: &Cloud) -> bool {
    cloud.tasks("team", "web/api") == [(EAST.to_owned(), "team".to_owned(), true, false)]
}

fn same_tags(cloud: &Cloud) -> bool {
    cloud.tags(NORTH, "team", "web/api") == cloud.tags(EAST, "team", "web/api")
}

fn scenes() -> Vec<Scene> {
    let scene = |line: &str, prepare, right| Scene {
        line: line.replace("TARGET", TARGET),
        prepare,
        right,
    };
    vec![
        scene(
            "sync create -n team -r web/api TARGET --auto --if-exists keep",
            plain,
            one_task,
        ),
        scene(
            "sync create -n team -r web/api TARGET --auto --if-exists replace",
            with_task,
            one_task,
        ),
        scene(
            "sync create -n team -r web/api TARGET --auto --preflight --if-exists keep",
            plain,
            one_task,
        ),
        scene(
            "sync create -n team -r web/api TARGET --auto --backfill --wait --verify",
            plain,
            |cloud| {
                one_task(cloud) && same_tags(cloud) && cloud.copies("team", "web/api").len() == 2
            },
        ),
        scene(
            "sync delete -n team -r web/api TARGET --ignore-missing",
            with_task,
            |cloud| cloud.tasks("team", "web/api").is_empty(),
        ),
        scene(
            "sync run -n team -r web/api v1 v2 TARGET --wait --verify",
            plain,
            same_tags,
        ),
        scene("sync wait -n team -r web/api v3 TARGET", pushed, |cloud| {
            cloud.tags(EAST, "team", "web/api").len() == 1
        }),
        scene("sync verify -n team TARGET", copied, |_| true),
        scene("sync list -n team", with_task, |_| true),
        scene("sync jobs -n team -r web/api", pushed, |_| true),
        scene("sync regions", plain, |_| true),
        scene("namespace create made", plain, |_| true),
        scene("namespace list", plain, |_| true),
        scene("repo list -n team", plain, |_| true),
        scene("tag list -n team -r web/api", plain, |_| true),
        scene("tag show -n team -r web/api v1", plain, |_| true),
        scene("api GET /v2/manage/namespaces", plain, |_| true),
    ]
}

/// The faults, and whether the client may come through without an error.
pub const FAULTS: &[&str] = &[
    "503 retry-after=0",
    "429 retry-after=0",
    "403 4031032 retry-after=0",
    "409 4090023 retry-after=0",
    "cut",
    "cut-after",
    "slow",
    "html",
    "empty",
    "shape",
    "401",
    "404",
    "500",
    "redirect=http://127.0.0.1:9/",
];

/// Returns the limits of a run that meets a fault: short where no answer comes, and only there,
/// because a busy machine takes its time for one that does.
pub fn limits(fault: &str) -> &'static str {
    match fault {
        "slow" => "--timeout 2s --retries 1",
        _ => "--retries 1",
    }
}

/// Does the work on several threads: most of it is waiting.
pub fn side_by_side<T: Sync>(items: &[T], work: impl Fn(&T) -> Option<String> + Sync) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Some(text) = work(item) {
                        wrong.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        items.len(),
        wrong.join("\n\n")
    );
}

/// Judges a run under a fault: done, or a clear error with a code of its own, and never both.
pub fn is_clear(run: &Run) -> bool {
    let Some(code) = run.code else { return false };
    let error = run.stderr.lines().any(|line| line.starts_with("error: "));
    match code {
        0 => !error,
        3..=9 => error || code == 8,
        _ => false,
    }
}

/// Returns `true` if a request, by its number, was to change something.
fn changes(cloud: &Cloud, at: usize) -> bool {
    cloud
        .received()
        .get(at)
        .is_some_and(|line| !line.starts_with("GET "))
}

#[test]
fn every_fault_at_every_request_of_every_verb_ends_well_or_clearly() {
    let mut storms = Vec::new();
    for scene in scenes() {
        let cloud = (scene.prepare)();
        let run = cloud.swr(&scene.line);
        assert_eq!(run.code, Some(0), "{}: {run}", scene.line);
        assert!((scene.right)(&cloud), "{}: {run}", scene.line);
        let requests = cloud.received().len();
        for fault in FAULTS {
            for at in 0..requests.min(10) {
                storms.push((scene.line.clone(), scene.prepare, scene.right, *fault, at));
            }
        }
    }
    side_by_side(&storms, |(line, prepare, right, fault, at)| {
        let cloud = prepare().failing(&format!("* *: {fault} after={at}"));
        let name = format!("{line} [{fault} at request {at}]");
        let run = cloud.swr(&format!("{line} {}", limits(fault)));
        if !is_clear(&run) {
            return Some(format!("{name}: not clear: {run}"));
        }
        // A service that says 'done' and has not done it is found out by looking again only.
        let lies = matches!(*fault, "empty" | "shape" | "404");
        if run.code == Some(0) && !right(&cloud) && !(lies && changes(&cloud, *at)) {
            return Some(format!(
                "{name}: success with a wrong end: {run}\n{:?}",
                cloud.received()
            ));
        }
        let again = cloud.swr(line);
        if again.code != Some(0) && !line.contains("namespace create") {
            return Some(format!("{name}: again: {again}\nafter: {run}"));
        }
        (!right(&cloud)).then(|| format!("{name}: a wrong end after running again: {again}"))
    });
}

#[test]
fn killed_between_any_two_requests_the_next_run_ends_in_the_same_state() {
    let line = format!(
        "sync create -n team -r web/api {TARGET} --auto --create-namespace --backfill --wait --verify"
    );
    let prepare = || Cloud::start().repository("team", "web/api", &["v1", "v2"]);
    let cloud = prepare();
    let _ = cloud.swr(&line).exits(0);
    let requests: Vec<usize> = (0..cloud.received().len()).collect();
    let end = |cloud: &Cloud| {
        (
            cloud.tasks("team", "web/api"),
            cloud.tags(EAST, "team", "web/api"),
        )
    };
    let expected = end(&cloud);
    side_by_side(&requests, |at| {
        for fault in ["slow", "slow-after"] {
            let cloud = prepare().failing(&format!("* *: {fault} after={at}"));
            let user = cloud.user();
            let mut command = user.command(line.split(' '));
            let mut child = command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            cloud.wait_for(at + 1);
            child.kill().unwrap();
            child.wait().unwrap();
            let run = cloud.swr(&line);
            if run.code != Some(0) || end(&cloud) != expected {
                return Some(format!(
                    "killed at request {at} ({fault}): {run}\n{:?}",
                    end(&cloud)
                ));
            }
            let copies = cloud.copies("team", "web/api");
            if copies.len() != 2 {
                return Some(format!(
                    "killed at request {at} ({fault}): copied {copies:?}"
                ));
            }
        }
        None
    });
}
