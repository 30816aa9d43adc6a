//! Which credential, and from where: tokens, keys, logins, the vendor's variables and files.
//!
//! `context` asks for the credential of a region. This room knows the order of the sources and
//! what each one means (contract section 2, auth.md); it knows no command and no resource.

mod ambient;
mod authorizer;
mod candidates;
mod chain;
mod credential;
mod exchange;
mod keys;
mod login_format;
mod logins;
mod refresh;
mod registry;
mod resolve;
pub mod signature;
mod source;
mod store;
#[cfg(test)]
mod tests;
mod token_command;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use self::authorizer::{Authorizer, Supply};
use self::credential::Credential;
use self::refresh::Refreshing;
use crate::api::{Authorize, PreviewCredential, Transport};
use crate::error::{Error, Kind as ErrorKind};
use crate::lock::lock;
use crate::names::RegionId;
use crate::secret::Secret;
use crate::settings::Settings;

pub use chain::{Chain, Found};
pub use exchange::{Password, Scope, log_in, project_of_login};
pub use keys::{Keys, credential_text};
pub use logins::{Login, TokenLogin};
pub use registry::{
    IssuedPasswords, forget_registry_password, forget_registry_passwords, permanent_keys,
    permanent_login,
};
#[cfg(test)]
pub use source::IdToken;
pub use source::{Kind, Source};
pub use store::Store;

/// The credentials of a run. Those that are obtained are kept here, so that nothing is fetched and
/// no program is run twice.
#[derive(Debug, Default)]
pub struct Credentials {
    refreshing: Mutex<Vec<(String, Arc<Refreshing>)>>,
    /// The warnings so far: each is reported once, however many regions it concerns.
    warned: Mutex<Vec<String>>,
}

impl Credentials {
    /// Returns the credential of a target region, or of the source region. Nothing is sent and no
    /// program is run before the first request.
    ///
    /// # Errors
    /// As [`Chain::find`].
    pub fn find(
        &self,
        settings: &Settings,
        region: Option<&RegionId>,
        transport: &Arc<Transport>,
        warn: &dyn Fn(&str),
    ) -> Result<Arc<dyn Authorize>, Error> {
        let found = found(settings, region)?;
        for warning in &found.warnings {
            let mut warned = lock(&self.warned);
            if !warned.contains(warning) {
                warn(warning);
                warned.push(warning.clone());
            }
        }
        let supply = self.supply(&found, transport);
        Ok(Arc::new(Authorizer::new(&found, supply)))
    }

    /// Returns the token of the source region, with its end where it is known, for `auth token`.
    ///
    /// # Errors
    /// As [`Chain::find`]; kind `auth` when the credential is keys.
    pub fn token(
        &self,
        found: &Found,
        transport: &Arc<Transport>,
    ) -> Result<(Secret, Option<Timestamp>), Error> {
        let keys = || {
            Error::new(
                ErrorKind::Auth,
                "the credential is access keys, and there is no token to show",
            )
            .origin(found.origin.clone())
            .hint("log in as a user: 'swr auth login --user NAME --account NAME'")
        };
        if found.source.signs() {
            return Err(keys());
        }
        let (credential, expires_at) = match self.supply(found, transport) {
            Supply::Fixed(credential) => {
                let login = found.login.as_ref();
                (credential, login.and_then(|login| login.expires_at))
            }
            Supply::Renewable(refreshing) => {
                let issued = refreshing.current(Timestamp::now())?;
                (issued.credential, issued.expires_at)
            }
        };
        match credential {
            Credential::Token(token) => Ok((token, expires_at)),
            Credential::Keys(_) => Err(keys()),
        }
    }

    fn supply(&self, found: &Found, transport: &Arc<Transport>) -> Supply {
        let project = found.project.as_ref().map(|project| project.value.as_str());
        let scope = Scope::of(found.region.as_ref(), project);
        let provider = match exchange::of(&found.source, &found.origin, scope.clone(), transport) {
            Ok(provider) => provider,
            Err(credential) => return Supply::Fixed(credential),
        };
        // A token of IAM is for one project; all else is valid everywhere.
        let place = match &found.source {
            Source::Federation(_) => format!("{} {scope:?}", found.origin),
            _ => found.origin.to_string(),
        };
        let mut known = lock(&self.refreshing);
        if let Some((_, refreshing)) = known.iter().find(|(other, _)| *other == place) {
            return Supply::Renewable(Arc::clone(refreshing));
        }
        let refreshing = Arc::new(Refreshing::new(provider));
        known.push((place, Arc::clone(&refreshing)));
        Supply::Renewable(refreshing)
    }
}

fn found(settings: &Settings, region: Option<&RegionId>) -> Result<Found, Error> {
    let chain = Chain::new(settings, Timestamp::now());
    match region {
        Some(region) => chain.find_for(region),
        None => chain.find(),
    }
}

/// Returns a hash of what is set that distinguishes credentials: no program is run and nothing
/// sent. It depends on secrets and does not reveal them.
///
/// # Errors
/// As [`Chain::find`].
pub fn fingerprint(settings: &Settings, region: Option<&RegionId>) -> Result<[u8; 32], Error> {
    let found = found(settings, region)?;
    let project = found.project.map(|project| project.value);
    let mut hash = Sha256::new();
    // Debug shows all but the secrets.
    hash.update(format!("{:?} {project:?}", found.source));
    for secret in found.source.secrets() {
        hash.update([0]);
        hash.update(secret.expose());
    }
    Ok(hash.finalize().into())
}

/// Says which kind of credential is set, for a dry run; nothing is validated, run or sent.
pub fn shown(settings: &Settings) -> PreviewCredential {
    match Chain::new(settings, Timestamp::now()).signs() {
        None => PreviewCredential::None,
        Some(false) => PreviewCredential::Token,
        Some(true) => PreviewCredential::Signature,
    }
}
