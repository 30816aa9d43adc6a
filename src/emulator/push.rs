//! A push, as docker would make one: `POST /emulator/push` at every region's port, and its client.
//!
//! The body is `{"namespace","repository","tags":["v1"],"digest"?}`, the answer
//! `{"pushed":[{"tag","digest"}]}`; nobody is asked who they are.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cloud::Cloud;
use super::reply::Reply;
use super::world::Place;
use crate::error::{Error, Kind};
use crate::names::{Namespace, RegionId, Repository, Tag};

/// Where the emulator takes pushes.
pub(super) const PATH: &str = "/emulator/push";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Push {
    namespace: String,
    repository: String,
    tags: Vec<String>,
    digest: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    pushed: Vec<Pushed>,
}

#[derive(Serialize, Deserialize)]
struct Pushed {
    tag: String,
    digest: String,
}

/// Makes the push, and the repository where it is missing.
pub(super) fn answer(cloud: &Cloud, region: &RegionId, body: &[u8]) -> Reply {
    let wrong = |status, why: String| Reply::json(status, json!({"message": why}));
    let push: Push = match serde_json::from_slice(body) {
        Ok(push) => push,
        Err(error) => return wrong(400, error.to_string()),
    };
    cloud.change(|world, rules| {
        let place = Place::new(region.as_str(), &push.namespace, &push.repository);
        if world.namespace(region.as_str(), &push.namespace).is_none() {
            let why = format!(
                "the namespace '{}' does not exist in {region}",
                push.namespace
            );
            return wrong(404, why);
        }
        let pushed = push.tags.into_iter().map(|tag| Pushed {
            digest: world.push(&place, &tag, push.digest.as_deref(), rules),
            tag,
        });
        let answer = Answer {
            pushed: pushed.collect(),
        };
        Reply::json(200, json!(answer))
    })
}

/// Pushes tags to a running emulator, and returns each with its digest.
///
/// # Errors
/// Kind `network` when nothing answers there, kind `http` when the push is refused.
pub fn push(
    endpoint: &str,
    namespace: &Namespace,
    repository: &Repository,
    tags: &[Tag],
    digest: Option<&str>,
) -> Result<Vec<(String, String)>, Error> {
    let unreachable = |error: reqwest::Error| {
        Error::new(
            Kind::Network,
            format!("no emulator answers at '{endpoint}'"),
        )
        .cause(error.without_url())
        .hint("start one with 'swr emulator start', or run this inside 'swr emulator exec'")
    };
    let body = json!({
        "namespace": namespace,
        "repository": repository,
        "tags": tags,
        "digest": digest,
    });
    let response = client()?
        .post(format!("{}{PATH}", endpoint.trim_end_matches('/')))
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .map_err(unreachable)?;
    let status = response.status().as_u16();
    let text = response.text().map_err(unreachable)?;
    if status != 200 {
        return Err(refused(status, &text));
    }
    let answer: Answer = serde_json::from_str(&text).map_err(|error| {
        Error::new(
            Kind::Http,
            format!("what answers at '{endpoint}' is no emulator"),
        )
        .cause(error)
    })?;
    Ok(answer
        .pushed
        .into_iter()
        .map(|one| (one.tag, one.digest))
        .collect())
}

/// For plain http on loopback: no proxy, and TLS that trusts nobody.
fn client() -> Result<reqwest::blocking::Client, Error> {
    let broken = || Error::new(Kind::Network, "TLS cannot be set up");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| broken().cause(error))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::blocking::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(tls)
        .build()
        .map_err(|error| broken().cause(error))
}

fn refused(status: u16, text: &str) -> Error {
    let said: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let said = said.as_ref().and_then(|body| body["message"].as_str());
    let what = match said {
        Some(said) => said.to_owned(),
        None => format!("what answers there is no emulator: status {status}"),
    };
    Error::new(Kind::Http, what).status(status)
}
