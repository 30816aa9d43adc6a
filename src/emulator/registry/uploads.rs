//! Uploads of blobs: whole, in pieces, resumed, cancelled, or mounted from another repository.

use std::collections::HashMap;

use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::{Failure, Name, Registry, Visit, id_of};
use crate::emulator::response::Response;
use crate::emulator::storage::{Digest, Incomplete};
use crate::emulator::world::Place;

/// The uploads that are not finished.
#[derive(Default)]
pub(super) struct Uploads {
    open: HashMap<String, Upload>,
    begun: u64,
}

struct Upload {
    place: Place,
    bytes: Incomplete,
}

/// An upload that one request works on; it goes back when the request ends, however it ends.
struct Taken<'a> {
    registry: &'a Registry,
    id: String,
    upload: Option<Upload>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(upload) = self.upload.take() {
            let id = std::mem::take(&mut self.id);
            self.registry.uploads().open.insert(id, upload);
        }
    }
}

fn unknown() -> Failure {
    let text = "blob upload unknown to registry";
    Failure::new(404, "BLOB_UPLOAD_UNKNOWN", text)
}

impl<'a> Taken<'a> {
    fn begin(visit: &'a Visit<'_>, name: &Name) -> Taken<'a> {
        let registry = visit.registry;
        let mut uploads = registry.uploads();
        uploads.begun += 1;
        let id = id_of(&format!("upload {}", uploads.begun));
        Taken {
            registry,
            upload: Some(Upload {
                place: name.place(visit.region),
                bytes: visit.shared.store().begin(&id),
            }),
            id,
        }
    }

    /// Takes an upload of this repository; while it is taken, it is unknown to others.
    fn take(visit: &'a Visit<'_>, name: &Name, id: &str) -> Result<Taken<'a>, Failure> {
        let registry = visit.registry;
        let upload = registry.uploads().open.remove(id).ok_or_else(unknown)?;
        let taken = Taken {
            registry,
            id: id.to_owned(),
            upload: Some(upload),
        };
        if taken.place() == Some(&name.place(visit.region)) {
            Ok(taken)
        } else {
            Err(unknown())
        }
    }

    fn place(&self) -> Option<&Place> {
        self.upload.as_ref().map(|upload| &upload.place)
    }

    fn length(&self) -> u64 {
        self.upload.as_ref().map_or(0, |upload| upload.bytes.length)
    }

    fn location(&self, name: &Name) -> String {
        format!("/v2/{}/blobs/uploads/{}", name.0, self.id)
    }

    /// Returns what has arrived, as the specification writes it: the last byte's offset.
    fn range(&self) -> String {
        format!("0-{}", self.length().saturating_sub(1))
    }

    /// Appends the request's body. What arrives before the client goes stays.
    async fn receive(
        &mut self,
        visit: &Visit<'_>,
        name: &Name,
        body: &mut Incoming,
    ) -> Result<(), Failure> {
        self.check_range(visit, name)?;
        let mut file = None;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| {
                Failure::new(400, "BLOB_UPLOAD_INVALID", "the body ended too early")
            })?;
            let (Ok(data), Some(upload)) = (frame.into_data(), &mut self.upload) else {
                continue;
            };
            if file.is_none() {
                file = Some(upload.bytes.open()?);
            }
            if let Some(file) = &mut file {
                upload.bytes.append(file, &data)?;
            }
        }
        Ok(())
    }

    /// Checks `Content-Range`, where there is one: a piece continues what is there.
    fn check_range(&self, visit: &Visit<'_>, name: &Name) -> Result<(), Failure> {
        let Some(range) = visit.header("content-range") else {
            return Ok(());
        };
        let range = range.strip_prefix("bytes ").unwrap_or(range);
        let bounds = range.split('/').next().and_then(|bounds| {
            let (start, end) = bounds.split_once('-')?;
            Some((start.parse::<u64>().ok()?, end.parse::<u64>().ok()?))
        });
        let length: Option<u64> = visit
            .header("content-length")
            .and_then(|text| text.parse().ok());
        let fits = bounds.is_some_and(|(start, end)| {
            start == self.length()
                && end >= start
                && length.is_none_or(|length| length == end - start + 1)
        });
        if fits {
            return Ok(());
        }
        let text = "the piece does not continue the upload";
        Err(Failure::new(416, "BLOB_UPLOAD_INVALID", text)
            .header("location", self.location(name))
            .header("range", self.range()))
    }

    /// Finishes the upload: the repository has a blob.
    fn finish(
        mut self,
        visit: &Visit<'_>,
        name: &Name,
        digest: &Digest,
    ) -> Result<Response, Failure> {
        let Some(Upload { place, bytes }) = self.upload.take() else {
            return Err(unknown());
        };
        if !visit.shared.store().finish(bytes, digest)? {
            return Err(Failure::digest_invalid());
        }
        link(visit, &place, digest)?;
        Ok(created(name, digest))
    }
}

fn link(visit: &Visit<'_>, place: &Place, digest: &Digest) -> Result<(), Failure> {
    let mut world = visit.shared.world_to_change();
    let content = world.content_mut(place).ok_or_else(Failure::name_unknown)?;
    content.blobs.insert(digest.clone());
    Ok(())
}

fn created(name: &Name, digest: &Digest) -> Response {
    Response::nothing(201)
        .header("location", format!("/v2/{}/blobs/{digest}", name.0))
        .header("docker-content-digest", digest.as_str())
}

/// Returns the digest that a request names, where it names one.
fn digest_named(visit: &Visit<'_>) -> Result<Option<Digest>, Failure> {
    let text = visit.parameter("digest");
    text.map(|text| Digest::parse(&text).ok_or_else(Failure::digest_invalid))
        .transpose()
}

/// POST …/blobs/uploads/
pub(super) async fn begin(
    visit: &Visit<'_>,
    name: &Name,
    body: &mut Incoming,
) -> Result<Response, Failure> {
    if let Some(mounted) = mount(visit, name) {
        return Ok(mounted);
    }
    let digest = digest_named(visit)?;
    let mut taken = Taken::begin(visit, name);
    taken.receive(visit, name, body).await?;
    match digest {
        Some(digest) => taken.finish(visit, name, &digest),
        None => Ok(accepted(&taken, name)),
    }
}

fn accepted(taken: &Taken<'_>, name: &Name) -> Response {
    Response::nothing(202)
        .header("location", taken.location(name))
        .header("range", taken.range())
        .header("docker-upload-uuid", taken.id.as_str())
}

/// Links a blob of another repository that the token opens, too; else the client has to upload.
fn mount(visit: &Visit<'_>, name: &Name) -> Option<Response> {
    let digest = Digest::parse(&visit.parameter("mount")?)?;
    let from = Name::parse(&visit.parameter("from")?)?;
    if !visit.may_pull(&from.0) {
        return None;
    }
    let there = visit
        .shared
        .world()
        .content(&from.place(visit.region))
        .is_some_and(|content| content.blobs.contains(&digest));
    if !there {
        return None;
    }
    link(visit, &name.place(visit.region), &digest).ok()?;
    Some(created(name, &digest))
}

/// PATCH …/blobs/uploads/{id}
pub(super) async fn append(
    visit: &Visit<'_>,
    name: &Name,
    id: &str,
    body: &mut Incoming,
) -> Result<Response, Failure> {
    let mut taken = Taken::take(visit, name, id)?;
    taken.receive(visit, name, body).await?;
    Ok(accepted(&taken, name))
}

/// PUT …/blobs/uploads/{id}?digest=
pub(super) async fn finish(
    visit: &Visit<'_>,
    name: &Name,
    id: &str,
    body: &mut Incoming,
) -> Result<Response, Failure> {
    let mut taken = Taken::take(visit, name, id)?;
    let digest = digest_named(visit)?.ok_or_else(Failure::digest_invalid)?;
    taken.receive(visit, name, body).await?;
    taken.finish(visit, name, &digest)
}

/// GET …/blobs/uploads/{id}
pub(super) fn show(visit: &Visit<'_>, name: &Name, id: &str) -> Result<Response, Failure> {
    let taken = Taken::take(visit, name, id)?;
    let mut response = accepted(&taken, name);
    response.status = 204;
    Ok(response)
}

/// DELETE …/blobs/uploads/{id}
pub(super) fn cancel(visit: &Visit<'_>, name: &Name, id: &str) -> Result<Response, Failure> {
    let mut taken = Taken::take(visit, name, id)?;
    if let Some(upload) = taken.upload.take() {
        upload.bytes.discard();
    }
    Ok(Response::nothing(204))
}
