//! What docker logs in with: `POST /v2/manage/utils/secret` and `…/authorizationtoken`. Source:
//! `reference/swr-api.md` 3.12, 3.13.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::call::{Call, Outcome};
use crate::emulator::refusal::NO_PERMISSION;
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;
use crate::emulator::world::digest_of;

/// The end of every login here: later than any time that the emulator shows.
const END: &str = "2026-12-31T00:00:00Z";

/// `POST /v2/manage/utils/secret`.
pub(super) fn secret(call: &mut Call) -> Outcome {
    Ok(login(call, "secret"))
}

/// `POST /v2/manage/utils/authorizationtoken`: only for the new IAM.
pub(super) fn authorization_token(call: &mut Call) -> Outcome {
    if call.switches().has(Switch::AuthorizationTokenIsRefused) {
        return Err(NO_PERMISSION.into());
    }
    Ok(login(call, "authorization token"))
}

fn login(call: &Call, kind: &str) -> Reply {
    let region = call.region;
    let host = format!("swr.{region}.myhuaweicloud.com");
    let user = format!("{region}@{}", call.account.access_key);
    let password = digest_of(&format!("{kind} of {region}"));
    let password = password.trim_start_matches("sha256:");
    let auth = STANDARD.encode(format!("{user}:{password}"));
    let body = json!({"auths": {&host: {"auth": auth}}});
    Reply::json(200, body)
        .header(
            "x-swr-dockerlogin",
            format!("docker login -u {user} -p {password} {host}"),
        )
        .header("x-swr-expireat", END)
}
