//! The regions that images can be synchronized to.
//!
//! Source: `reference/swr-api.md` section 2.6 (page `swr_02_0123`).

use serde::Deserialize;

use super::{Call, Service};
use crate::error::Error;

/// A region as the service lists it; either field may be missing.
#[derive(Debug, Clone, Deserialize)]
pub struct RegionInfo {
    /// The region's id.
    #[serde(rename = "regionID")]
    pub region_id: Option<String>,
    /// The address of a peer registry.
    #[serde(rename = "registryURL")]
    pub registry_url: Option<String>,
}

impl Service {
    /// Lists the regions offered (GET /v2/manage/regions); `None` where the call is closed: some
    /// sites answer 404.
    pub fn sync_regions(&self) -> Result<Option<Vec<RegionInfo>>, Error> {
        let call = Call::read("/v2/manage/regions");
        let answer = self.send(&call)?;
        match answer.status {
            200..300 => Ok(Some(
                answer
                    .json::<Option<_>>("a list of regions")?
                    .unwrap_or_default(),
            )),
            404 => Ok(None),
            _ => Err(self.refusal(&call, &answer)),
        }
    }
}
