//! The account: agency, quotas, features, docker logins, versions (sections 3.7, 3.10 to 3.14).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Work;
use crate::emulator::refusal::{NO_PERMISSION, NOT_YOURS, Refused};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;

/// The account's id.
pub(super) const DOMAIN_ID: &str = "0657e5d9a180d2c20f1fc01f8d5cbf60";
/// The account's name.
pub(super) const DOMAIN_NAME: &str = "demo";
/// The user's id.
pub(super) const USER_ID: &str = "0657e5d9a180d2c21f1fc01f8d5cbf10";
/// How many namespaces a region may have (section 3.10).
pub(super) const NAMESPACES: usize = 5;

/// `CheckAgency`.
pub(super) fn agency(work: &Work<'_>) -> Reply {
    let world = work.shared.world();
    let agency = world
        .regions
        .get(work.call.region)
        .is_some_and(|region| region.agency);
    Reply::json(200, json!({"domain_id": DOMAIN_ID, "is_agency": agency}))
}

/// `CreateAgency`.
pub(super) fn create_agency(work: &Work<'_>) -> Reply {
    if let Some(region) = work.shared.world().regions.get_mut(work.call.region) {
        region.agency = true;
    }
    agency(work)
}

/// `ListQuotas`.
pub(super) fn quotas(work: &Work<'_>, project: &str) -> Result<Reply, Refused> {
    let region = work
        .shared
        .regions()
        .iter()
        .find(|id| id.as_str() == work.call.region);
    if region.is_some_and(|id| work.shared.identity().project_id(id) != project) {
        return Err(NOT_YOURS.into());
    }
    let used = own_namespaces(work);
    let limit = if work.switches.has(Switch::QuotaIsOff) {
        1_000_000
    } else {
        NAMESPACES
    };
    let quota = json!({"quota_key": "namespace", "quota_limit": limit, "used": used, "unit": ""});
    Ok(Reply::json(200, json!({"quotas": [quota]})))
}

/// Returns how many namespaces the account has in the region.
pub(super) fn own_namespaces(work: &Work<'_>) -> usize {
    let world = work.shared.world();
    world.regions.get(work.call.region).map_or(0, |region| {
        region
            .namespaces
            .values()
            .filter(|namespace| !namespace.foreign)
            .count()
    })
}

/// `ShowShareFeatureGates`.
pub(super) fn feature_gates(work: &Work<'_>) -> Reply {
    Reply::json(
        200,
        json!({
            "enable_image_sync": true,
            "enable_list_v3": !work.switches.has(Switch::V3IsClosed),
            "enable_authorization_token": !work.switches.has(Switch::AuthorizationTokenIsRefused),
            "enable_sfs_turbo": false,
        }),
    )
}

/// `CreateSecret`: a docker login.
pub(super) fn secret(work: &Work<'_>) -> Reply {
    login(work).header("x-swr-expireat", "2027-01-01T00:00:00Z")
}

/// `CreateAuthorizationToken`: the same for the new IAM.
pub(super) fn authorization_token(work: &Work<'_>) -> Result<Reply, Refused> {
    if work.switches.has(Switch::AuthorizationTokenIsRefused) {
        return Err(NO_PERMISSION.into());
    }
    Ok(secret(work))
}

fn login(work: &Work<'_>) -> Reply {
    let region = work.call.region;
    let host = format!("swr.{region}.myhuaweicloud.com");
    let (user, password) = (
        format!("{region}@EMULATORDEMOKEY00001"),
        "emulated-docker-password",
    );
    let auth = STANDARD.encode(format!("{user}:{password}"));
    let command = format!("docker login -u {user} -p {password} {host}");
    let mut auths = serde_json::Map::new();
    auths.insert(host, json!({"auth": auth}));
    Reply::json(200, json!({"auths": Value::Object(auths)})).header("x-swr-dockerlogin", command)
}

/// `ListApiVersions`.
pub(super) fn versions(work: &Work<'_>) -> Reply {
    let address = format!("https://swr-api.{}.myhuaweicloud.com/v2", work.call.region);
    Reply::json(
        200,
        json!({"versions": [{
            "id": "v2",
            "links": {"href": address, "rel": "self"},
            "min_version": "2.0",
            "status": "CURRENT",
            "updated": "2020-07-09T00:00:00Z",
            "version": "2.26",
        }]}),
    )
}
