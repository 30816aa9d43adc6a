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

/// What must not happen inside: a request to an address that is not this machine's. 192.0.2.0/24 is
/// nobody's, and a request there would take its time.
#[test]
fn nothing_inside_talks_to_anybody_but_this_machine() {
    let config = r#"
access_key = "THEIRSACCESSKEY00001"
secret_key = "TheirSecretKeyThatMustNotBeUsedInHere001"
[regions."eu-west-0"]
endpoint = "https://192.0.2.1"
token = "MIItheirs"
"#;
    let home = with_shell().file("theirs.toml", config);
    let target = "-n demo -r web/api --to-region eu-west-0 --to-namespace demo";
    for command in [
        format!("swr sync create {target} --create-namespace"),
        format!("swr --config theirs.toml sync create {target} --create-namespace"),
        format!("swr --config theirs.toml sync verify {target}"),
        "swr --config theirs.toml --region eu-west-0 sync regions".to_owned(),
        "swr --endpoint https://192.0.2.1 --region eu-west-0 sync regions".to_owned(),
        "swr --endpoint https://192.0.2.1 api GET /v2/manage/regions".to_owned(),
        "swr auth login --user x --account y --region eu-west-0 --password-stdin </dev/null"
            .to_owned(),
    ] {
        let run = exec(&home, &[], &format!("{command} --connect-timeout 5s"));
        assert_ne!(run.code, Some(0), "{command}: {run}");
        assert_ne!(run.code, Some(6), "{command}: {run}");
        assert_ne!(run.code, Some(7), "{command}: {run}");
    }
    let run = exec(
        &home,
        &[],
        "swr --endpoint https://192.0.2.1 --region eu-west-0 sync regions",
    )
    .exits(1);
    assert!(
        run.stderr
            .contains("'https://192.0.2.1' is outside the emulator"),
        "{run}"
    );
}

#[test]
fn logins_and_config_of_the_run_are_its_own() {
    let home = with_shell();
    let login = "printf %s \"$SWR_EMULATOR_PASSWORD\" | swr auth login --account \
                 \"$SWR_EMULATOR_ACCOUNT\" --user \"$SWR_EMULATOR_USER\" --password-stdin -q >/dev/null";
    let script =
        format!("{login}; swr auth status -o json; swr config path; swr auth logout --all -q");
    let run = exec(&home, &[], &script);
    assert!(run.stdout.contains("swr-run-"), "{run}");
    let kept = std::fs::read_dir(home.path()).unwrap();
    let names: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    let touched = home.path().join(".local/share/swr");
    assert!(!touched.exists(), "{names:?} {run}");
}

#[test]
fn a_region_that_is_named_is_the_one_that_is_changed() {
    let script = "swr namespace create made --region cn-east-3 && \
                  swr namespace list --region cn-east-3 && echo -- && swr namespace list";
    let run = exec(&with_shell(), &[], script).exits(0);
    let (east, north) = run.stdout.split_once("--\n").unwrap();
    assert!(east.contains("made") && !north.contains("made"), "{run}");
}

#[test]
fn container_tools_find_the_registries_and_the_helper() {
    let script = r#"
        grep -q "\"$SWR_REGISTRY_CN_EAST_3\":\"swr\"" "$DOCKER_CONFIG/config.json" &&
        grep -q "$SWR_REGISTRY" "$CONTAINERS_REGISTRIES_CONF" &&
        test "http://$SWR_REGISTRY" = "$SWR_ENDPOINT" &&
        command -v docker-credential-swr"#;
    let run = exec(&with_shell(), &[], script).exits(0);
    assert!(run.stdout.ends_with("docker-credential-swr\n"), "{run}");
    let home = with_shell().with("DOCKER_CONFIG", "theirs");
    let run = exec(&home, &[], "echo $DOCKER_CONFIG").exits(0);
    assert_eq!(run.stdout, "theirs\n");
    assert!(
        run.stderr.contains("DOCKER_CONFIG is set and stays"),
        "{run}"
    );
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

/// Starts `emulator exec` of a script that prints two process ids when it is ready, its own and
/// that of a child of its own; returns them.
fn exec_of(home: &Home, script: &str) -> (Child, Vec<String>) {
    let mut command = home.command(["emulator", "exec", "--", "sh", "-c", script]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, line.split_whitespace().map(str::to_owned).collect())
}

/// Waits until a process is gone, or a zombie that nobody has collected yet.
fn is_gone(process: &str) -> bool {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while std::time::Instant::now() < end {
        let status = std::fs::read_to_string(format!("/proc/{process}/stat"));
        if status.map_or(true, |stat| stat.contains(") Z ")) {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn every_signal_reaches_the_command_whose_code_counts() {
    let home = with_shell();
    for (signal, name, code) in [
        ("-TERM", "TERM", 9),
        ("-INT", "INT", 8),
        ("-HUP", "HUP", 7),
        ("-QUIT", "QUIT", 6),
    ] {
        let script = format!("trap 'exit {code}' {name}; sleep 60 & echo $$ $!; wait");
        let (child, processes) = exec_of(&home, &script);
        assert_eq!(end(child, signal), Some(code), "{signal}");
        for process in processes {
            assert!(is_gone(&process), "{signal}");
        }
    }
}

#[test]
fn no_process_is_left_behind() {
    let home = with_shell();
    let deaf = "trap '' INT TERM; sleep 60 & echo $$ $!; sleep 60";
    for signal in ["-INT", "-TERM"] {
        let (child, processes) = exec_of(&home, deaf);
        let id = child.id().to_string();
        // The second one ends the run, and with it a command that hears neither.
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        let _ = end(child, signal);
        for process in processes {
            assert!(is_gone(&process), "{signal} {process}");
        }
    }
    // A command that ends by itself leaves nothing either.
    let (mut child, processes) = exec_of(&home, "sleep 60 & echo $$ $!");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    for process in processes {
        assert!(is_gone(&process), "{process}");
    }
}

#[test]
fn a_state_file_is_one_emulators_and_survives_a_kill() {
    let home = Home::new();
    let (child, _stdout, document) = start(&home, &["--state", "state.json"]);
    let run = home.swr("emulator start --state state.json").exits(1);
    assert!(
        run.stderr
            .contains("'state.json' is in use by another emulator"),
        "{run}"
    );
    let inside = with_environment(Home::new(), &document);
    for line in [
        "emulator push -n demo -r web/api pushed",
        "namespace create made",
        "sync create -n demo -r web/api --to-region cn-east-3 --to-namespace demo",
    ] {
        let _ = inside.swr(line).exits(0);
    }
    assert_eq!(end(child, "-KILL"), None);
    let (child, _stdout, document) = start(&home, &["--state", "state.json"]);
    let inside = with_environment(Home::new(), &document);
    let tags = inside.swr("tag list -n demo -r web/api").exits(0).stdout;
    let namespaces = inside.swr("namespace list").exits(0).stdout;
    assert!(tags.contains("pushed") && namespaces.contains("made"));
    assert_eq!(end(child, "-TERM"), Some(143));
}

/// Sends a request with these headers, and a body in pieces; returns the response's text.
#[cfg(target_os = "linux")]
fn http(address: &str, head: &str, piece: &[u8], pieces: usize) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = piece.len() * pieces;
    let head =
        format!("{head}\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}");
    stream
        .write_all(format!("{head}\r\n\r\n").as_bytes())
        .unwrap();
    for _ in 0..pieces {
        stream.write_all(piece).unwrap();
    }
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_blob_goes_to_disk_and_costs_no_memory() {
    use base64::Engine;
    const PIECE: usize = 1024 * 1024;
    let (child, _stdout, document) = start(&Home::new(), &[]);
    let region = &document["regions"][0];
    let text = |field: &str| region[field].as_str().unwrap();
    let address = text("registry");
    let login = format!("{}:{}", text("registry_user"), text("registry_password"));
    let login = base64::engine::general_purpose::STANDARD.encode(login);
    let ask = "GET /swr/auth/v2/registry/auth?scope=repository:demo/big:pull,push HTTP/1.1";
    let answer = http(
        address,
        &format!("{ask}\r\nAuthorization: Basic {login}"),
        b"",
        0,
    );
    let token = answer.split("\"token\":\"").nth(1).unwrap();
    let bearer = format!("Authorization: Bearer {}", token.split('"').next().unwrap());
    let line = "POST /v2/demo/big/blobs/uploads/ HTTP/1.1";
    let begun = http(address, &format!("{line}\r\n{bearer}"), b"", 0);
    let location = begun
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap();
    let patch = format!("PATCH {location} HTTP/1.1\r\n{bearer}");
    let answer = http(address, &patch, &vec![7; PIECE], 100);
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert!(answer.contains(&format!("range: 0-{}", 100 * PIECE - 1)));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: usize = peak
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    assert!(peak < 60 * 1024, "{peak} kB at its peak");
    assert_eq!(end(child, "-INT"), Some(130));
}

/// The directories in a home's TMPDIR, by the part of their names that is fixed.
fn temporary(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.path().join("tmp")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn what_a_killed_emulator_left_goes_at_the_next_start_and_what_a_living_one_has_stays() {
    let home = with_shell().file("tmp/swr-run-of-somebody/kept", "");
    let tmp = home.path().join("tmp").to_string_lossy().into_owned();
    let home = home.with("TMPDIR", tmp);
    let (living, _stdout, _) = start(&home, &[]);
    let before = temporary(&home);
    assert!(before.len() > 1, "{before:?}");
    let (killed, _stdout, _) = start(&home, &[]);
    end(killed, "-KILL");
    let left = temporary(&home);
    assert!(left.len() > before.len(), "{left:?}");
    exec(&home, &[], "true").exits(0).stdout.clear();
    assert_eq!(temporary(&home), before);
    end(living, "-TERM");
    assert_eq!(temporary(&home), ["swr-run-of-somebody"]);
}
