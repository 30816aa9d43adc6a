//! What CI systems and Kubernetes are given: the action, run step by step as its platform would,
//! the Tekton task, and the manifests.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

use crate::support::{Cloud, EAST, Home, NORTH, Run, shell_path};

fn yaml(path: &str) -> Vec<Yaml> {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    YamlLoader::load_from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A job of GitHub Actions on this machine: its inputs, its outputs, its summary.
struct Job {
    home: Home,
    inputs: BTreeMap<String, String>,
}

impl Job {
    /// The action with its defaults, on a runner that has `swr`.
    fn new(cloud: &Cloud, with: &[(&str, &str)]) -> Job {
        let action = &yaml("action.yml")[0];
        let declared = action["inputs"].as_hash().unwrap();
        let mut inputs: BTreeMap<String, String> = declared
            .iter()
            .map(|(name, input)| {
                let default = input["default"].as_str().unwrap();
                (name.as_str().unwrap().to_owned(), default.to_owned())
            })
            .collect();
        for (name, value) in [("version", "none")].iter().chain(with) {
            let known = inputs.insert((*name).to_owned(), (*value).to_owned());
            assert!(known.is_some(), "the action has an input {name}");
        }
        let home = cloud.user().with("PATH", shell_path()).with("CI", "true");
        let path = |name: &str| home.path().join(name).display().to_string();
        let (output, summary) = (path("output"), path("summary.md"));
        Job {
            home: home
                .with("GITHUB_ACTIONS", "true")
                .with("GITHUB_OUTPUT", output)
                .with("GITHUB_STEP_SUMMARY", summary),
            inputs,
        }
    }

    /// Runs the steps one after another, up to one that fails.
    fn run(&self) -> Run {
        let action = &yaml("action.yml")[0];
        let mut last = None;
        for step in action["runs"]["steps"].as_vec().unwrap() {
            let script = step["run"].as_str().unwrap();
            assert!(!script.contains("${{"), "an input can inject a command");
            let variables = step["env"].as_hash().unwrap().iter().map(|(name, value)| {
                let value = value.as_str().unwrap();
                let expression = value.trim_start_matches("${{ ").trim_end_matches(" }}");
                let value = match expression.strip_prefix("inputs.") {
                    Some(input) => self.inputs[input].clone(),
                    None => String::new(),
                };
                (name.as_str().unwrap().to_owned(), value)
            });
            let run = self.bash(script, variables);
            let failed = run.code != Some(0);
            last = Some(run);
            if failed {
                break;
            }
        }
        last.unwrap()
    }

    /// Runs a script as a step's shell does.
    fn bash(&self, script: &str, variables: impl Iterator<Item = (String, String)>) -> Run {
        let user = self.home.command(["ignored"]);
        let given = user
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        let mut shell = Command::new("bash");
        shell
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .env_clear()
            .envs(given)
            .envs(variables)
            .current_dir(self.home.path());
        self.home.run_of(shell.output().unwrap())
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.home.path().join(file)).unwrap_or_default()
    }
}

const IMAGE: [(&str, &str); 4] = [
    ("namespace", "team"),
    ("repository", "web/api"),
    ("to-region", EAST),
    ("tags", "v1\n"),
];

#[test]
fn the_action_waits_and_proves() {
    let cloud = Cloud::start()
        .repository("team", "web/api", &[])
        .namespace(EAST, "team")
        .task(("team", "web/api"), "team", true, false);
    cloud.emulator().push(NORTH, "team", "web/api", "v1", None);
    let job = Job::new(&cloud, &IMAGE);
    let run = job.run();
    assert_eq!(run.code, Some(0), "{run}");
    let digest = cloud.tags(EAST, "team", "web/api")[0].1.clone();
    let outputs = job.read("output");
    assert!(outputs.contains(&format!("digest={digest}\n")), "{outputs}");
    assert!(outputs.contains("exit-code=0\n"), "{outputs}");
    let docker = job.read(".docker/config.json");
    assert!(docker.contains("credHelpers"), "{docker}");
    let summary = job.read("summary.md");
    assert!(summary.contains("team/web/api"), "{summary}");
}

#[test]
fn the_action_fails_with_the_code_of_swr() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1"]);
    let run = Job::new(&cloud, &IMAGE).run();
    assert_eq!(
        run.code,
        Some(8),
        "the target namespace does not exist: {run}"
    );

    let mut nothing = IMAGE;
    nothing[3] = ("tags", "\n");
    let run = Job::new(&cloud, &nothing).run();
    assert_eq!(run.code, Some(2), "no tag is never success: {run}");
}

/// A job that has nothing but GitHub's id token to log in with.
fn keyless(cloud: &Cloud, home: Home) -> Home {
    let given: BTreeMap<String, String> = cloud.emulator().variables().into_iter().collect();
    let tokens = ["SWR_TOKEN", "SWR_TOKEN_CN_NORTH_4", "SWR_TOKEN_CN_EAST_3"];
    let home = tokens.into_iter().fold(home, Home::without);
    [
        (
            "HUAWEICLOUD_OIDC_PROVIDER_URN",
            "SWR_EMULATOR_OIDC_PROVIDER_URN",
        ),
        (
            "HUAWEICLOUD_OIDC_AGENCY_URN",
            "SWR_EMULATOR_OIDC_AGENCY_URN",
        ),
        (
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "SWR_EMULATOR_ID_TOKEN_REQUEST_URL",
        ),
        (
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            "SWR_EMULATOR_ID_TOKEN_REQUEST_TOKEN",
        ),
        (
            "HUAWEICLOUD_SDK_STS_ENDPOINT",
            "HUAWEICLOUD_SDK_STS_ENDPOINT",
        ),
    ]
    .into_iter()
    .fold(home, |home, (name, from)| home.with(name, &given[from]))
}

#[test]
fn the_action_logs_docker_in_without_a_key() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1"]);
    let job = Job::new(&cloud, &[("command", "login")]);
    let home = keyless(&cloud, job.home);
    let job = Job { home, ..job };
    let run = job.run();
    assert_eq!(run.code, Some(0), "{run}");
    // What docker does then, and whether the registry accepts it.
    let registry = cloud.emulator().regions()[0].address;
    let script = format!("echo {registry} | docker-credential-swr get");
    let answer = job.bash(&script, std::iter::empty()).exits(0).json();
    let user = answer["Username"].as_str().unwrap();
    assert!(user.starts_with("cn-north-4@HST"), "{answer}");
    let rows = job.home.swr("doctor -o json").exits(0).document("doctor");
    let accepted = rows["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == "registry.login");
    assert_eq!(accepted.unwrap()["status"], "ok", "{rows:#}");
    let received = cloud.received();
    let issued = received
        .iter()
        .filter(|line| line.contains("utils/secret"))
        .count();
    assert_eq!(issued, 1, "{received:?}");
}

#[test]
fn an_input_of_the_action_cannot_inject_a_command() {
    let cloud = Cloud::start().repository("team", "web/api", &["v1"]);
    let mut hostile = IMAGE;
    hostile[3] = (
        "tags",
        "v1; touch injected\n$(touch injected)\n`touch injected`\n--help\n",
    );
    let job = Job::new(&cloud, &hostile);
    let run = job.run();
    assert_eq!(run.code, Some(2), "{run}");
    assert!(!job.home.path().join("injected").exists());
}

#[test]
fn the_tekton_task_is_the_one_of_its_page() {
    let page = include_str!("../../docs/ci/tekton.md");
    let task = include_str!("../../ci/tekton/task.yaml");
    let body: String = task
        .lines()
        .skip_while(|line| line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(
        page.contains(&body),
        "docs/ci/tekton.md shows ci/tekton/task.yaml"
    );
}

/// The arguments of the one container in a manifest, with the fleet's file where it is here.
fn arguments(manifest: &Yaml, pod: &[&str]) -> Vec<String> {
    let spec = pod.iter().fold(manifest, |inner, key| &inner[*key]);
    let container = &spec["containers"][0];
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/deploy/kubernetes/base/swr.toml"
    );
    let words = container["args"].as_vec().unwrap().iter();
    words
        .map(|word| word.as_str().unwrap().replace("/etc/swr/swr.toml", file))
        .collect()
}

#[test]
fn the_jobs_of_kubernetes_take_a_fleet_to_its_end_and_watch_it() {
    let cloud = Cloud::start()
        .repository("demo", "web/api", &["v1"])
        .repository("demo", "web/worker", &["v1"])
        .namespace(EAST, "demo");
    let pod = ["spec", "template", "spec"];
    let apply = arguments(&yaml("deploy/kubernetes/apply/job.yaml")[0], &pod);
    let run = cloud.user().words(&apply);
    assert_eq!(run.code, Some(0), "{run}");
    for repository in ["web/api", "web/worker"] {
        let copied = cloud.tags(EAST, "demo", repository);
        assert_eq!(copied, cloud.tags(NORTH, "demo", repository));
    }

    let verify = &yaml("deploy/kubernetes/verify/cron-job.yaml")[0];
    let job = &verify["spec"]["jobTemplate"];
    assert_eq!(job["spec"]["completions"].as_i64(), Some(8));
    let arguments = arguments(job, &pod);
    let mut seen = 0;
    for index in 0..8 {
        let user = cloud.user().with("JOB_COMPLETION_INDEX", index.to_string());
        let run = user.words(&arguments);
        assert_eq!(run.code, Some(0), "shard {index}: {run}");
        seen += run.json()["items"].as_array().unwrap().len();
    }
    assert_eq!(seen, 2, "each repository is in one shard");
}
