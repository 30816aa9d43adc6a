//! The strongest place wins, and what it beat is known.

use std::time::Duration;

use proptest::prelude::*;

use super::Home;
use crate::output::{Color, Format};
use crate::settings::{CredentialSource, Key};

/// The places that can give a project, strongest first.
const PLACES: usize = 9;

fn project_from(places: &[bool]) -> Home {
    let value = |index: usize| format!("project-{index}");
    let line = |index: usize| {
        if places[index] {
            format!("project_id = '{}'\n", value(index))
        } else {
            String::new()
        }
    };
    let toml = format!(
        "region = 'cn-north-4'\n{}[regions.cn-north-4]\n{}[profiles.p]\n{}[profiles.p.regions.cn-north-4]\n{}",
        line(6),
        line(5),
        line(4),
        line(3)
    );
    let mut home = Home::new(&toml).set("SWR_PROFILE", "p");
    for (index, name) in [
        (1, "SWR_PROJECT_ID"),
        (2, "SWR_PROJECT_ID_CN_NORTH_4"),
        (7, "HUAWEICLOUD_SDK_PROJECT_ID"),
        (8, "HW_PROJECT_ID"),
    ] {
        if places[index] {
            home = home.set(name, &value(index));
        }
    }
    if places[0] {
        home = home.option(Key::ProjectId, &value(0));
    }
    home
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_strongest_place_wins_and_the_rest_is_listed_in_order(
        places in prop::collection::vec(any::<bool>(), PLACES)
    ) {
        let settings = project_from(&places).load().unwrap();
        let given: Vec<String> = (0..PLACES)
            .filter(|index| places[*index])
            .map(|index| format!("project-{index}"))
            .collect();
        let mut found = Vec::new();
        if let Some(setting) = settings.project_id().unwrap() {
            found.push(setting.value);
            found.extend(setting.overridden.into_iter().map(|(_, value)| value));
        }
        prop_assert_eq!(found, given);
    }
}

#[test]
fn an_option_beats_a_variable_beats_a_profile_beats_the_top_level_beats_the_vendors() {
    let home = Home::new("region = 'top-1'\n[profiles.p]\nregion = 'profile-1'\n")
        .set("SWR_REGION", "variable-1")
        .set("HUAWEI_CLOUD_REGION", "action-1")
        .set("HW_REGION_NAME", "terraform-1")
        .option(Key::Region, "option-1")
        .option(Key::Profile, "p");
    let region = home.load().unwrap().region().unwrap().unwrap();
    let mut rows = vec![format!("{} {}", region.origin, region.value)];
    for (origin, value) in region.overridden {
        rows.push(home.plain(&format!("{origin} {value}")));
    }
    assert_eq!(
        rows,
        [
            "--region option-1",
            "SWR_REGION variable-1",
            "~/.config/swr/config.toml:3 profile-1",
            "~/.config/swr/config.toml:1 top-1",
            "HUAWEI_CLOUD_REGION action-1",
            "HW_REGION_NAME terraform-1",
        ]
    );
}

#[test]
fn what_nobody_sets_has_its_default() {
    let settings = Home::new("").load().unwrap();
    assert_eq!(settings.output().unwrap().value, Format::Human);
    assert_eq!(settings.timeout().unwrap().value, Duration::from_secs(30));
    assert_eq!(
        settings.connect_timeout().unwrap().value,
        Duration::from_secs(10)
    );
    assert_eq!(settings.retries().unwrap().value, 3);
    assert_eq!(settings.ca_file().unwrap(), None);
    assert_eq!(settings.credential_source().unwrap(), None);
    assert_eq!(
        settings.metadata_endpoint().unwrap().value.as_str(),
        "http://169.254.169.254"
    );
    assert_eq!(settings.color().unwrap().value, Color::Auto);
    assert!(settings.profile().is_none() && settings.warnings().is_empty());
}

#[test]
fn the_file_sets_what_the_contract_says() {
    let home = Home::new(
        "output='jsonl'\ntimeout='2m'\nconnect_timeout='500ms'\nretries=0\nca_file='ca.pem'\ncredential_source='pod'\n",
    );
    let settings = home.load().unwrap();
    assert_eq!(settings.output().unwrap().value, Format::JsonLines);
    assert_eq!(settings.timeout().unwrap().value, Duration::from_secs(120));
    assert_eq!(
        settings.connect_timeout().unwrap().value,
        Duration::from_millis(500)
    );
    assert_eq!(settings.retries().unwrap().value, 0);
    assert_eq!(
        settings.ca_file().unwrap().unwrap().value,
        home.path(".config/swr/ca.pem")
    );
    assert_eq!(
        settings.credential_source().unwrap().unwrap().value,
        CredentialSource::Pod
    );
}

#[test]
fn the_profile_of_the_file_is_used_when_none_is_named() {
    let toml = "profile = 'a'\n[profiles.a]\nregion='region-a'\n[profiles.b]\nregion='region-b'\n";
    let region = |home: Home| {
        home.load()
            .unwrap()
            .region()
            .unwrap()
            .unwrap()
            .value
            .to_string()
    };
    assert_eq!(region(Home::new(toml)), "region-a");
    assert_eq!(region(Home::new(toml).set("SWR_PROFILE", "b")), "region-b");
}

#[test]
fn all_wrong_options_are_told_at_once_and_only_they_are_usage() {
    let home = Home::new("")
        .option(Key::Region, "CN")
        .option(Key::Timeout, "30")
        .option(Key::Retries, "3")
        .option(Key::Output, "yaml");
    let error = home.load().unwrap().timeout().unwrap_err();
    assert_eq!(error.exit_code().code(), 2);
    let fields: Vec<_> = error
        .details()
        .fields
        .iter()
        .map(|field| (field.field.as_ref(), field.message.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            (
                "--region",
                "invalid region 'CN' (--region): 'C' at position 1 must be a lowercase letter"
            ),
            (
                "--output",
                "invalid output 'yaml' (--output): must be one of human, json, jsonl"
            ),
            ("--timeout", "invalid timeout '30' (--timeout): has no unit"),
        ]
    );
    let variable = Home::new("").set("SWR_TIMEOUT", "30");
    assert_eq!(
        variable.told(variable.load().unwrap().timeout()),
        "invalid timeout '30': has no unit | SWR_TIMEOUT | 1 | write '30s' for seconds"
    );
}

#[test]
fn a_broken_value_stops_only_who_needs_it() {
    let settings = Home::new("endpoint='ftp://x'\ntimeout='soon'\nregion='cn-north-4'\n")
        .load()
        .unwrap();
    assert!(settings.endpoint().is_err() && settings.timeout().is_err());
    assert!(settings.retries().is_ok());
    assert_eq!(
        settings.require_region().unwrap().value.to_string(),
        "cn-north-4"
    );
}

#[test]
fn color_follows_the_option_then_no_color_then_what_forces_it() {
    let color = |option: Option<&str>, pairs: &[(&str, &str)]| {
        let mut home = Home::new("");
        for (name, value) in pairs {
            home = home.set(name, value);
        }
        if let Some(word) = option {
            home = home.option(Key::Color, word);
        }
        home.load().unwrap().color().unwrap().value
    };
    let no = ("NO_COLOR", "1");
    let force = ("CLICOLOR_FORCE", "1");
    let dumb = ("TERM", "dumb");
    assert_eq!(color(Some("always"), &[no]), Color::Always);
    assert_eq!(color(Some("never"), &[force]), Color::Never);
    assert_eq!(color(Some("auto"), &[no]), Color::Never);
    assert_eq!(
        color(None, &[no, force, ("FORCE_COLOR", "3")]),
        Color::Never
    );
    assert_eq!(color(None, &[force, dumb]), Color::Always);
    assert_eq!(color(None, &[("FORCE_COLOR", "1")]), Color::Always);
    assert_eq!(color(None, &[("CLICOLOR_FORCE", "0")]), Color::Auto);
    assert_eq!(color(None, &[dumb]), Color::Never);
    assert_eq!(color(None, &[("TERM", "xterm")]), Color::Auto);
}
