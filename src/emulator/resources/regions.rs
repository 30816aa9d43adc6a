//! The regions offered (section 2.6).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Work;
use super::tasks::OFFERED;
use crate::emulator::refusal::Refusal;
use crate::emulator::response::Response;
use crate::emulator::switches::Switch;

/// `ListSyncRegions`: a flat array; the answer may contain the region asked.
pub(super) fn list(work: &Work<'_>) -> Result<Response, Refusal> {
    if work.switches.has(Switch::RegionsAreClosed) {
        return Err(Refusal::not_published());
    }
    let served = work.shared.regions().iter().map(|region| region.as_str());
    let regions: BTreeSet<&str> = OFFERED.into_iter().chain(served).collect();
    let urls = work.switches.has(Switch::RegionsHaveUrls);
    let mut rows: Vec<Value> = regions
        .into_iter()
        .map(|region| {
            let mut row = json!({"regionID": region});
            if urls {
                row["registryURL"] = format!("swr.{region}.myhuaweicloud.com").into();
            }
            row
        })
        .collect();
    if urls {
        rows.push(json!({"registryURL": "registry.example.com"}));
    }
    Ok(Response::json(200, Value::Array(rows)))
}
