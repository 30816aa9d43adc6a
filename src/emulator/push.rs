//! A push as docker would make one: the emulator's own call, which `swr emulator push` makes.

use serde_json::{Map, Value, json};

use super::refusal::{NAMESPACE_MISSING, Refusal, WRONG_BODY};
use super::request::{Request, text};
use super::response::Response;
use super::shared::Shared;
use super::world::Place;

/// `POST /emulator/push` with namespace, repository, tags, and perhaps a digest.
pub(super) fn push(shared: &Shared, request: &Request<'_>) -> Result<Response, Refusal> {
    if request.method != "POST" {
        return Err(Refusal::not_published());
    }
    let body = request.object()?;
    let place = Place::new(
        request.region,
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
        let digest = shared.push(&place, tag, digest).map_err(|error| {
            Refusal::service(5_070_070, format!("the emulator's disk: {error}"))
        })?;
        pushed.insert(tag.to_owned(), digest.into());
    }
    Ok(Response::json(200, json!({"digests": pushed})))
}
