//! `swr config init`.

use std::io::Write;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::path::config_file;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
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
            .hint("set region and token in it; 'swr config show' shows the settings in force");
        Ok(Exit::Done)
    }
}

/// Writes a temporary file and renames it, so that the file is never seen half written.
fn write(path: &Path, force: bool) -> Result<(), Error> {
    let unwritable = |error: std::io::Error| {
        Error::new(Kind::Io, format!("'{}' cannot be written", path.display())).cause(error)
    };
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(directory).map_err(unwritable)?;
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(unwritable)?;
    file.write_all(EXAMPLE.as_bytes()).map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    let placed = if force {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    match placed {
        Ok(_) => Ok(()),
        Err(failed) if failed.error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(Error::new(Kind::Config, "the config file already exists")
                .origin(Origin::File(path.to_owned(), None))
                .exit(Exit::Local)
                .hint("edit it, or overwrite it with 'swr config init --force'"))
        }
        Err(failed) => Err(unwritable(failed.error)),
    }
}
