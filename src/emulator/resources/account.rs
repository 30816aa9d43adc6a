//! What belongs to the account and not to a repository: agency, quotas, feature gates. Source:
//! `reference/swr-api.md` 3.7, 3.10, 3.11.

use serde_json::json;

use super::call::{Call, Outcome};
use crate::emulator::refusal::NOT_YOURS;
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;

/// How many namespaces a region may have (section 3.10).
pub(super) const NAMESPACE_QUOTA: usize = 5;

/// Who calls, with the ids that answers show.
pub(in crate::emulator) struct Account {
    pub(in crate::emulator) id: String,
    pub(in crate::emulator) name: String,
    pub(in crate::emulator) user: String,
    pub(in crate::emulator) user_id: String,
    pub(in crate::emulator) project_id: String,
    pub(in crate::emulator) access_key: &'static str,
}

/// `GET /v2/manage/agency`.
pub(super) fn agency(call: &mut Call) -> Outcome {
    let present = call.world.regions.get(call.region);
    let present = present.is_some_and(|region| region.agency);
    let body = json!({"domain_id": call.account.id, "is_agency": present});
    Ok(Reply::json(200, body))
}

/// `POST /v2/manage/agency`: makes the agency.
pub(super) fn create_agency(call: &mut Call) -> Outcome {
    if let Some(region) = call.world.regions.get_mut(call.region) {
        region.agency = true;
    }
    agency(call)
}

/// `GET /v2/manage/projects/{project_id}/quotas`.
pub(super) fn quotas(call: &mut Call, project: &str) -> Outcome {
    own(call, project)?;
    let used = namespaces_of(call);
    let limit = if call.switches().has(Switch::QuotaIsOff) {
        json!(-1)
    } else {
        json!(NAMESPACE_QUOTA)
    };
    let quota = json!({"quota_key": "namespace", "quota_limit": limit, "used": used, "unit": ""});
    Ok(Reply::json(200, json!({"quotas": [quota]})))
}

/// `GET /v2/manage/projects/{project_id}/feature-gates`.
pub(super) fn feature_gates(call: &mut Call, project: &str) -> Outcome {
    own(call, project)?;
    let open = |switch| !call.switches().has(switch);
    let body = json!({
        "enable_experience": true,
        "enable_hss_service": false,
        "enable_image_scan": false,
        "enable_sm3": false,
        "enable_image_sync": true,
        "enable_cci_service": false,
        "enable_image_label": false,
        "enable_pipeline": false,
        "enable_list_v3": open(Switch::V3IsClosed),
        "enable_authorization_token": open(Switch::AuthorizationTokenIsRefused),
    });
    Ok(Reply::json(200, body))
}

/// Returns how many namespaces the account has in the region.
pub(super) fn namespaces_of(call: &Call) -> usize {
    call.world.regions.get(call.region).map_or(0, |region| {
        let namespaces = region.namespaces.values();
        namespaces.filter(|namespace| !namespace.foreign).count()
    })
}

fn own(call: &Call, project: &str) -> Result<(), crate::emulator::refusal::Refused> {
    if project == call.account.project_id {
        Ok(())
    } else {
        Err(NOT_YOURS.into())
    }
}
