//! The identity side, asked as over a socket: through its router, without one. For tests.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::handler::Handler;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use axum::routing::any_service;
use serde_json::Value;

use super::account::{ACCESS_KEY, SECRET_KEY};
use super::clock::Clock;
use super::signature::authorization_of;
use super::{Caller, Identity, Incoming, Refusal};
use crate::names::{Parse, RegionId};

/// The time at which all tests begin, as a signature's date.
pub(super) const DATE: &str = "20260301T101112Z";

/// The identity side of two regions, its clock stopped at [`DATE`].
pub(super) struct Played {
    pub(super) identity: Arc<Identity>,
}

/// An answer, read to its end.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// A request that a test signs.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

pub(super) fn north() -> RegionId {
    RegionId::parse("cn-north-4").unwrap()
}

pub(super) fn east() -> RegionId {
    RegionId::parse("cn-east-3").unwrap()
}

impl Answered {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }
}

impl Signed {
    pub(super) fn new(method: &'static str, path: &str, body: &str) -> Signed {
        let signed = Signed {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: body.to_owned(),
        };
        signed
            .with("host", "127.0.0.1:8080")
            .with("content-type", "application/json")
            .with("x-sdk-date", DATE)
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Signed {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers
            .insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub(super) fn by(self, access_key: &str, secret_key: &str) -> Signed {
        let headers = ["content-type", "host", "x-sdk-date"];
        self.over(&headers, access_key, secret_key)
    }

    /// Signs these headers.
    pub(super) fn over(self, headers: &[&str], access_key: &str, secret_key: &str) -> Signed {
        let text = authorization_of(&self.incoming(), headers, access_key, secret_key);
        self.with("authorization", &text)
    }

    pub(super) fn incoming(&self) -> Incoming<'_> {
        Incoming {
            method: self.method,
            path_and_query: &self.path,
            headers: &self.headers,
            body: self.body.as_bytes(),
        }
    }
}

impl Played {
    pub(super) fn start() -> Played {
        Played::started(false)
    }

    pub(super) fn with_global_tokens() -> Played {
        Played::started(true)
    }

    fn started(global_tokens: bool) -> Played {
        let clock = Clock::stopped_at("2026-03-01T10:11:12Z".parse().unwrap());
        let identity = Identity::with_clock(&[north(), east()], global_tokens, clock);
        Played {
            identity: Arc::new(identity),
        }
    }

    pub(super) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answered {
        self.ask("GET", path, headers, "")
    }

    pub(super) fn put(&self, path: &str, headers: &[(&str, &str)]) -> Answered {
        self.ask("PUT", path, headers, "")
    }

    pub(super) fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        self.ask("POST", path, headers, body)
    }

    /// Asks with the permanent key's signature.
    pub(super) fn signed(&self, method: &'static str, path: &str, body: &str) -> Answered {
        self.ask_signed(&Signed::new(method, path, body).by(ACCESS_KEY, SECRET_KEY))
    }

    pub(super) fn ask_signed(&self, signed: &Signed) -> Answered {
        let headers: Vec<(&str, &str)> = signed
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        self.ask(signed.method, &signed.path, &headers, &signed.body)
    }

    /// Calls SWR with a token.
    pub(super) fn with_token(&self, token: &str, region: &RegionId) -> Result<Caller, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert("x-auth-token", HeaderValue::from_str(token).unwrap());
        let incoming = Incoming {
            method: "GET",
            path_and_query: "/v2/manage/namespaces",
            headers: &headers,
            body: b"",
        };
        self.identity.authenticate(region, &incoming)
    }

    /// Calls SWR with keys as `credential` has them, the security token signed.
    pub(super) fn with_keys(&self, keys: &Value, region: &RegionId) -> Result<Caller, Refusal> {
        let of = |field: &str| keys[field].as_str().unwrap();
        let signed = Signed::new("GET", "/v2/manage/namespaces", "")
            .with("x-security-token", of("securitytoken"))
            .over(
                &["host", "x-sdk-date", "x-security-token"],
                of("access"),
                of("secret"),
            );
        self.identity.authenticate(region, &signed.incoming())
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        runtime.block_on(async {
            let response = any_service(self.identity.router()).call(request, ()).await;
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            Answered {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            }
        })
    }
}
