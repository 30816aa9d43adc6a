//! One endpoint with one credential: what the resource files send their calls with.

use std::sync::Arc;

use super::advice::Code;
use super::answer::Answer;
use super::authorize::Authorize;
use super::call::Call;
use super::transport::Transport;
use crate::endpoint::Endpoint;
use crate::error::Error;

/// The service in one region, as one credential sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Service {
    transport: Arc<Transport>,
    endpoint: Endpoint,
    credential: Arc<dyn Authorize>,
}

impl Service {
    /// Creates a service; sends nothing.
    pub fn new(
        transport: Arc<Transport>,
        endpoint: Endpoint,
        credential: Arc<dyn Authorize>,
    ) -> Service {
        Service {
            transport,
            endpoint,
            credential,
        }
    }

    /// Returns the endpoint.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns the credential.
    pub fn credential(&self) -> &Arc<dyn Authorize> {
        &self.credential
    }

    /// Sends a call and returns its response, whatever its status. After a 401, a credential that
    /// can be renewed without a person is renewed once; otherwise the 401 is final, for failures
    /// lock keys.
    ///
    /// # Errors
    /// Those of [`Transport::send`] and of the credential.
    pub fn send(&self, call: &Call) -> Result<Answer, Error> {
        let answer = self.once(call)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        if self.credential.renew()? {
            return self.once(call);
        }
        if answer.code() != Some(Code::OtherAccount) {
            self.credential.give_up();
        }
        Ok(answer)
    }

    fn once(&self, call: &Call) -> Result<Answer, Error> {
        let sent = self
            .transport
            .send(&self.endpoint, call, Some(self.credential.as_ref()));
        match sent {
            Ok(mut answer) => {
                answer.credential = Some(Arc::clone(&self.credential));
                Ok(answer)
            }
            Err(error) => {
                let request = (call.method.to_string(), call.path.clone());
                Err(error.with(|details| details.request = Some(request)))
            }
        }
    }

    /// Sends a call that has to succeed (2xx).
    ///
    /// # Errors
    /// Those of [`Service::send`], and [`Answer::refusal`] for any other status.
    pub fn succeed(&self, call: &Call) -> Result<Answer, Error> {
        let answer = self.send(call)?;
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(answer.refusal())
        }
    }
}

/// Turns a 404 into `None`, for callers to whom that is a regular result.
pub(super) fn unless_missing<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.details().http_status == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}
