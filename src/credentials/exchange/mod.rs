//! Credentials that are obtained over the network: each file asks one service, and nothing asks one
//! that was not named.
//!
//! Source: `reference/swr-api.md` sections 5.1 and 5.4.

mod github;
mod iam;
mod metadata;
mod pod;
mod sts;
mod temporary;

use std::path::Path;
use std::sync::Arc;

use super::credential::Credential;
use super::keys::{LARGEST, credential_text};
use super::refresh::{Issued, Provider};
use super::source::{IdToken, Source};
use super::token_command;
use crate::api::Transport;
use crate::error::{Error, Kind};
use crate::files;
use crate::names::RegionId;
use crate::origin::Origin;
use crate::secret::Secret;
use crate::settings::{Key, Settings};

pub use iam::{Password, Scope, log_in};

/// Returns the exchange of a source; a token and keys are in the hand already.
pub(super) fn of(
    source: &Source,
    origin: &Origin,
    scope: Option<Scope>,
    transport: &Arc<Transport>,
) -> Result<Box<dyn Provider>, Credential> {
    let transport = Arc::clone(transport);
    match source.clone() {
        Source::Token(token) => Err(Credential::Token(token)),
        Source::Keys(keys) => Err(Credential::Keys(keys)),
        Source::Command { words, limit } => Ok(Box::new(Command {
            words,
            limit,
            origin: match origin {
                Origin::Command(place) => (**place).clone(),
                place => place.clone(),
            },
            transport,
        })),
        Source::Metadata(endpoint) => Ok(Box::new(metadata::Metadata {
            endpoint,
            transport,
        })),
        Source::Pod(pod) => Ok(Box::new(pod::PodIdentity { pod, transport })),
        Source::Sts(sts) => Ok(Box::new(sts::AssumeWithOidc { sts, transport })),
        Source::Federation(federation) => Ok(Box::new(iam::Federated {
            federation,
            scope,
            transport,
        })),
    }
}

#[derive(Debug)]
struct Command {
    words: Vec<String>,
    limit: std::time::Duration,
    origin: Origin,
    transport: Arc<Transport>,
}

impl Provider for Command {
    fn fetch(&self) -> Result<Issued, Error> {
        let token = token_command::run(
            &self.words,
            &self.origin,
            self.limit,
            self.transport.interrupt(),
        )?;
        Ok(Issued {
            credential: Credential::Token(token),
            expires_at: None,
        })
    }
}

/// Returns the project that was named for a login to a region. A vendor's variable or file names
/// the project of the credential beside it, and says nothing about a login.
///
/// # Errors
/// Kind `config` where it is not an id.
pub fn project_of_login(settings: &Settings, region: &RegionId) -> Result<Option<String>, Error> {
    let is_named = settings
        .layers(Some(region))
        .any(|layer| !layer.kind.is_vendors() && layer.entries.contains_key(&Key::ProjectId));
    if !is_named {
        return Ok(None);
    }
    let project = settings.project_of(region)?;
    Ok(project.map(|setting| setting.value))
}

impl Scope {
    /// The project of a region: by its id where it is known, else by the region's name.
    pub fn of(region: Option<&RegionId>, project: Option<&str>) -> Option<Scope> {
        match (project, region) {
            (Some(id), _) => Some(Scope::Id(id.to_owned())),
            (None, Some(region)) => Some(Scope::Name(region.to_string())),
            (None, None) => None,
        }
    }
}

impl IdToken {
    /// Returns the id token, read or fetched anew.
    fn value(&self, transport: &Transport) -> Result<Secret, Error> {
        match self {
            IdToken::Value(token) => Ok(token.clone()),
            IdToken::File(path) => file("id token", path),
            IdToken::GitHub {
                address,
                request_token,
            } => github::id_token(address, request_token, transport),
        }
    }
}

/// Reads a file that holds a secret and nothing else.
fn file(noun: &str, path: &Path) -> Result<Secret, Error> {
    let origin = Origin::File(path.to_owned(), None);
    let text = files::read_text(path, LARGEST).map_err(|error| {
        let what = format!(
            "the file of the {noun}, '{}', cannot be read",
            path.display()
        );
        Error::new(Kind::Auth, what).cause(error)
    })?;
    credential_text(noun, &text, &origin).map(Secret::new)
}
