//! The workflows of docs/ci: their commands, word for word, as jobs of the emulated cloud.

use std::process::Command;

use crate::support::{Cloud, EAST, Home, NORTH, shell_path};

/// The commands of a workflow, each on one line.
fn commands(page: &str) -> Vec<String> {
    let workflow = page
        .split("## The ")
        .nth(1)
        .expect("the page has a workflow");
    let workflow = workflow.split("\n## ").next().unwrap();
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in workflow.lines().map(str::trim) {
        let line = line.strip_prefix("- ").unwrap_or(line);
        let text = line.trim_end_matches('\\').trim();
        if line.starts_with("swr ") {
            commands.push(text.to_owned());
            goes_on = true;
        } else if goes_on && line.starts_with("--") && line != "---" {
            let last = commands.last_mut().unwrap();
            last.push(' ');
            last.push_str(text);
        } else {
            goes_on = false;
        }
    }
    commands
}

fn run(home: &Home, command: &str) {
    let mut shell: Command = home.command(["ignored"]);
    shell = {
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", command])
            .env_clear()
            .envs(
                shell
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(home.path());
        bash
    };
    let run = home.run_of(shell.output().unwrap());
    assert_eq!(run.code, Some(0), "{command}\n{run}");
}

/// Runs a page's workflows in a job that has what the platform gives it, and nothing else.
fn mirrors(page: &str, given: impl FnOnce(Home, &dyn Fn(&str) -> String) -> Home) {
    let cloud = Cloud::start()
        .repository("team", "web/api", &["v0"])
        .repository("team", "new", &["n1"])
        .repository("team", "old", &[])
        .task(("team", "old"), "team", true, false)
        .namespace(EAST, "team");
    let variables = cloud.emulator().variables();
    let value = |name: &str| {
        let found = variables.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone()).unwrap()
    };
    let mut home = Home::new()
        .with("PATH", shell_path())
        .with("CI", "true")
        .with("SWR_REGION", NORTH)
        .with("TARGET_REGION", EAST)
        .with("NAMESPACE", "team")
        .with("REPOSITORY", "web/api")
        .with("TAG", "v1")
        .with(
            "HUAWEICLOUD_OIDC_PROVIDER_URN",
            value("SWR_EMULATOR_OIDC_PROVIDER_URN"),
        )
        .with(
            "HUAWEICLOUD_OIDC_AGENCY_URN",
            value("SWR_EMULATOR_OIDC_AGENCY_URN"),
        );
    for reach in [
        "SWR_ENDPOINT_CN_NORTH_4",
        "SWR_ENDPOINT_CN_EAST_3",
        "HUAWEICLOUD_SDK_STS_ENDPOINT",
    ] {
        home = home.with(reach, value(reach));
    }
    for name in [
        "SWR_REGION",
        "HUAWEICLOUD_OIDC_PROVIDER_URN",
        "HUAWEICLOUD_OIDC_AGENCY_URN",
    ] {
        assert!(page.contains(name), "the page sets {name}");
    }
    let home = given(home, &value);
    let commands = commands(page);
    assert_eq!(commands.len(), 3, "{commands:#?}");
    run(&home, &commands[0]);
    cloud.emulator().push(NORTH, "team", "web/api", "v1", None);
    for command in &commands[1..] {
        run(&home, command);
    }
    let names = |region: &str| -> Vec<String> {
        let tags = cloud.tags(region, "team", "web/api");
        tags.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(EAST), ["v1"]);
    keeps_a_fleet(page, &cloud, home);
}

/// Runs the commands of a page's section on fleets: pull request, merge, night.
fn keeps_a_fleet(page: &str, cloud: &Cloud, home: Home) {
    let Some(section) = page.split("\n## A fleet\n").nth(1) else {
        assert!(page.starts_with("# Tekton"), "the page has a fleet");
        return;
    };
    let section = section.split("\n## ").next().unwrap();
    let commands: Vec<&str> = section
        .split("```")
        .nth(1)
        .unwrap()
        .lines()
        .filter_map(|line| {
            line.find("swr plan")
                .or(line.find("swr apply"))
                .or(line.find("swr sync"))
                .map(|at| &line[at..])
        })
        .map(|command| command.trim_end_matches([' ', '}', '\'']))
        .collect();
    let verbs: Vec<&str> = commands
        .iter()
        .map(|command| command.split(" -").next().unwrap())
        .collect();
    let expected = [
        "swr plan",
        "swr apply plan.jsonl",
        "swr plan",
        "swr sync status",
    ];
    assert_eq!(verbs, expected);
    assert!(commands[0].contains("--prune --out plan.jsonl --summary page.md"));
    assert!(commands[3].contains("--copies"));
    let entry = |repositories: &str, to: &str| {
        format!("[[sync]]\nnamespace = 'team'\nrepositories = [{repositories}]\nto = [{to}]\n")
    };
    let head = "[defaults]\nregion = 'cn-north-4'\n";
    let (all, old) = (entry("'**', '!old'", "'cn-east-3'"), entry("'old'", ""));
    let home = home
        .file("swr.toml", &format!("{head}{all}{old}"))
        .without("SWR_REGION");
    run(&home, commands[0]);
    let shown = std::fs::read_to_string(home.path().join("page.md")).unwrap();
    assert!(shown.contains("`team/old`"), "{shown}");
    run(&home, commands[1]);
    assert_eq!(cloud.tasks("team", "old"), []);
    assert_eq!(
        cloud.tags(EAST, "team", "new"),
        cloud.tags(NORTH, "team", "new")
    );
    run(&home, commands[2]);
    home.write("swr.toml", &format!("{head}{all}"));
    run(&home, &format!("{} --only team/web/api", commands[3]));
}

#[test]
fn github_actions() {
    let page = include_str!("../../../docs/ci/github-actions.md");
    assert!(page.contains("id-token: write"));
    mirrors(page, |home, value| {
        let summary = home.path().join("summary.md").display().to_string();
        home.with("GITHUB_STEP_SUMMARY", summary)
            .with(
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                value("SWR_EMULATOR_ID_TOKEN_REQUEST_URL"),
            )
            .with(
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                value("SWR_EMULATOR_ID_TOKEN_REQUEST_TOKEN"),
            )
    });
}

#[test]
fn gitlab_ci() {
    let page = include_str!("../../../docs/ci/gitlab-ci.md");
    assert!(page.contains("    HUAWEICLOUD_OIDC_ID_TOKEN:\n      aud: "));
    mirrors(page, |home, value| {
        home.with("HUAWEICLOUD_OIDC_ID_TOKEN", value("SWR_EMULATOR_ID_TOKEN"))
    });
}

fn with_a_file(home: Home, id_token: &str) -> Home {
    let path = home.path().join("id-token").display().to_string();
    home.file("id-token", id_token)
        .with("HUAWEICLOUD_OIDC_TOKEN_FILE", path)
}

#[test]
fn jenkins() {
    let page = include_str!("../../../docs/ci/jenkins.md");
    assert!(page.contains("HUAWEICLOUD_OIDC_TOKEN_FILE   = credentials("));
    mirrors(page, |home, value| {
        with_a_file(home, &value("SWR_EMULATOR_ID_TOKEN"))
    });
}

#[test]
fn tekton() {
    let page = include_str!("../../../docs/ci/tekton.md");
    assert!(page.contains("HUAWEICLOUD_OIDC_TOKEN_FILE, value: /var/run/id-token/token"));
    mirrors(page, |home, value| {
        with_a_file(home, &value("SWR_EMULATOR_ID_TOKEN"))
    });
}

#[test]
fn the_policies_to_paste_are_json() {
    for page in [
        include_str!("../../../docs/ci/github-actions.md"),
        include_str!("../../../docs/ci/gitlab-ci.md"),
        include_str!("../../../docs/ci/jenkins.md"),
        include_str!("../../../docs/ci/tekton.md"),
    ] {
        let policies: Vec<serde_json::Value> = page
            .split("```json\n")
            .skip(1)
            .map(|part| serde_json::from_str(part.split("```").next().unwrap()).unwrap())
            .collect();
        assert_eq!(policies.len(), 2);
        let trusted = &policies[0]["Statement"][0]["Principal"]["Federated"][0];
        assert!(page.contains(&format!(
            "`{}`",
            trusted.as_str().unwrap().rsplit(':').next().unwrap()
        )));
        assert!(page.contains("HUAWEICLOUD_OIDC_PROVIDER_URN"));
    }
}
