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
            "the SDK's credentials file is broken: a '%' stands alone, at which the SDK fails, too; \
             write it '%%' ([HOME]/.huaweicloud/credentials:3)",
        ),
        (
            SDK,
            "[basic]\nsecret-of-mine\n",
            "the SDK's credentials file is broken: a line is neither a section nor 'key = value' \
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
