//! Manifests: read by tag or digest, pushed, removed.

use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::manifest;
use super::{Failure, Name, Visit};
use crate::emulator::request::query_pairs;
use crate::emulator::response::{Body, Response};
use crate::emulator::storage::{Digest, Manifest};
use crate::emulator::switches::Switch;
use crate::emulator::world::Content;

/// The specification asks registries to take manifests up to this size.
const LARGEST: usize = 4 * 1024 * 1024;

fn unknown(reference: &str) -> Failure {
    Failure::new(
        404,
        "MANIFEST_UNKNOWN",
        format!("manifest unknown: {reference}"),
    )
}

/// GET and HEAD …/manifests/{reference}. A look moves the copies that are on their way here.
pub(super) fn get(visit: &Visit<'_>, name: &Name, reference: &str) -> Result<Response, Failure> {
    let place = name.place(visit.region);
    let (digest, media_type) = visit.shared.with_rules(|world, rules| {
        world.look_at_target(&place, rules);
        let repository = world.repository(&place).ok_or_else(Failure::name_unknown)?;
        let digest = if reference.contains(':') {
            Digest::parse(reference).ok_or_else(|| unknown(reference))?
        } else {
            let tag = repository.tags.get(reference);
            let text = &tag.ok_or_else(|| unknown(reference))?.digest;
            Digest::parse(text).ok_or_else(|| seeded(reference))?
        };
        let manifest = world
            .content(&place)
            .and_then(|content| content.manifests.get(&digest));
        match manifest {
            Some(manifest) => Ok((digest, manifest.media_type.clone())),
            None if reference.contains(':') => Err(unknown(reference)),
            None => Err(seeded(reference)),
        }
    })?;
    let bytes = visit
        .shared
        .store()
        .bytes(&digest)?
        .ok_or_else(|| seeded(reference))?;
    let response = Response {
        status: 200,
        headers: Vec::new(),
        body: Body::Raw(media_type, bytes.into()),
    };
    Ok(response.header("docker-content-digest", digest.as_str()))
}

/// A tag whose digest was made up by a seed or by `--digest`: there is no image.
fn seeded(reference: &str) -> Failure {
    Failure::new(
        404,
        "MANIFEST_UNKNOWN",
        format!("manifest unknown: {reference} was seeded by digest only"),
    )
}

/// PUT …/manifests/{reference}[?tag=…]
pub(super) async fn put(
    visit: &Visit<'_>,
    name: &Name,
    reference: &str,
    body: &mut Incoming,
) -> Result<Response, Failure> {
    let bytes = read(body).await?;
    let media_type = visit.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let switches = visit.shared.switches();
    let mut manifest = manifest::read(&bytes, media_type, switches)
        .map_err(|text| Failure::new(400, "MANIFEST_INVALID", text))?;
    let mut tags: Vec<String> = Vec::new();
    let digest = if reference.contains(':') {
        let digest = Digest::parse(reference).ok_or_else(Failure::digest_invalid)?;
        if !digest.names(&bytes) {
            return Err(Failure::digest_invalid());
        }
        let named = query_pairs(visit.query).into_iter();
        tags.extend(named.filter(|(key, _)| key == "tag").map(|(_, tag)| tag));
        digest
    } else {
        tags.push(reference.to_owned());
        Digest::of(&bytes)
    };
    if let Some(tag) = tags.iter().find(|tag| !is_tag(tag)) {
        let text = format!("manifest tag did not match URI: '{tag}'");
        return Err(Failure::new(400, "TAG_INVALID", text));
    }
    let place = name.place(visit.region);
    let subject = manifest.subject.clone();
    visit.shared.with_rules(|world, rules| {
        // Made by the first push; a namespace that is gone meanwhile is refused.
        let content = world
            .content_mut(&place)
            .ok_or_else(Failure::name_unknown)?;
        check_parts(content, &mut manifest)?;
        visit.shared.store().put(&digest, &bytes)?;
        content.manifests.insert(digest.clone(), manifest);
        world.add_repository(&place);
        for tag in &tags {
            world.push(&place, tag, digest.as_str(), rules);
        }
        Ok::<(), Failure>(())
    })?;
    let mut response = Response::nothing(201)
        .header("location", format!("/v2/{}/manifests/{digest}", name.0))
        .header("docker-content-digest", digest.as_str());
    if let Some(subject) = subject.filter(|_| switches.has(Switch::ReferrersAreOffered)) {
        response = response.header("oci-subject", subject.as_str());
    }
    if reference.contains(':') {
        for tag in tags {
            response = response.header("oci-tag", tag);
        }
    }
    Ok(response)
}

async fn read(body: &mut Incoming) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| Failure::new(400, "MANIFEST_INVALID", "the body ended too early"))?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > LARGEST {
                let text = "the manifest is larger than 4 MiB";
                return Err(Failure::new(413, "SIZE_INVALID", text));
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// Returns `true` if the specification allows a tag.
fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let first = text.bytes().next();
    first.is_some_and(word)
        && text.len() <= 128
        && text
            .bytes()
            .all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

/// Fails unless the repository has all parts of a manifest, and sums up an index's images.
fn check_parts(content: &Content, manifest: &mut Manifest) -> Result<(), Failure> {
    let missing = |digest: &Digest| {
        let text = format!("blob unknown to registry: {digest}");
        Failure::new(400, "MANIFEST_BLOB_UNKNOWN", text)
    };
    if let Some(digest) = manifest
        .blobs
        .iter()
        .find(|digest| !content.blobs.contains(digest))
    {
        return Err(missing(digest));
    }
    for digest in &manifest.children {
        let child = content.manifests.get(digest);
        manifest.image_size += child.ok_or_else(|| missing(digest))?.image_size;
    }
    Ok(())
}

/// DELETE …/manifests/{reference}: a tag alone, or a manifest with its tags.
pub(super) fn delete(visit: &Visit<'_>, name: &Name, reference: &str) -> Result<Response, Failure> {
    let place = name.place(visit.region);
    let mut world = visit.shared.world_to_change();
    let repository = world
        .repository_mut(&place)
        .ok_or_else(Failure::name_unknown)?;
    let Some(digest) = Digest::parse(reference) else {
        return match repository.tags.remove(reference) {
            Some(_) => Ok(Response::nothing(202)),
            None => Err(unknown(reference)),
        };
    };
    repository
        .tags
        .retain(|_, tag| tag.digest != digest.as_str());
    if world.remove_manifest(&place, &digest) {
        Ok(Response::nothing(202))
    } else {
        Err(unknown(reference))
    }
}

#[cfg(test)]
mod tests {
    use super::is_tag;

    #[test]
    fn tags_are_the_specifications() {
        for tag in ["v1.0.0", "_x", "A-b.c", "sha256-abc", &"a".repeat(128)] {
            assert!(is_tag(tag), "{tag}");
        }
        for tag in ["", ".x", "-x", "a b", "a/b", "ä", &"a".repeat(129)] {
            assert!(!is_tag(tag), "{tag}");
        }
    }
}
