//! `swr registry setup`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use serde::Serialize;

use super::docker_config::DockerConfig;
use super::helper::PROGRAM;
use super::{Regions, RegistryOfRegion};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::origin::Origin;
use crate::output::{Page, Report, good, plain};
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(
    after_help = "No password is written down: docker and others run docker-credential-swr, which \
    is swr\nunder that name, when they need one.\n\n\
    Examples:\n  \
    swr registry setup --region cn-north-4 --region cn-east-3\n  \
    swr registry setup --profile prod --region cn-north-4"
)]
pub struct Setup {
    #[command(flatten)]
    regions: Regions,
    /// Change this file instead of docker's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct SetUp {
    /// `changed`, `unchanged`, or `would_change` in a dry run.
    status: &'static str,
    /// Docker's config file.
    file: String,
    /// The helper, as the file names it.
    helper: String,
    /// The link to this program that was made for it, if one was.
    link: Option<String>,
    /// The registries that it is asked for.
    registries: Vec<RegistryOfRegion>,
}

impl Setup {
    /// Names the helper for each region's registry in docker's config file, and makes the link that
    /// the helper is run by.
    ///
    /// # Errors
    /// Invalid values; kind `io` for the file.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let settings = context.settings();
        let registries = self.regions.registries(context)?;
        let mut config = DockerConfig::read(settings, self.file)?;
        let helper = helper_of(settings);
        for (_, registry) in &registries {
            config.set_helper(registry.as_str(), &helper)?;
        }
        let link = match (self.dry_run, missing_link(settings, &helper)) {
            (false, Some(link)) => made(context, link),
            _ => None,
        };
        if config.is_changed() && !self.dry_run {
            config.write()?;
        }
        context.output().report(&SetUp {
            status: match (config.is_changed(), self.dry_run) {
                (false, _) => "unchanged",
                (true, false) => "changed",
                (true, true) => "would_change",
            },
            file: config.path().display().to_string(),
            helper,
            link: link.map(|link| link.display().to_string()),
            registries: registries.into_iter().map(RegistryOfRegion::from).collect(),
        })?;
        Ok(Exit::Done)
    }
}

/// Returns the helper's name, with the profile where the command line names one: the helper is run
/// without options.
fn helper_of(settings: &Settings) -> String {
    match settings.profile() {
        Some(profile) if matches!(profile.origin, Origin::Option(_)) => {
            format!("swr-{}", profile.value)
        }
        _ => "swr".to_owned(),
    }
}

/// Returns the link beside this program, where no helper of that name is on the PATH.
fn missing_link(settings: &Settings, helper: &str) -> Option<PathBuf> {
    let name = format!("{}{}", PROGRAM.trim_end_matches("swr"), helper);
    if on_path(settings, &name).is_some() {
        return None;
    }
    let own = std::env::current_exe().ok()?;
    Some(own.with_file_name(name))
}

/// Returns the first program of a name on the PATH.
pub(in crate::commands) fn on_path(settings: &Settings, name: &str) -> Option<PathBuf> {
    let path = settings.environment().raw("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(path).map(|directory| directory.join(name));
    places.find(|place| place.is_file())
}

/// Makes the link, or says how: the program's directory may not be the user's.
fn made(context: &Context, link: PathBuf) -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    if let Err(error) = make(&own, &link) {
        let name = link.file_name().unwrap_or_default().to_string_lossy();
        context.output().warn(&format!(
            "'{}' cannot be made ({error}); docker finds no helper before it is on the PATH: \
             ln -s '{}' /usr/local/bin/{name}",
            link.display(),
            own.display()
        ));
        return None;
    }
    Some(link)
}

#[cfg(unix)]
fn make(own: &Path, link: &Path) -> std::io::Result<()> {
    if std::fs::read_link(link).is_ok() {
        return Ok(());
    }
    std::os::unix::fs::symlink(own.file_name().unwrap_or_default(), link)
}

#[cfg(not(unix))]
fn make(own: &Path, link: &Path) -> std::io::Result<()> {
    std::fs::copy(own, link.with_extension("exe")).map(drop)
}

impl Report for SetUp {
    fn human(&self, page: &mut Page) {
        let registries: Vec<&str> = self
            .registries
            .iter()
            .map(|registry| registry.registry.as_str())
            .collect();
        page.plain(format!(
            "docker, podman, skopeo and others ask swr for: {}",
            registries.join(", ")
        ));
        let status = self.status.replace('_', " ");
        let text = format!(": {} (credHelpers)", self.file);
        page.line(&[good(status), plain(text)]);
        if let Some(link) = &self.link {
            page.line(&[good("made"), plain(format!(": {link}"))]);
        }
    }
}
