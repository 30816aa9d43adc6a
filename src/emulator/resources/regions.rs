//! The regions that images can be synchronized to: `GET /v2/manage/regions`. Source:
//! `reference/swr-api.md` 2.6.

use serde_json::{Value, json};

use super::call::{Call, Outcome};
use crate::emulator::refusal::Refused;
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;

/// Lists the regions, the one that is asked among them.
pub(super) fn list(call: &mut Call) -> Outcome {
    let switches = call.switches();
    if switches.has(Switch::RegionsAreClosed) {
        return Err(Refused::not_published());
    }
    let addresses = switches.has(Switch::RegionsHaveUrls);
    let mut regions: Vec<Value> = call
        .regions
        .iter()
        .map(|region| {
            let mut shown = json!({"regionID": region});
            if addresses {
                shown["registryURL"] = json!(format!("swr.{region}.myhuaweicloud.com"));
            }
            shown
        })
        .collect();
    if addresses {
        // The page's example ends with such an element.
        regions.push(json!({"registryURL": "registry.example.com"}));
    }
    Ok(Reply::json(200, json!(regions)))
}
