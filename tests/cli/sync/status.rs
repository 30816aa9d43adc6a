//! `swr sync status`: coverage, and how the last copies ended.

use serde_json::{Value, json};

use super::{ANSWERS, at_once, job};
use crate::faults::{FAULTS, is_clear, limits, side_by_side};
use crate::support::{Cloud, EAST, Home, NORTH, Reply, Run, Wire};

/// Three repositories: one copied to two targets, one to another one, one to none.
fn cloud() -> Cloud {
    Cloud::start()
        .repository("team", "web/api", &["v1"])
        .repository("team", "web/ui", &["v1"])
        .repository("team", "base", &["v1"])
        .task(("team", "web/api"), "team", true, false)
        .task(("team", "web/api"), "dr", true, false)
        .task(("team", "web/ui"), "dr", true, false)
}

/// The status of each repository, sorted by name.
fn statuses(run: &Run) -> Vec<String> {
    let document = run.document("sync-status");
    let mut found: Vec<String> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap().to_owned();
            let code = item["exit_code"].as_u64().unwrap();
            assert_eq!(code == 0, item["error"].is_null(), "{item}");
            format!("{}: {} {code}", text("repository"), text("status"))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_repository_is_covered_when_a_task_copies_it() {
    let cloud = cloud();
    let run = cloud.swr("sync status -n team -o json").exits(8);
    assert_eq!(
        statuses(&run),
        [
            "base: uncovered 8",
            "web/api: covered 0",
            "web/ui: covered 0"
        ]
    );
    let document = run.json();
    assert_eq!(document["command"], "sync status");
    assert_eq!(document["exit_code"], 8);
    assert_eq!(
        document["summary"],
        json!({"covered": 2, "uncovered": 1, "undeclared": 0, "excluded": 0, "failing": 0, "missing": 0,
            "failed": 0, "skipped": 0})
    );
    let items = document["items"].as_array().unwrap();
    let api = items
        .iter()
        .find(|item| item["repository"] == "web/api")
        .unwrap();
    let mut targets = api["targets"].as_array().unwrap().clone();
    targets.sort_by_key(ToString::to_string);
    assert_eq!(
        targets,
        [
            json!({"remote_region_id": EAST, "remote_namespace": "dr"}),
            json!({"remote_region_id": EAST, "remote_namespace": "team"})
        ]
    );
    assert_eq!(
        (&api["region"], &api["failed_tags"]),
        (&json!(NORTH), &Value::Null)
    );
    let base = items
        .iter()
        .find(|item| item["repository"] == "base")
        .unwrap();
    assert_eq!(base["error"]["kind"], "unmet");
    assert_eq!(
        base["error"]["hint"],
        "swr sync create team/base --to REGION --auto"
    );
    assert_eq!(run.json_error()["exit_code"], 8);
    // Nothing but a list and a question a repository.
    assert_eq!(cloud.received().len(), 4, "{:?}", cloud.received());
}

#[test]
fn a_target_that_is_asked_for_has_to_be_there() {
    let cloud = cloud();
    let of = |to: &str, code: i32| {
        let run = cloud
            .swr(&format!("sync status -n team {to} -o json"))
            .exits(code);
        statuses(&run)
    };
    let lacking = [
        "base: uncovered 8",
        "web/api: covered 0",
        "web/ui: uncovered 8",
    ];
    assert_eq!(of("--to cn-east-3/team", 8), lacking);
    assert_eq!(of("--to cn-east-3/team,cn-east-3/dr", 8), lacking);
    assert_eq!(of("--to-region cn-east-3 --to-namespace team", 8), lacking);
    // Without a namespace any in the region counts.
    assert_eq!(
        of("--to cn-east-3", 8),
        [
            "base: uncovered 8",
            "web/api: covered 0",
            "web/ui: covered 0"
        ]
    );
    assert_eq!(of("--to cn-east-3/dr --only team/web/*", 0).len(), 2);
    let run = cloud
        .swr("sync status -n team --to cn-east-3/team --only team/base")
        .exits(8);
    assert_eq!(
        run.stdout,
        "uncovered: team/base\n  no task copies it to cn-east-3/team\n"
    );
    assert!(
        run.stderr
            .contains("hint: swr sync create team/base --to cn-east-3/team --auto"),
        "{run}"
    );
    let run = cloud
        .swr("sync status -n team --to cn-north-4/team")
        .exits(2);
    assert!(run.stderr.contains("the source itself"), "{run}");
}

#[test]
fn without_a_name_every_repository_is_looked_at() {
    let cloud =
        cloud()
            .repository("other", "tool", &[])
            .task(("other", "tool"), "team", true, false);
    let run = cloud.swr("sync status -o json").exits(8);
    // The emulator's own two, too.
    assert_eq!(statuses(&run).len(), 6, "{run}");
    let run = cloud
        .swr("sync status -n team -n other -n team -o json")
        .exits(8);
    assert_eq!(statuses(&run).len(), 4, "{run}");
    let run = cloud.swr("sync status --only other/** -o json").exits(0);
    assert_eq!(statuses(&run), ["tool: covered 0"]);
}

#[test]
fn what_no_entry_of_a_file_selects_is_undeclared() {
    let cloud = cloud();
    let fleet = |repositories: &str| {
        format!("[[sync]]\nnamespace = 'team'\nrepositories = {repositories}\nto = ['{EAST}']\n")
    };
    let user = |text: &str| cloud.user().file("fleet.toml", text);
    let run = user(&fleet("['web/api', 'gone']"))
        .swr("sync status -f fleet.toml -o json")
        .exits(8);
    assert_eq!(
        statuses(&run),
        [
            "base: undeclared 8",
            "gone: missing 8",
            "web/api: covered 0",
            "web/ui: undeclared 8"
        ]
    );
    let item = &run.json()["items"][3];
    assert_eq!(
        item["error"]["message"],
        "there is no such repository (fleet.toml:3)"
    );
    // Somebody else's target covers nothing.
    let text = fleet("['web/**', 'base']");
    let run = user(&format!(
        "{text}ignore = [{{region = '{EAST}', namespace = 'dr'}}]\n"
    ))
    .swr("sync status -f fleet.toml -o json")
    .exits(8);
    assert_eq!(
        statuses(&run),
        [
            "base: uncovered 8",
            "web/api: covered 0",
            "web/ui: uncovered 8"
        ]
    );
    let _ = user(&text)
        .swr("sync status -f fleet.toml -n team")
        .exits(2);
    let _ = user("[[sync]]").swr("sync status -f fleet.toml").exits(1);
}

#[test]
fn nothing_looked_at_is_no_success() {
    let cloud = cloud().namespace(NORTH, "empty");
    let run = cloud.swr("sync status -n empty").exits(8);
    assert!(run.stderr.contains("nothing was looked at"), "{run}");
    let _ = cloud.swr("sync status -n empty --allow-empty").exits(0);
    let run = cloud.swr("sync status -n nowhere -o json").exits(4);
    assert_eq!(statuses(&run), ["*: failed 4"]);
    let run = cloud.swr("sync status -n team --only team/wbe/**").exits(8);
    assert!(
        run.stderr
            .contains("none of the 3 repositories is in this part"),
        "{run}"
    );
    // Nothing has changed since: as in verify, that is fine, and said.
    let run = cloud
        .swr("sync status -n team --updated-within 36h")
        .exits(0);
    assert!(run.stderr.contains("nothing was looked at"), "{run}");
}

/// A service with one repository, whose tasks and jobs a test writes down.
fn scripted(tasks: Value, jobs: Value) -> Wire {
    Wire::play(move |_, heard| {
        let path = heard.line.split(' ').nth(1).unwrap_or_default();
        if path.starts_with("/v3/manage/repos") {
            at_once(json!({"repos": [{"namespace": "team", "name": "web/api"}]}))
        } else if path.contains("/sync_repo") {
            at_once(tasks.clone())
        } else if path.contains("/sync_job") {
            at_once(jobs.clone())
        } else {
            Reply::json(404, r#"{"errors":[{"errorCode":"SVCSTG.SWR.4040001"}]}"#)
        }
    })
}

fn task_to(namespace: &str) -> Value {
    json!({"id": 1, "namespace": "team", "repoName": "web/api", "remoteRegionId": EAST,
        "remoteNamespace": namespace, "syncAuto": true, "override": false})
}

fn user(wire: &Wire) -> Home {
    wire.user().with("SWR_REGION", NORTH)
}

#[test]
fn the_last_copy_of_each_tag_counts() {
    let now = jiff::Timestamp::now().to_string();
    let day = "2026-01-01T00:00:00Z";
    let cases: [(&str, Vec<Value>, &str, i32); 8] = [
        ("none", vec![], "covered", 0),
        ("copied", vec![job(1, "v1", "success", day)], "covered", 0),
        ("existed", vec![job(1, "v1", "existed", day)], "covered", 0),
        (
            "failed",
            vec![job(2, "v1", "failed", day), job(1, "v1", "success", day)],
            "failing",
            9,
        ),
        (
            "mended",
            vec![job(1, "v1", "failed", day), job(2, "v1", "success", day)],
            "covered",
            0,
        ),
        (
            "another",
            vec![job(2, "v2", "success", day), job(1, "v1", "cancel", day)],
            "failing",
            9,
        ),
        ("goes on", vec![job(1, "v1", "running", &now)], "covered", 0),
        ("stands", vec![job(1, "v1", "running", day)], "failing", 9),
    ];
    for (name, jobs, status, code) in cases {
        let wire = scripted(json!([task_to("team")]), Value::from(jobs));
        let run = user(&wire)
            .swr("sync status -n team --copies -o json")
            .exits(code);
        assert_eq!(
            statuses(&run),
            [format!("web/api: {status} {code}")],
            "{name}"
        );
        let item = &run.json()["items"][0];
        let failed = match code {
            0 => json!([]),
            _ => json!(["v1"]),
        };
        assert_eq!(item["failed_tags"], failed, "{name}: {run}");
        if code != 0 {
            let hint = item["error"]["hint"].as_str().unwrap();
            let tags = if name == "stands" { "v1" } else { "--failed" };
            assert_eq!(
                hint,
                format!(
                    "swr sync run {tags} -n team -r web/api --to-region {EAST} --to-namespace team --wait"
                )
            );
        }
        // Nobody asked, so nothing is said about copies.
        let _ = user(&wire).swr("sync status -n team").exits(0);
    }
}

#[test]
fn failing_beats_what_the_file_says_beats_uncovered() {
    let failed = json!([job(1, "v1", "failed", "2026-01-01T00:00:00Z")]);
    let selects = "[[sync]]\nnamespace = 'team'\nrepositories = ['**']\nto = ['cn-east-3']\n";
    let leaves_out = selects.replace("['**']", "['web/ui*']");
    let left_out = selects.replace("['**']", "['web/*', '!web/api']");
    let wishes_nothing = selects.replace("['cn-east-3']", "[]");
    let excluded = [&left_out, &wishes_nothing].into_iter().flat_map(|fleet| {
        [
            (
                fleet.as_str(),
                json!([task_to("team")]),
                false,
                "excluded 0",
            ),
            (fleet.as_str(), json!([]), false, "excluded 0"),
            (fleet.as_str(), json!([]), true, "failing 9"),
        ]
    });
    for (fleet, tasks, copies, expected) in [
        (selects, json!([task_to("team")]), false, "covered 0"),
        (selects, json!([]), false, "uncovered 8"),
        (
            leaves_out.as_str(),
            json!([task_to("team")]),
            false,
            "undeclared 8",
        ),
        (leaves_out.as_str(), json!([]), false, "undeclared 8"),
        (leaves_out.as_str(), json!([]), true, "failing 9"),
        (selects, json!([]), true, "failing 9"),
        (selects, json!([task_to("team")]), true, "failing 9"),
    ]
    .into_iter()
    .chain(excluded)
    {
        let wire = scripted(tasks, failed.clone());
        let copies = if copies { "--copies" } else { "" };
        let run = user(&wire)
            .file("swr.toml", fleet)
            .swr(&format!("sync status -f swr.toml {copies} -o json"));
        assert_eq!(statuses(&run), [format!("web/api: {expected}")]);
        assert!(expected.ends_with(&run.code.unwrap().to_string()), "{run}");
    }
}

#[test]
fn a_list_that_may_be_cut_proves_nothing() {
    let tasks: Vec<Value> = (0..100)
        .map(|number| task_to(&format!("n{number}")))
        .collect();
    let wire = scripted(tasks.into(), json!([]));
    for to in ["", "--to cn-east-3/n1", "--to cn-east-3/other"] {
        let run = user(&wire)
            .swr(&format!("sync status -n team {to} -o json"))
            .exits(5);
        assert_eq!(statuses(&run), ["web/api: failed 5"]);
    }
    // A total that is not reached: the jobs that are not seen may have failed.
    let wire = Wire::play(|_, heard| {
        let path = heard.line.split(' ').nth(1).unwrap_or_default();
        if path.starts_with("/v3/manage/repos") {
            at_once(json!({"repos": [{"namespace": "team", "name": "web/api"}]}))
        } else if path.contains("/sync_repo") {
            at_once(json!([task_to("team")]))
        } else {
            at_once(json!([])).header("Content-Range", "0-0/3")
        }
    });
    let run = user(&wire)
        .swr("sync status -n team --copies -o json")
        .exits(5);
    assert_eq!(statuses(&run), ["web/api: failed 5"]);
}

#[test]
fn every_fault_at_every_request_ends_as_without_it_or_clearly() {
    let line = "sync status -n team --copies --concurrency 1";
    let clean = cloud();
    let expected = statuses(&clean.swr(&format!("{line} -o json")).exits(8));
    let requests = clean.received().len();
    assert_eq!(requests, 7);
    let storms: Vec<(&str, usize)> = FAULTS
        .iter()
        .flat_map(|fault| (0..requests).map(move |at| (*fault, at)))
        .collect();
    side_by_side(&storms, |(fault, at)| {
        let cloud = cloud().failing(&format!("* *: {fault} after={at}"));
        let run = cloud.swr(&format!("{line} {}", limits(fault)));
        let name = format!("{fault} at request {at}: {run}");
        let json = cloud.swr(&format!("{line} -o json"));
        if statuses(&json.exits(8)) != expected {
            return Some(format!("again: {name}"));
        }
        // Something is not covered here, so that nothing that goes wrong may end with 0.
        if run.code == Some(0) || !is_clear(&run) {
            return Some(format!("not clear: {name}"));
        }
        // What is said to be covered is.
        let covered = run
            .stdout
            .lines()
            .filter(|line| line.starts_with("covered: "));
        let wrong = covered.filter(|line| line.contains("base")).count();
        (wrong > 0).then_some(name)
    });
}

#[test]
fn under_every_answer_of_the_service_the_verdicts_are_the_same() {
    for switch in ANSWERS {
        let cloud = Cloud::as_if(&[switch])
            .repository("team", "web/api", &["v1"])
            .repository("team", "base", &["v1"])
            .task(("team", "web/api"), "team", true, false)
            // One without syncAuto copies nothing, whether it is listed or not.
            .task(("team", "base"), "team", false, false);
        let run = cloud.swr("sync status -n team --copies -o json").exits(8);
        assert_eq!(
            statuses(&run),
            ["base: uncovered 8", "web/api: covered 0"],
            "{switch}"
        );
    }
}

/// A service with these repositories, as it lists them; each has a task.
fn listing(names: Vec<String>) -> Wire {
    Wire::play(move |_, heard| {
        let path = heard.line.split(' ').nth(1).unwrap_or_default();
        if path.starts_with("/v3/manage/repos") {
            let marker = path.split("marker=").nth(1).unwrap_or("0");
            let marker: usize = marker.parse().unwrap_or_default();
            let page = names.iter().skip(marker).take(100);
            let page: Vec<Value> = page
                .map(|name| json!({"namespace": "team", "name": name}))
                .collect();
            let end = marker + page.len();
            let next = (end < names.len()).then(|| end.to_string());
            at_once(json!({"repos": page, "nextMarker": next, "has_more": next.is_some()}))
        } else {
            at_once(json!([task_to("team")]))
        }
    })
}

#[test]
fn shards_are_a_partition() {
    let mut names: Vec<String> = (0..40).map(|number| format!("service/n{number}")).collect();
    // Names that no request can name belong to one of them, too.
    names.extend(["a?b", "../x", "a#b"].map(str::to_owned));
    let wire = listing(names.clone());
    let of = |shard: &str| {
        let run = user(&wire).swr(&format!("sync status -n team -o json {shard}"));
        let mut found: Vec<String> = statuses(&run);
        found.retain(|one| one.ends_with(" 0") || one.contains("failed 8"));
        found
    };
    let whole = of("");
    assert_eq!(whole.len(), 43);
    let mut parts: Vec<String> = Vec::new();
    for number in 1..=4 {
        let part = of(&format!("--shard {number}/4"));
        assert!(!part.is_empty() && part.len() < 30, "{part:?}");
        parts.extend(part);
    }
    parts.sort();
    assert_eq!(parts, whole);
}

#[test]
fn memory_does_not_grow_with_the_number_of_repositories() {
    let peak = |count: usize| -> Option<u64> {
        let wire = listing((0..count).map(|number| format!("n{number}")).collect());
        let home = user(&wire);
        let swr = home.command(["sync", "status", "-n", "team", "--concurrency", "16"]);
        let script = "import resource, subprocess, sys\n\
                      with open('out.txt', 'w') as out: code = subprocess.run(sys.argv[1:], stdout=out).returncode\n\
                      print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
        let output = std::process::Command::new("python3")
            .args(["-c", script])
            .arg(swr.get_program())
            .args(swr.get_args())
            .envs(
                swr.get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(home.path())
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).unwrap();
        let (code, kilobytes) = text.trim().split_once(' ').unwrap();
        assert_eq!(code, "0", "{}", String::from_utf8_lossy(&output.stderr));
        let lines = std::fs::read_to_string(home.path().join("out.txt")).unwrap();
        assert_eq!(lines.lines().count(), count + 1);
        kilobytes.parse().ok()
    };
    let (Some(few), Some(many)) = (peak(200), peak(2_000)) else {
        eprintln!("there is no python3 to measure with: skipped");
        return;
    };
    assert!(many < few + 4_096, "{few} kB for 200, {many} kB for 2,000");
}

#[test]
fn it_is_shown_to_a_person_with_the_command_that_repeats_a_copy() {
    let wire = scripted(
        json!([task_to("team"), task_to("dr")]),
        json!([job(1, "v1", "failed", "2026-01-01T00:00:00Z")]),
    );
    let run = user(&wire).swr("sync status -n team --copies").exits(9);
    assert_eq!(
        run.stdout,
        "failing: team/web/api → team (cn-east-3), dr (cn-east-3)\n  \
         the last copy of 'v1' to team (cn-east-3) failed\n  \
         swr sync run --failed -n team -r web/api --to-region cn-east-3 --to-namespace team --wait\n"
    );
    assert_eq!(
        run.stderr,
        "note: tasks without syncAuto are not seen: the service does not list them\n\
         error: team/web/api: the last copy of 'v1' to team (cn-east-3) failed\n\
         hint: swr sync run --failed -n team -r web/api --to-region cn-east-3 --to-namespace team --wait\n"
    );
    let jsonl = user(&wire).swr("sync status -n team -o jsonl").exits(0);
    assert_eq!(jsonl.stdout.lines().count(), 1, "{jsonl}");
}

#[test]
fn the_page_shows_each_repository_at_each_target() {
    let cloud = cloud();
    let user = cloud.user();
    let line = "sync status -n team --to cn-east-3/team -o json --html page.html";
    let run = user.swr(line).exits(8);
    let page = std::fs::read_to_string(user.path().join("page.html")).unwrap();
    for column in ["team", "dr"] {
        let head = format!("<th scope=\"col\">{column}<small>cn-east-3</small></th>");
        assert!(page.contains(&head), "{page}");
    }
    // Two are covered in 'dr', one in 'team', where two lack; the totals count repositories.
    let count = |word: &str| page.matches(&format!(">{word}</span>")).count();
    let counts = (count("covered"), count("uncovered"));
    assert_eq!(counts, (3, 4), "{page}");
    assert!(
        page.contains("2 of 3 repositories need attention"),
        "{page}"
    );
    user.write("part.json", &run.stdout);
    let _ = user.swr("report part.json --html merged.html").exits(8);
    let merged = std::fs::read_to_string(user.path().join("merged.html")).unwrap();
    assert!(
        merged.contains("2 of 3 repositories need attention"),
        "{merged}"
    );
}

#[test]
fn the_entries_of_a_file_may_be_in_several_regions() {
    let cloud = cloud();
    let emulator = cloud.emulator();
    emulator.add_namespace(EAST, "far");
    for name in ["a", "b"] {
        emulator.add_repository(EAST, "far", name);
    }
    emulator.add_task(EAST, "far", "a", NORTH, "team", true, false);
    let fleet = format!(
        "[[sync]]\nnamespace = 'team'\nrepositories = ['web/*', 'base']\nto = ['{EAST}']\n\
         [[sync]]\nregion = '{EAST}'\nnamespace = 'far'\nrepositories = ['a', 'b']\n\
         to = [{{region = '{NORTH}', namespace = 'team'}}]\n"
    );
    let user = cloud.user().file("swr.toml", &fleet);
    let run = user.swr("sync status -f swr.toml -o json").exits(8);
    assert_eq!(
        statuses(&run),
        [
            "a: covered 0",
            "b: uncovered 8",
            "base: uncovered 8",
            "web/api: covered 0",
            "web/ui: covered 0"
        ]
    );
    let items = run.json()["items"].as_array().unwrap().clone();
    for item in items {
        let is_far = item["namespace"] == "far";
        assert_eq!(item["region"], if is_far { EAST } else { NORTH }, "{item}");
    }
    let run = user
        .swr("sync status -f swr.toml --region cn-south-1")
        .exits(2);
    assert!(run.stderr.contains("contradicts swr.toml"), "{run}");
}

#[test]
fn a_dead_credential_stops_the_run() {
    let cloud = cloud().failing("GET sync_repo: 401 x*");
    let run = cloud
        .swr("sync status -n team --concurrency 1 -o json")
        .exits(4);
    let ends = statuses(&run);
    assert_eq!(
        ends.iter().filter(|end| end.contains("failed 4")).count(),
        1,
        "{run}"
    );
    let asked = cloud.received();
    let questions = asked
        .iter()
        .filter(|line| line.contains("/sync_repo"))
        .count();
    assert_eq!(questions, 1, "{asked:?}");
}

#[test]
fn no_name_of_the_service_is_put_into_a_command() {
    let day = "2026-01-01T00:00:00Z";
    for status in ["running", "failed"] {
        let jobs = json!([job(1, "$(touch x)", status, day), job(2, "v2", status, day)]);
        let run = user(&scripted(json!([task_to("team")]), jobs))
            .swr("sync status -n team --copies -o json")
            .exits(9);
        let item = &run.json()["items"][0];
        assert_eq!(item["failed_tags"], json!(["$(touch x)", "v2"]));
        let hint = item["error"]["hint"].as_str().unwrap();
        assert!(
            hint.starts_with("swr sync run ") && !hint.contains("$("),
            "{hint}"
        );
        let jobs = json!([job(1, "$(touch x)", status, day)]);
        let run = user(&scripted(json!([task_to("a;b")]), jobs))
            .swr("sync status -n team --copies -o json")
            .exits(9);
        assert_eq!(
            run.json()["items"][0]["error"]["hint"],
            Value::Null,
            "{run}"
        );
    }
}
