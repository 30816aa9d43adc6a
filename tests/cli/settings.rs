//! Settings from outside: options, variables, the config file.

use snapbox::{assert_data_eq, str};

use crate::support::{Cloud, EAST, Home, NORTH, Reply, Wire, mode_of};

const LINE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team";

#[test]
fn without_anything_the_error_says_what_to_set() {
    assert_data_eq!(
        Home::new().swr(LINE).to_string(),
        str![[r#"
exit: 1
--- stderr
error: neither a region nor an endpoint is set
hint: set the region with --region, SWR_REGION, or 'region' in the config file, like cn-north-4

"#]]
    );
    let run = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .swr(LINE)
        .exits(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: no credential is set
hint: log in with 'swr auth login', or set SWR_TOKEN, or SWR_ACCESS_KEY with SWR_SECRET_KEY; 'swr help environment' lists every way

"#]]
    );
}

#[test]
fn the_strongest_place_wins_and_the_beaten_are_shown() {
    let home = Home::new()
        .config("region = \"cn-north-1\"\nprofile = \"p\"\n[profiles.p]\nregion = \"cn-north-9\"\n")
        .with("SWR_REGION", "cn-north-4")
        .with("HW_REGION_NAME", "cn-south-1");
    let shown = home
        .swr("config show -o json --region cn-east-2")
        .exits(0)
        .document("config-show");
    let region = shown
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["setting"] == "region")
        .unwrap();
    assert_data_eq!(
        serde_json::to_string_pretty(region).unwrap(),
        str![[r#"
{
  "setting": "region",
  "value": "cn-east-2",
  "origin": "--region",
  "beaten": [
    {
      "value": "cn-north-4",
      "origin": "SWR_REGION"
    },
    {
      "value": "cn-north-9",
      "origin": "[HOME]/.config/swr/config.toml:4"
    },
    {
      "value": "cn-north-1",
      "origin": "[HOME]/.config/swr/config.toml:1"
    },
    {
      "value": "cn-south-1",
      "origin": "HW_REGION_NAME"
    }
  ],
  "error": null
}
"#]]
    );
}

#[test]
fn a_config_file_that_is_wrong_is_told_with_its_line() {
    for (text, part) in [
        ("regio = \"cn-north-4\"\n", "config.toml:1"),
        (
            "region = \"cn-north-4\"\nretries = \"many\"\n",
            "config.toml:2",
        ),
        ("region = [\n", "config.toml:"),
        ("profile = \"prod\"\n", "config.toml:1"),
        ("[profiles.p]\ntimeout = 30\n", "config.toml:2"),
    ] {
        let run = Home::new()
            .config(text)
            .with("SWR_TOKEN", "token-of-the-test")
            .swr(LINE)
            .exits(1);
        assert!(run.stderr.contains(part), "{text}: {run}");
        assert_eq!(run.stdout, "");
    }
    let run = Home::new()
        .config("regio = \"cn-north-4\"\n")
        .swr(LINE)
        .exits(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: unknown key 'regio' ([HOME]/.config/swr/config.toml:1)
hint: did you mean 'region'?

"#]]
    );
}

#[test]
fn a_broken_file_never_shows_the_line_that_may_hold_a_secret() {
    let home = Home::new().config("token = \"the-secret-value\n");
    for line in [LINE, "config show", "config show -o json -vv"] {
        let run = home.swr(line).exits(1);
        assert!(!run.stderr.contains("the-secret-value"), "{run}");
    }
}

#[test]
fn a_named_file_has_to_be_there() {
    let run = Home::new()
        .swr(&format!("{LINE} --config nowhere.toml"))
        .exits(2);
    assert!(
        run.stderr.contains("nowhere.toml") && run.stderr.contains("--config"),
        "{run}"
    );
    let run = Home::new()
        .with("SWR_CONFIG", "nowhere.toml")
        .swr(LINE)
        .exits(1);
    assert!(run.stderr.contains("SWR_CONFIG"), "{run}");
}

#[test]
fn an_endpoint_that_could_leak_is_refused_before_anything_is_sent() {
    let home = Home::new().with("SWR_TOKEN", "token-of-the-test");
    for endpoint in [
        "not a url",
        "http://far.example",
        "https://user:pass@far.example",
        "ftp://far.example",
        "https://x?y=1",
    ] {
        let home = Home::new()
            .with("SWR_TOKEN", "token-of-the-test")
            .with("SWR_ENDPOINT", endpoint);
        let run = home.swr(LINE).exits(1);
        assert!(run.stderr.contains("SWR_ENDPOINT"), "{endpoint}: {run}");
        assert!(!run.stderr.contains("pass@"), "{run}");
    }
    let run = home
        .swr(&format!("{LINE} --endpoint http://far.example"))
        .exits(2);
    assert!(run.stderr.contains("--endpoint"), "{run}");
}

#[test]
fn a_region_and_an_endpoint_that_disagree_are_an_error() {
    let home = Home::new().with("SWR_TOKEN", "token-of-the-test").with(
        "SWR_ENDPOINT",
        "https://swr-api.cn-north-4.myhuaweicloud.com",
    );
    let run = home.swr(&format!("{LINE} --region cn-east-2")).exits(2);
    assert!(run.stderr.contains("cn-north-4"), "{run}");
}

#[test]
fn tokens_with_a_newline_inside_are_refused_and_the_last_one_is_cut() {
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let _ = wire
        .user()
        .with("SWR_TOKEN", "token-of-the-test\n")
        .swr(LINE)
        .exits(0);
    assert_eq!(
        wire.heard()[0].header("X-Auth-Token"),
        Some("token-of-the-test")
    );
    let run = wire
        .user()
        .with("SWR_TOKEN", "token-of\nthe-test")
        .swr(LINE)
        .exits(1);
    assert!(run.stderr.contains("SWR_TOKEN"), "{run}");
    assert_eq!(wire.lines().len(), 1);
}

#[test]
fn a_token_comes_from_each_place() {
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let home = || {
        wire.user()
            .without("SWR_TOKEN")
            .file("token", "from-a-file\n")
    };
    let homes = [
        home().with("SWR_TOKEN", "from-a-variable"),
        home().with("SWR_TOKEN_FILE", "token"),
        home().config("token = \"from-the-config\"\n"),
        home().config("token_file = \"../../token\"\n"),
        home().config("token_command = [\"printf\", \"from-a-command\"]\n"),
    ];
    for home in &homes {
        let _ = home.swr(LINE).exits(0);
    }
    let tokens: Vec<_> = wire
        .heard()
        .iter()
        .map(|heard| heard.header("X-Auth-Token").unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        tokens,
        [
            "from-a-variable",
            "from-a-file",
            "from-the-config",
            "from-a-file",
            "from-a-command"
        ]
    );
    let run = home()
        .with("SWR_TOKEN", "one-token")
        .with("SWR_TOKEN_FILE", "token")
        .swr(LINE)
        .exits(1);
    assert!(run.stderr.contains("SWR_TOKEN_FILE"), "{run}");
}

#[test]
fn init_writes_a_private_file_and_overwrites_nothing() {
    let home = Home::new();
    assert_data_eq!(
        home.swr("config init").to_string(),
        str![[r#"
exit: 0
--- stdout
created: [HOME]/.config/swr/config.toml
--- stderr
hint: set region and token in it; 'swr config show' shows the settings in effect

"#]]
    );
    let path = home.path().join(".config/swr/config.toml");
    assert_eq!(mode_of(&path), 0o600);
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, include_str!("../../config.example.toml"));
    home.write(".config/swr/config.toml", "region = \"cn-north-4\"\n");
    assert_data_eq!(
        home.swr("config init").to_string(),
        str![[r#"
exit: 1
--- stderr
error: the config file already exists ([HOME]/.config/swr/config.toml)
hint: edit it, or overwrite it with 'swr config init --force'

"#]]
    );
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "region = \"cn-north-4\"\n"
    );
    assert_eq!(
        home.swr("config init --force -o json").exits(0).json()["status"],
        "replaced"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
    assert_eq!(mode_of(&path), 0o600);
}

#[test]
fn two_that_write_the_same_file_do_no_harm() {
    let home = Home::new();
    let runs: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| home.swr("config init --force")))
            .collect();
        started.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(runs.iter().all(|run| run.code == Some(0)), "{runs:?}");
    let directory = home.path().join(".config/swr");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
    let written = std::fs::read_to_string(directory.join("config.toml")).unwrap();
    assert_eq!(written, include_str!("../../config.example.toml"));
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let home = Home::new().file("occupied", "");
    let run = home
        .swr("config init --config occupied/config.toml")
        .exits(1);
    assert!(run.stderr.contains("occupied/config.toml"), "{run}");
}

#[test]
fn the_path_is_told_whether_or_not_the_file_is_there() {
    let home = Home::new();
    assert_eq!(
        home.swr("config path").exits(0).stdout,
        "[HOME]/.config/swr/config.toml\n"
    );
    assert_eq!(
        home.swr("config path -o json").exits(0).json()["exists"],
        false
    );
}

#[test]
fn a_file_that_others_can_read_and_that_holds_a_secret_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new().config("token = \"the-secret-value\"\n");
    let path = home.path().join(".config/swr/config.toml");
    assert_eq!(home.swr("config show").exits(0).stderr, "");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let run = home.swr("config show").exits(0);
    assert!(run.stderr.starts_with("warning: "), "{run}");
    assert!(
        !run.stdout.contains("the-secret-value") && run.stdout.contains("[redacted]"),
        "{run}"
    );
}

#[test]
fn the_region_that_is_printed_is_the_one_that_answered() {
    let target = "--to-region ap-southeast-1 --to-namespace demo";
    let reads = [
        "namespace list".to_owned(),
        "namespace show demo".to_owned(),
        "namespace create new".to_owned(),
        "repo list -n demo".to_owned(),
        "repo show -n demo -r web/api".to_owned(),
        "tag list -n demo -r web/api".to_owned(),
        "tag show -n demo -r web/api v1".to_owned(),
        "sync list -n demo -r web/api".to_owned(),
        format!("sync create -n demo -r web/api {target} --auto --if-exists keep"),
        format!("sync run -n demo -r web/api v1 {target}"),
        "sync jobs -n demo -r web/api".to_owned(),
    ];
    for region in [NORTH, EAST] {
        let cloud = Cloud::start();
        let emulator = cloud.emulator();
        for id in [NORTH, EAST] {
            emulator.add_namespace(id, "demo");
            emulator.add_repository(id, "demo", "web/api");
            emulator.push(id, "demo", "web/api", "v1", None);
            emulator.add_task(id, "demo", "web/api", "cn-west-9", "demo", true, false);
        }
        for line in &reads {
            let before = cloud.received().len();
            let run = cloud
                .swr(&format!("{line} --region {region} -o json"))
                .exits(0);
            let answered: std::collections::BTreeSet<String> = emulator
                .received()
                .into_iter()
                .skip(before)
                .map(|one| one.region.to_string())
                .collect();
            assert_eq!(answered, [region.to_owned()].into(), "{line}");
            let document = run.json();
            let shown = match (&document, document.get("items")) {
                (_, Some(items)) => items[0]["region"].clone(),
                (serde_json::Value::Array(items), _) => items[0]["region"].clone(),
                (object, _) => object["region"].clone(),
            };
            assert_eq!(shown, region, "{line}: {run}");
        }
    }
}

#[test]
fn the_command_of_a_hint_names_the_region_and_the_profile_that_the_command_line_named() {
    let cloud = Cloud::start().failing("COPY *: failed x*");
    let emulator = cloud.emulator();
    for id in [NORTH, EAST] {
        emulator.add_namespace(id, "demo");
        emulator.add_repository(id, "demo", "web/api");
        emulator.push(id, "demo", "web/api", "v1", None);
    }
    let home = cloud.user().config("[profiles.other]\nretries = 1\n");
    let source = "-n demo -r web/api";
    let target = "--to-region cn-north-4 --to-namespace mirror";
    let commands = [
        (format!("sync create {source} {target} --auto"), 0),
        (format!("sync delete {source} {target}"), 0),
        (format!("sync run {source} v1 {target}"), 0),
        (format!("sync run {source} v1 {target} --wait"), 9),
        (
            format!("sync wait {source} v1 {target} --wait-timeout 100ms"),
            9,
        ),
        (format!("sync verify {source} v1 {target}"), 8),
        (format!("sync run {source} v9 {target}"), 8),
    ];
    for (line, code) in commands {
        let run = home
            .swr(&format!("{line} --region {EAST} --profile other"))
            .exits(code);
        let hints: Vec<&str> = run
            .stderr
            .lines()
            .filter(|line| line.contains(" -n demo "))
            .collect();
        assert!(!hints.is_empty(), "{run}");
        for hint in hints {
            assert!(
                hint.contains(&format!(" --region {EAST} --profile other")),
                "{line}: {hint}"
            );
        }
    }
    // A shell has to take a name as one word.
    let home = home.config("[profiles.\"my own\"]\n");
    let line = format!("sync run {source} v9 {target} --region {EAST} --profile");
    let hint = home
        .words(line.split(' ').chain(["my own"]))
        .exits(8)
        .stderr;
    assert!(hint.contains(" --profile 'my own'"), "{hint}");
    // What the settings say need not be said again.
    let run = home
        .swr(&format!("sync run {source} v9 {target}/x"))
        .exits(2);
    assert!(!run.stderr.contains("--profile"), "{run}");
}
