//! What a repository has: its tags, and what refers to a manifest.

use std::ops::Bound;

use serde_json::{Value, json};

use super::{Failure, Name, Visit};
use crate::emulator::response::{Body, Response};
use crate::emulator::storage::Digest;
use crate::emulator::switches::Switch;

/// GET …/tags/list?n=&last=
pub(super) fn list(visit: &Visit<'_>, name: &Name) -> Result<Response, Failure> {
    let limit = visit
        .parameter("n")
        .map(|text| {
            let text = text.parse::<usize>();
            text.map_err(|_| Failure::new(400, "PAGINATION_NUMBER_INVALID", "invalid number n"))
        })
        .transpose()?
        .unwrap_or(usize::MAX);
    let last = visit.parameter("last").unwrap_or_default();
    let place = name.place(visit.region);
    let missing_is_404 = visit.shared.switches().has(Switch::MissingTagsAre404);
    let (tags, more) = visit.shared.with_rules(|world, rules| {
        world.look_at_target(&place, rules);
        let Some(repository) = world.repository(&place) else {
            return if missing_is_404 {
                Err(Failure::name_unknown())
            } else {
                Ok((None, false))
            };
        };
        let mut after = repository
            .tags
            .range::<str, _>((Bound::Excluded(last.as_str()), Bound::Unbounded))
            .map(|(tag, _)| tag.clone());
        let tags: Vec<String> = after.by_ref().take(limit).collect();
        let more = limit > 0 && after.next().is_some();
        Ok((Some(tags), more))
    })?;
    let next = tags.as_ref().and_then(|tags| tags.last()).filter(|_| more);
    let next = next.map(|last| {
        format!(
            "</v2/{}/tags/list?n={limit}&last={last}>; rel=\"next\"",
            name.0
        )
    });
    let response = Response::json(200, json!({"name": name.0, "tags": tags}));
    Ok(match next {
        Some(next) => response.header("link", next),
        None => response,
    })
}

/// GET …/referrers/{digest}?artifactType=
pub(super) fn referrers(visit: &Visit<'_>, name: &Name, digest: &str) -> Result<Response, Failure> {
    if !visit.shared.switches().has(Switch::ReferrersAreOffered) {
        return Err(Failure::not_found());
    }
    let subject = Digest::parse(digest)
        .ok_or_else(|| Failure::new(400, "DIGEST_INVALID", "invalid digest"))?;
    let wanted = visit.parameter("artifactType");
    let world = visit.shared.world();
    let manifests: Vec<Value> = world
        .content(&name.place(visit.region))
        .into_iter()
        .flat_map(|content| &content.manifests)
        .filter(|(_, manifest)| {
            manifest.subject.as_ref() == Some(&subject)
                && (wanted.is_none() || manifest.artifact_type == wanted)
        })
        .map(|(digest, manifest)| {
            let mut descriptor = json!({
                "mediaType": manifest.media_type,
                "size": manifest.size,
                "digest": digest,
            });
            if let Some(kind) = &manifest.artifact_type {
                descriptor["artifactType"] = kind.as_str().into();
            }
            if !manifest.annotations.is_empty() {
                descriptor["annotations"] = manifest.annotations.clone().into();
            }
            descriptor
        })
        .collect();
    let kind = "application/vnd.oci.image.index.v1+json";
    let index = json!({"schemaVersion": 2, "mediaType": kind, "manifests": manifests});
    let response = Response {
        status: 200,
        headers: Vec::new(),
        body: Body::Raw(kind.to_owned(), index.to_string().into()),
    };
    Ok(if wanted.is_some() {
        response.header("oci-filters-applied", "artifactType")
    } else {
        response
    })
}
