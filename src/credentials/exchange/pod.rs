//! The identity of a pod of CCE: temporary keys from an address inside the cluster.

use std::sync::Arc;
use std::time::Duration;

use url::Position;

use super::{file, temporary};
use crate::api::{Call, HeaderText, Limits, Method, Repeat, Transport};
use crate::credentials::refresh::{Issued, Provider};
use crate::credentials::source::Pod;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};

/// POST at the address, `Authorization:` the content of the token file, body `{}`.
#[derive(Debug)]
pub(super) struct PodIdentity {
    pub(super) pod: Pod,
    pub(super) transport: Arc<Transport>,
}

/// What the SDK waits (`reference/swr-api.md` 5.4).
const LIMITS: Limits = Limits {
    timeout: Duration::from_secs(5),
    connect_timeout: Duration::from_secs(5),
    retries: 1,
};

impl Provider for PodIdentity {
    fn fetch(&self) -> Result<Issued, Error> {
        let address = &self.pod.address;
        let endpoint = Endpoint::parse_plain(&address[..Position::BeforePath]).map_err(|rule| {
            Error::new(Kind::Config, format!("the pod's address is wrong: {rule}"))
        })?;
        let path = &address[Position::BeforePath..Position::AfterQuery];
        let mut call = Call::new(Method::POST, path, Repeat::State)
            .json(&serde_json::json!({}))
            .brings_secret();
        let authorization = file("pod's authorization", &self.pod.token_file)?;
        call.extra_headers
            .push(("Authorization", HeaderText::Secret(authorization)));
        let answer = self
            .transport
            .send_with(&endpoint, &call, None, LIMITS)
            .map_err(|error| error.about("the pod's identity"))?;
        if !answer.is_success() {
            return Err(answer.refusal_by(
                "the pod's identity",
                "check that the service account of the pod is tied to an agency",
            ));
        }
        temporary::keys(&answer)
    }
}
