//! The account: agency, quotas, features, docker logins, versions (sections 3.7, 3.10 to 3.14).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Work;
use crate::emulator::identity::{is_project_of, project_id};
use crate::emulator::refusal::{NO_PERMISSION, NOT_YOURS, Refusal};
use crate::emulator::response::Response;
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
pub(super) fn agency(work: &Work<'_>) -> Response {
    let world = work.shared.world();
    let agency = world
        .regions
        .get(work.request.region)
        .is_some_and(|region| region.agency);
    Response::json(200, json!({"domain_id": DOMAIN_ID, "is_agency": agency}))
}

/// `CreateAgency`.
pub(super) fn create_agency(work: &Work<'_>) -> Response {
    if let Some(region) = work
        .shared
        .world_to_change()
        .regions
        .get_mut(work.request.region)
    {
        region.agency = true;
    }
    agency(work)
}

/// `ListQuotas`.
pub(super) fn quotas(work: &Work<'_>, project: &str) -> Result<Response, Refusal> {
    let region = work
        .shared
        .regions()
        .iter()
        .find(|id| id.as_str() == work.request.region);
    if region.is_some_and(|id| project_id(id.as_str()) != project) {
        return Err(NOT_YOURS.into());
    }
    let used = own_namespaces(work);
    let limit = if work.switches.has(Switch::QuotaIsOff) {
        1_000_000
    } else {
        NAMESPACES
    };
    let quota = json!({"quota_key": "namespace", "quota_limit": limit, "used": used, "unit": ""});
    Ok(Response::json(200, json!({"quotas": [quota]})))
}

/// Returns how many namespaces the account has in the region.
pub(super) fn own_namespaces(work: &Work<'_>) -> usize {
    let world = work.shared.world();
    world.regions.get(work.request.region).map_or(0, |region| {
        region
            .namespaces
            .values()
            .filter(|namespace| !namespace.foreign)
            .count()
    })
}

/// `ShowShareFeatureGates`.
pub(super) fn feature_gates(work: &Work<'_>) -> Response {
    Response::json(
        200,
        json!({
            "enable_image_sync": true,
            "enable_list_v3": !work.switches.has(Switch::V3IsClosed),
            "enable_authorization_token": !work.switches.has(Switch::AuthorizationTokenIsRefused),
            "enable_sfs_turbo": false,
        }),
    )
}

/// `CreateSecret`: a docker login that lasts for a while, of the region's project or of a
/// sub-project that is named.
pub(super) fn secret(work: &Work<'_>) -> Result<Response, Refusal> {
    if work.switches.has(Switch::SecretIsRefused) {
        return Err(NO_PERMISSION.into());
    }
    let region = work.request.region;
    let project = work.request.parameter("projectname").unwrap_or(region);
    if !is_project_of(project, region) {
        return Err(NOT_YOURS.into());
    }
    Ok(login(work, project))
}

fn login(work: &Work<'_>, user: &str) -> Response {
    let region = work.request.region;
    let host = work.shared.registry_host(region);
    let login = work.shared.identity().issue_login(region, user);
    let (user, password) = (&login.user, &login.password);
    let auth = STANDARD.encode(format!("{user}:{password}"));
    let mut auths = serde_json::Map::new();
    auths.insert(host.clone(), json!({"auth": auth}));
    let command = format!("docker login -u {user} -p {password} {host}");
    Response::json(200, json!({"auths": auths}))
        .header("x-swr-dockerlogin", command)
        .header("x-swr-expireat", login.expires_at.to_string())
}

/// `CreateAuthorizationToken`: the same for the new IAM, with a user of its own.
pub(super) fn authorization_token(work: &Work<'_>) -> Result<Response, Refusal> {
    if work.switches.has(Switch::AuthorizationTokenIsRefused) {
        return Err(NO_PERMISSION.into());
    }
    Ok(login(work, "bearertoken"))
}

/// `ListApiVersions`.
pub(super) fn versions(work: &Work<'_>) -> Response {
    let address = format!(
        "https://swr-api.{}.myhuaweicloud.com/v2",
        work.request.region
    );
    Response::json(
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
