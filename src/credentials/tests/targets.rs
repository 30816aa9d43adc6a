//! The credential of a target region, and what the sources that are asked for are made of.

use proptest::prelude::*;

use super::Home;
use crate::credentials::{IdToken, Source};

const FUTURE: &str = "2026-03-02T10:11:12Z";

#[test]
fn a_target_region_takes_its_own_then_keys_then_its_login_then_the_same_token() {
    let target = |home: &Home| {
        let found = home.find_for("cn-east-3").unwrap();
        let borrowed = if found.is_borrowed { " (borrowed)" } else { "" };
        format!("{}{borrowed}", home.short(&found))
    };
    let home = Home::new().set("SWR_TOKEN", "north-token");
    assert_eq!(target(&home), "north-token | SWR_TOKEN | - (borrowed)");
    let home = home.login("cn-east-3", "login-token", FUTURE);
    assert_eq!(target(&home), "login-token | login | login-project");
    let home = home
        .set("HW_ACCESS_KEY", "TK")
        .set("HW_SECRET_KEY", "terraform-secret")
        .set("HW_PROJECT_ID", "north-project");
    assert_eq!(target(&home), "TK | HW_ACCESS_KEY | -");
    let home = home
        .set("SWR_ACCESS_KEY", "AK")
        .set("SWR_SECRET_KEY", "variable-secret")
        .set("SWR_PROJECT_ID", "north-project")
        .set("SWR_PROJECT_ID_CN_EAST_3", "east-project");
    assert_eq!(target(&home), "AK | SWR_ACCESS_KEY | east-project");
    let home = home.config("[regions.cn-east-3]\ntoken = 'file-token'\n");
    assert_eq!(
        target(&home),
        "file-token | ~/.config/swr/config.toml:2 | east-project"
    );
    let home = home.set("SWR_TOKEN_CN_EAST_3", "east-token");
    assert_eq!(
        target(&home),
        "east-token | SWR_TOKEN_CN_EAST_3 | east-project"
    );
    assert_eq!(home.found(), "north-token | SWR_TOKEN | north-project");
}

#[test]
fn a_token_counts_in_its_region_only() {
    let home = Home::new()
        .set("SWR_TOKEN_CN_EAST_3", "east-token")
        .set("SWR_TOKEN_CN_NORTH_4", "north-token");
    assert_eq!(home.found(), "north-token | SWR_TOKEN_CN_NORTH_4 | -");
    let found = home.find_for("cn-east-3").unwrap();
    assert_eq!(home.short(&found), "east-token | SWR_TOKEN_CN_EAST_3 | -");
    let found = home.find_for("cn-north-4").unwrap();
    assert_eq!(home.short(&found), "north-token | SWR_TOKEN_CN_NORTH_4 | -");
}

#[test]
fn a_login_of_the_target_that_has_ended_is_an_error() {
    let home = Home::new()
        .set("SWR_TOKEN", "north-token")
        .login("cn-east-3", "dead", super::NOW);
    assert!(home.find().is_ok());
    assert!(home.find_for("cn-east-3").is_err());
}

fn oidc() -> Home {
    Home::new()
        .set("HUAWEICLOUD_OIDC_PROVIDER_URN", "iam::x:identityProvider:p")
        .set("HUAWEICLOUD_OIDC_AGENCY_URN", "iam::x:agency:a")
}

#[test]
fn oidc_by_sts_is_made_of_its_variables() {
    let home = oidc()
        .set("HUAWEICLOUD_OIDC_TOKEN_FILE", "/id-token")
        .set("HUAWEICLOUD_OIDC_POLICY_IDS", "one, two,");
    let Source::Sts(sts) = home.find().unwrap().source else {
        panic!("not STS")
    };
    assert_eq!(
        sts.endpoint.as_str(),
        "https://sts.cn-north-4.myhuaweicloud.com"
    );
    assert_eq!(sts.provider_urn, "iam::x:identityProvider:p");
    assert_eq!(sts.agency_urn, "iam::x:agency:a");
    assert_eq!(
        (sts.session_name.as_str(), sts.duration_seconds),
        ("oidc-sts-session", 3600)
    );
    assert_eq!(sts.policy_ids, ["one", "two"]);
    assert!(matches!(sts.id_token, IdToken::File(path) if path.ends_with("id-token")));
}

#[test]
fn of_the_id_token_and_its_file_the_value_wins_and_github_comes_last() {
    let id_token = |home: Home| match home.find().unwrap().source {
        Source::Sts(sts) => sts.id_token,
        other => panic!("{other:?}"),
    };
    let github = oidc()
        .set(
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "https://github.example/t?a=b",
        )
        .set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token");
    assert!(matches!(
        id_token(github),
        IdToken::GitHub { address, .. } if address.as_str() == "https://github.example/t?a=b"
    ));
    let both = oidc()
        .set("HUAWEICLOUD_OIDC_ID_TOKEN", " value ")
        .set("HUAWEICLOUD_OIDC_TOKEN_FILE", "/file");
    assert!(matches!(id_token(both), IdToken::Value(value) if value.expose() == "value"));
}

#[test]
fn oidc_by_iam_asks_the_iam_of_the_region_that_it_is_for() {
    let home = Home::new()
        .set("HUAWEICLOUD_SDK_IDP_ID", "idp")
        .set("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/id-token");
    let iam = |source: Source| match source {
        Source::Federation(federation) => federation.endpoint.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        iam(home.find().unwrap().source),
        "https://iam.cn-north-4.myhuaweicloud.com"
    );
    assert_eq!(
        iam(home.find_for("cn-east-3").unwrap().source),
        "https://iam.cn-east-3.myhuaweicloud.com"
    );
}

#[test]
fn the_sdks_file_may_hold_oidc_too() {
    let home = Home::new().write(
        ".huaweicloud/credentials",
        "[basic]\nak=AK\nsk=file-secret\nidp_id=idp\nid_token_file=/t\n",
    );
    assert_eq!(home.found(), "oidc | ~/.huaweicloud/credentials:4 | -");
}

#[test]
fn a_pods_address_may_be_plain_http_and_carry_a_query() {
    let home = Home::new()
        .set(
            "HC_CONTAINER_CREDENTIALS_FULL_URI",
            "http://10.1.2.3:80/v1/c?x=y",
        )
        .set("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/token");
    let Source::Pod(pod) = home.find().unwrap().source else {
        panic!("no pod")
    };
    assert_eq!(pod.address.as_str(), "http://10.1.2.3/v1/c?x=y");
    assert_eq!(pod.token_file.to_str(), Some("/var/token"));
}

#[test]
fn keys_that_only_hcloud_can_read_are_passed_over() {
    let home = Home::new()
        .write(
            ".hcloud/config.json",
            r#"{"profiles":[{"name":"default","accessKeyId":"q83vEjRWeJA=","secretAccessKey":"q83="}]}"#,
        )
        .set("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://10.1.2.3/c")
        .set("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t");
    assert_eq!(home.found(), "pod | HC_CONTAINER_CREDENTIALS_FULL_URI | -");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn nothing_that_was_found_shows_a_secret(secret in "[a-zA-Z0-9]{12,40}") {
        let home = Home::new()
            .set("SWR_TOKEN", &secret)
            .set("HUAWEICLOUD_SDK_AK", "AK")
            .set("HUAWEICLOUD_SDK_SK", &secret);
        let shown = format!("{:?} {:?}", home.find(), home.find_for("cn-east-3"));
        prop_assert!(!shown.contains(&secret));
    }
}
