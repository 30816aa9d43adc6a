//! OIDC by STS (v5): keys in exchange for an id token.

use std::sync::Arc;

use serde::Serialize;

use super::temporary;
use crate::api::{Call, Method, Repeat, Transport};
use crate::credentials::refresh::{Issued, Provider};
use crate::credentials::source::Sts;
use crate::error::Error;

/// POST `/v5/agencies/assume-with-oidc`; the id token authorizes it.
#[derive(Debug)]
pub(super) struct AssumeWithOidc {
    pub(super) sts: Sts,
    pub(super) transport: Arc<Transport>,
}

#[derive(Serialize)]
struct Body<'a> {
    provider_urn: &'a str,
    agency_urn: &'a str,
    agency_session_name: &'a str,
    id_token: &'a str,
    duration_seconds: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    policy_ids: &'a [String],
}

impl Provider for AssumeWithOidc {
    fn fetch(&self) -> Result<Issued, Error> {
        let sts = &self.sts;
        let id_token = sts.id_token.value(&self.transport)?;
        let body = Body {
            provider_urn: &sts.provider_urn,
            agency_urn: &sts.agency_urn,
            agency_session_name: &sts.session_name,
            id_token: id_token.expose(),
            duration_seconds: sts.duration_seconds,
            policy: sts.policy.as_deref(),
            policy_ids: &sts.policy_ids,
        };
        // A second session beside the first does no harm.
        let call = Call::new(Method::POST, "/v5/agencies/assume-with-oidc", Repeat::State)
            .json(&body)
            .brings_secret();
        let answer = self.transport.send(&sts.endpoint, &call, None)?;
        if !answer.is_success() {
            return Err(answer.refusal_by(
                "OIDC by STS",
                "check the URNs of provider and agency, the provider's rules for the id token, \
                 and that the id token is new",
            ));
        }
        temporary::keys(&answer)
    }
}
