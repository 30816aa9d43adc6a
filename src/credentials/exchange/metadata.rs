//! The metadata service of an ECS: temporary keys of the machine's agency.

use std::sync::Arc;
use std::time::Duration;

use super::temporary;
use crate::api::{Answer, Call, HeaderText, Limits, Method, Repeat, Transport};
use crate::credentials::refresh::{Issued, Provider};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::secret::Secret;

/// PUT `/meta-data/latest/api/token`, then GET `/openstack/latest/securitykey`.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) endpoint: Endpoint,
    pub(super) transport: Arc<Transport>,
}

/// What the SDK waits (`reference/swr-api.md` 5.4); without retries, for 503 has a meaning here.
const LIMITS: Limits = Limits {
    timeout: Duration::from_secs(3),
    connect_timeout: Duration::from_secs(3),
    retries: 0,
};

/// How long the service's own token lasts, in seconds.
const TOKEN_SECONDS: &str = "21600";

impl Metadata {
    /// Returns the service's own token; `None` on hosts that have none.
    fn token(&self) -> Result<Option<Secret>, Error> {
        let mut call =
            Call::new(Method::PUT, "/meta-data/latest/api/token", Repeat::State).brings_secret();
        call.extra_headers.push((
            "X-Metadata-Token-Ttl-Seconds",
            HeaderText::Plain(TOKEN_SECONDS.to_owned()),
        ));
        let answer = self.send(&call)?;
        match answer.status {
            200 => {
                let text = String::from_utf8_lossy(&answer.body).trim().to_owned();
                Ok(Some(text).filter(|text| !text.is_empty()).map(Secret::new))
            }
            404 | 405 | 503 => Ok(None),
            _ => Err(refused(&answer)),
        }
    }

    fn keys(&self) -> Result<Answer, Error> {
        let token = self.token()?;
        let mut call = Call::read("/openstack/latest/securitykey").brings_secret();
        call.extra_headers
            .extend(token.map(|token| ("X-Metadata-Token", HeaderText::Secret(token))));
        self.send(&call)
    }

    fn send(&self, call: &Call) -> Result<Answer, Error> {
        self.transport
            .send_with(&self.endpoint, call, None, LIMITS)
            .map_err(|error| {
                error.about("the metadata service").hint(
                    "this machine is not an ECS, or hides its metadata service: \
                     use another credential source",
                )
            })
    }
}

fn refused(answer: &Answer) -> Error {
    let hint = if has_no_agency(answer) {
        "give the ECS an agency with the right to use SWR: the console, ECS, Management \
             Information, Agency"
    } else {
        "use another credential source, or ask the machine's administrator"
    };
    answer.refusal_by("the metadata service", hint)
}

fn has_no_agency(answer: &Answer) -> bool {
    String::from_utf8_lossy(&answer.body).contains("Please configure Cloud Service Agency first")
}

impl Provider for Metadata {
    fn fetch(&self) -> Result<Issued, Error> {
        let mut answer = self.keys()?;
        // The service's own token may have died: a new one, once.
        if answer.status == 401 && !has_no_agency(&answer) {
            answer = self.keys()?;
        }
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        temporary::keys(&answer)
    }
}
