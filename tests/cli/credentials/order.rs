//! Which credential counts when there are several.

use serde_json::{Value, json};

use super::{CREATE, carried, user, willing};
use crate::support::Home;

/// Sets every place at once; what is named is left out.
fn everything(home: Home, without: &[&str]) -> Home {
    let mut home = home;
    let token_file = home.path().join("id-token").display().to_string();
    home.write("id-token", "id-token");
    let variables = [
        ("SWR_TOKEN", "token-1"),
        ("SWR_ACCESS_KEY", "SWRKEY"),
        ("SWR_SECRET_KEY", "secret"),
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "provider"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "agency"),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token"),
        ("HUAWEICLOUD_SDK_IDP_ID", "idp"),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", &token_file),
        ("HUAWEICLOUD_SDK_AK", "SDKKEY"),
        ("HUAWEICLOUD_SDK_SK", "secret"),
        ("HUAWEI_CLOUD_AK", "ACTIONKEY"),
        ("HUAWEI_CLOUD_SK", "secret"),
        ("HW_AUTH_TOKEN", "token-2"),
        ("HW_ACCESS_KEY", "TERRAFORMKEY"),
        ("HW_SECRET_KEY", "secret"),
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/c"),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token_file),
    ];
    for (name, value) in variables {
        if !without.iter().any(|prefix| name.starts_with(prefix)) {
            home = home.with(name, value);
        }
    }
    if !without.contains(&"profile") {
        home.write(
            ".config/swr/config.toml",
            "profile = 'ci'\naccess_key = 'TOPKEY'\nsecret_key = 's'\n[profiles.ci]\ntoken = 'token-3'\n",
        );
    }
    home.write(
        ".huaweicloud/credentials",
        "[basic]\nak = SDKFILEKEY\nsk = secret\n",
    );
    home.write(
        ".hcloud/config.json",
        r#"{"profiles":[{"name":"default","accessKeyId":"HCLOUDFILEKEY000","secretAccessKey":"s"}]}"#,
    );
    let login = json!({
        "kind": "token", "profile": if without.contains(&"profile") { Value::Null } else { json!("ci") },
        "region": "cn-north-4", "token": "token-4",
        "project_id": null, "account": null, "user": null, "expires_at": null,
    });
    if !without.contains(&"login") {
        let file = json!({"version": 1, "logins": [login]}).to_string();
        home.write(".local/share/swr/logins.json", &file);
    }
    home
}

#[test]
fn the_contracts_order_holds_from_the_first_place_to_the_last() {
    let service = willing();
    let home = everything(user(&service), &[]);
    let status = home
        .swr("auth status -o json")
        .exits(0)
        .document("auth-status");
    let mut found = vec![format!(
        "{} {}",
        status["kind"].as_str().unwrap(),
        status["origin"].as_str().unwrap()
    )];
    for beaten in status["beaten"].as_array().unwrap() {
        let part = |name: &str| beaten[name].as_str().unwrap().to_owned();
        found.push(format!("{} {}", part("kind"), part("origin")));
    }
    assert_eq!(
        found,
        [
            "token SWR_TOKEN",
            "keys SWR_ACCESS_KEY",
            "token [HOME]/.config/swr/config.toml:5",
            "keys [HOME]/.config/swr/config.toml:2",
            "token login",
            "oidc HUAWEICLOUD_OIDC_PROVIDER_URN",
            "oidc HUAWEICLOUD_SDK_IDP_ID",
            "keys HUAWEICLOUD_SDK_AK",
            "keys HUAWEI_CLOUD_AK",
            "token HW_AUTH_TOKEN",
            "keys HW_ACCESS_KEY",
            "keys [HOME]/.huaweicloud/credentials:2",
            "keys [HOME]/.hcloud/config.json",
            "pod HC_CONTAINER_CREDENTIALS_FULL_URI",
        ]
    );
    assert_eq!(service.heard().len(), 0);
}

#[test]
fn each_place_counts_once_what_is_above_it_is_gone() {
    let mut without = Vec::new();
    for (gone, expected) in [
        (None, "token token-1"),
        (Some("SWR_TOKEN"), "keys SWRKEY"),
        (Some("SWR_ACCESS_KEY"), "half"),
        (Some("SWR_SECRET_KEY"), "token token-3"),
        (Some("profile"), "token token-4"),
        (Some("login"), "oidc"),
        (Some("HUAWEICLOUD_OIDC_"), "oidc"),
        (Some("HUAWEICLOUD_SDK_ID"), "keys SDKKEY"),
        (Some("HUAWEICLOUD_SDK_"), "keys ACTIONKEY"),
        (Some("HUAWEI_CLOUD_"), "token token-2"),
        (Some("HW_AUTH_TOKEN"), "keys TERRAFORMKEY"),
        (Some("HW_"), "keys SDKFILEKEY"),
    ] {
        without.extend(gone);
        let service = willing();
        let home = everything(user(&service), &without);
        match expected {
            "half" => {
                let error = home.swr(&format!("{CREATE} -o json")).exits(1).json_error();
                assert_eq!(error["kind"], "config");
            }
            "oidc" => {
                let status = home.swr("auth status -o json").exits(0).json();
                assert_eq!(status["kind"], "oidc", "{without:?}");
            }
            _ => {
                let run = home.swr(CREATE);
                assert_eq!(run.code, Some(0), "{without:?} {run}");
                assert_eq!(carried(&service), expected, "{without:?}");
            }
        }
    }
}

#[test]
fn two_vendor_families_that_disagree_are_told_and_two_that_agree_are_not() {
    let told = |other: &str| {
        let service = willing();
        let home = user(&service)
            .with("HUAWEICLOUD_SDK_AK", "ONEKEY")
            .with("HUAWEICLOUD_SDK_SK", "secret-one")
            .with("HW_ACCESS_KEY", other)
            .with("HW_SECRET_KEY", "secret-two");
        let run = home.swr(&format!("{CREATE} --auto")).exits(0);
        assert_eq!(carried(&service), "keys ONEKEY");
        run.stderr.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        told("OTHERKEY"),
        "warning: HW_ACCESS_KEY names another access key than HUAWEICLOUD_SDK_AK, which counts"
    );
    assert!(!told("ONEKEY").contains("warning"));
}

#[test]
fn families_are_never_mixed() {
    let service = willing();
    let home = user(&service)
        .with("HUAWEICLOUD_SDK_AK", "ONEKEY")
        .with("HW_SECRET_KEY", "secret-two");
    let error = home.swr(&format!("{CREATE} -o json")).exits(1).json_error();
    assert_eq!(
        error["message"],
        "HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not (HUAWEICLOUD_SDK_AK)"
    );
    assert_eq!(service.heard().len(), 0);
}

#[test]
fn the_target_region_takes_its_own_then_keys_then_its_login_then_the_same_token() {
    let (north, east) = (willing(), willing());
    let home = |home: Home| {
        home.with("SWR_ENDPOINT_CN_EAST_3", east.address())
            .with("SWR_TOKEN", "token-of-the-north")
    };
    let look = |home: &Home| {
        let _ = home.swr("doctor --to-region cn-east-3");
        carried(&east)
    };
    let user = home(user(&north));
    assert_eq!(look(&user), "token token-of-the-north");
    let user = user.typing("token-of-the-east-login\n");
    let _ = user.swr("auth login --token-stdin --region cn-east-3 --endpoint http://127.0.0.1:1");
    assert_eq!(look(&user), "token token-of-the-east-login");
    let user = user
        .with("HW_ACCESS_KEY", "TERRAFORMKEY")
        .with("HW_SECRET_KEY", "secret");
    assert_eq!(look(&user), "keys TERRAFORMKEY");
    let user = user.with("SWR_TOKEN_CN_EAST_3", "token-of-the-east");
    assert_eq!(look(&user), "token token-of-the-east");
}
