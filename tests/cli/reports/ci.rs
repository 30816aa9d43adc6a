//! What a CI system gets without being asked.

use serde_json::{Value, json};

use super::hostile::HOSTILE;
use super::{VERIFY, cloud, read};
use crate::support::{Cloud, EAST, Home, NORTH, Run};

/// A step of a job in GitHub Actions.
fn step(user: Home) -> Home {
    let path = |name: &str| user.path().join(name).display().to_string();
    let (summary, output) = (path("step-summary"), path("step-output"));
    user.with("CI", "true")
        .with("GITHUB_ACTIONS", "true")
        .with("GITHUB_STEP_SUMMARY", summary)
        .with("GITHUB_OUTPUT", output)
        .file("step-output", "earlier=1\n")
}

/// Reads outputs as the runner does; a line that is none fails.
fn outputs(user: &Home) -> Vec<(String, String)> {
    read(user, "step-output")
        .lines()
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
            let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            assert!(plain && !name.is_empty(), "{line}");
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

fn output(user: &Home, name: &str) -> String {
    let found = outputs(user);
    let found = found.iter().rev().find(|(other, _)| other == name);
    found.unwrap_or_else(|| panic!("no {name}")).1.clone()
}

/// Returns the workflow commands that GitHub's runner would find in what the run said.
fn commands(run: &Run) -> Vec<String> {
    let lines = run.stdout.lines().chain(run.stderr.lines());
    lines
        .filter(|line| line.trim_start().starts_with("::") || line.contains("##["))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_job_in_github_actions_gets_page_outputs_and_annotation() {
    let cloud = cloud();
    let user = step(cloud.user());
    let run = user.swr(VERIFY).exits(8);
    assert!(
        read(&user, "step-summary").starts_with("<!-- swr sync verify -->\n### swr sync verify: ")
    );
    let counts: Value = serde_json::from_str(&output(&user, "summary")).unwrap();
    assert_eq!(
        counts,
        json!({"different": 1, "extra": 1, "missing": 1, "same": 2})
    );
    assert_eq!(output(&user, "total"), "5");
    assert_eq!(output(&user, "exit-code"), "8");
    let digests: Value = serde_json::from_str(&output(&user, "digests")).unwrap();
    assert!(
        digests["team/web/api:v1"]
            .as_str()
            .unwrap()
            .starts_with("sha256:"),
        "{digests}"
    );
    let found = commands(&run);
    assert_eq!(found.len(), 1, "{run}");
    assert!(
        found[0].starts_with("::error title=swr (exit 8)::"),
        "{run}"
    );
}

#[test]
fn a_fleet_and_its_coverage_are_on_the_jobs_page_too() {
    let cloud = cloud();
    let fleet = "[[sync]]\nnamespace = 'team'\nrepositories = ['**']\n\
                 to = [{region = 'cn-east-3', namespace = 'mirror'}]\n";
    for (line, code, words, counts) in [
        (
            "plan --exit-code",
            8,
            "plan: 2 create",
            json!({"create": 2}),
        ),
        (
            "sync status -f swr.toml",
            8,
            "sync status: 2 uncovered",
            json!({"uncovered": 2}),
        ),
        ("apply", 0, "apply: 2 created", json!({"created": 2})),
        ("plan", 0, "plan: 2 unchanged", json!({"unchanged": 2})),
        (
            "sync status",
            8,
            "sync status: 2 uncovered, 2 covered",
            json!({"covered": 2, "uncovered": 2}),
        ),
    ] {
        let user = step(cloud.user()).file("swr.toml", fleet);
        let _ = user.swr(line).exits(code);
        let page = read(&user, "step-summary");
        let head = format!(
            "<!-- swr {} -->\n### swr {words}\n",
            words.split(':').next().unwrap()
        );
        assert!(page.starts_with(&head), "{line}: {page}");
        let summary: Value = serde_json::from_str(&output(&user, "summary")).unwrap();
        assert_eq!(summary, counts, "{line}");
        assert_eq!(output(&user, "exit-code"), code.to_string(), "{line}");
        // A dry run is no result.
        let user = step(cloud.user()).file("swr.toml", fleet);
        let _ = user.swr("apply --dry-run").exits(0);
        assert!(!user.path().join("step-summary").exists());
    }
}

#[test]
fn one_image_has_one_digest() {
    for verb in ["verify", "run", "wait"] {
        let cloud = Cloud::start()
            .repository("team", "web/api", &["v1"])
            .namespace(EAST, "mirror");
        let target = "--to-region cn-east-3 --to-namespace mirror";
        let copy = format!("sync run -n team -r web/api v1 {target} --wait");
        if verb != "run" {
            let _ = cloud.swr(&copy).exits(0);
        }
        let user = step(cloud.user());
        let line = match verb {
            "run" => copy,
            _ => format!("sync {verb} -n team -r web/api v1 {target}"),
        };
        let _ = user.swr(&line).exits(0);
        let digest = cloud.tags(NORTH, "team", "web/api")[0].1.clone();
        assert_eq!(output(&user, "digest"), digest, "{verb}");
        assert_eq!(output(&user, "exit-code"), "0", "{verb}");
        assert!(
            read(&user, "step-summary").contains(&format!("### swr sync {verb}: 1 ")),
            "{verb}"
        );
    }
}

#[test]
fn create_with_backfill_tells_each_tag() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1", "v2"]);
    let user = step(cloud.user());
    let _ = user
        .swr(
            "sync create -n team -r web/api --to-region cn-east-3 --to-namespace mirror --auto \
              --create-namespace --backfill --wait --verify",
        )
        .exits(0);
    let page = read(&user, "step-summary");
    assert!(
        page.contains("### swr sync create: ") && page.contains("`team/web/api:v2`"),
        "{page}"
    );
    let digests: Value = serde_json::from_str(&output(&user, "digests")).unwrap();
    assert_eq!(digests.as_object().unwrap().len(), 2, "{digests}");
}

#[test]
fn a_task_alone_is_no_result_for_the_jobs_page() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1"]);
    let user = step(cloud.user());
    let line = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace mirror --auto";
    let _ = user.swr(line).exits(0);
    assert!(!user.path().join("step-summary").exists());
    assert_eq!(outputs(&user).len(), 1);
    let _ = user
        .swr(&format!("{line} --if-exists keep --summary mine.md"))
        .exits(0);
    assert!(read(&user, "mine.md").contains("### swr sync create: 1 exists"));
}

#[test]
fn it_can_be_turned_off_and_put_elsewhere() {
    let cloud = cloud();
    let line = format!("{VERIFY} -r web/worker");
    let nothing = |user: &Home| !user.path().join("step-summary").exists();

    let user = step(cloud.user()).with("SWR_CI", "off");
    let run = user.swr(&format!("{VERIFY} -r no/such")).exits(4);
    assert_eq!(commands(&run), Vec::<String>::new());
    assert!(nothing(&user));
    assert_eq!(outputs(&user).len(), 1);

    let user = step(cloud.user());
    let _ = user.swr(&format!("{line} --summary none")).exits(0);
    assert!(nothing(&user) && !user.path().join("none").exists());
    assert_eq!(output(&user, "exit-code"), "0");

    let user = step(cloud.user());
    let _ = user.swr(&format!("{line} --summary mine.md")).exits(0);
    assert!(nothing(&user));
    assert!(read(&user, "mine.md").contains("1 same"));

    // The path that the job's page has, as earlier versions had to be given it: once.
    let user = step(cloud.user());
    let path = user.path().join("step-summary").display().to_string();
    let _ = user.swr(&format!("{line} --summary {path}")).exits(0);
    assert_eq!(read(&user, "step-summary").matches("<!--").count(), 1);

    let user = step(cloud.user()).with("SWR_CI", "maybe");
    let run = user.swr(&line).exits(1);
    assert!(
        run.stderr
            .contains("invalid value 'maybe': not auto or off (SWR_CI)"),
        "{run}"
    );

    // GitLab and a terminal have none of it.
    for variables in [
        vec![],
        vec![("CI", "true"), ("GITLAB_CI", "true")],
        vec![("GITHUB_ACTIONS", "false")],
    ] {
        let mut user = step(cloud.user()).without("GITHUB_ACTIONS").without("CI");
        for (name, value) in variables {
            user = user.with(name, value);
        }
        let run = user.swr(&format!("{VERIFY} -r no/such")).exits(4);
        assert_eq!(commands(&run), Vec::<String>::new());
        assert!(nothing(&user));
    }
}

#[test]
fn an_error_of_any_command_is_an_annotation_for_people_only() {
    let user = step(Home::new());
    for (line, code) in [
        ("sync list", 1),
        ("sync verify --nonsense", 2),
        ("repo show -n A -r b", 2),
    ] {
        let run = user.swr(line).exits(code);
        let found = commands(&run);
        assert_eq!(found.len(), 1, "{run}");
        assert!(
            found[0].starts_with(&format!("::error title=swr (exit {code})::")),
            "{run}"
        );
        // Standard error is JSON Lines then.
        let run = user.swr(&format!("{line} -o json")).exits(code);
        for line in run.stderr.lines() {
            assert!(serde_json::from_str::<Value>(line).is_ok(), "{run}");
        }
    }
}

#[test]
fn no_text_of_the_service_is_a_workflow_command_or_an_output() {
    for text in HOSTILE
        .iter()
        .copied()
        .chain(["::error::x\n::add-mask::y", "x\ny=injected"])
    {
        let body = json!({"errors": [{"errorCode": "SVCSTG.SWR.4001000", "errorMessage": text}]});
        let cloud = cloud().failing(&format!("GET /web$api/tags: 400 x* body={body}"));
        let user = step(cloud.user());
        let run = user.swr(&format!("{VERIFY} -r web/api")).exits(4);
        let found = commands(&run);
        assert_eq!(found.len(), 1, "{text}: {run}");
        assert!(
            found[0].starts_with("::error title=swr (exit 4)::"),
            "{text}: {run}"
        );
        let names: Vec<String> = outputs(&user).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["earlier", "digests", "summary", "total", "exit-code"],
            "{text}"
        );
    }
}
