//! A found credential, at work on requests: the room's implementation of what `api` asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::chain::Found;
use super::held::{self, Held, Signatures};
use super::holder::Holder;
use super::source::{Kind, Source};
use super::store::Store;
use crate::api::{Authorize, Draft};
use crate::error::Error;
use crate::origin::Origin;
use crate::secret::Secret;

/// A credential of one region, at work.
#[derive(Debug)]
pub(super) struct Authorizer {
    have: Have,
    project: Option<String>,
    kind: Kind,
    signs: bool,
    origin: Origin,
    remedy: String,
    signatures: Signatures,
    login: Option<Kept>,
}

/// A login's token, and where it is kept.
#[derive(Debug)]
struct Kept {
    store: Store,
    token: Secret,
    expires_at: Option<Timestamp>,
    is_dropped: AtomicBool,
}

/// What is in the hand, or who keeps it.
#[derive(Debug)]
pub(super) enum Have {
    /// A credential that nobody but a person can renew.
    Fixed(Held),
    /// One that can be had again.
    Renewable(Arc<Holder>),
}

impl Authorizer {
    pub(super) fn new(found: &Found, have: Have) -> Authorizer {
        Authorizer {
            have,
            project: found.project.as_ref().map(|project| project.value.clone()),
            kind: found.source.kind(),
            signs: found.source.signs(),
            origin: found.origin.clone(),
            remedy: remedy(found),
            signatures: Signatures::default(),
            login: kept(found),
        }
    }

    fn held(&self) -> Result<Held, Error> {
        match &self.have {
            Have::Fixed(held) => Ok(held.clone()),
            Have::Renewable(holder) => Ok(holder.current(Timestamp::now())?.held),
        }
    }
}

impl Authorize for Authorizer {
    fn authorize(&self, draft: &Draft<'_>) -> Result<Vec<(&'static str, Secret)>, Error> {
        let held = self.held()?;
        let project = self.project.as_deref();
        let now = Timestamp::now();
        Ok(held::headers(&held, project, draft, now, &self.signatures))
    }

    fn renew(&self) -> Result<bool, Error> {
        match &self.have {
            Have::Fixed(_) => Ok(false),
            Have::Renewable(holder) => holder.renew(Timestamp::now()),
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
                "the login was no longer good and has been dropped: log in again with \
                 'swr auth login'"
                    .to_owned()
            }
            _ => self.remedy.clone(),
        }
    }

    fn ends(&self) -> Option<Timestamp> {
        match &self.have {
            Have::Fixed(_) => self.login.as_ref()?.expires_at,
            Have::Renewable(holder) => holder.ends(),
        }
    }

    fn needs_the_time(&self) -> bool {
        self.signs
    }
}

/// Another region's refusal says nothing about a login that was only tried there.
fn kept(found: &Found) -> Option<Kept> {
    match (&found.login, &found.origin) {
        (Some(login), Origin::Login(path)) if !found.is_borrowed => Some(Kept {
            store: Store::new(path.clone()),
            token: login.token.clone(),
            expires_at: login.expires_at,
            is_dropped: AtomicBool::new(false),
        }),
        _ => None,
    }
}

/// Says what to do when the service refuses the credential.
fn remedy(found: &Found) -> String {
    let origin = &found.origin;
    if found.is_borrowed {
        let region = found.region.as_ref();
        let id = region.map(ToString::to_string).unwrap_or_default();
        let variable = region
            .map(crate::names::RegionId::in_variable)
            .unwrap_or_default();
        return format!(
            "the token ({origin}) is that of the source region, and a token is good for one region: \
             set SWR_TOKEN_{variable}, use access keys, or log in with 'swr auth login --region {id}'"
        );
    }
    match (&found.source, origin) {
        (Source::Token(_), Origin::Login(_)) => {
            "the login is no longer good: log in again with 'swr auth login'".to_owned()
        }
        (Source::Token(_), _) => format!(
            "the token ({origin}) is wrong, has expired (after 24 hours), or is another region's: \
             get a new one, or log in with 'swr auth login'"
        ),
        (Source::Command { .. }, _) => format!(
            "the token of the {origin} was refused twice: run it by hand, and look whether its \
             token is new and that of this region"
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
