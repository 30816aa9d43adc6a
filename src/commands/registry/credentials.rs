//! `swr registry password` and `swr registry credentials`.

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

use super::docker_config::auth;
use super::{Life, Regions, password_of};
use crate::api::RegistryPassword;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::RegionId;
use crate::origin::Origin;
use crate::output::Format;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    swr registry password | docker login --password-stdin \\\n    \
        -u \"$(swr registry credentials | jq -r .username)\" swr.cn-north-4.myhuaweicloud.com")]
pub struct Password {
    #[command(flatten)]
    regions: Regions,
}

impl Password {
    /// Prints the password of the region's registry and nothing else.
    ///
    /// # Errors
    /// Kind `auth` without a credential; whatever the service says that issues a password.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        if context.output().manner().format != Format::Human {
            let (regions, docker) = (self.regions, false);
            return Credentials { regions, docker }.run(context);
        }
        let registries = self.regions.registries(context)?;
        let [(region, _)] = registries.as_slice() else {
            return Err(
                Error::new(Kind::Usage, "one password is printed, of one region")
                    .origin(Origin::Option("--region"))
                    .hint("name one region, or print all with 'swr registry credentials'"),
            );
        };
        let (login, _) = password_of(context, region, Life::Any)?;
        mask(context, &login);
        context.output().reveal(&login.password)?;
        Ok(Exit::Done)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example, a pull secret for Kubernetes:\n  \
    swr registry credentials --docker | kubectl create secret generic swr-pull \\\n    \
        --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=/dev/stdin")]
pub struct Credentials {
    #[command(flatten)]
    regions: Regions,
    /// Print them in the form of docker's config file
    #[arg(long)]
    docker: bool,
}

/// A login of a registry, in the open because it was asked for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct RegistryCredentials {
    /// The registry, as in the name of an image.
    registry: String,
    /// Its region.
    region: String,
    /// The user.
    username: String,
    /// The password.
    password: String,
    /// When the password expires; null where it lives as long as the access key.
    expires_at: Option<String>,
    /// Where the credential came from that it was made of.
    origin: String,
}

/// Logins as docker's config file holds them.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct DockerAuths {
    /// By registry: `{"auth": base64 of user:password}`.
    auths: Map<String, Value>,
}

impl Credentials {
    /// Prints user and password of the registries.
    ///
    /// # Errors
    /// As [`Password::run`].
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let registries = self.regions.registries(context)?;
        let mut logins = Vec::with_capacity(registries.len());
        for (region, registry) in registries {
            let (login, origin) = password_of(context, &region, Life::Any)?;
            mask(context, &login);
            logins.push((region, registry, login, origin));
        }
        let output = context.output();
        if self.docker {
            let auths = logins
                .iter()
                .map(|(_, registry, login, _)| (registry.to_string(), auth(login)))
                .collect();
            output.reveal_within(&DockerAuths { auths })?;
            return Ok(Exit::Done);
        }
        let mut rows = logins.into_iter().map(|(region, registry, login, origin)| {
            RegistryCredentials::of(&region, registry.to_string(), &login, origin.to_string())
        });
        match (rows.next(), rows.next()) {
            (Some(only), None) => output.reveal_within(&only)?,
            (first, second) => {
                let all: Vec<_> = first.into_iter().chain(second).chain(rows).collect();
                output.reveal_within(&all)?;
            }
        }
        Ok(Exit::Done)
    }
}

impl RegistryCredentials {
    fn of(
        region: &RegionId,
        registry: String,
        login: &RegistryPassword,
        origin: String,
    ) -> RegistryCredentials {
        RegistryCredentials {
            registry,
            region: region.to_string(),
            username: login.username.clone(),
            password: login.password.expose().to_owned(),
            expires_at: login.expires_at.map(|end| end.to_string()),
            origin,
        }
    }
}

/// Has GitHub's runner hide a password in the job's log before it is printed.
fn mask(context: &Context, login: &RegistryPassword) {
    if context.settings().environment().is_github_job() {
        context.output().mask(&login.password);
    }
}
