//! `swr auth status`.

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::context::Context;
use crate::credentials::{Chain, Found, Kind, Source};
use crate::error::Error;
use crate::exit::Exit;
use crate::origin::Origin;
use crate::output::{Page, Report, dim, plain, strong};

#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is sent. To check that the service accepts the credential, run \
    'swr doctor'."
)]
pub struct Status {}

/// The credential that is used.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct CredentialInUse {
    /// What it is: `token`, `keys`, `metadata`, `pod` or `oidc`.
    kind: Kind,
    /// The variable, the file, or `login`.
    origin: String,
    /// The region that it is used in, where it is known.
    region: Option<String>,
    /// The project that it is used for, where it is known.
    project_id: Option<String>,
    /// The account of a login with a password.
    account: Option<String>,
    /// The user of a login with a password.
    user: Option<String>,
    /// The access key, where the credential is keys.
    access_key: Option<String>,
    /// When it ends, where that is known.
    expires_at: Option<String>,
    /// What would count if it were not there, strongest first, not validated.
    #[serde(rename = "beaten")]
    overridden: Vec<Overridden>,
}

/// A credential that does not count.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Overridden {
    /// What it is.
    kind: Kind,
    /// The variable, the file, or `login`.
    origin: String,
}

impl Status {
    /// Shows the credential that is used; sends nothing.
    ///
    /// # Errors
    /// Kind `auth` when there is none, or it has ended; kind `config` when it is half a pair, or
    /// two in one place.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let found = in_use(context)?;
        context.output().report(&CredentialInUse::of(&found))?;
        Ok(Exit::Done)
    }
}

/// Finds the credential that is used, and says what a person should know about it.
pub(super) fn in_use(context: &Context) -> Result<Found, Error> {
    let found = Chain::new(context.settings(), Timestamp::now()).find()?;
    for warning in &found.warnings {
        context.output().warn(warning);
    }
    Ok(found)
}

impl CredentialInUse {
    fn of(found: &Found) -> CredentialInUse {
        let login = found.login.as_ref();
        CredentialInUse {
            kind: found.source.kind(),
            origin: place(&found.origin),
            region: found.region.as_ref().map(ToString::to_string),
            project_id: found.project.as_ref().map(|project| project.value.clone()),
            account: login.and_then(|login| login.account.clone()),
            user: login.and_then(|login| login.user.clone()),
            access_key: match &found.source {
                Source::Keys(keys) => Some(keys.access_key.clone()),
                _ => None,
            },
            expires_at: login
                .and_then(|login| login.expires_at)
                .map(|end| end.to_string()),
            overridden: found
                .overridden
                .iter()
                .map(|(kind, origin)| Overridden {
                    kind: *kind,
                    origin: place(origin),
                })
                .collect(),
        }
    }
}

/// Returns the place to change: that of a command is where it is named.
fn place(origin: &Origin) -> String {
    match origin {
        Origin::Command(place) => place.to_string(),
        other => other.to_string(),
    }
}

impl Report for CredentialInUse {
    fn human(&self, page: &mut Page) {
        let mut rows = vec![
            vec![dim("credential"), strong(self.kind.name())],
            vec![dim("from"), plain(&self.origin)],
        ];
        let known = [
            ("region", &self.region),
            ("project", &self.project_id),
            ("account", &self.account),
            ("user", &self.user),
            ("access key", &self.access_key),
            ("good until", &self.expires_at),
        ];
        rows.extend(
            known
                .into_iter()
                .filter_map(|(name, value)| Some(vec![dim(name), plain(value.as_deref()?)])),
        );
        for (index, overridden) in self.overridden.iter().enumerate() {
            let name = if index == 0 { "instead of" } else { "" };
            let text = format!("{} ({})", overridden.kind.name(), overridden.origin);
            rows.push(vec![dim(name), plain(text)]);
        }
        page.table(&[], &rows);
    }
}
