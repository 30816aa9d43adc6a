//! `swr registry`: docker, podman, skopeo and others logged in to SWR.

mod credentials;
mod docker_config;
mod helper;
mod login;
mod setup;

pub(super) use docker_config::{DockerConfig, LoginSource};
pub use helper::CredentialHelper;
pub(super) use setup::on_path;

#[cfg(test)]
pub(super) use self::{
    credentials::{DockerAuths, RegistryCredentials},
    login::{LoggedIn, LoggedOut},
    setup::SetUp,
};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use super::raw_arg::{Problems, Raw};
use crate::api::{RegistryPassword, Service};
use crate::context::Context;
use crate::credentials::{Chain, Found, IssuedPasswords, permanent_keys, permanent_login};
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{ProjectName, RegionId};
use crate::origin::Origin;
use crate::settings::RegistryHost;

/// The verbs of `swr registry`. They are not deferred: their `--region` takes the place of the
/// global one only if it is there when that is handed down.
#[derive(Debug, Subcommand)]
pub enum Registry {
    /// Make docker, podman, skopeo and others ask swr for the registry's password
    Setup(setup::Setup),
    /// Write a login to the registry into docker's config file
    Login(login::LogIn),
    /// Remove what setup and login wrote into docker's config file
    Logout(login::LogOut),
    /// Print the registry's password, for docker login --password-stdin
    Password(credentials::Password),
    /// Print user and password of the registry as JSON, or for a pull secret
    Credentials(credentials::Credentials),
}

impl Registry {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Registry::Setup(verb) => verb.run(context),
            Registry::Login(verb) => verb.run(context),
            Registry::Logout(verb) => verb.run(context),
            Registry::Password(verb) => verb.run(context),
            Registry::Credentials(verb) => verb.run(context),
        }
    }
}

/// The regions whose registries are meant.
#[derive(Debug, Args)]
struct Regions {
    // The global option once more, so that it may be repeated here.
    /// Region of the registry; may be repeated
    #[arg(id = "region", long = "region", value_name = "ID", add = super::complete::regions())]
    regions: Vec<String>,
}

impl Regions {
    /// Returns the registry of each region; without any, of the region of the settings.
    fn registries(self, context: &Context) -> Result<Vec<(RegionId, RegistryHost)>, Error> {
        let settings = context.settings();
        let mut problems = Problems::default();
        let raw = self.regions.iter().map(|text| match text.parse() {
            Ok(raw) => raw,
            Err(never) => match never {},
        });
        let raw: Vec<Raw<RegionId>> = raw.collect();
        let mut regions = problems.take_all("--region", raw);
        problems.end()?;
        if regions.is_empty() {
            regions.push(settings.require_region()?.value);
        }
        regions
            .into_iter()
            .map(|region| {
                let host = settings.registry_of(&region)?.value;
                Ok((region, host))
            })
            .collect()
    }
}

/// A registry and its region.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RegistryOfRegion {
    /// The registry, as in the name of an image.
    registry: String,
    /// Its region.
    region: String,
}

impl From<(RegionId, RegistryHost)> for RegistryOfRegion {
    fn from((region, registry): (RegionId, RegistryHost)) -> RegistryOfRegion {
        RegistryOfRegion {
            registry: registry.to_string(),
            region: region.to_string(),
        }
    }
}

/// How long a password may live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// As long as the credential says: that of permanent keys lives as long as they do.
    Any,
    /// For a while only.
    Temporary,
    /// As long as permanent keys do.
    Permanent,
}

/// Returns a user and password of a region's registry, and the origin of the credential.
///
/// # Errors
/// Kind `auth` without a credential; whatever the service says; kind `usage` where a credential that
/// is not permanent keys is asked for a password that lives as long as they do.
pub(super) fn password_of(
    context: &Context,
    region: &RegionId,
    life: Life,
) -> Result<(RegistryPassword, Origin), Error> {
    let settings = context.settings();
    let project = settings.project_name_of(region)?.map(|at| at.value);
    let found = Chain::new(settings, Timestamp::now()).find_for(region)?;
    for warning in &found.warnings {
        context.output().warn(warning);
    }
    if life != Life::Temporary
        && let Some(login) = computed(&found, region, project.as_ref())
    {
        return Ok((login, found.origin));
    }
    if life == Life::Permanent {
        let what = "only permanent access keys have a long-term password";
        return Err(Error::new(Kind::Usage, what)
            .origin(found.origin)
            .hint("leave out --long-term, or set SWR_ACCESS_KEY and SWR_SECRET_KEY"));
    }
    let service = context.service_of(region)?;
    let id = found.project.as_ref().map(|project| project.value.as_str());
    let issue = || issue(&service, project.as_ref(), id);
    let kept = IssuedPasswords::of(
        settings,
        &found,
        region,
        project.as_ref(),
        service.endpoint(),
    );
    let login = match kept {
        Some(kept) => kept.current(issue)?,
        None => issue()?,
    };
    Ok((login, found.origin))
}

/// Returns the login that needs no request, where the credential is permanent keys.
fn computed(
    found: &Found,
    region: &RegionId,
    project: Option<&ProjectName>,
) -> Option<RegistryPassword> {
    let default = ProjectName::of_region(region);
    permanent_login(permanent_keys(found)?, project.unwrap_or(&default))
}

/// Has the service issue a login. Where the credential may not have one, a login of the new kind
/// takes its place, if the project has them.
fn issue(
    service: &Service,
    project: Option<&ProjectName>,
    id: Option<&str>,
) -> Result<RegistryPassword, Error> {
    let refused = match service.issue_registry_password(project) {
        Err(error) if error.details().http_status == Some(403) => error,
        outcome => return outcome,
    };
    let Some(id) = id else {
        return Err(refused.hint(
            "allow swr::createLoginSecret; or set the project id, so that swr can see whether the \
             project has logins of the new kind",
        ));
    };
    let has_tokens = service
        .feature_gates(id)
        .is_ok_and(|gates| gates.enable_authorization_token == Some(true));
    if !has_tokens {
        return Err(refused.hint("allow swr::createLoginSecret, or set permanent access keys"));
    }
    service.issue_registry_token().map_err(|error| {
        if error.details().http_status == Some(403) {
            refused.hint("allow swr::createLoginSecret or sts::createServiceBearerToken")
        } else {
            error
        }
    })
}
