//! The files of the vendor's tools, as people have them.

use super::{CREATE, carried, user, willing};
use crate::support::{Home, Run, Wire};

const SDK: &str = ".huaweicloud/credentials";
const HCLOUD: &str = ".hcloud/config.json";

fn with(path: &str, text: &str) -> (Wire, Run) {
    let service = willing();
    let run = user(&service)
        .file(path, text)
        .swr(&format!("{CREATE} -o json"));
    (service, run)
}

#[test]
fn the_sdks_file_is_read_with_its_quirks() {
    for text in [
        "[basic]\nak = MYKEY\nsk = secret-of-mine\n",
        "[basic]\r\nak = MYKEY\r\nsk = secret-of-mine\r\n",
        "\u{feff}[basic]\nak = MYKEY\nsk = secret-of-mine\n",
        "# mine\n[global]\nak = OTHER\nsk = other\n[basic]\nAK: MYKEY\nSK: secret-of-mine",
        "[basic]\nak = MYKEY\nsk = secret%%of-mine\n",
        "[basic]\nak = MYKEY\nsk = secret-of-mine\nsecurity_token =\nproject_id =\nidp_id =\n",
    ] {
        let (service, run) = with(SDK, text);
        assert_eq!(run.code, Some(0), "{text:?}: {run}");
        assert_eq!(carried(&service), "keys MYKEY", "{text:?}");
    }
}

#[test]
fn a_files_project_goes_with_its_keys_and_with_no_others() {
    let text = "[basic]\nak = MYKEY\nsk = secret-of-mine\nproject_id = project-of-the-file\n";
    let project = |home: Home, service: &Wire| {
        let _ = home.file(SDK, text).swr(CREATE).exits(0);
        service.heard()[0].header("X-Project-Id").map(str::to_owned)
    };
    let service = willing();
    let found = project(user(&service), &service);
    assert_eq!(found.as_deref(), Some("project-of-the-file"));
    let service = willing();
    let home = user(&service)
        .with("HW_ACCESS_KEY", "TERRAFORMKEY")
        .with("HW_SECRET_KEY", "secret");
    assert_eq!(project(home, &service), None);
}

#[test]
fn half_a_pair_in_a_file_is_an_error_with_its_line() {
    let (service, run) = with(SDK, "[basic]\nak = MYKEY\nsk =\n");
    let error = run.exits(1).json_error();
    assert_eq!(error["kind"], "config");
    assert_eq!(
        error["message"],
        "access_key is set and secret_key is not ([HOME]/.huaweicloud/credentials:2)"
    );
    assert_eq!(service.heard().len(), 0);
}

#[test]
fn a_broken_file_is_told_with_its_place_and_without_its_text() {
    for (path, text, message) in [
        (
            SDK,
            "[basic]\nak = MYKEY\nsk = secret-of-mine%\n",
            "the SDK's credentials file is broken: a single '%', which the SDK refuses, too; \
             write it '%%' ([HOME]/.huaweicloud/credentials:3)",
        ),
        (
            SDK,
            "[basic]\nsecret-of-mine\n",
            "the SDK's credentials file is broken: a line that is neither a section nor 'key = value' \
             ([HOME]/.huaweicloud/credentials:2)",
        ),
        (
            HCLOUD,
            r#"{"profiles": "secret-of-mine""#,
            "hcloud's config file cannot be understood (line 1, column 29) \
             ([HOME]/.hcloud/config.json)",
        ),
    ] {
        let (service, run) = with(path, text);
        assert!(!run.to_string().contains("secret-of-mine"), "{run}");
        assert_eq!(run.exits(1).json_error()["message"], message);
        assert_eq!(service.heard().len(), 0);
    }
}

#[test]
fn hclouds_file_is_used_when_it_is_plain_and_explained_when_it_is_not() {
    let plain = r#"{"current":"work","profiles":[
        {"name":"default","mode":"AKSK","accessKeyId":"DEFAULTKEY000000","secretAccessKey":"s"},
        {"name":"work","mode":"AKSK","accessKeyId":"WORKKEY000000000","secretAccessKey":"s","projectId":"project-1"},
        {"name":"sso","mode":"SSO","ssoAuth":{"stsToken":{"accessKeyId":"SSOKEY0000000000","secretAccessKey":"s","securityToken":"security-token-of-sso"}}}]}"#;
    for (named, expected) in [
        (None, "keys WORKKEY000000000"),
        (Some("default"), "keys DEFAULTKEY000000"),
        (Some("sso"), "keys SSOKEY0000000000 security-token-of-sso"),
    ] {
        let service = willing();
        let mut home = user(&service).file(HCLOUD, plain);
        if let Some(name) = named {
            home = home.with("HW_PROFILE", name);
        }
        let _ = home.swr(CREATE).exits(0);
        assert_eq!(carried(&service), expected);
    }
    let encrypted = r#"{"current":"default","profiles":[{"name":"default","mode":"AKSK",
        "accessKeyId":"q83vEjRWeJCrze8SNFZ4kA==","secretAccessKey":"q83vEjRWeJCrze8SNFZ4kKvN7xI="}]}"#;
    let (service, run) = with(HCLOUD, encrypted);
    let error = run.exits(1).json_error();
    assert_eq!(error["message"], "no credential is set");
    assert_eq!(
        error["hint"],
        "the keys in '[HOME]/.hcloud/config.json' are encrypted, so only hcloud can use them: run \
         'hcloud configure set --cli-auth-encrypt=false', or 'swr auth login'"
    );
    assert_eq!(service.heard().len(), 0);
}

#[test]
fn a_file_in_the_home_that_others_can_read_is_reported_and_one_that_is_mounted_is_not() {
    use std::os::unix::fs::PermissionsExt;
    let mounted = tempfile::tempdir().unwrap();
    let outside = mounted.path().join("token").display().to_string();
    std::fs::write(&outside, "MII-of-mine").unwrap();
    let set = |path: &str, text: &str, variables: &[(&str, &str)]| {
        let home = user(&willing()).file(path, text);
        let at = home.path().join(path);
        std::fs::set_permissions(&at, PermissionsExt::from_mode(0o644)).unwrap();
        let at = at.display().to_string();
        variables.iter().fold(home, |home, (name, value)| {
            home.with(name, if *value == "FILE" { at.as_str() } else { value })
        })
    };
    let hcloud = r#"{"current":"a","profiles":[{"name":"a","mode":"AKSK","accessKeyId":"PLAINKEY00000000","secretAccessKey":"s"}]}"#;
    let sts: [(&str, &str); 4] = [
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "provider"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "agency"),
        ("HUAWEICLOUD_OIDC_TOKEN_FILE", "FILE"),
        ("HUAWEICLOUD_SDK_STS_ENDPOINT", "http://127.0.0.1:1"),
    ];
    let iam: [(&str, &str); 3] = [
        ("HUAWEICLOUD_SDK_IDP_ID", "provider"),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "FILE"),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "http://127.0.0.1:1"),
    ];
    let pod: [(&str, &str); 2] = [
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/x"),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "FILE"),
    ];
    for (path, text, variables) in [
        ("token", "MII-of-mine", &[("SWR_TOKEN_FILE", "FILE")][..]),
        (SDK, "[basic]\nak = MYKEY\nsk = secret-of-mine\n", &[]),
        (HCLOUD, hcloud, &[]),
        ("id-token", "id-token-of-the-job", &sts),
        ("id-token", "id-token-of-the-job", &iam),
        ("id-token", "pod-authorization", &pod),
    ] {
        let home = set(path, text, variables);
        let run = home.swr("auth status").exits(0);
        let expected = format!(
            "warning: '[HOME]/{path}' holds a secret, and others can read it: run 'chmod 600 \
             [HOME]/{path}'\n"
        );
        assert_eq!(run.stderr, expected, "{run}");
        let at = home.path().join(path);
        std::fs::set_permissions(&at, PermissionsExt::from_mode(0o600)).unwrap();
        assert_eq!(home.swr("auth status").exits(0).stderr, "");
    }
    let home = user(&willing()).with("SWR_TOKEN_FILE", outside);
    assert_eq!(home.swr("auth status").exits(0).stderr, "");
}
