//! The files of a fleet, read for a run.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::fleet::{self, Fleet, Home};
use crate::origin::Origin;

// The files of a command line.
#[derive(Debug, Clone, Args)]
pub(super) struct FileArgs {
    /// A file, a directory (its *.toml), or - for standard input; several are one fleet (none:
    /// swr.toml)
    #[arg(short, long = "file", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,
}

impl FileArgs {
    /// Reads the fleet; its warnings are left to the caller.
    ///
    /// # Errors
    /// Every fault of every file, and an option that contradicts one.
    pub(super) fn read(&self, context: &Context) -> Result<Fleet, Error> {
        read(context, &self.files)
    }
}

/// Reads the fleet of files that are named; its warnings are left to the caller.
///
/// # Errors
/// Every fault of every file, and an option that contradicts one.
pub(in crate::commands) fn read(context: &Context, files: &[PathBuf]) -> Result<Fleet, Error> {
    let files = fleet::read(files)?;
    let fleet = Fleet::of(files, &|profile| home_of(context, profile))?;
    contradiction(context, &fleet).map_or(Ok(fleet), Err)
}

/// Returns where the entries of a profile are; `None` is the run's own.
fn home_of(context: &Context, profile: Option<&str>) -> Result<Home, Error> {
    let own = context.settings().profile().map(|setting| &setting.value);
    match profile {
        Some(name) if Some(name) != own.map(String::as_str) => Ok(Home {
            profile: Some(name.to_owned()),
            region: context.with_profile(name)?.region(),
        }),
        _ => Ok(Home {
            profile: own.cloned(),
            region: context.region(),
        }),
    }
}

/// Returns the error of an option that says something else than a file.
fn contradiction(context: &Context, fleet: &Fleet) -> Option<Error> {
    let settings = context.settings();
    let region = settings.region().ok().flatten();
    let region = region.filter(|setting| setting.origin.is_option());
    let profile = settings
        .profile()
        .filter(|setting| setting.origin.is_option());
    for source in &fleet.sources {
        let error = |option, typed: &str, entry: &fleet::Entry, key, own: &str| {
            let place = &entry.place;
            let what = format!("{option} {typed} contradicts {place}, whose {key} is '{own}'");
            let error = Error::new(Kind::Usage, what).origin(Origin::Option(option));
            Some(error.hint(format!("leave out {option}")))
        };
        for entry in &source.entries {
            if let (Some(typed), Some(own)) = (&region, &entry.region)
                && typed.value != *own
            {
                return error(
                    "--region",
                    typed.value.as_str(),
                    entry,
                    "region",
                    own.as_str(),
                );
            }
            if let (Some(typed), Some(own)) = (&profile, &source.profile)
                && typed.value != *own
            {
                return error("--profile", &typed.value, entry, "profile", own);
            }
        }
    }
    None
}
