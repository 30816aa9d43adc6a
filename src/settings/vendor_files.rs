//! The files of the vendor's tools: the SDK's credentials and hcloud's profiles.
//!
//! `credentials` asks for both; `region` takes hcloud's region and the SDK's address of IAM where
//! nothing else gives them. Source: `reference/swr-api.md` section 5.5.

use std::path::PathBuf;

use serde::Deserialize;

use super::environment::Environment;
use super::file::LARGEST;
use super::ini;
use super::key::Key;
use super::layer::{Entries, Entry, Value};
use super::load::Settings;
use super::paths;
use super::setting::Setting;
use crate::error::{Error, Kind};
use crate::files;
use crate::origin::Origin;

/// What `~/.huaweicloud/credentials` holds for a project's services.
#[derive(Debug, Clone)]
pub struct SdkCredentials {
    /// Keys, project and IAM's address.
    pub entries: Entries,
    /// The identity provider's id, for OIDC by IAM.
    pub identity_provider: Option<Entry>,
    /// The file of the id token, for OIDC by IAM.
    pub id_token_file: Option<Entry>,
}

/// What the current profile of `~/.hcloud/config.json` holds.
#[derive(Debug, Clone)]
pub struct HcloudProfile {
    /// Keys, project and region.
    pub entries: Entries,
    /// Whether the keys look encrypted, which hcloud does by default.
    pub is_encrypted: bool,
    /// The file.
    pub origin: Origin,
}

impl Settings {
    /// Reads the SDK's credentials file; `None` where there is none.
    ///
    /// # Errors
    /// Kind `config`: it was named and is missing, cannot be read, or is broken.
    pub fn sdk_credentials(&self) -> Result<Option<SdkCredentials>, Error> {
        sdk(self.environment())
    }

    /// Reads the current profile of hcloud's config file; `None` where there is none.
    ///
    /// # Errors
    /// Kind `config`: it was named and is missing, cannot be read, is broken, or lacks the profile
    /// that `HW_PROFILE` names.
    pub fn hcloud_profile(&self) -> Result<Option<HcloudProfile>, Error> {
        hcloud(self.environment())
    }
}

fn read(
    file: Option<Setting<PathBuf>>,
    what: &str,
) -> Result<Option<(Setting<PathBuf>, String)>, Error> {
    let Some(file) = file else { return Ok(None) };
    match files::read_text(&file.value, LARGEST) {
        Ok(text) => Ok(Some((file, text))),
        Err(_) if !file.is_named() && !file.value.exists() => Ok(None),
        Err(error) => {
            let what = format!("{what} '{}' cannot be read", file.value.display());
            let error = Error::new(Kind::Config, what).cause(error);
            Err(if file.is_named() {
                error.origin(file.origin)
            } else {
                error.origin(Origin::File(file.value, None))
            })
        }
    }
}

fn sdk(environment: &Environment) -> Result<Option<SdkCredentials>, Error> {
    let file = paths::sdk_credentials(environment);
    let Some((file, text)) = read(file, "the SDK's credentials file")? else {
        return Ok(None);
    };
    let at = |line| Origin::File(file.value.clone(), Some(line));
    let section = ini::section(&text, "basic").map_err(|broken| {
        let what = format!("the SDK's credentials file is broken: {}", broken.what);
        Error::new(Kind::Config, what).origin(at(broken.line))
    })?;
    let text_of = |name: &str| section.get(name).filter(|(text, _)| !text.is_empty());
    let plain = |name: &str| {
        let (text, line) = text_of(name)?;
        Some(Entry {
            value: Value::Text(text.clone()),
            origin: at(*line),
        })
    };
    let mut entries = Entries::new();
    for (name, key) in [
        ("ak", Key::AccessKey),
        ("sk", Key::SecretKey),
        ("security_token", Key::SecurityToken),
        ("project_id", Key::ProjectId),
        ("iam_endpoint", Key::IamEndpoint),
    ] {
        if let Some((text, line)) = text_of(name) {
            let value = Value::of_text(key, text);
            let origin = at(*line);
            entries.insert(key, Entry { value, origin });
        }
    }
    Ok(Some(SdkCredentials {
        entries,
        identity_provider: plain("idp_id"),
        id_token_file: plain("id_token_file"),
    }))
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    current: Option<String>,
    #[serde(default)]
    profiles: Vec<Profile>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Profile {
    name: String,
    mode: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    security_token: Option<String>,
    region: Option<String>,
    project_id: Option<String>,
    sso_auth: Option<SsoAuth>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Keys {
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    security_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct SsoAuth {
    sts_token: Keys,
}

fn hcloud(environment: &Environment) -> Result<Option<HcloudProfile>, Error> {
    let file = paths::hcloud_config(environment);
    let Some((file, text)) = read(file, "hcloud's config file")? else {
        return Ok(None);
    };
    let origin = Origin::File(file.value, None);
    let broken = |what: String| {
        let what = format!("hcloud's config file {what}");
        Error::new(Kind::Config, what).origin(origin.clone())
    };
    // The parser's words may quote a value, so only the position is reported.
    let config: Config = serde_json::from_str(&text).map_err(|error| {
        broken(format!(
            "cannot be understood (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    let named = environment.text("HW_PROFILE")?;
    let name = named.or(config.current.as_deref()).unwrap_or("default");
    let found = config
        .profiles
        .into_iter()
        .find(|profile| profile.name == name);
    let profile = match found {
        Some(profile) => profile,
        None if named.is_some() => {
            let what = format!("has no profile '{name}'");
            return Err(broken(what).origin(Origin::Variable("HW_PROFILE".to_owned())));
        }
        None => return Ok(None),
    };
    Ok(Some(entries_of(profile, origin)))
}

fn entries_of(profile: Profile, origin: Origin) -> HcloudProfile {
    // The mode ecsAgency means the metadata service, which is asked only on request.
    let mode = profile.mode.unwrap_or_default().to_ascii_lowercase();
    let keys = match mode.as_str() {
        "" | "aksk" => Keys {
            access_key_id: profile.access_key_id,
            secret_access_key: profile.secret_access_key,
            security_token: profile.security_token,
        },
        "sso" => profile.sso_auth.unwrap_or_default().sts_token,
        _ => Keys::default(),
    };
    let is_encrypted = !looks_like_keys(&keys);
    let mut entries = Entries::new();
    for (key, text) in [
        (Key::AccessKey, keys.access_key_id),
        (Key::SecretKey, keys.secret_access_key),
        (Key::SecurityToken, keys.security_token),
        (Key::Region, profile.region),
        (Key::ProjectId, profile.project_id),
    ] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            let value = Value::of_text(key, &text);
            let origin = origin.clone();
            entries.insert(key, Entry { value, origin });
        }
    }
    HcloudProfile {
        entries,
        is_encrypted,
        origin,
    }
}

/// How the encrypted file looks is not documented; encrypted is what does not look like the
/// vendor's keys: an access key of `[A-Z0-9]{16,40}` (auth.md), a secret key of letters and
/// digits that is not much longer than the usual 40.
fn looks_like_keys(keys: &Keys) -> bool {
    let access_key = keys.access_key_id.as_deref().unwrap_or_default();
    let secret_key = keys.secret_access_key.as_deref().unwrap_or_default();
    let plain_access_key = access_key.is_empty()
        || (16..=40).contains(&access_key.len())
            && access_key
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let plain_secret_key = secret_key.len() <= 64 && !secret_key.contains(['+', '/', '=']);
    plain_access_key && plain_secret_key
}

#[cfg(test)]
mod tests {
    use super::{hcloud, sdk};
    use crate::settings::environment::Environment;
    use crate::settings::key::Key;
    use crate::settings::layer::Entries;

    fn with(file: &str, text: &str, more: &[(&str, &str)]) -> (tempfile::TempDir, Environment) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        let directory = home.path().to_str().unwrap().to_owned();
        let mut pairs = vec![("HOME".to_owned(), directory)];
        pairs.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        (home, Environment::of(pairs))
    }

    fn shown(entries: &Entries) -> Vec<(Key, String)> {
        entries
            .iter()
            .map(|(key, given)| (*key, given.value.shown()))
            .collect()
    }

    const SDK: &str = ".huaweicloud/credentials";
    const HCLOUD: &str = ".hcloud/config.json";

    #[test]
    fn the_sdks_file_gives_keys_project_and_the_address_of_iam() {
        let text = "[global]\nak = G\n[basic]\nak = AK\nsk = SK-of-mine\nproject_id = p\niam_endpoint = https://iam.example\nidp_id = idp\nid_token_file = /t\n";
        let (_home, environment) = with(SDK, text, &[]);
        let file = sdk(&environment).unwrap().unwrap();
        let row = |key, value: &str| (key, value.to_owned());
        assert_eq!(
            shown(&file.entries),
            [
                row(Key::ProjectId, "p"),
                row(Key::AccessKey, "AK"),
                row(Key::SecretKey, "[redacted]"),
                row(Key::IamEndpoint, "https://iam.example"),
            ]
        );
        assert_eq!(file.identity_provider.unwrap().value.shown(), "idp");
        assert_eq!(file.id_token_file.unwrap().value.shown(), "/t");
    }

    #[test]
    fn a_broken_file_is_told_without_its_text() {
        let (_home, environment) = with(SDK, "[basic]\nSK-of-mine", &[]);
        let error = sdk(&environment).unwrap_err();
        assert_eq!(
            error.message(),
            "the SDK's credentials file is broken: a line that is neither a section nor 'key = value'"
        );
        assert!(
            error
                .place()
                .unwrap()
                .to_string()
                .ends_with("credentials:2")
        );
        let text = r#"{"profiles":[{"name":"default","secretAccessKey":["SK-of-mine"]}]}"#;
        let (_home, environment) = with(HCLOUD, text, &[]);
        let message = hcloud(&environment).unwrap_err().message();
        assert!(!message.contains("SK-of-mine"), "{message}");
        assert!(message.starts_with("hcloud's config file cannot be understood (line 1"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_of_hcloud_panics(
            text in "(\\{\"profiles\":)?[\\[\\]{}:,\"a-eS0-9\u{feff} \n-]{0,40}",
        ) {
            let (_home, environment) = with(HCLOUD, &text, &[]);
            let _ = hcloud(&environment);
        }
    }

    #[test]
    fn a_named_file_that_is_missing_is_an_error() {
        let environment = Environment::of([
            ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/missing"),
            ("HW_SHARED_CONFIG_FILE", "/missing"),
        ]);
        assert!(sdk(&environment).is_err() && hcloud(&environment).is_err());
        let nothing = Environment::of([("HOME", "/missing")]);
        assert!(sdk(&nothing).unwrap().is_none() && hcloud(&nothing).unwrap().is_none());
    }

    const PROFILES: &str = r#"{"current":"work","profiles":[
        {"name":"default","mode":"AKSK","accessKeyId":"DEFAULTDEFAULTAK","secretAccessKey":"s"},
        {"name":"work","mode":"AKSK","accessKeyId":"WORKWORKWORKWORK","secretAccessKey":"s","region":"cn-north-4","projectId":"p"},
        {"name":"sso","mode":"SSO","ssoAuth":{"stsToken":{"accessKeyId":"SSOSSOSSOSSOSSOS","secretAccessKey":"s","securityToken":"t"}}},
        {"name":"ecs","mode":"ecsAgency","accessKeyId":""},
        {"name":"locked","mode":"AKSK","accessKeyId":"q83vEjRWeJCrze8=","secretAccessKey":"q83vEjRWeJA="}]}"#;

    #[test]
    fn hclouds_current_profile_counts_unless_another_one_is_named() {
        let access_key = |named: &[(&str, &str)]| {
            let (_home, environment) = with(HCLOUD, PROFILES, named);
            let profile = hcloud(&environment).unwrap().unwrap();
            let key = profile.entries.get(&Key::AccessKey);
            let key = key.map(|given| given.value.shown()).unwrap_or_default();
            (key, profile.is_encrypted)
        };
        let named = |name| [("HW_PROFILE", name)];
        assert_eq!(access_key(&[]), ("WORKWORKWORKWORK".to_owned(), false));
        assert_eq!(access_key(&named("default")).0, "DEFAULTDEFAULTAK");
        assert_eq!(access_key(&named("sso")).0, "SSOSSOSSOSSOSSOS");
        assert_eq!(access_key(&named("ecs")), (String::new(), false));
        assert!(access_key(&named("locked")).1);
        let (_home, environment) = with(HCLOUD, PROFILES, &named("absent"));
        assert_eq!(
            hcloud(&environment).unwrap_err().what(),
            "hcloud's config file has no profile 'absent'"
        );
    }
}
