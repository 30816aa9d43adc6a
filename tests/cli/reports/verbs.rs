//! Every verb fills every report: when all is well, when it is not, and when it is cut short.

use std::process::{Command, Stdio};

use super::forms::checked_by_promtool;
use super::{FILES, junit, read};
use crate::support::{Cloud, EAST, Home};

const TARGET: &str = "--to-region cn-east-3 --to-namespace mirror";

/// A verb: its command line, what its reports say that it was about, and whether they name tags.
struct Verb {
    command: &'static str,
    line: String,
    scope: &'static str,
    has_tags: bool,
}

fn verbs() -> [Verb; 7] {
    let link = format!("-n team -r web/api {TARGET}");
    let of_tags = |command, line| Verb {
        command,
        line,
        scope: "team/web/api (cn-north-4) → mirror (cn-east-3)",
        has_tags: true,
    };
    [
        of_tags(
            "sync create",
            format!("sync create {link} --auto --backfill --wait --verify"),
        ),
        of_tags("sync run", format!("sync run {link} --all --wait --verify")),
        of_tags("sync wait", format!("sync wait {link} v1 v2")),
        of_tags("sync verify", format!("sync verify {link} v1 v2")),
        Verb {
            command: "apply",
            line: "apply --backfill --wait --verify".to_owned(),
            scope: "swr.toml",
            has_tags: true,
        },
        Verb {
            command: "plan",
            line: "plan".to_owned(),
            scope: "swr.toml",
            has_tags: false,
        },
        Verb {
            command: "sync status",
            line: "sync status -n team --to cn-east-3/mirror --copies".to_owned(),
            scope: "team (cn-north-4) → cn-east-3/mirror",
            has_tags: false,
        },
    ]
}

fn cloud() -> Cloud {
    Cloud::start()
        .repository("team", "web/api", &["v1", "v2"])
        .namespace(EAST, "mirror")
}

/// A user with a fleet.
fn user(cloud: &Cloud) -> Home {
    let fleet = "[[sync]]\nnamespace = 'team'\nrepositories = ['**']\n\
                 to = [{region = 'cn-east-3', namespace = 'mirror'}]\n";
    cloud.user().file("swr.toml", fleet)
}

#[track_caller]
fn all_are_of(user: &Home, verb: &Verb, code: i32) {
    let command = verb.command;
    let page = read(user, "page.html");
    assert!(page.contains(&format!("<h1>swr {command}</h1>")), "{page}");
    assert!(page.contains(&format!("<dd>{code} (")), "{command}: {page}");
    let page = read(user, "page.md");
    assert!(
        page.starts_with(&format!("<!-- swr {command} -->\n### swr {command}: ")),
        "{page}"
    );
    assert!(page.contains(&format!("`{}` · ", verb.scope)), "{page}");
    assert!(page.contains(&format!(" · exit {code}\n")), "{page}");
    let metrics = read(user, "swr.prom");
    assert!(
        metrics.contains(&format!(
            "swr_run_exit_code{{command=\"{command}\"}} {code}\n"
        )),
        "{metrics}"
    );
    checked_by_promtool(&metrics);
}

#[test]
fn all_is_well() {
    let cloud = cloud();
    for verb in verbs() {
        let (command, line) = (verb.command, &verb.line);
        let user = user(&cloud);
        let _ = user.swr(&format!("{line} {FILES}")).exits(0);
        all_are_of(&user, &verb, 0);
        let report = junit(&read(&user, "report.xml"));
        assert_eq!(report.counts[1..], [0, 0, 0], "{command}");
        assert!(report.counts[0] > usize::from(verb.has_tags), "{command}");
        assert!(read(&user, "page.html").contains("All good"), "{command}");
        let metrics = read(&user, "swr.prom");
        assert_eq!(metrics.contains("swr_tags{"), verb.has_tags, "{command}");
        let has_tasks = matches!(command, "sync create" | "plan" | "apply");
        assert_eq!(metrics.contains("swr_tasks{"), has_tasks, "{command}");
        let has_repositories = metrics.contains("swr_repositories{");
        assert_eq!(has_repositories, command == "sync status", "{command}");
    }
}

#[test]
fn what_is_waited_for_has_its_time() {
    for Verb { command, line, .. } in verbs()
        .into_iter()
        .filter(|verb| verb.has_tags && verb.command != "sync verify")
    {
        let cloud = cloud();
        if command == "sync wait" {
            let _ = cloud.swr(&verbs()[1].line).exits(0);
        }
        let user = user(&cloud);
        let _ = user.swr(&format!("{line} --junit report.xml")).exits(0);
        let text = read(&user, "report.xml");
        let document = roxmltree::Document::parse(&text).unwrap();
        let times = document
            .descendants()
            .filter(|node| {
                node.has_tag_name("testcase") && node.attribute("name").unwrap().contains(":v")
            })
            .map(|case| {
                case.attribute("time")
                    .map(|time| time.parse::<f64>().unwrap())
            })
            .collect::<Vec<_>>();
        assert_eq!(times.len(), 2, "{command}: {text}");
        assert!(times.iter().all(Option::is_some), "{command}: {text}");
    }
}

#[test]
fn nothing_that_goes_wrong_is_green() {
    for fault in [
        "GET tags: 503 x*",
        "GET tags: 401 x*",
        "GET tags@cn-east-3: cut x*",
        "GET sync_job: html x*",
        "GET sync_repo: 500 x*",
        "GET repos: 403 x*",
        "POST sync_images: 500 x*",
        "POST sync_repo: 403 x*",
        "COPY *: failed x*",
        "COPY *: timeout x*",
    ] {
        for verb in verbs() {
            let (command, line) = (verb.command, &verb.line);
            let task = ("team", "web/api");
            let cloud = cloud().task(task, "mirror", true, false).failing(fault);
            let user = user(&cloud);
            let limit = if line.contains("wait") {
                " --wait-timeout 300ms"
            } else {
                ""
            };
            let run = user.swr(&format!("{line} {FILES} --retries 0{limit}"));
            let code = run.code.unwrap();
            all_are_of(&user, &verb, code);
            let report = junit(&read(&user, "report.xml"));
            let is_red = report.counts[1] + report.counts[2] > 0;
            assert_eq!(is_red, code != 0, "{fault}: {command}: {report:?} {run}");
            let is_good = read(&user, "page.html").contains("All good");
            assert_eq!(is_good, code == 0, "{fault}: {command}: {run}");
        }
    }
}

#[test]
fn a_signal_leaves_whole_files_of_every_verb() {
    for verb in verbs() {
        let (command, line) = (verb.command, &verb.line);
        let cloud = cloud()
            .failing("GET tags@cn-east-3: 503 retry-after=50 x*")
            .failing("GET sync_repo: 503 retry-after=50 x*");
        let user = user(&cloud);
        let mut command_line = user.command(format!("{line} {FILES}").split_whitespace());
        let child = command_line
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        cloud.wait_for(1);
        let id = child.id().to_string();
        // A second one may come while the files are completed.
        for _ in 0..2 {
            let _ = Command::new("kill")
                .args(["-TERM", &id])
                .stderr(Stdio::null())
                .status();
        }
        let run = user.run_of(child.wait_with_output().unwrap()).exits(143);
        all_are_of(&user, &verb, 143);
        let report = junit(&read(&user, "report.xml"));
        assert!(
            report.not_passed.last().unwrap().2.contains("SIGTERM"),
            "{command}: {report:?} {run}"
        );
        assert!(
            read(&user, "page.html").contains(">Incomplete<"),
            "{command}"
        );
    }
}

#[test]
fn several_targets_are_columns() {
    let cloud = cloud();
    let user = cloud.user();
    let line =
        format!("sync create -n team -r web/api {TARGET} --to-region cn-east-2 --auto {FILES}");
    let _ = user.swr(&line);
    let page = read(&user, "page.html");
    for region in ["cn-east-3", "cn-east-2"] {
        assert!(
            page.contains(&format!(
                "<th scope=\"col\">mirror<small>{region}</small></th>"
            )),
            "{page}"
        );
    }
    assert!(read(&user, "swr.prom").contains("remote_region_id=\"cn-east-2\",status=\""));
}

#[test]
fn a_dry_run_writes_nothing() {
    let cloud = cloud();
    let user = user(&cloud);
    for Verb { line, .. } in verbs()
        .into_iter()
        .filter(|verb| matches!(verb.command, "sync create" | "sync run" | "apply"))
    {
        let line = line.replace(" --verify", "");
        let _ = user.swr(&format!("{line} --dry-run {FILES}")).exits(0);
    }
    assert!(!user.path().join("report.xml").exists());
}
