//! `swr config path`.

use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::output::{Page, Report};
use crate::settings::places::FilePlace;

#[derive(Debug, Args)]
pub struct Path {}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct ConfigPath {
    /// The path.
    path: String,
    /// The option or variable that named it, or `default`.
    origin: String,
    /// Whether the file is there.
    exists: bool,
}

impl Report for ConfigPath {
    fn human(&self, page: &mut Page) {
        page.plain(&self.path);
    }
}

impl Path {
    /// Shows the place, whether or not the file is there.
    ///
    /// # Errors
    /// Kind `config` where there is no directory for it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let place = place(context)?;
        context.output().report(&ConfigPath {
            path: place.path.display().to_string(),
            origin: place.origin.to_string(),
            exists: place.path.exists(),
        })?;
        Ok(Exit::Done)
    }
}

/// Returns the place of the config file.
pub(super) fn place(context: &Context) -> Result<&FilePlace, Error> {
    context.settings().config_file().ok_or_else(|| {
        Error::new(
            Kind::Config,
            "there is no home directory to keep the config file in",
        )
        .hint("set HOME, or name the file with --config or SWR_CONFIG")
    })
}
