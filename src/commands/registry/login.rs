//! `swr registry login` and `swr registry logout`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde::Serialize;

use super::docker_config::DockerConfig;
use super::{Life, Regions, RegistryOfRegion, password_of};
use crate::context::Context;
use crate::credentials::forget_registry_password;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{Page, Report, good, plain};

#[derive(Debug, Args)]
#[command(
    after_help = "The login is good for some hours. 'swr registry setup' writes no password down and \
    lasts."
)]
pub struct LogIn {
    #[command(flatten)]
    regions: Regions,
    /// Write into this file instead of docker's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Write the password that lives as long as the access key
    #[arg(long)]
    long_term: bool,
}

#[derive(Debug, Args)]
pub struct LogOut {
    #[command(flatten)]
    regions: Regions,
    /// Change this file instead of docker's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct LoggedIn {
    /// `logged_in`.
    status: &'static str,
    /// The file that holds the logins.
    file: String,
    /// The logins.
    registries: Vec<Login>,
}

/// A login that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Login {
    /// The registry, as in the name of an image.
    registry: String,
    /// Its region.
    region: String,
    /// The user.
    username: String,
    /// When the password expires; null where it lives as long as the access key.
    expires_at: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct LoggedOut {
    /// `logged_out`, or `not_logged_in` where nothing was to be removed.
    status: &'static str,
    /// The file.
    file: String,
    /// The registries.
    registries: Vec<RegistryOfRegion>,
}

impl LogIn {
    /// Writes a login of each region's registry.
    ///
    /// # Errors
    /// As [`password_of`]; kind `io` for the file.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let registries = self.regions.registries(context)?;
        let mut config = DockerConfig::read(context.settings(), self.file)?;
        let life = if self.long_term {
            Life::Permanent
        } else {
            Life::Temporary
        };
        let mut logins = Vec::with_capacity(registries.len());
        for (region, registry) in registries {
            let (login, _) = password_of(context, &region, life)?;
            config.set_login(registry.as_str(), &login)?;
            logins.push(Login {
                registry: registry.to_string(),
                region: region.to_string(),
                username: login.username,
                expires_at: login.expires_at.map(|end| end.to_string()),
            });
        }
        config.write()?;
        if self.long_term {
            context
                .output()
                .warn("the password in the file lives as long as the access key");
        }
        context.output().report(&LoggedIn {
            status: "logged_in",
            file: config.path().display().to_string(),
            registries: logins,
        })?;
        Ok(Exit::Done)
    }
}

impl LogOut {
    /// Removes logins and helpers of the regions' registries; none there is success.
    ///
    /// # Errors
    /// Kind `io` for the file.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let registries = self.regions.registries(context)?;
        let mut config = DockerConfig::read(context.settings(), self.file)?;
        for (region, registry) in &registries {
            config.remove_registry(registry.as_str());
            forget_registry_password(context.settings(), region);
        }
        let was_there = config.is_changed();
        if was_there {
            config.write()?;
        }
        context.output().report(&LoggedOut {
            status: if was_there {
                "logged_out"
            } else {
                "not_logged_in"
            },
            file: config.path().display().to_string(),
            registries: registries.into_iter().map(RegistryOfRegion::from).collect(),
        })?;
        Ok(Exit::Done)
    }
}

impl Report for LoggedIn {
    fn human(&self, page: &mut Page) {
        for login in &self.registries {
            let end = match &login.expires_at {
                Some(end) => format!(", until {end}"),
                None => String::new(),
            };
            let text = format!(": {} to {}{end}", login.username, login.registry);
            page.line(&[good("logged in"), plain(text)]);
        }
        page.plain(format!("written to {}", self.file));
    }
}

impl Report for LoggedOut {
    fn human(&self, page: &mut Page) {
        if self.status == "not_logged_in" {
            page.plain("not logged in");
            return;
        }
        for registry in &self.registries {
            page.line(&[
                good("logged out"),
                plain(format!(": {}", registry.registry)),
            ]);
        }
    }
}
