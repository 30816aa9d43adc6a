//! What `config show` is made from.

use super::Home;
use crate::settings::Key;
use crate::settings::{Overridden, SettingRow};

fn row(home: &Home, setting: &str) -> SettingRow {
    let rows = home.load().unwrap().show();
    rows.into_iter().find(|row| row.setting == setting).unwrap()
}

#[test]
fn a_row_tells_value_origin_and_what_was_beaten() {
    let home = Home::new("timeout = '2m'\n")
        .set("SWR_TIMEOUT", "1m")
        .option(Key::Timeout, "5s");
    let mut timeout = row(&home, "timeout");
    for overridden in &mut timeout.overridden {
        overridden.origin = home.plain(&overridden.origin);
    }
    let overridden = |value: &str, origin: &str| Overridden {
        value: value.to_owned(),
        origin: origin.to_owned(),
    };
    assert_eq!(
        timeout,
        SettingRow {
            setting: "timeout".to_owned(),
            value: Some("5s".to_owned()),
            origin: Some("--timeout".to_owned()),
            overridden: vec![
                overridden("1m", "SWR_TIMEOUT"),
                overridden("2m", "~/.config/swr/config.toml:1")
            ],
            error: None,
        }
    );
}

#[test]
fn no_secret_is_shown_wherever_it_stands() {
    let home = Home::new("token='secret-top'\nregion='cn-north-4'\n[regions.cn-east-3]\nsecret_key='secret-east'\n[profiles.p]\nsecurity_token='secret-profile'\n[profiles.p.regions.cn-north-4]\ntoken='secret-own'\n")
        .set("SWR_PROFILE", "p")
        .set("SWR_TOKEN", "secret-variable")
        .set("SWR_TOKEN_CN_EAST_3", "secret-variable")
        .set("HUAWEICLOUD_SDK_SK", "secret-sdk")
        .set("HW_AUTH_TOKEN", "secret-terraform");
    let rows = home.load().unwrap().show();
    let shown = serde_json::to_string(&rows).unwrap();
    assert!(!shown.contains("secret-"), "{shown}");
    let token = row(&home, "token");
    assert_eq!(token.value.as_deref(), Some("[redacted]"));
    assert_eq!(token.overridden.len(), 3);
    let east: Vec<_> = rows
        .iter()
        .filter(|row| row.setting.starts_with("regions."))
        .map(|row| row.setting.as_str())
        .collect();
    assert_eq!(
        east,
        ["regions.cn-east-3.token", "regions.cn-east-3.secret_key"]
    );
}

#[test]
fn a_broken_value_is_shown_with_what_is_wrong() {
    let home =
        Home::new("endpoint='https://u:secret-word@x.example'\nretries=99\nregion='cn-north-4'\n");
    let endpoint = row(&home, "endpoint");
    assert_eq!(
        endpoint.value.as_deref(),
        Some("https://[redacted]@x.example")
    );
    assert!(endpoint.error.unwrap().contains("it contains a user"));
    let retries = row(&home, "retries");
    assert_eq!(
        (retries.value.as_deref(), retries.error.as_deref()),
        (Some("99"), Some("must be a whole number from 0 to 10"))
    );
}

#[test]
fn a_contradiction_is_shown_at_region_and_endpoint() {
    let home = Home::new("endpoint='https://swr-api.cn-east-3.myhuaweicloud.com'\n")
        .set("SWR_REGION", "cn-north-4");
    assert!(row(&home, "region").error.is_some());
    assert!(row(&home, "endpoint").error.is_some());
}

#[test]
fn what_nobody_set_is_shown_with_its_default_or_empty() {
    let home = Home::new("");
    let shown = |setting| {
        let row = row(&home, setting);
        (
            row.value.unwrap_or_default(),
            row.origin.unwrap_or_default(),
        )
    };
    let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    assert_eq!(shown("output"), pair("human", "default"));
    assert_eq!(shown("retries"), pair("3", "default"));
    assert_eq!(shown("color"), pair("auto", "default"));
    assert_eq!(shown("region"), pair("", ""));
    assert_eq!(shown("endpoint"), pair("", ""));
    assert_eq!(shown("token"), pair("", ""));
    let home = Home::new("region='cn-north-4'\n");
    let iam = row(&home, "iam_endpoint");
    assert_eq!(iam.origin.as_deref(), Some("derived from region"));
}
