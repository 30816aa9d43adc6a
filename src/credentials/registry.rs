//! Logins to a region's registry: computed from permanent keys, or issued by the service and kept
//! for a while.
//!
//! `commands/registry` and the credential helper ask. Source: `reference/swr-api.md` section 3.13.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::chain::Found;
use super::keys::Keys;
use super::source::{IdToken, Source};
use crate::api::RegistryPassword;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::files::{self, Access};
use crate::names::{ProjectName, RegionId};
use crate::secret::Secret;
use crate::settings::{Settings, paths};

/// How long a password is kept at most, whatever its own life.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// How long one process waits for the password that another one requests.
const LOCK_LIMIT: Duration = Duration::from_secs(15);

const VERSION: u32 = 1;

/// Returns the login that permanent keys compute, without a request: the user `{project}@{AK}`, the
/// password HMAC-SHA256 of the access key under the secret key, in hex. It lives as long as the
/// key.
pub fn permanent_login(keys: &Keys, project: &ProjectName) -> Option<RegistryPassword> {
    let mut mac = Hmac::<Sha256>::new_from_slice(keys.secret_key.expose().as_bytes()).ok()?;
    mac.update(keys.access_key.as_bytes());
    Some(RegistryPassword {
        username: format!("{project}@{}", keys.access_key),
        password: Secret::new(hex::encode(mac.finalize().into_bytes())),
        expires_at: None,
    })
}

/// Returns the permanent keys of a credential, if it is keys without an end.
pub fn permanent_keys(found: &Found) -> Option<&Keys> {
    match &found.source {
        Source::Keys(keys) if keys.security_token.is_none() => Some(keys),
        _ => None,
    }
}

/// The file that keeps an issued password of a profile and region.
#[derive(Debug)]
pub struct IssuedPasswords {
    path: PathBuf,
    credential: String,
}

/// The file's shape. The password is text here and nowhere else.
#[derive(Serialize, Deserialize)]
struct Wire {
    version: u32,
    /// Which credential it was issued for; another one gets its own.
    credential: String,
    username: String,
    password: String,
    expires_at: Option<Timestamp>,
    use_until: Timestamp,
}

impl IssuedPasswords {
    /// Returns the file of the settings' profile, for a region, its project and endpoint and a
    /// credential; `None` where there is no directory for it.
    pub fn of(
        settings: &Settings,
        found: &Found,
        region: &RegionId,
        project: Option<&ProjectName>,
        endpoint: &Endpoint,
    ) -> Option<IssuedPasswords> {
        Some(IssuedPasswords {
            path: path(settings, region)?,
            credential: fingerprint(found, project, endpoint),
        })
    }

    /// Returns the password that is kept, or has one issued and keeps it. Other processes wait for
    /// it meanwhile, so that many at once send one request. Where nothing can be kept, each sends
    /// its own.
    ///
    /// # Errors
    /// Those of `issue`.
    pub fn current(
        &self,
        issue: impl FnOnce() -> Result<RegistryPassword, Error>,
    ) -> Result<RegistryPassword, Error> {
        let lock = files::create_private_directory(files::directory_of(&self.path))
            .and_then(|()| files::lock(&self.path.with_extension("lock"), LOCK_LIMIT));
        // Only now: the process that held the lock has written since this one began.
        if let Some(kept) = self.read(Timestamp::now()) {
            return Ok(kept);
        }
        let issued = issue().inspect_err(|_| self.remove())?;
        if lock.is_ok() {
            // A password that cannot be kept is as good.
            let _ = self.write(&issued, Timestamp::now());
        }
        Ok(issued)
    }

    fn read(&self, now: Timestamp) -> Option<RegistryPassword> {
        let kept: Wire = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        let is_good = kept.version == VERSION
            && kept.credential == self.credential
            && now < kept.use_until
            // A clock that was set back must not keep it for ever.
            && kept.use_until <= now + LONGEST;
        is_good.then(|| RegistryPassword {
            username: kept.username,
            password: Secret::new(kept.password),
            expires_at: kept.expires_at,
        })
    }

    fn write(&self, issued: &RegistryPassword, now: Timestamp) -> std::io::Result<()> {
        let latest = now + LONGEST;
        let use_until = match issued.expires_at {
            Some(end) => latest.min(end - end.duration_since(now) / 10),
            None => latest,
        };
        let text = serde_json::to_vec_pretty(&Wire {
            version: VERSION,
            credential: self.credential.clone(),
            username: issued.username.clone(),
            password: issued.password.expose().to_owned(),
            expires_at: issued.expires_at,
            use_until,
        })?;
        for leftover in files::leftovers(&self.path) {
            let _ = fs::remove_file(leftover);
        }
        files::replace(&self.path, &text, Access::Private)
    }

    fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes the password that is kept for the settings' profile and a region.
pub fn forget_registry_password(settings: &Settings, region: &RegionId) {
    if let Some(path) = path(settings, region) {
        let _ = fs::remove_file(path);
    }
}

/// Removes the passwords of all profiles and regions.
pub fn forget_registry_passwords(settings: &Settings) {
    let Ok(logins) = paths::logins_file(settings.environment()) else {
        return;
    };
    let Ok(entries) = fs::read_dir(files::directory_of(&logins)) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.trim_start_matches('.').starts_with("registry-") && !name.ends_with(".lock") {
            let _ = fs::remove_file(path);
        }
    }
}

fn path(settings: &Settings, region: &RegionId) -> Option<PathBuf> {
    let profile = settings.profile().map_or("", |at| at.value.as_str());
    let profile = utf8_percent_encode(profile, NON_ALPHANUMERIC);
    let logins = paths::logins_file(settings.environment()).ok()?;
    Some(logins.with_file_name(format!("registry-{profile}-{region}.json")))
}

/// Returns what distinguishes one credential from another, without being one: a changed token or
/// key, role or place gets a password of its own; keys that the same role renews do not.
fn fingerprint(found: &Found, name: Option<&ProjectName>, endpoint: &Endpoint) -> String {
    let id_token = |token: &IdToken| match token {
        IdToken::Value(token) => token.expose().to_owned(),
        IdToken::File(path) => path.display().to_string(),
        IdToken::GitHub { address, .. } => address.to_string(),
    };
    let parts = match &found.source {
        Source::Token(token) => vec![token.expose().to_owned()],
        Source::Command { words, .. } => words.clone(),
        Source::Keys(keys) => vec![
            keys.access_key.clone(),
            keys.secret_key.expose().to_owned(),
            keys.security_token
                .as_ref()
                .map(|token| token.expose().to_owned())
                .unwrap_or_default(),
        ],
        Source::Metadata(endpoint) => vec![endpoint.to_string()],
        Source::Pod(pod) => vec![
            pod.address.to_string(),
            pod.token_file.display().to_string(),
        ],
        Source::Sts(sts) => vec![
            sts.endpoint.to_string(),
            sts.provider_urn.clone(),
            sts.agency_urn.clone(),
            id_token(&sts.id_token),
        ],
        Source::Federation(federation) => vec![
            federation.endpoint.to_string(),
            federation.identity_provider.clone(),
            id_token(&federation.id_token),
        ],
    };
    let mut hash = Sha256::new();
    let project = found.project.as_ref().map(|project| project.value.clone());
    let name = name.map(ToString::to_string);
    let others = project
        .into_iter()
        .chain(name)
        .chain([endpoint.to_string()]);
    for part in parts.into_iter().chain(others) {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
