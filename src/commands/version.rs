//! `swr version`.

use serde::Serialize;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{Page, Report};

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Version {
    /// The version of the program.
    version: &'static str,
    /// The number of the JSON promise; a new one would be another output format.
    json: u8,
    /// The platform that it was built for.
    platform: String,
}

impl Report for Version {
    fn human(&self, page: &mut Page) {
        page.plain(format!("swr {} ({})", self.version, self.platform));
    }
}

/// Shows the version.
///
/// # Errors
/// Standard output that cannot be written.
pub(super) fn run(context: &Context) -> Result<Exit, Error> {
    context.output().report(&Version {
        version: env!("CARGO_PKG_VERSION"),
        json: 1,
        platform: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
    })?;
    Ok(Exit::Done)
}
