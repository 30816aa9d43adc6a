//! Half pairs, two in one place, dead and damaged ones: told with their place, nothing sent.

use super::Home;
use crate::error::Kind;

fn told(pairs: &[(&str, &str)]) -> String {
    let home = pairs
        .iter()
        .fold(Home::new(), |home, (name, value)| home.set(name, value));
    home.told(home.find())
}

#[test]
fn half_a_pair_is_an_error_in_every_place() {
    for (pairs, expected) in [
        (
            &[("SWR_ACCESS_KEY", "AK")][..],
            "SWR_ACCESS_KEY is set and SWR_SECRET_KEY is not | SWR_ACCESS_KEY | 1",
        ),
        (
            &[("SWR_SECRET_KEY", "never-shown")],
            "SWR_SECRET_KEY is set and SWR_ACCESS_KEY is not | SWR_SECRET_KEY | 1",
        ),
        (
            &[("SWR_SECURITY_TOKEN", "never-shown")],
            "SWR_SECURITY_TOKEN is set and SWR_ACCESS_KEY is not | SWR_SECURITY_TOKEN | 1",
        ),
        (
            &[
                ("HUAWEICLOUD_SDK_AK", "AK"),
                ("HW_SECRET_KEY", "never-shown"),
            ],
            "HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not | HUAWEICLOUD_SDK_AK | 1",
        ),
        (
            &[("HUAWEI_CLOUD_SECRET_ACCESS_KEY", "never-shown")],
            "HUAWEI_CLOUD_SECRET_ACCESS_KEY is set and HUAWEI_CLOUD_ACCESS_KEY_ID is not | HUAWEI_CLOUD_SECRET_ACCESS_KEY | 1",
        ),
        (
            &[("HUAWEICLOUD_OIDC_PROVIDER_URN", "p")],
            "HUAWEICLOUD_OIDC_PROVIDER_URN is set and HUAWEICLOUD_OIDC_AGENCY_URN is not | HUAWEICLOUD_OIDC_PROVIDER_URN | 1",
        ),
        (
            &[("HUAWEICLOUD_OIDC_ID_TOKEN", "never-shown")],
            "HUAWEICLOUD_OIDC_ID_TOKEN is set and HUAWEICLOUD_OIDC_PROVIDER_URN is not | HUAWEICLOUD_OIDC_ID_TOKEN | 1",
        ),
        (
            &[("HUAWEICLOUD_SDK_IDP_ID", "idp")],
            "HUAWEICLOUD_SDK_IDP_ID is set and HUAWEICLOUD_SDK_ID_TOKEN_FILE is not | HUAWEICLOUD_SDK_IDP_ID | 1",
        ),
        (
            &[("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1")],
            "HC_CONTAINER_CREDENTIALS_FULL_URI is set and HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is not | HC_CONTAINER_CREDENTIALS_FULL_URI | 1",
        ),
    ] {
        assert_eq!(told(pairs), expected);
    }
    let split = Home::new()
        .config("secret_key = 'never-shown'\n")
        .set("SWR_ACCESS_KEY", "AK");
    assert_eq!(
        split.told(split.find()),
        "SWR_ACCESS_KEY is set and SWR_SECRET_KEY is not | SWR_ACCESS_KEY | 1"
    );
    let file = Home::new().config("region = 'cn-north-4'\naccess_key = 'AK'\n");
    assert_eq!(
        file.told(file.find()),
        "access_key is set and secret_key is not | ~/.config/swr/config.toml:2 | 1"
    );
}

#[test]
fn two_in_one_place_are_an_error() {
    for (pairs, expected) in [
        (
            &[("SWR_TOKEN", "never"), ("SWR_TOKEN_FILE", "/t")][..],
            "both SWR_TOKEN and SWR_TOKEN_FILE are set | SWR_TOKEN_FILE | 1",
        ),
        (
            &[("SWR_TOKEN", "never"), ("SWR_CREDENTIAL_SOURCE", "oidc")],
            "both SWR_TOKEN and SWR_CREDENTIAL_SOURCE are set | SWR_CREDENTIAL_SOURCE | 1",
        ),
        (
            &[
                ("SWR_ACCESS_KEY", "AK"),
                ("SWR_SECRET_KEY", "never-shown"),
                ("SWR_CREDENTIAL_SOURCE", "pod"),
            ],
            "both SWR_ACCESS_KEY and SWR_CREDENTIAL_SOURCE are set | SWR_CREDENTIAL_SOURCE | 1",
        ),
    ] {
        assert_eq!(told(pairs), expected);
    }
    let home = Home::new().config("token = 'never'\ntoken_command = ['x']\n");
    assert_eq!(
        home.told(home.find()),
        "both token and token_command are set | ~/.config/swr/config.toml:2 | 1"
    );
}

#[test]
fn what_stands_below_the_first_is_not_judged() {
    let home = Home::new()
        .config("access_key = 'half'\n[regions.cn-north-4]\ntoken_file = '/missing'\n")
        .write(".huaweicloud/credentials", "broken")
        .write(".hcloud/config.json", "{")
        .set("SWR_TOKEN", "MIIabc")
        .set("HW_SECRET_KEY", "half-secret")
        .set("HUAWEICLOUD_OIDC_DURATION_SECONDS", "long");
    assert_eq!(home.found(), "MIIabc | SWR_TOKEN | -");
    assert_eq!(
        home.overridden(),
        [
            "token ~/.config/swr/config.toml:3",
            "keys ~/.config/swr/config.toml:1",
            "keys HW_SECRET_KEY",
            "keys ~/.huaweicloud/credentials:1",
            "keys ~/.hcloud/config.json",
        ]
    );
}

#[test]
fn a_token_that_no_header_can_carry_is_refused_with_its_place() {
    assert_eq!(
        told(&[("SWR_TOKEN", "never\nshown")]),
        "the token contains a line break | SWR_TOKEN | 1"
    );
    assert_eq!(
        told(&[("SWR_ACCESS_KEY", "A\u{7}"), ("SWR_SECRET_KEY", "s")]),
        "the access key contains a control character | SWR_ACCESS_KEY | 1"
    );
    let home = Home::new().write("t", "never\nshown").set("X", "");
    let path = home.path("t");
    let home = home.set("SWR_TOKEN_FILE", &path);
    assert_eq!(
        home.told(home.find()),
        "the token contains a line break | ~/t | 1"
    );
    let told = told(&[("SWR_TOKEN_FILE", "/missing")]);
    assert!(
        told.starts_with("the token file '/missing' cannot be read: "),
        "{told}"
    );
}

#[test]
fn a_login_that_has_ended_is_an_error_and_no_reason_to_take_another_one() {
    let home = Home::new()
        .login("cn-north-4", "dead", super::NOW)
        .set("HW_AUTH_TOKEN", "alive");
    let error = home.find().unwrap_err();
    assert_eq!(
        error.what(),
        "the login for 'cn-north-4' ended at 2026-03-01T10:11:12Z"
    );
    assert_eq!(error.advice(), Some("log in again: 'swr auth login'"));
    assert_eq!((error.kind(), error.exit_code().code()), (Kind::Auth, 1));
}

#[test]
fn without_any_credential_there_is_advice_for_what_was_looked_at() {
    let home = Home::new();
    let error = home.find().unwrap_err();
    assert_eq!(error.what(), "no credential is set");
    assert!(error.advice().unwrap().contains("swr auth login"));
    let encrypted = Home::new().write(
        ".hcloud/config.json",
        r#"{"profiles":[{"name":"default","mode":"AKSK","accessKeyId":"q83vEjRWeJA=","secretAccessKey":"q83="}]}"#,
    );
    let error = encrypted.find().unwrap_err();
    assert!(error.advice().unwrap().contains("encrypted"), "{error:?}");
    let damaged = Home::new().write(".local/share/swr/logins.json", "{");
    let error = damaged.find().unwrap_err();
    assert!(
        error
            .advice()
            .unwrap()
            .contains("'swr auth login' repairs it")
    );
}

#[test]
fn a_source_that_is_asked_for_and_not_set_up_is_an_error() {
    for (source, expected) in [
        (
            "oidc",
            "the credential source asks for OIDC, and HUAWEICLOUD_OIDC_PROVIDER_URN is not set |  | 1",
        ),
        (
            "pod",
            "the credential source asks for pod identity, and HC_CONTAINER_CREDENTIALS_FULL_URI is not set |  | 1",
        ),
        (
            "ecs",
            "invalid credential source 'ecs': must be one of metadata, pod, oidc | SWR_CREDENTIAL_SOURCE | 1",
        ),
    ] {
        assert_eq!(told(&[("SWR_CREDENTIAL_SOURCE", source)]), expected);
    }
}

const OIDC: [(&str, &str); 2] = [
    ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
    ("HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
];

#[test]
fn oidc_without_an_id_token_is_an_error_with_advice() {
    assert_eq!(
        told(&OIDC),
        "OIDC is set up, but there is no id token |  | 1"
    );
    let plain = [
        OIDC[0],
        OIDC[1],
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://far.example/x?y"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "never-shown"),
    ];
    assert_eq!(
        told(&plain),
        "ACTIONS_ID_TOKEN_REQUEST_URL is plain http, which would show the credential to the network | ACTIONS_ID_TOKEN_REQUEST_URL | 1"
    );
}
