//! SWR's registry: the OCI distribution protocol 1.1 on each region's port, for real clients.
//!
//! `server` sends every path here that is not the API's. Bytes are kept by the
//! [store](super::storage), one for all regions; what a repository has of them is the [`World`](super::world)'s, so that a copy between
//! regions brings an image whole or not at all. Source: the distribution specification 1.1, and
//! what users of the real registry report where it differs: an empty challenge, its 401 bodies,
//! refused attestations. Knows nothing of the API's resources.

mod blobs;
mod challenge;
mod manifest;
mod manifests;
mod tags;
mod token;
mod uploads;

use std::io;
use std::sync::{Mutex, MutexGuard};

use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use self::challenge::{BAD_TOKEN, NO_LOGIN, NO_PERMISSION, challenge};
use self::token::Tokens;
use self::uploads::Uploads;
use super::request::query_pairs;
use super::response::Response;
use super::shared::Shared;
use super::world::Place;
use crate::lock::lock;

/// The path of the token service, with or without a slash at its end.
const AUTH: &str = "/swr/auth/v2/registry/auth";

/// What the registry keeps beside the world and the store.
#[derive(Default)]
pub(super) struct Registry {
    tokens: Mutex<Tokens>,
    uploads: Mutex<Uploads>,
}

impl Registry {
    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    fn uploads(&self) -> MutexGuard<'_, Uploads> {
        lock(&self.uploads)
    }
}

/// Returns `true` if a path is the registry's and not the API's.
pub(super) fn serves(path: &str) -> bool {
    let is_api = path == "/v2/manage" || path.starts_with("/v2/manage/");
    (path == "/v2" || path.starts_with("/v2/")) && !is_api || path.trim_end_matches('/') == AUTH
}

/// A request to the registry, without its body.
pub(super) struct Visit<'a> {
    pub(super) shared: &'a Shared,
    pub(super) registry: &'a Registry,
    pub(super) region: &'a str,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
}

impl Visit<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = query_pairs(self.query).into_iter();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Fails unless the request's token opens what it wants.
    fn check_token(&self, wanted: Option<(&str, Action)>) -> Result<(), Failure> {
        let refuse = |text: &str| {
            let host = self.shared.registry_host(self.region);
            Err(challenge(text, &host, wanted, self.shared.switches()))
        };
        // A login straight at the registry is refused, as the service does.
        let token = self
            .header("authorization")
            .and_then(|text| text.strip_prefix("Bearer "));
        let Some(token) = token else {
            return refuse(NO_LOGIN);
        };
        let now = Timestamp::now();
        let opens = self
            .registry
            .tokens()
            .opens(token, self.region, wanted, now);
        match opens {
            Some(true) => Ok(()),
            Some(false) => refuse(NO_PERMISSION),
            None => refuse(BAD_TOKEN),
        }
    }

    /// Returns `true` if the request's token opens this repository for pulling, too.
    fn may_pull(&self, repository: &str) -> bool {
        self.check_token(Some((repository, Action::Pull))).is_ok()
    }
}

/// What a request does to a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Pull,
    Push,
    Delete,
}

impl Action {
    /// Returns the action as a scope spells it.
    fn scope(self) -> &'static str {
        match self {
            Action::Pull => "pull",
            Action::Push => "pull,push",
            Action::Delete => "delete",
        }
    }
}

/// The name of a repository, as the specification allows it: a namespace and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name(String);

impl Name {
    fn parse(text: &str) -> Option<Name> {
        let is_component = |part: &str| {
            let alphanumeric =
                |byte: Option<&u8>| byte.is_some_and(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'));
            let bytes = part.as_bytes();
            let allowed = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
            bytes.iter().all(allowed)
                && alphanumeric(bytes.first())
                && alphanumeric(bytes.last())
                && !["..", "___", "._", "_.", ".-", "-.", "_-", "-_"]
                    .iter()
                    .any(|pair| part.contains(pair))
        };
        let parts: Vec<&str> = text.split('/').collect();
        let fits = parts.len() >= 2 && text.len() <= 255 && parts.into_iter().all(is_component);
        fits.then(|| Name(text.to_owned()))
    }

    /// Returns the repository's place in the world.
    fn place(&self, region: &str) -> Place {
        let (namespace, repository) = self.0.split_once('/').unwrap_or((&self.0, ""));
        Place::new(region, namespace, repository)
    }
}

/// What a path below `/v2/` names.
enum Route<'a> {
    Manifest(&'a str),
    Blob(&'a str),
    Uploads,
    Upload(&'a str),
    Tags,
    Referrers(&'a str),
}

impl<'a> Route<'a> {
    /// Splits a path into the repository's name and the rest.
    fn parse(path: &'a str) -> Option<(&'a str, Route<'a>)> {
        let path = path.strip_prefix("/v2/")?;
        if let Some(name) = path.strip_suffix("/tags/list") {
            return Some((name, Route::Tags));
        }
        if let Some(name) = path
            .strip_suffix("/blobs/uploads/")
            .or_else(|| path.strip_suffix("/blobs/uploads"))
        {
            return Some((name, Route::Uploads));
        }
        let (rest, last) = path.rsplit_once('/')?;
        let (name, kind) = rest.rsplit_once('/')?;
        match kind {
            "manifests" => Some((name, Route::Manifest(last))),
            "referrers" => Some((name, Route::Referrers(last))),
            "blobs" => Some((name, Route::Blob(last))),
            "uploads" => Some((name.strip_suffix("/blobs")?, Route::Upload(last))),
            _ => None,
        }
    }
}

/// Why the registry refuses a request.
#[derive(Debug)]
struct Failure {
    status: u16,
    code: &'static str,
    text: String,
    headers: Vec<(&'static str, String)>,
}

impl Failure {
    fn new(status: u16, code: &'static str, text: impl Into<String>) -> Failure {
        Failure {
            status,
            code,
            text: text.into(),
            headers: Vec::new(),
        }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Failure {
        self.headers.push((name, value.into()));
        self
    }

    fn not_found() -> Failure {
        Failure::new(404, "UNSUPPORTED", "404 page not found")
    }

    fn unsupported() -> Failure {
        Failure::new(405, "UNSUPPORTED", "The operation is unsupported.")
    }

    fn name_unknown() -> Failure {
        Failure::new(404, "NAME_UNKNOWN", "repository name not known to registry")
    }

    fn digest_invalid() -> Failure {
        let text = "provided digest did not match uploaded content";
        Failure::new(400, "DIGEST_INVALID", text)
    }

    fn response(self) -> Response {
        let error = json!({"code": self.code, "message": self.text, "detail": ""});
        let mut response = Response::json(self.status, json!({"errors": [error]}));
        response.headers = self.headers;
        response
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::new(500, "UNKNOWN", format!("the emulator's disk: {error}"))
    }
}

/// Responds to a request; what is left of its body is read, so that the response arrives.
pub(super) async fn respond(visit: Visit<'_>, mut body: Incoming) -> Response {
    let response = route(&visit, &mut body).await;
    while let Some(Ok(_)) = body.frame().await {}
    let response = response
        .unwrap_or_else(Failure::response)
        .header("docker-distribution-api-version", "registry/2.0")
        .header("forserver", "swr");
    if visit.method == "HEAD" {
        response.without_body()
    } else {
        response
    }
}

async fn route(visit: &Visit<'_>, body: &mut Incoming) -> Result<Response, Failure> {
    if !visit.path.starts_with("/v2") {
        return token::respond(visit);
    }
    if matches!(visit.path, "/v2" | "/v2/") {
        visit.check_token(None)?;
        return match visit.method {
            "GET" | "HEAD" => Ok(Response::json(200, json!({}))),
            _ => Err(Failure::unsupported()),
        };
    }
    let (name, route) = Route::parse(visit.path).ok_or_else(Failure::not_found)?;
    let action = match (visit.method, &route) {
        ("GET" | "HEAD", Route::Upload(_)) => Action::Push,
        ("GET" | "HEAD", _) => Action::Pull,
        ("DELETE", Route::Manifest(_) | Route::Blob(_)) => Action::Delete,
        _ => Action::Push,
    };
    visit.check_token(Some((name, action)))?;
    let name = Name::parse(name)
        .ok_or_else(|| Failure::new(400, "NAME_INVALID", "invalid repository name"))?;
    match (visit.method, route) {
        ("GET" | "HEAD", Route::Manifest(reference)) => manifests::get(visit, &name, reference),
        ("PUT", Route::Manifest(reference)) => manifests::put(visit, &name, reference, body).await,
        ("DELETE", Route::Manifest(reference)) => manifests::delete(visit, &name, reference),
        ("GET" | "HEAD", Route::Blob(digest)) => blobs::get(visit, &name, digest),
        ("DELETE", Route::Blob(digest)) => blobs::delete(visit, &name, digest),
        ("POST", Route::Uploads) => uploads::begin(visit, &name, body).await,
        ("PATCH", Route::Upload(id)) => uploads::append(visit, &name, id, body).await,
        ("PUT", Route::Upload(id)) => uploads::finish(visit, &name, id, body).await,
        ("GET" | "HEAD", Route::Upload(id)) => uploads::show(visit, &name, id),
        ("DELETE", Route::Upload(id)) => uploads::cancel(visit, &name, id),
        ("GET", Route::Tags) => tags::list(visit, &name),
        ("GET", Route::Referrers(digest)) => tags::referrers(visit, &name, digest),
        _ => Err(Failure::unsupported()),
    }
}

/// Returns 32 hexadecimal digits, fixed by what they are for.
fn id_of(what: &str) -> String {
    let mut id = hex::encode(Sha256::digest(format!("swr emulator: {what}")));
    id.truncate(32);
    id
}

#[cfg(test)]
mod tests {
    use super::{Name, serves};

    #[test]
    fn the_api_and_the_registry_share_a_port() {
        for path in [
            "/v2/",
            "/v2",
            "/v2/demo/web/api/tags/list",
            "/v2/managers/x/tags/list",
            "/swr/auth/v2/registry/auth",
            "/swr/auth/v2/registry/auth/",
        ] {
            assert!(serves(path), "{path}");
        }
        for path in [
            "/",
            "/v2/manage/namespaces",
            "/v2/manage",
            "/v3/manage/repos",
        ] {
            assert!(!serves(path), "{path}");
        }
    }

    #[test]
    fn names_are_the_specifications() {
        for name in ["demo/web", "a.b/c__d/e--f", "0/1"] {
            assert!(Name::parse(name).is_some(), "{name}");
        }
        for name in [
            "demo",
            "Demo/web",
            "demo//web",
            "demo/-a",
            "demo/a..b",
            "demo/",
        ] {
            assert!(Name::parse(name).is_none(), "{name}");
        }
    }
}
