//! Each way in which a config file can be wrong: told with file, line and key, and no secret.

use proptest::prelude::*;

use super::Home;
use crate::settings::{Key, Value};

const AT: &str = "~/.config/swr/config.toml";

fn told(toml: &str) -> String {
    let home = Home::new(toml);
    home.told(home.load())
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_one() {
    for (toml, expected) in [
        (
            "regoin = 'x'",
            format!("unknown key 'regoin' | {AT}:1 | 1 | did you mean 'region'?"),
        ),
        (
            "\n[profiles.prod]\nconnect-timeout = '1s'",
            format!(
                "unknown key 'profiles.prod.connect-timeout' | {AT}:3 | 1 | did you mean 'connect_timeout'?"
            ),
        ),
        (
            "[regions.\"cn-east-3\"]\ntoken_fil = 'x'",
            format!(
                "unknown key 'regions.\"cn-east-3\".token_fil' | {AT}:2 | 1 | did you mean 'token_file'?"
            ),
        ),
        (
            "[profile.prod]\nregion = 'x'",
            format!(
                "'profile' must be text in quotes, not a table | {AT}:1 | 1 | the table of the profiles is called 'profiles'"
            ),
        ),
        (
            "[profils.prod]",
            format!("unknown key 'profils' | {AT}:1 | 1 | did you mean 'profiles'?"),
        ),
        (
            "password = 'never-shown'",
            format!("unknown key 'password' | {AT}:1 | 1 | "),
        ),
        (
            "[profiles.p]\nprofile = 'x'",
            format!(
                "unknown key 'profiles.p.profile' | {AT}:2 | 1 | 'profile' belongs to the top level"
            ),
        ),
        (
            "[regions.cn-east-3]\nregion = 'x'",
            format!(
                "unknown key 'regions.\"cn-east-3\".region' | {AT}:2 | 1 | 'region' belongs to the top level or a profile"
            ),
        ),
    ] {
        assert_eq!(told(toml), expected, "{toml}");
    }
}

#[test]
fn a_wrong_type_is_told_with_the_right_one() {
    for (toml, expected) in [
        (
            "timeout = 30",
            "'timeout' must be text like \"30s\", not an integer",
        ),
        (
            "retries = '3'",
            "'retries' must be a whole number, not text",
        ),
        (
            "retries = 1.5",
            "'retries' must be a whole number, not a float",
        ),
        (
            "token = 123456",
            "'token' must be text in quotes, not an integer",
        ),
        (
            "token_command = 'vault read'",
            "'token_command' must be a list of strings, like [\"program\", \"argument\"], not text",
        ),
        (
            "token_command = ['a', 1]",
            "'token_command' must be a list of strings only",
        ),
        ("token_command = []", "'token_command' names no program"),
        ("ca_file = ''", "'ca_file' must not be empty"),
        ("profiles = 1", "'profiles' must be a table, not an integer"),
        (
            "[profiles]\np = 1",
            "'profiles.p' must be a table, not an integer",
        ),
        (
            "[regions]\ncn-east-3 = true",
            "'regions.\"cn-east-3\"' must be a table, not a boolean",
        ),
        (
            "[regions.EAST]",
            "invalid region 'EAST' in 'regions': 'E' at position 1 must be a lowercase letter",
        ),
    ] {
        let line = toml.lines().count();
        assert_eq!(
            told(toml),
            format!("{expected} | {AT}:{line} | 1 | "),
            "{toml}"
        );
    }
}

#[test]
fn a_negative_number_of_retries_is_a_wrong_value() {
    let home = Home::new("retries = -1");
    assert_eq!(
        home.told(home.load().unwrap().retries()),
        format!("invalid retries '-1': must be a whole number from 0 to 10 | {AT}:1 | 1 | ")
    );
}

#[test]
fn the_first_error_of_the_file_is_told_first() {
    assert!(told("zeta = 1\nalpha = 2").contains("'zeta'"));
}

#[test]
fn broken_toml_is_told_by_its_place_without_the_line() {
    for toml in [
        "region = 'x'\ntoken = MIIsecretsecret",
        "region = 'x'\ntoken = \"MIIsecretsecret",
        "region = 'x'\ntoken 'MIIsecretsecret'",
        "region = 'x'\ntoken = 'MIIsecretsecret' MIIsecretsecret",
        "region = 'x'\ntoken = \"MIIsecretsecret\\q\"",
        "token = 'MIIsecretsecret'\ntoken = 'MIIsecretsecret'",
    ] {
        let told = told(toml);
        assert!(
            told.starts_with("the config file is not valid TOML: "),
            "{told}"
        );
        assert!(told.contains(&format!("| {AT}:2 | 1 |")), "{told}");
        assert!(!told.contains("MII"), "{told}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_way_to_break_the_file_shows_its_secret(cut in 0usize..110, put in "[\\[\\]\"'=#\\n\\\\.,{} ]{0,2}") {
        const SECRET: &str = "MIISecretOfMine";
        let text = format!(
            "region = 'cn-north-4'\ntoken = \"{SECRET}\"\n[profiles.p]\nsecret_key = '{SECRET}'\ntoken_command = ['a']\n"
        );
        let cut = cut.min(text.len());
        let home = Home::new(&format!("{}{put}{}", &text[..cut], &text[cut..]));
        // Text that became a key, or part of a key, is not a secret any more; the values are.
        if let Err(error) = home.load() {
            let shown = format!("{} {:?} {:?}", error.message(), error.place(), error.advice());
            prop_assert!(!shown.contains(SECRET), "{shown}");
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_file() {
    let home = Home::new("\u{feff}region = 'cn-north-4'\r\n");
    assert!(home.load().unwrap().region().unwrap().is_some());
}

#[test]
fn a_missing_file_is_fine_unless_it_was_named() {
    assert!(Home::new("").load().is_ok());
    let hint = "name another one, or create it: 'swr config init'";
    let home = Home::new("").set("SWR_CONFIG", "/missing/c.toml");
    assert_eq!(
        home.told(home.load()),
        format!("the config file '/missing/c.toml' does not exist | SWR_CONFIG | 1 | {hint}")
    );
    let mut home = home;
    home.options.config = Some("/other.toml".into());
    assert_eq!(
        home.told(home.load()),
        format!("the config file '/other.toml' does not exist | --config | 2 | {hint}")
    );
}

#[test]
fn what_is_no_readable_text_is_told() {
    let home = Home::new("");
    std::fs::create_dir_all(home.path(".config/swr/config.toml")).unwrap();
    assert_eq!(
        home.told(home.load()),
        format!("the config file '{AT}' is a directory | {AT} | 1 | ")
    );
    let home = Home::new("");
    home.write(".config/swr/config.toml", b"region = '\xff'");
    assert_eq!(
        home.told(home.load()),
        format!("the config file '{AT}' cannot be read: it is not UTF-8 | {AT} | 1 | ")
    );
    let home = Home::new("").set("SWR_CONFIG", "/dev/null/x");
    assert!(home.told(home.load()).contains("does not exist"));
}

#[test]
fn an_unknown_profile_is_told_with_those_that_there_are() {
    let toml = "[profiles.prod]\n[profiles.test]\n";
    let option = |name: &str| {
        let home = Home::new(toml).option(Key::Profile, name);
        home.told(home.load())
    };
    assert_eq!(
        option("prd"),
        "no profile 'prd' | --profile | 2 | did you mean 'prod'?"
    );
    assert_eq!(
        option("staging"),
        format!("no profile 'staging' | --profile | 2 | '{AT}' has the profiles prod, test")
    );
    assert_eq!(
        told("profile = 'x'"),
        format!("no profile 'x' | {AT}:1 | 1 | '{AT}' has no profiles")
    );
    assert!(option("").contains("invalid profile '' (--profile): must not be empty"));
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let warnings = |toml: &str, mode: u32| {
        let home = Home::new(toml);
        let path = home.path(".config/swr/config.toml");
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        let warnings = home.load().unwrap().warnings().join("\n");
        home.plain(&warnings)
    };
    let secret = "[profiles.p]\nsecret_key = 'x'\n";
    assert_eq!(
        warnings(secret, 0o644),
        format!(
            "'{AT}' holds a secret (secret_key), and others can read it; close it: chmod 600 '{AT}'"
        )
    );
    assert_eq!(warnings(secret, 0o600), "");
    assert_eq!(warnings("region = 'x'\n", 0o644), "");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_an_error_when_it_is_used() {
    use std::os::unix::ffi::OsStringExt;
    let bytes = std::ffi::OsString::from_vec(vec![b'c', 0xff]);
    let environment = crate::settings::Environment::of([("SWR_REGION", bytes)]);
    let load = |region: Option<&str>| {
        let mut options = crate::settings::Options::default();
        if let Some(region) = region {
            options.set(Key::Region, Value::Text(region.to_owned()));
        }
        crate::settings::Settings::load(&options, &environment)
            .unwrap()
            .region()
    };
    let home = Home::new("");
    assert_eq!(
        home.told(load(None)),
        "invalid region '(not UTF-8)': not valid UTF-8 | SWR_REGION | 1 | "
    );
    assert_eq!(
        load(Some("cn-north-4")).unwrap().unwrap().overridden.len(),
        1
    );
}
