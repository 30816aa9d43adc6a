//! `swr sync regions`.

use clap::Args;
use serde::Serialize;

use crate::api::regions::{DOCUMENTED, RegionInfo};
use crate::commands::columns;
use crate::commands::table::{self, Row};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{Span, strong};

#[derive(Debug, Args)]
pub struct Regions {}

/// A region that images can be synchronized to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct RegionReport {
    /// The region's id, for --to-region.
    region: Option<String>,
    /// The same, under the key that it had first.
    region_id: Option<String>,
    /// The region's name in the vendor's user guide, where it stands there.
    name: Option<&'static str>,
    /// The address of a peer registry, where the service tells one.
    registry_url: Option<String>,
}

impl From<RegionInfo> for RegionReport {
    fn from(info: RegionInfo) -> RegionReport {
        let name = DOCUMENTED
            .into_iter()
            .find(|(id, _)| info.region_id.as_deref() == Some(*id))
            .map(|(_, name)| name);
        RegionReport {
            region: info.region_id.clone(),
            region_id: info.region_id,
            name,
            registry_url: info.registry_url,
        }
    }
}

impl Row for RegionReport {
    const HEADERS: &'static [&'static str] = &["REGION", "NAME", "REGISTRY"];

    fn cells(&self) -> Vec<Span> {
        let region = match &self.region {
            Some(id) => strong(id),
            None => columns::text(None),
        };
        vec![
            region,
            columns::text(self.name.map(str::to_owned).as_ref()),
            columns::text(self.registry_url.as_ref()),
        ]
    }
}

impl Regions {
    /// Lists the regions offered.
    ///
    /// # Errors
    /// Settings, and whatever the service refuses; status 404 where the call is closed.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let regions = context.service()?.offered_regions().map_err(explain)?;
        table::write(
            context.output(),
            regions.into_iter().map(|info| Ok(RegionReport::from(info))),
            "the service offers no region",
        )?;
        Ok(Exit::Done)
    }
}

/// Some sites do not offer the call (`reference/swr-api.md` 2.6); synchronization may work there.
fn explain(error: Error) -> Error {
    if error.details().http_status != Some(404) {
        return error;
    }
    let documented: Vec<&str> = DOCUMENTED.iter().map(|(id, _)| *id).collect();
    error
        .about("the service here does not tell which regions it offers")
        .hint(format!(
            "the vendor documents synchronization between {}; if these are not answered either, \
             check --endpoint and --region",
            documented.join(", ")
        ))
}
