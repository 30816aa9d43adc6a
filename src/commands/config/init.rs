//! `swr config init`.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::path::config_file;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::files::{self, Access};
use crate::origin::Origin;
use crate::output::{Page, Report, good, plain};
use crate::settings::example::EXAMPLE;

#[derive(Debug, Args)]
pub struct Init {
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Written {
    /// `created`, or `replaced` with --force.
    status: &'static str,
    /// The file.
    path: String,
}

impl Report for Written {
    fn human(&self, page: &mut Page) {
        page.line(&[good(self.status), plain(format!(": {}", self.path))]);
    }
}

impl Init {
    /// Writes the example with every key explained, readable by its owner alone.
    ///
    /// # Errors
    /// Kind `config` (exit 1) when the file exists, and kind `io` when it cannot be written.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let path = config_file(context)?.value.clone();
        let there = path.symlink_metadata().is_ok();
        write(&path, self.force)?;
        context.output().report(&Written {
            status: if there { "replaced" } else { "created" },
            path: path.display().to_string(),
        })?;
        context
            .output()
            .hint("set region and token in it; 'swr config show' shows the settings in effect");
        Ok(Exit::Done)
    }
}

/// Writes the file whole, so that it is never seen half written.
fn write(path: &Path, force: bool) -> Result<(), Error> {
    let unwritable = |error: std::io::Error| {
        Error::new(Kind::Io, format!("'{}' cannot be written", path.display())).cause(error)
    };
    files::create_directory(files::directory_of(path)).map_err(unwritable)?;
    let written = if force {
        files::replace(path, EXAMPLE.as_bytes(), Access::Private)
    } else {
        files::create(path, EXAMPLE.as_bytes())
    };
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(Error::new(Kind::Config, "the config file already exists")
                .origin(Origin::File(path.to_owned(), None))
                .exit(Exit::Local)
                .hint("edit it, or overwrite it with 'swr config init --force'"))
        }
        Err(error) => Err(unwritable(error)),
    }
}
