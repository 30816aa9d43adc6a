//! `swr version`.

use serde::Serialize;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{Format, Page, Report};

#[derive(Debug, clap::Args)]
pub struct Version {
    /// Print only the number
    #[arg(long)]
    short: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct VersionReport {
    /// The version of the program.
    version: &'static str,
    /// The number of the JSON promise; a new one would be another output format.
    json: u8,
    /// The platform that it was built for.
    platform: String,
}

impl Report for VersionReport {
    fn human(&self, page: &mut Page) {
        page.plain(format!("swr {} ({})", self.version, self.platform));
    }
}

impl Version {
    /// Shows the version.
    ///
    /// # Errors
    /// Standard output that cannot be written.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let output = context.output();
        let version = env!("CARGO_PKG_VERSION");
        if self.short && output.manner().format == Format::Human {
            output.write(&format!("{version}\n"))?;
            return Ok(Exit::Done);
        }
        output.report(&VersionReport {
            version,
            json: 1,
            platform: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        })?;
        Ok(Exit::Done)
    }
}
