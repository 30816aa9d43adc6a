//! The account: its agency, and the features that are enabled for it.
//!
//! Source: `reference/swr-api.md` sections 3.7, 3.11, 3.14.

use serde::Deserialize;

use super::fields::Fields;
use super::{Answer, Call, Service, Transport};
use crate::endpoint::Endpoint;
use crate::error::Error;

#[derive(Debug, Deserialize)]
struct Agency {
    is_agency: bool,
}

/// The features of a project that this tool needs to know.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(from = "Fields")]
pub struct FeatureGates {
    /// Whether images can be synchronized.
    pub enable_image_sync: Option<bool>,
    /// Whether the registry has logins of the new kind (section 3.13).
    pub enable_authorization_token: Option<bool>,
}

impl From<Fields> for FeatureGates {
    fn from(fields: Fields) -> FeatureGates {
        FeatureGates {
            enable_image_sync: fields.flag(&["enable_image_sync"]),
            enable_authorization_token: fields.flag(&["enable_authorization_token"]),
        }
    }
}

impl Service {
    /// Returns `true` if the service's agency exists, which synchronization needs (section 3.7).
    pub fn has_agency(&self) -> Result<bool, Error> {
        let answer = self.succeed(&Call::read("/v2/manage/agency"))?;
        Ok(answer.json::<Agency>("the state of the agency")?.is_agency)
    }

    /// Returns which features are enabled for a project (section 3.11).
    pub fn feature_gates(&self, project: &str) -> Result<FeatureGates, Error> {
        let project: String = project
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let path = format!("/v2/manage/projects/{project}/feature-gates");
        self.succeed(&Call::read(path))?
            .json("the state of the features")
    }
}

/// Requests the versions of the API without a credential: any response shows that the endpoint can
/// be reached (section 3.14).
pub fn probe(transport: &Transport, endpoint: &Endpoint) -> Result<Answer, Error> {
    transport.send(endpoint, &Call::read("/"), None)
}
