//! What is wrong with a credential before it is used: an error, never a fall-through.

use super::{CREATE, user, willing};
use crate::support::{Home, Wire};

/// Tells what is said of this user's credential; nothing may be sent.
fn told(set: &dyn Fn(Home) -> Home) -> String {
    let service: Wire = willing();
    // Something weaker is there, and must not count.
    let home = set(user(&service).file(
        ".hcloud/config.json",
        r#"{"profiles":[{"name":"default","accessKeyId":"WEAKERKEY0000000","secretAccessKey":"s"}]}"#,
    ));
    let error = home.swr(&format!("{CREATE} -o json")).exits(1).json_error();
    assert_eq!(service.heard().len(), 0);
    let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    format!("{} | {}", part("kind"), part("message"))
}

#[test]
fn each_half_of_a_pair_is_an_error_that_names_the_other_half() {
    for (there, missing) in [
        ("SWR_ACCESS_KEY", "SWR_SECRET_KEY"),
        ("SWR_SECRET_KEY", "SWR_ACCESS_KEY"),
        ("SWR_SECURITY_TOKEN", "SWR_ACCESS_KEY"),
        ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"),
        ("HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_AK"),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "HUAWEICLOUD_SDK_AK"),
        (
            "HUAWEI_CLOUD_ACCESS_KEY_ID",
            "HUAWEI_CLOUD_SECRET_ACCESS_KEY",
        ),
        ("HUAWEI_CLOUD_AK", "HUAWEI_CLOUD_SECRET_ACCESS_KEY"),
        (
            "HUAWEI_CLOUD_SECRET_ACCESS_KEY",
            "HUAWEI_CLOUD_ACCESS_KEY_ID",
        ),
        ("HW_ACCESS_KEY", "HW_SECRET_KEY"),
        ("HW_SECRET_KEY", "HW_ACCESS_KEY"),
        (
            "HUAWEICLOUD_OIDC_PROVIDER_URN",
            "HUAWEICLOUD_OIDC_AGENCY_URN",
        ),
        (
            "HUAWEICLOUD_OIDC_AGENCY_URN",
            "HUAWEICLOUD_OIDC_PROVIDER_URN",
        ),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", "HUAWEICLOUD_OIDC_PROVIDER_URN"),
        ("HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "HUAWEICLOUD_SDK_IDP_ID"),
    ] {
        assert_eq!(
            told(&|home| home.with(there, "value-of-mine")),
            format!("config | {there} is set and {missing} is not ({there})")
        );
    }
    let there = "HC_CONTAINER_CREDENTIALS_FULL_URI";
    let service = willing();
    let run = user(&service)
        .with(there, "http://127.0.0.1:1/c")
        .swr(CREATE)
        .exits(1);
    let expected =
        format!("error: {there} is set and HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is not ({there})");
    assert!(run.stderr.starts_with(&expected), "{run}");
    for (key, missing) in [("access_key", "secret_key"), ("secret_key", "access_key")] {
        assert_eq!(
            told(&|home| home.config(&format!("{key} = 'value-of-mine'\n"))),
            format!(
                "config | {key} is set and {missing} is not ([HOME]/.config/swr/config.toml:1)"
            )
        );
    }
}

#[test]
fn a_pair_is_not_made_of_two_places() {
    assert_eq!(
        told(&|home| {
            home.with("SWR_ACCESS_KEY", "ONEKEY")
                .config("secret_key = 'secret-of-the-file'\n")
        }),
        "config | SWR_ACCESS_KEY is set and SWR_SECRET_KEY is not (SWR_ACCESS_KEY)"
    );
}

#[test]
fn two_in_one_place_are_an_error() {
    let variables = |one: &'static str, two: &'static str, value: &'static str| {
        told(&move |home| home.with(one, "token-of-mine").with(two, value))
    };
    assert_eq!(
        variables("SWR_TOKEN", "SWR_TOKEN_FILE", "/dev/null"),
        "config | both SWR_TOKEN and SWR_TOKEN_FILE are set (SWR_TOKEN_FILE)"
    );
    assert_eq!(
        variables("SWR_TOKEN", "SWR_CREDENTIAL_SOURCE", "metadata"),
        "config | both SWR_TOKEN and SWR_CREDENTIAL_SOURCE are set (SWR_CREDENTIAL_SOURCE)"
    );
    assert_eq!(
        told(&|home| home.config("token = 'token-of-mine'\ntoken_command = ['true']\n")),
        "config | both token and token_command are set ([HOME]/.config/swr/config.toml:2)"
    );
    assert_eq!(
        told(&|home| home.config("token = 'token-of-mine'\ncredential_source = 'pod'\n")),
        "config | both token and credential_source are set ([HOME]/.config/swr/config.toml:2)"
    );
}

#[test]
fn an_empty_variable_is_none_and_an_empty_file_is_an_error() {
    let service = willing();
    let home = user(&service)
        .with("SWR_TOKEN", "")
        .with("SWR_ACCESS_KEY", "")
        .with("HUAWEICLOUD_OIDC_PROVIDER_URN", "")
        .with("HC_CONTAINER_CREDENTIALS_FULL_URI", "")
        .with("HW_AUTH_TOKEN", "token-of-terraform");
    let _ = home.swr(CREATE).exits(0);
    assert_eq!(super::carried(&service), "token token-of-terraform");
    assert_eq!(
        told(&|home| {
            let path = home.path().join("token").display().to_string();
            home.file("token", " \n").with("SWR_TOKEN_FILE", path)
        }),
        "auth | the token is empty ([HOME]/token)"
    );
    assert_eq!(
        told(&|home| home.with("SWR_TOKEN", "two\nlines")),
        "auth | the token contains a line break (SWR_TOKEN)"
    );
}

#[test]
fn a_token_command_that_fails_shows_nothing_that_it_printed() {
    for (script, expected) in [
        ("echo token-of-mine; exit 3", "failed: exit status: 3"),
        ("printf ''", "the token is empty"),
        (
            "printf 'token-of-mine\\nmore'",
            "the token contains a line break",
        ),
    ] {
        let config = format!("token_command = ['sh', '-c', '''{script}''']\n");
        let told = told(&|home| home.config(&config));
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("token-of-mine"), "{told}");
    }
    let told = told(&|home| home.config("token_command = ['no-such-program']\n"));
    assert!(
        told.starts_with("auth | token_command 'no-such-program' cannot be run"),
        "{told}"
    );
}

#[test]
fn without_a_home_variables_do_and_a_login_says_what_is_missing() {
    use std::os::unix::process::CommandExt;
    let home = Home::new();
    let run = |line: &str, variable: Option<(&str, &str)>| {
        let mut command = home.command(line.split(' '));
        // A user whom no file of the system knows has no home but the one in HOME.
        command
            .env_remove("HOME")
            .current_dir("/")
            .uid(54321)
            .gid(54321);
        command.envs(variable).stdin(std::process::Stdio::null());
        match command.output() {
            Ok(output) => Some(home.run_of(output)),
            Err(error) => {
                eprintln!("another user cannot be played here ({error}): skipped");
                None
            }
        }
    };
    let token = Some(("SWR_TOKEN", "token-of-mine"));
    let Some(shown) = run("auth token", token) else {
        return;
    };
    assert_eq!(shown.exits(0).stdout, "token-of-mine\n");
    for line in ["auth status", "sync list -n team"] {
        let told = run(&format!("{line} --region cn-north-4"), None)
            .unwrap()
            .exits(1);
        assert!(
            told.stderr.starts_with("error: no credential is set"),
            "{told}"
        );
    }
    let login = "auth login --token-stdin --region cn-north-4";
    let told = run(login, None).unwrap().exits(1);
    let expected = "error: no home directory to keep a login in";
    assert!(told.stderr.starts_with(expected), "{told}");
    let told = run("auth logout --all", None).unwrap().exits(0);
    assert_eq!(told.stdout, "not logged in\n");
}

/// Values that surely are no key and no token, and what is wrong with them.
const IMPOSSIBLE: &[(&str, &str)] = &[
    ("'MII-of-mine'", "contains a quotation mark"),
    ("\"MII-of-mine\"", "contains a quotation mark"),
    ("MII-of-mine # mine", "contains '#'"),
    ("MII-of-mine MII-of-mine", "contains a blank"),
    ("Bearer MII-of-mine", "begins with 'Bearer '"),
    ("bearer MII-of-mine", "begins with 'Bearer '"),
    ("MII-of-min\u{e9}", "contains a character that is not ASCII"),
    ("MII-of\tmine", "contains a control character"),
];

#[test]
fn what_cannot_be_a_key_or_a_token_is_refused_before_it_is_sent_for_failures_lock_the_key() {
    type Setting = fn(Home, &str) -> Home;
    let settings: &[Setting] = &[
        |home, value| home.with("SWR_TOKEN", value),
        |home, value| {
            let path = home.path().join("token").display().to_string();
            home.file("token", value).with("SWR_TOKEN_FILE", path)
        },
        |home, value| {
            home.with("SWR_ACCESS_KEY", value)
                .with("SWR_SECRET_KEY", "secret-key-of-mine")
        },
        |home, value| {
            home.with("SWR_ACCESS_KEY", "MYKEY")
                .with("SWR_SECRET_KEY", value)
        },
        |home, value| {
            home.with("HUAWEICLOUD_SDK_AK", "MYKEY")
                .with("HUAWEICLOUD_SDK_SK", "secret-key-of-mine")
                .with("HUAWEICLOUD_SDK_SECURITY_TOKEN", value)
        },
        |home, value| {
            let text = format!("[basic]\nak = MYKEY\nsk = {value}\n");
            home.file(".huaweicloud/credentials", &text)
        },
        |home, value| {
            home.file("print", value)
                .config("token_command = ['cat', 'print']\n")
        },
        |home, value| {
            home.with("HUAWEICLOUD_OIDC_PROVIDER_URN", "provider")
                .with("HUAWEICLOUD_OIDC_AGENCY_URN", "agency")
                .with("HUAWEICLOUD_OIDC_ID_TOKEN", value)
        },
    ];
    for setting in settings {
        for (value, flaw) in IMPOSSIBLE {
            let service = willing();
            let home = user(&service).with("HUAWEICLOUD_SDK_STS_ENDPOINT", service.address());
            let run = setting(home, value).swr(CREATE).exits(1);
            assert!(run.stderr.contains(flaw), "{value}: {run}");
            assert!(!run.stderr.contains("of-mine"), "{value}: {run}");
            assert_eq!(service.heard().len(), 0, "{value}");
        }
    }
}
