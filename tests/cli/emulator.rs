//! `swr emulator start`, `exec` and `push`, as a person and a script use them.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::support::{Home, Run, shell_path};

fn exec(home: &Home, options: &[&str], script: &str) -> Run {
    let words = ["emulator", "exec"]
        .into_iter()
        .chain(options.iter().copied());
    home.words(words.chain(["--", "sh", "-c", script]))
}

fn with_shell() -> Home {
    Home::new().with("PATH", shell_path())
}

/// Starts `swr emulator start -o json`, and returns what it says once it serves.
fn start(home: &Home, options: &[&str]) -> (Child, BufReader<ChildStdout>, Value) {
    let words = ["emulator", "start", "-o", "json"]
        .into_iter()
        .chain(options.iter().copied());
    let mut command = home.command(words);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    loop {
        let read = stdout.read_line(&mut text).unwrap();
        assert!(read > 0, "it ended: {text}");
        if let Ok(document) = serde_json::from_str(&text) {
            return (child, stdout, document);
        }
    }
}

/// Sends a signal and returns the exit code.
fn end(mut child: Child, signal: &str) -> Option<i32> {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    child.wait().unwrap().code()
}

fn with_environment(mut home: Home, document: &Value) -> Home {
    for (name, value) in document["environment"].as_object().unwrap() {
        home = home.with(name, value.as_str().unwrap());
    }
    home
}

#[test]
fn the_first_command_of_the_readme_works_anywhere() {
    let home = Home::new();
    let line = "emulator exec -- swr sync create -n demo -r web/api --to-region cn-east-3 \
                --to-namespace demo --auto --override -o json";
    let run = home.swr(line).exits(0);
    assert_eq!(run.json()["status"], "created");
}

#[test]
fn the_commands_code_is_passed_on() {
    let home = with_shell();
    for code in [0, 3, 42, 255] {
        let run = exec(&home, &[], &format!("exit {code}")).exits(code);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    }
    exec(&home, &[], "kill -KILL $$").exits(137).stdout.clear();
}

#[test]
fn a_command_that_is_not_there_is_told() {
    let run = Home::new()
        .swr("emulator exec -o json -- swr-nothing-of-the-kind")
        .exits(1);
    let error = run.json_error();
    assert_eq!(error["kind"], "io");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("'swr-nothing-of-the-kind'"),
        "{run}"
    );
}

#[test]
fn nothing_of_the_user_leads_the_command_elsewhere() {
    let mut home = with_shell();
    for name in [
        "SWR_ACCESS_KEY",
        "SWR_SECRET_KEY",
        "SWR_TOKEN_FILE",
        "SWR_PROFILE",
        "SWR_CONFIG",
        "SWR_PROJECT_ID",
        "SWR_ENDPOINT_AF_SOUTH_1",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        "HUAWEICLOUD_SDK_REGIONS_FILE",
        "HUAWEI_CLOUD_ACCESS_KEY_ID",
        "HW_ACCESS_KEY",
        "HUAWEICLOUD_OIDC_PROVIDER_URN",
        "HC_CONTAINER_CREDENTIALS_FULL_URI",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ] {
        home = home.with(name, "theirs");
    }
    let run = exec(
        &home,
        &[],
        "env | grep -c theirs; echo $NO_PROXY; command -v swr",
    );
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[..2], ["0", "127.0.0.1"], "{run}");
    assert!(lines[2].ends_with("/swr"), "{run}");
}

#[test]
fn the_variables_name_each_region() {
    let run = exec(
        &with_shell(),
        &["--region", "af-south-1", "--region", "cn-north-1"],
        "echo $SWR_REGION; test $SWR_ENDPOINT = $SWR_ENDPOINT_AF_SOUTH_1 && \
         test $SWR_EMULATOR = $SWR_ENDPOINT && test -n \"$SWR_TOKEN_CN_NORTH_1\" && \
         test $HUAWEICLOUD_SDK_REGION_SWR_CN_NORTH_1 = $SWR_ENDPOINT_CN_NORTH_1 && \
         test $HUAWEICLOUD_SDK_IAM_ENDPOINT = $SWR_ENDPOINT && test -n \"$HUAWEICLOUD_SDK_SK\"",
    );
    assert_eq!(run.exits(0).stdout, "af-south-1\n");
}

#[test]
fn keys_open_it_where_there_is_no_token() {
    let script = "unset SWR_TOKEN SWR_TOKEN_CN_NORTH_4 && swr tag list -n demo -r web/api -o json";
    let run = exec(&with_shell(), &[], script).exits(0);
    assert_eq!(run.json().as_array().unwrap().len(), 3);
}

#[test]
fn faults_choices_and_latency_are_told_wrong_all_at_once() {
    let run = Home::new().words([
        "emulator",
        "exec",
        "-o",
        "json",
        "--fault",
        "POST x 503",
        "--as",
        "duplicate=500",
        "--latency",
        "soon",
        "--region",
        "North",
        "--",
        "true",
    ]);
    let error = run.exits(2).json_error();
    let fields: Vec<&str> = error["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["--region", "--fault", "--as", "--latency"]);
    let messages = error["message"].as_str().unwrap();
    assert!(
        messages.contains("'duplicate' takes 400 or 409, not '500'"),
        "{messages}"
    );
}

#[test]
fn faults_and_choices_reach_the_service() {
    let script = "swr sync regions; echo $?; swr sync regions --retries 0; echo $?";
    let options = [
        "--as",
        "regions=closed",
        "--fault",
        "GET regions: 500 after=1",
    ];
    let run = exec(&with_shell(), &options, script);
    assert!(run.stdout.ends_with("5\n"), "{run}");
}

#[test]
fn a_push_is_copied_by_the_task() {
    let script = "swr sync create -n demo -r web/api --to-region cn-east-3 --to-namespace demo --auto -q >/dev/null &&
        swr emulator push -n demo -r web/api v2 &&
        swr emulator push -n demo -r new/one --region cn-east-3 --digest sha256:ab v1 -o json &&
        swr sync wait -n demo -r web/api v2 --to-region cn-east-3 --to-namespace demo -q >/dev/null";
    let run = exec(&with_shell(), &["--as", "pace=told"], script).exits(0);
    let (line, document) = run.stdout.split_once('\n').unwrap();
    assert!(line.starts_with("pushed: demo/web/api:v2 sha256:"), "{run}");
    let document: Value = serde_json::from_str(document).unwrap();
    assert_eq!(
        document,
        serde_json::json!({"namespace": "demo", "repository": "new/one", "digests": {"v1": "sha256:ab"}})
    );
}

#[test]
fn a_push_that_finds_no_emulator_says_how_to_get_one() {
    let run = Home::new()
        .swr("emulator push -n demo -r web/api v1")
        .exits(1);
    assert!(
        run.stderr.contains("hint: work in 'swr emulator exec"),
        "{run}"
    );
    let run = Home::new()
        .with("SWR_EMULATOR", "http://127.0.0.1:9")
        .swr("emulator push -n demo -r web/api v1")
        .exits(6);
    assert!(
        run.stderr
            .contains("no emulator answers at 'http://127.0.0.1:9'"),
        "{run}"
    );
    let run = exec(&with_shell(), &[], "swr emulator push -n none -r x v1");
    assert_eq!(run.code, Some(4), "{run}");
}

#[test]
fn start_serves_until_a_signal_and_keeps_its_state() {
    let home = Home::new();
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let (child, _stdout, document) = start(&home, &["--state", "state.json"]);
        let regions = document["regions"].as_array().unwrap();
        assert_eq!(regions.len(), 3);
        assert_eq!(
            regions[0]["endpoint"],
            document["environment"]["SWR_ENDPOINT"]
        );
        let inside = with_environment(Home::new(), &document);
        let tag = if code == 130 { "first" } else { "second" };
        inside
            .swr(&format!("emulator push -n demo -r web/api {tag}"))
            .exits(0)
            .stdout
            .clear();
        assert_eq!(end(child, signal), Some(code));
    }
    let state = std::fs::read_to_string(home.path().join("state.json")).unwrap();
    assert!(state.contains("\"first\"") && state.contains("\"second\""));
}

#[test]
fn start_prints_what_to_paste() {
    let home = Home::new();
    let mut command = home.command(["emulator", "start"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let header = lines.next().unwrap().unwrap();
    assert_eq!(
        header.split_whitespace().collect::<Vec<_>>(),
        ["REGION", "ENDPOINT", "REGISTRY", "USER"]
    );
    let mut exports = lines
        .map(Result::unwrap)
        .filter(|line| line.starts_with("export "));
    assert!(exports.any(|line| line.starts_with("export SWR_TOKEN='MII")));
    assert_eq!(end(child, "-INT"), Some(130));
}

#[test]
fn what_start_prints_is_whole_where_it_was_exported_already() {
    let home = Home::new();
    let (first, _stdout, document) = start(&home, &[]);
    let home = with_environment(home, &document);
    let (second, _out, again) = start(&home, &[]);
    assert_eq!(
        again["environment"]["SWR_TOKEN"],
        document["environment"]["SWR_TOKEN"]
    );
    assert_eq!(end(first, "-TERM"), Some(143));
    assert_eq!(end(second, "-TERM"), Some(143));
}

#[test]
fn the_first_port_is_chosen_and_the_next_follow() {
    // Whoever takes three free ports in a row may be beaten to one: another start is tried.
    for _ in 0..20 {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let line = format!("emulator start --port {port}");
        let run = Home::new().swr(&line).exits(1);
        assert!(
            run.stderr
                .contains(&format!("port {port} cannot be served")),
            "{run}"
        );
        drop(taken);
        let next =
            (1..3).all(|more| std::net::TcpListener::bind(("127.0.0.1", port + more)).is_ok());
        if !next {
            continue;
        }
        let (child, _stdout, document) = start(&Home::new(), &["--port", &port.to_string()]);
        let endpoint = |index: usize| document["regions"][index]["endpoint"].clone();
        for index in 0..3 {
            let expected = format!("http://127.0.0.1:{}", usize::from(port) + index);
            assert_eq!(endpoint(index), expected);
        }
        assert_eq!(end(child, "-INT"), Some(130));
        return;
    }
    panic!("no three ports in a row");
}

#[test]
fn sigterm_reaches_the_command() {
    let home = with_shell();
    let script = "trap 'exit 9' TERM; echo ready; while :; do :; done";
    let mut command = home.command(["emulator", "exec", "--", "sh", "-c", script]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
    assert_eq!(end(child, "-TERM"), Some(9));
}
