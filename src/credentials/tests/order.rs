//! The first credential that is there counts, and what is below it is listed, not validated.

use proptest::prelude::*;

use super::Home;
use crate::credentials::Keys;
use crate::credentials::{Kind, Login};
use crate::secret::Secret;

const FUTURE: &str = "2026-03-02T10:11:12Z";

/// The config file with a credential in each of its places that is asked for.
fn config(places: &[bool]) -> String {
    let part = |index: usize, text: &str| {
        if places[index] {
            text.to_owned()
        } else {
            String::new()
        }
    };
    [
        part(9, "token = 'top-token'\n"),
        part(10, "access_key = 'TOPKEY'\nsecret_key = 'top-secret'\n"),
        part(8, "[regions.cn-north-4]\ntoken = 'top-own-token'\n"),
        "[profiles.p]\n".to_owned(),
        part(5, "token_command = ['profile-command']\n"),
        part(
            6,
            "access_key = 'PROFILEKEY'\nsecret_key = 'profile-secret'\n",
        ),
        "[profiles.p.regions.cn-north-4]\n".to_owned(),
        part(3, "token = 'own-token'\n"),
        part(4, "access_key = 'OWNKEY'\nsecret_key = 'own-secret'\n"),
    ]
    .concat()
}

/// The variables with a credential in each of their places.
const VARIABLES: &[(usize, &str, &str)] = &[
    (0, "SWR_TOKEN", "variable-token"),
    (1, "SWR_TOKEN_CN_NORTH_4", "variable-own-token"),
    (2, "SWR_ACCESS_KEY", "VARKEY"),
    (2, "SWR_SECRET_KEY", "variable-secret"),
    (11, "HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
    (11, "HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
    (11, "HUAWEICLOUD_OIDC_ID_TOKEN", "id-token"),
    (12, "HUAWEICLOUD_SDK_IDP_ID", "idp"),
    (12, "HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/t"),
    (13, "HUAWEICLOUD_SDK_AK", "SDKKEY"),
    (13, "HUAWEICLOUD_SDK_SK", "sdk-secret"),
    (14, "HUAWEI_CLOUD_ACCESS_KEY_ID", "ACTIONKEY"),
    (14, "HUAWEI_CLOUD_SECRET_ACCESS_KEY", "action-secret"),
    (15, "HW_AUTH_TOKEN", "terraform-token"),
    (16, "HW_ACCESS_KEY", "TERRAFORMKEY"),
    (16, "HW_SECRET_KEY", "terraform-secret"),
    (19, "HC_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/c"),
    (19, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
];

/// Puts a credential into each place that is asked for.
fn everywhere(places: &[bool]) -> Home {
    let mut home = Home::new().config(&config(places)).set("SWR_PROFILE", "p");
    for (index, name, value) in VARIABLES {
        if places[*index] {
            home = home.set(name, value);
        }
    }
    if places[7] {
        let keys = Keys {
            access_key: "LOGINKEY".to_owned(),
            secret_key: Secret::new("login-secret"),
            security_token: None,
        };
        home.store()
            .add(Some("p"), vec![Login::Keys(keys)])
            .unwrap();
    }
    if places[17] {
        home = home.write(
            ".huaweicloud/credentials",
            "[basic]\nak = FILEKEY\nsk = file-secret\n",
        );
    }
    if places[18] {
        home = home.write(
            ".hcloud/config.json",
            r#"{"profiles":[{"name":"default","mode":"AKSK","accessKeyId":"HCLOUDHCLOUDHCLOUD","secretAccessKey":"hcloudsecret"}]}"#,
        );
    }
    home
}

/// What each place of `everywhere` holds, strongest first.
const ORDER: [(usize, &str, Kind); 20] = [
    (0, "variable-token", Kind::Token),
    (1, "variable-own-token", Kind::Token),
    (2, "VARKEY", Kind::Keys),
    (3, "own-token", Kind::Token),
    (4, "OWNKEY", Kind::Keys),
    (5, "profile-command", Kind::Token),
    (6, "PROFILEKEY", Kind::Keys),
    (8, "top-own-token", Kind::Token),
    (9, "top-token", Kind::Token),
    (10, "TOPKEY", Kind::Keys),
    (7, "LOGINKEY", Kind::Keys),
    (11, "oidc", Kind::Oidc),
    (12, "oidc", Kind::Oidc),
    (13, "SDKKEY", Kind::Keys),
    (14, "ACTIONKEY", Kind::Keys),
    (15, "terraform-token", Kind::Token),
    (16, "TERRAFORMKEY", Kind::Keys),
    (17, "FILEKEY", Kind::Keys),
    (18, "HCLOUDHCLOUDHCLOUD", Kind::Keys),
    (19, "pod", Kind::Pod),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn of_any_set_of_places_the_strongest_counts_and_the_others_are_listed_in_order(
        places in prop::collection::vec(any::<bool>(), 20)
    ) {
        let home = everywhere(&places);
        let expected: Vec<_> = ORDER.into_iter().filter(|(place, ..)| places[*place]).collect();
        match (home.find(), expected.split_first()) {
            (Ok(found), Some(((_, value, kind), rest))) => {
                let short = home.short(&found);
                prop_assert_eq!(short.split(" | ").next(), Some(*value));
                prop_assert_eq!(found.source.kind(), *kind);
                let kinds: Vec<Kind> = found.overridden.iter().map(|(kind, _)| *kind).collect();
                let listed: Vec<Kind> = rest.iter().map(|(.., kind)| *kind).collect();
                prop_assert_eq!(kinds, listed);
            }
            (Err(error), None) => prop_assert_eq!(error.what(), "no credential is set"),
            (found, expected) => prop_assert!(false, "{found:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn a_token_in_a_file_is_trimmed_and_its_variable_is_the_origin() {
    let home = Home::new().write("token", " MIIabc\n");
    let path = home.path("token");
    let home = home.set("SWR_TOKEN_FILE", &path);
    assert_eq!(home.found(), "MIIabc | SWR_TOKEN_FILE | -");
}

#[test]
fn the_profile_and_the_file_count_with_their_lines() {
    let home = Home::new()
        .config("token_file = 't'\n[profiles.p]\naccess_key='PK'\nsecret_key='profile-secret'\nproject_id='pp'\n")
        .write(".config/swr/t", "top");
    assert_eq!(home.found(), "top | ~/.config/swr/config.toml:1 | -");
    let home = home.set("SWR_PROFILE", "p");
    assert_eq!(home.found(), "PK | ~/.config/swr/config.toml:3 | pp");
    assert_eq!(home.overridden(), ["token ~/.config/swr/config.toml:1"]);
}

#[test]
fn a_token_command_is_found_and_not_run() {
    let home = Home::new().config("token_command = ['/missing/program', 'x']\n");
    assert_eq!(
        home.found(),
        "/missing/program x | token_command (~/.config/swr/config.toml:1) | -"
    );
}

#[test]
fn a_login_counts_below_the_file_and_above_the_vendors_variables() {
    let home = Home::new()
        .login("cn-north-4", "login-token", FUTURE)
        .login("cn-east-3", "east-token", FUTURE)
        .set("HW_AUTH_TOKEN", "terraform-token");
    assert_eq!(home.found(), "login-token | login | login-project");
    assert_eq!(home.overridden(), ["token HW_AUTH_TOKEN"]);
    let home = home.config("token = 'top-token'\n");
    assert_eq!(home.overridden(), ["token login", "token HW_AUTH_TOKEN"]);
}

#[test]
fn a_source_that_is_asked_for_takes_the_place_where_it_is_asked_for() {
    let home = Home::new()
        .config("token = 'top-token'\n[profiles.p]\ncredential_source = 'metadata'\n")
        .set("SWR_PROFILE", "p");
    assert_eq!(home.found(), "metadata | ~/.config/swr/config.toml:3 | -");
    let home = home.set("SWR_TOKEN", "variable-token");
    assert_eq!(home.found(), "variable-token | SWR_TOKEN | -");
}

#[test]
fn a_vendors_project_goes_with_the_keys_beside_it_and_with_no_others_of_the_vendor() {
    let home = Home::new()
        .set("HW_ACCESS_KEY", "TK")
        .set("HW_SECRET_KEY", "terraform-secret")
        .set("HUAWEICLOUD_SDK_PROJECT_ID", "sdk-project");
    assert_eq!(home.found(), "TK | HW_ACCESS_KEY | -");
    let home = home.set("HW_PROJECT_ID", "terraform-project");
    assert_eq!(home.found(), "TK | HW_ACCESS_KEY | terraform-project");
    let home = home.set("SWR_PROJECT_ID", "mine");
    assert_eq!(home.found(), "TK | HW_ACCESS_KEY | mine");
}

#[test]
fn a_files_project_goes_with_its_keys() {
    let home = Home::new()
        .write(
            ".huaweicloud/credentials",
            "[basic]\nak=FK\nsk=file-secret\nproject_id=file-project\n",
        )
        .set("HW_PROJECT_ID", "terraform-project");
    assert_eq!(
        home.found(),
        "FK | ~/.huaweicloud/credentials:2 | file-project"
    );
}

#[test]
fn families_are_never_mixed_and_a_disagreement_is_told() {
    let home = Home::new()
        .set("HUAWEICLOUD_SDK_AK", "SDKKEY")
        .set("HUAWEICLOUD_SDK_SK", "sdk-secret")
        .set("HW_ACCESS_KEY", "OTHER")
        .set("HW_SECRET_KEY", "terraform-secret")
        .set("HUAWEI_CLOUD_AK", "SDKKEY");
    assert_eq!(
        home.find().unwrap().warnings,
        ["HW_ACCESS_KEY names another access key than HUAWEICLOUD_SDK_AK, which counts"]
    );
    let own = home.set("SWR_TOKEN", "variable-token");
    assert_eq!(own.find().unwrap().warnings, Vec::<String>::new());
}
