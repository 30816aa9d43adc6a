//! `swr config path`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::output::{Page, Report};
use crate::settings::Setting;

#[derive(Debug, Args)]
pub struct Path {}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct ConfigPath {
    /// The path.
    path: String,
    /// The option or variable that named it, or `default`.
    origin: String,
    /// Whether the file exists.
    exists: bool,
}

impl Report for ConfigPath {
    fn human(&self, page: &mut Page) {
        page.plain(&self.path);
    }
}

impl Path {
    /// Shows the path, whether or not the file exists.
    ///
    /// # Errors
    /// Kind `config` where there is no directory for it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let file = config_file(context)?;
        context.output().report(&ConfigPath {
            path: file.value.display().to_string(),
            origin: file.origin.to_string(),
            exists: file.value.exists(),
        })?;
        Ok(Exit::Done)
    }
}

/// Returns the path of the config file.
pub(super) fn config_file(context: &Context) -> Result<&Setting<PathBuf>, Error> {
    context.settings().config_file().ok_or_else(|| {
        Error::new(Kind::Config, "no home directory to keep the config file in")
            .hint("set HOME, or name the file with --config or SWR_CONFIG")
    })
}
