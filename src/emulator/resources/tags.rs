//! Tags: `Tag` in the v2 list, `tag` elsewhere (sections 3.8, 3.9, and the v3 list).

use std::ops::Bound;

use serde_json::{Value, json};

use super::Work;
use super::lists::{Asked, Page};
use crate::emulator::refusal::{ORDER_COLUMN, Refusal, TAG_MISSING};
use crate::emulator::response::Response;
use crate::emulator::storage::Digest;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Place, Repository, Tag, World};

/// Writes a tag; what it is called depends on where it is listed.
fn write(
    work: &Work<'_>,
    world: &World,
    place: &Place,
    (name, tag): (&str, &Tag),
    key: &str,
    with_manifest: bool,
) -> Value {
    let host = work.shared.registry_host(&place.region);
    let path = format!("{host}/{}/{}:{name}", place.namespace, place.repository);
    let found = world.manifest(place, &tag.digest);
    let is_index = found.is_some_and(|manifest| !manifest.children.is_empty());
    let repository_id = world
        .repository(place)
        .map_or(0, |repository| repository.id);
    let mut row = json!({
        "id": tag.id,
        "repo_id": repository_id,
        key: name,
        "image_id": tag.digest.trim_start_matches("sha256:"),
        "digest": tag.digest,
        "schema": 2,
        "path": path,
        "internal_path": path,
        "size": world.size(place, &tag.digest),
        "is_trusted": false,
        "created": tag.created.text(),
        "updated": tag.updated.text(),
        "domain_id": super::account::DOMAIN_ID,
        "tag_type": u8::from(is_index),
    });
    if with_manifest {
        let bytes = Digest::parse(&tag.digest)
            .filter(|_| found.is_some())
            .and_then(|digest| work.shared.store().bytes(&digest).ok()?);
        row["manifest"] = match bytes {
            Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            None => json!({"schemaVersion": 2, "config": {"digest": tag.digest}}).to_string(),
        }
        .into();
    }
    row
}

fn wanted<'a>(work: &Work<'_>, asked: &Asked<'a>) -> impl Fn(&str) -> bool + use<'a> {
    let named = asked.value("tag");
    let exact = work.switches.has(Switch::TagsExactly);
    move |tag| match named {
        None => true,
        Some(named) if exact => tag == named,
        Some(named) => tag.contains(named),
    }
}

/// `ListRepositoryTags`: a bare array. Looking moves the copies that are on their way here.
pub(super) fn list(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    let asked = work.asked()?;
    let page = Page::of(work, &asked)?;
    let by_name = match asked.value("order_column") {
        None | Some("updated_at") => false,
        Some("tag") => true,
        Some(_) => return Err(ORDER_COLUMN.into()),
    };
    let descending = asked.descending()?.unwrap_or(true);
    let fits = wanted(work, &asked);
    look(work, place, |world, repository| {
        let tags = repository.tags.iter().filter(|(name, _)| fits(name));
        let mut tags: Vec<_> = tags.collect();
        if !by_name {
            tags.sort_by_key(|(_, tag)| tag.updated);
        }
        if descending {
            tags.reverse();
        }
        Ok(page.response(&tags, |(name, tag)| {
            let mut row = write(work, world, place, (name, tag), "Tag", true);
            row["deleted"] = Value::Null;
            row["scanned"] = false.into();
            row
        }))
    })
}

/// The v3 list: markers; manifests only where they are asked for.
pub(super) fn list_v3(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    if work.switches.has(Switch::V3IsClosed) {
        return Err(Refusal::not_published());
    }
    let asked = work.asked()?;
    let limit = work.v3_limit(&asked)?;
    let manifest = work.request.parameter("with_manifest") == Some("true");
    let marker = work.request.parameter("marker").unwrap_or_default();
    let fits = wanted(work, &asked);
    look(work, place, |world, repository| {
        let mut tags: Vec<_> = repository
            .tags
            .range::<str, _>((Bound::Excluded(marker), Bound::Unbounded))
            .filter(|(name, _)| fits(name))
            .take(limit + 1)
            .collect();
        let more = tags.len() > limit;
        tags.truncate(limit);
        let next = tags.last().filter(|_| more);
        let next = next.map_or("", |(name, _)| name.as_str());
        let rows = tags
            .iter()
            .map(|(name, tag)| write(work, world, place, (name, tag), "tag", manifest));
        let rows: Vec<Value> = rows.collect();
        Ok(Response::json(
            200,
            json!({"tags": rows, "nextMarker": next, "has_more": more}),
        ))
    })
}

/// `ShowRepoTag`.
pub(super) fn show(work: &Work<'_>, place: &Place, name: &str) -> Result<Response, Refusal> {
    look(work, place, |world, repository| {
        let tag = repository.tags.get(name).ok_or(TAG_MISSING)?;
        let row = write(work, world, place, (name, tag), "tag", true);
        Ok(Response::json(200, row))
    })
}

/// Lets time pass for the copies that are on their way here, and shows the repository.
fn look(
    work: &Work<'_>,
    place: &Place,
    show: impl FnOnce(&World, &Repository) -> Result<Response, Refusal>,
) -> Result<Response, Refusal> {
    let response = work.shared.with_rules(|world, rules| {
        world.look_at_target(place, rules);
        show(world, work.repository(world, place)?)
    });
    response.map(|response| work.paced(response))
}
