//! A push as docker would make one: the emulator's own call, and its client.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use serde_json::{Map, Value, json};

use super::call::{Call, text};
use super::refusal::{NAMESPACE_MISSING, Refused, WRONG_BODY};
use super::reply::Reply;
use super::shared::Shared;
use super::world::Place;
use crate::error::{Error, Kind};
use crate::names::{Namespace, Repository, Tag};

/// `POST /emulator/push` with namespace, repository, tags, and perhaps a digest.
pub(super) fn answer(shared: &Shared, call: &Call<'_>) -> Result<Reply, Refused> {
    if call.method != "POST" {
        return Err(Refused::not_published());
    }
    let body = call.object()?;
    let place = Place::new(
        call.region,
        text(&body, "namespace")?,
        text(&body, "repository")?,
    );
    if shared
        .world()
        .namespace(&place.region, &place.namespace)
        .is_none()
    {
        return Err(NAMESPACE_MISSING.into());
    }
    let tags = body
        .get("tags")
        .and_then(Value::as_array)
        .ok_or(WRONG_BODY)?;
    let digest = body.get("digest").and_then(Value::as_str);
    let mut pushed = Map::new();
    for tag in tags.iter().filter_map(Value::as_str) {
        pushed.insert(tag.to_owned(), shared.push(&place, tag, digest).into());
    }
    Ok(Reply::json(200, json!({"digests": pushed})))
}

/// Pushes tags to a running emulator; returns each with its digest.
///
/// # Errors
/// Kind `network` when nothing answers there, kind `http` when it refuses.
pub fn push(
    endpoint: &str,
    namespace: &Namespace,
    repository: &Repository,
    tags: &[Tag],
    digest: Option<&str>,
) -> Result<Vec<(String, String)>, Error> {
    let gone = |error: anyhow::Error| {
        Error::new(
            Kind::Network,
            format!("no emulator answers at '{endpoint}'"),
        )
        .cause(error)
        .hint("start one with 'swr emulator start', or work in 'swr emulator exec -- bash'")
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // Plain http on loopback: nobody has to be trusted, and no certificate file is read.
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| gone(error.into()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::blocking::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .build()
        .map_err(|error| gone(error.into()))?;
    let mut body = json!({"namespace": namespace, "repository": repository, "tags": tags});
    if let Some(digest) = digest {
        body["digest"] = digest.into();
    }
    let answer = client
        .post(format!("{endpoint}/emulator/push"))
        .header("Content-Type", "application/json")
        .body(body.to_string())
        .send()
        .map_err(|error| gone(error.without_url().into()))?;
    let status = answer.status().as_u16();
    let said = answer
        .bytes()
        .map_err(|error| gone(error.without_url().into()))?;
    let said: Value = serde_json::from_slice(&said).unwrap_or_default();
    match said.get("digests").and_then(Value::as_object) {
        Some(digests) => Ok(digests
            .iter()
            .map(|(tag, digest)| (tag.clone(), digest.as_str().unwrap_or_default().to_owned()))
            .collect()),
        None => Err(Error::new(
            Kind::Http,
            format!(
                "the emulator refused the push: {}",
                said["error_msg"].as_str().unwrap_or("?")
            ),
        )
        .status(status)
        .hint("the namespace has to be there: 'swr namespace create'")),
    }
}
