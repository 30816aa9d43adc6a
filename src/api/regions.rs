//! The regions that images can be synchronized to.
//!
//! Source: `reference/swr-api.md` section 2.6 (page `swr_02_0123`).

use serde::Deserialize;

use super::fields::Fields;
use super::service::unless_missing;
use super::{Call, Service};
use crate::error::Error;
use crate::names::nearest;

/// A region as the service lists it; either field may be missing.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Fields")]
pub struct RegionInfo {
    /// The region's id.
    pub region_id: Option<String>,
    /// The address of a peer registry.
    pub registry_url: Option<String>,
}

impl From<Fields> for RegionInfo {
    fn from(fields: Fields) -> RegionInfo {
        RegionInfo {
            region_id: fields.text(&["regionID"]),
            registry_url: fields.text(&["registryURL"]),
        }
    }
}

/// The regions between which the vendor's user guide offers synchronization, each with its name;
/// for advice where the service does not say; others are never refused (section 1).
#[rustfmt::skip] // a table reads as a table
pub const DOCUMENTED: [(&str, &str); 11] = [
    ("cn-north-1", "CN North-Beijing1"),
    ("cn-north-4", "CN North-Beijing4"),
    ("cn-north-9", "CN North-Ulanqab1"),
    ("cn-east-2", "CN East-Shanghai2"),
    ("cn-east-3", "CN East-Shanghai1"),
    ("cn-south-1", "CN South-Guangzhou"),
    ("cn-southwest-2", "CN Southwest-Guiyang1"),
    ("ap-southeast-1", "CN-Hong Kong"),
    ("ap-southeast-2", "AP-Bangkok"),
    ("ap-southeast-3", "AP-Singapore"),
    ("af-south-1", "AF-Johannesburg"),
];

/// Returns the documented region that is nearest to one that is not documented.
pub fn near(region: &str) -> Option<&'static str> {
    let ids = || DOCUMENTED.iter().map(|(id, _)| *id);
    nearest(region, ids()).filter(|_| !ids().any(|id| id == region))
}

impl Service {
    /// Lists the regions offered (GET /v2/manage/regions).
    ///
    /// # Errors
    /// Those of [`Service::succeed`]; status 404 if the call is not offered, as on some sites.
    pub fn offered_regions(&self) -> Result<Vec<RegionInfo>, Error> {
        let answer = self.succeed(&Call::read("/v2/manage/regions"))?;
        answer.rows("a list of regions")
    }

    /// Lists the regions offered; `None` if the call is not offered.
    pub fn sync_regions(&self) -> Result<Option<Vec<RegionInfo>>, Error> {
        unless_missing(self.offered_regions())
    }
}
