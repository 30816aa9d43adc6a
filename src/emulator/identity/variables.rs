//! What to set so that others find the emulator's identity side.

use super::account::{
    ACCESS_KEY, ACCOUNT, ALICE, AUDIENCE, IDENTITY_PROVIDER, MFA, POD_TOKEN, SECRET_KEY,
    WORKFLOW_TOKEN, agency_urn, project_id, provider_urn,
};
use super::{github, id_token, pod};
use crate::names::RegionId;

/// Returns the vendor's variables first (`reference/swr-api.md` 5.5), then the emulator's own.
pub(super) fn of(regions: &[RegionId], endpoint: &str) -> Vec<(String, String)> {
    let endpoint = endpoint.trim_end_matches('/');
    let at = |path: &str| format!("{endpoint}{path}");
    let of_first = regions.first().map(|region| project_id(region.as_str()));
    let fixed = [
        ("HUAWEICLOUD_SDK_AK", ACCESS_KEY.to_owned()),
        ("HUAWEICLOUD_SDK_SK", SECRET_KEY.to_owned()),
        ("HUAWEICLOUD_SDK_PROJECT_ID", of_first.unwrap_or_default()),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", at("")),
        ("HUAWEICLOUD_SDK_STS_ENDPOINT", at("")),
        ("SWR_EMULATOR_ACCOUNT", ACCOUNT.to_owned()),
        ("SWR_EMULATOR_USER", ALICE.name.to_owned()),
        ("SWR_EMULATOR_PASSWORD", ALICE.password.to_owned()),
        ("SWR_EMULATOR_MFA_USER", MFA.name.to_owned()),
        ("SWR_EMULATOR_MFA_USER_ID", MFA.id()),
        ("SWR_EMULATOR_MFA_PASSWORD", MFA.password.to_owned()),
        (
            "SWR_EMULATOR_MFA_CODE",
            MFA.passcode.unwrap_or_default().to_owned(),
        ),
        ("SWR_EMULATOR_OIDC_PROVIDER_URN", provider_urn()),
        ("SWR_EMULATOR_OIDC_AGENCY_URN", agency_urn()),
        ("SWR_EMULATOR_OIDC_ISSUER", id_token::ISSUER.to_owned()),
        ("SWR_EMULATOR_OIDC_AUDIENCE", AUDIENCE.to_owned()),
        ("SWR_EMULATOR_ID_TOKEN", id_token::fixed()),
        ("SWR_EMULATOR_IDP_ID", IDENTITY_PROVIDER.to_owned()),
        (
            "SWR_EMULATOR_ID_TOKEN_REQUEST_URL",
            at(&format!("{}?api-version=2.0", github::PATH)),
        ),
        (
            "SWR_EMULATOR_ID_TOKEN_REQUEST_TOKEN",
            WORKFLOW_TOKEN.to_owned(),
        ),
        ("SWR_EMULATOR_METADATA_ENDPOINT", at("")),
        ("SWR_EMULATOR_POD_CREDENTIALS_URI", at(pod::PATH)),
        ("SWR_EMULATOR_POD_TOKEN", POD_TOKEN.to_owned()),
    ];
    fixed
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
