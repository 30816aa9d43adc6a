//! A credential that authorizes requests: this room's implementation of what `api` asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::chain::Found;
use super::credential::{self, Credential};
use super::refresh::Refreshing;
use super::source::{Kind, Source};
use super::store::Store;
use crate::api::{Authorize, Draft, Header};
use crate::error::Error;
use crate::origin::Origin;
use crate::secret::Secret;

/// The credential of one region.
#[derive(Debug)]
pub(super) struct Authorizer {
    supply: Supply,
    project: Option<String>,
    kind: Kind,
    signs: bool,
    origin: Origin,
    remedy: String,
    login: Option<StoredLogin>,
}

/// A login's token, and where it is kept.
#[derive(Debug)]
struct StoredLogin {
    store: Store,
    token: Secret,
    expires_at: Option<Timestamp>,
    is_dropped: AtomicBool,
}

/// A credential, or what refreshes it.
#[derive(Debug)]
pub(super) enum Supply {
    /// One that only a person can renew.
    Fixed(Credential),
    /// One that is refreshed without a person.
    Renewable(Arc<Refreshing>),
}

impl Authorizer {
    pub(super) fn new(found: &Found, supply: Supply) -> Authorizer {
        Authorizer {
            supply,
            project: found.project.as_ref().map(|project| project.value.clone()),
            kind: found.source.kind(),
            signs: found.source.signs(),
            origin: found.origin.clone(),
            remedy: remedy(found),
            login: stored_login(found),
        }
    }

    fn credential(&self) -> Result<Credential, Error> {
        match &self.supply {
            Supply::Fixed(credential) => Ok(credential.clone()),
            Supply::Renewable(refreshing) => Ok(refreshing.current(Timestamp::now())?.credential),
        }
    }
}

impl Authorize for Authorizer {
    fn authorize(&self, draft: &Draft<'_>) -> Result<Vec<Header>, Error> {
        let credential = self.credential()?;
        let project = self.project.as_deref();
        let now = Timestamp::now();
        Ok(credential::headers(&credential, project, draft, now))
    }

    fn renew(&self) -> Result<bool, Error> {
        match &self.supply {
            Supply::Fixed(_) => Ok(false),
            Supply::Renewable(refreshing) => refreshing.renew(Timestamp::now()),
        }
    }

    fn give_up(&self) {
        let Some(login) = &self.login else { return };
        // Where the file cannot be written, the error of the call says enough.
        if login.store.forget(&login.token).unwrap_or(false) {
            login.is_dropped.store(true, Ordering::Relaxed);
        }
    }

    fn describe(&self) -> String {
        format!("{} ({})", self.kind.name(), self.origin)
    }

    fn remedy(&self) -> String {
        match &self.login {
            Some(login) if login.is_dropped.load(Ordering::Relaxed) => {
                "the login was no longer valid and has been removed: log in again with \
                 'swr auth login'"
                    .to_owned()
            }
            _ => self.remedy.clone(),
        }
    }

    fn ends(&self) -> Option<Timestamp> {
        match &self.supply {
            Supply::Fixed(_) => self.login.as_ref()?.expires_at,
            Supply::Renewable(refreshing) => refreshing.ends(),
        }
    }

    fn needs_the_time(&self) -> bool {
        self.signs
    }
}

/// Another region's refusal says nothing about a login that was only tried there.
fn stored_login(found: &Found) -> Option<StoredLogin> {
    match (&found.login, &found.origin) {
        (Some(login), Origin::Login(path)) if !found.is_borrowed => Some(StoredLogin {
            store: Store::new(path.clone()),
            token: login.token.clone(),
            expires_at: login.expires_at,
            is_dropped: AtomicBool::new(false),
        }),
        _ => None,
    }
}

/// Returns what to do when the service refuses the credential.
fn remedy(found: &Found) -> String {
    let origin = &found.origin;
    if found.is_borrowed {
        let region = found.region.as_ref();
        let id = region.map(ToString::to_string).unwrap_or_default();
        let variable = region
            .map(crate::names::RegionId::in_variable)
            .unwrap_or_default();
        return format!(
            "the token ({origin}) is that of the source region, and a token is valid for one region: \
             set SWR_TOKEN_{variable}, use access keys, or log in with 'swr auth login --region {id}'"
        );
    }
    match (&found.source, origin) {
        (Source::Token(_), Origin::Login(_)) => {
            "the login is no longer valid: log in again with 'swr auth login'".to_owned()
        }
        (Source::Token(_), _) => format!(
            "the token ({origin}) is wrong, has expired (after 24 hours), or is another region's: \
             get a new one, or log in with 'swr auth login'"
        ),
        (Source::Command { .. }, _) => format!(
            "the {origin} returned a token that was refused twice: run it yourself and check that \
             the token is current and for this region"
        ),
        (Source::Keys(_), _) => format!(
            "check that the access key ({origin}) is active and that its secret key belongs to it; \
             after five failures the service locks it for five minutes"
        ),
        (Source::Metadata(_), _) => {
            "check that the machine's agency may use SWR, in this region's project".to_owned()
        }
        (Source::Pod(_), _) => "check that the pod's identity may use SWR".to_owned(),
        (Source::Sts(_) | Source::Federation(_), _) => {
            "check that the agency or user group of the identity provider may use SWR".to_owned()
        }
    }
}
