//! What stands before the resources of a region: request ids, what was received, latency, faults,
//! the largest body, who may enter. Source: `reference/swr-api.md` 6.3 and 8.
//!
//! `server` hands over each request; the answer comes from `resources`, `identity` or a fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::handler::Handler;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::routing::{MethodRouter, any_service};

use super::asked::Asked;
use super::cloud::Cloud;
use super::fault::{ClosingBody, TornBody, What};
use super::identity::{Caller, Refusal};
use super::push;
use super::refusal::{Refused, WRONG_BODY};
use super::reply::Reply;
use super::resources::{self, Account, Call, Work};
use super::switches::Switch;
use crate::names::RegionId;

/// The front of one region.
pub(super) struct Front {
    cloud: Arc<Cloud>,
    region: RegionId,
    latency: Duration,
    identity: MethodRouter,
}

/// The connection is to end without an answer.
#[derive(Debug)]
pub(super) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

/// Marks the answer to a path that `identity` does not know.
#[derive(Clone)]
struct Unknown;

impl Front {
    pub(super) fn new(cloud: Arc<Cloud>, region: RegionId, latency: Duration) -> Front {
        let unknown = || async { (StatusCode::NOT_FOUND, Extension(Unknown)) };
        let identity = any_service(cloud.identity.router().fallback(unknown));
        Front {
            cloud,
            region,
            latency,
            identity,
        }
    }

    /// Answers a request. `closing` is set once the connection has to end behind the answer.
    pub(super) async fn serve(
        &self,
        request: Request<hyper::body::Incoming>,
        closing: &Arc<AtomicBool>,
    ) -> Result<Response<Body>, Cut> {
        let asked = Asked::read(request).await.ok_or(Cut)?;
        let id = self.cloud.next_request_id();
        if asked.path().starts_with("/emulator/") {
            // What steers the emulator is no request to the service.
            return Ok(with_id(self.steer(&asked, &id).await, &id));
        }
        let place = self.cloud.note(asked.received(self.region.as_str()));
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let response = self.weather(&asked, &id, closing).await?;
        self.cloud.note_status(place, response.status().as_u16());
        Ok(with_id(response, &id))
    }

    /// Answers as the faults have it, else as it should be.
    async fn weather(
        &self,
        asked: &Asked,
        id: &str,
        closing: &Arc<AtomicBool>,
    ) -> Result<Response<Body>, Cut> {
        let method = asked.method();
        let path = asked.path_and_query();
        let region = self.region.as_str();
        let fault = self.cloud.schedule().strike(method, path, region);
        match fault {
            None | Some(What::Copy(_)) => Ok(self.work(asked, id).await),
            Some(What::Stall) => std::future::pending().await,
            Some(What::Delay(late)) => {
                tokio::time::sleep(late).await;
                Ok(self.work(asked, id).await)
            }
            Some(What::Cut { done }) => {
                if done {
                    self.work(asked, id).await;
                }
                Err(Cut)
            }
            Some(What::Answer { answer, done }) => {
                if done {
                    self.work(asked, id).await;
                }
                Ok(answer.response(self.cloud.switches, id))
            }
            Some(What::Torn) => {
                let (parts, body) = self.work(asked, id).await.into_parts();
                let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
                Ok(Response::from_parts(parts, Body::new(TornBody::of(&whole))))
            }
            Some(What::Close) => {
                let closing = Arc::clone(closing);
                let end = move || closing.store(true, Ordering::Relaxed);
                let response = self.work(asked, id).await;
                Ok(response.map(|body| Body::new(ClosingBody::new(body, Box::new(end)))))
            }
        }
    }

    async fn work(&self, asked: &Asked, id: &str) -> Response<Body> {
        let switches = self.cloud.switches;
        if asked.too_large {
            let refused = Refused::gateway(413, "APIGW.0201", "Request entity too large");
            return refused.reply(switches, id).response();
        }
        let reply = match (asked.method(), asked.path()) {
            ("GET", "/") => self.versions(asked),
            (method, path) => match resources::route(method, path) {
                Some(work) => self.let_in(asked, work),
                None => return self.elsewhere(asked, id).await,
            },
        };
        reply
            .unwrap_or_else(|refused| refused.reply(switches, id))
            .response()
    }

    fn versions(&self, asked: &Asked) -> Result<Reply, Refused> {
        if self.cloud.switches.has(Switch::VersionsNeedToken) {
            self.caller(asked)?;
        }
        Ok(resources::versions(self.region.as_str()))
    }

    /// Judges who asks, and does the work.
    fn let_in(&self, asked: &Asked, work: Work) -> Result<Reply, Refused> {
        let caller = self.caller(asked)?;
        let always = self.cloud.switches.has(Switch::ContentTypeAlways);
        if (always || !asked.body().is_empty()) && !asked.is_json() {
            return Err(WRONG_BODY.saying("the Content-Type must be application/json"));
        }
        let identity = &self.cloud.identity;
        let account = Account {
            id: identity.account_id(),
            name: caller.account,
            user_id: identity.user_id(&caller.user),
            user: caller.user,
            project_id: caller.project_id,
            access_key: identity.access_key(),
        };
        let regions: Vec<&str> = self.cloud.regions.iter().map(RegionId::as_str).collect();
        self.cloud.change(|world, rules| {
            work(&mut Call {
                world,
                rules,
                region: self.region.as_str(),
                regions: &regions,
                account: &account,
                query: asked.query(),
                body: asked.body(),
            })
        })
    }

    fn caller(&self, asked: &Asked) -> Result<Caller, Refused> {
        let judged = self
            .cloud
            .identity
            .authenticate(&self.region, &asked.incoming());
        judged.map_err(|Refusal { status, code, text }| Refused::gateway(status, &code, text))
    }

    /// Asks the services that hand out credentials; what they do not know is not there.
    async fn elsewhere(&self, asked: &Asked, id: &str) -> Response<Body> {
        let response = self.identity.clone().call(asked.again(), ()).await;
        if response.extensions().get::<Unknown>().is_some() {
            let refused = Refused::not_published();
            return refused.reply(self.cloud.switches, id).response();
        }
        response
    }

    /// Does what is asked of the emulator itself.
    async fn steer(&self, asked: &Asked, id: &str) -> Response<Body> {
        match (asked.method(), asked.path()) {
            ("POST", push::PATH) => {
                push::answer(&self.cloud, &self.region, asked.body()).response()
            }
            _ => self.elsewhere(asked, id).await,
        }
    }
}

/// Every answer carries an id; IAM's and STS's bring their own.
fn with_id(mut response: Response<Body>, id: &str) -> Response<Body> {
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().entry("x-request-id").or_insert(id);
    }
    response
}
