//! Tags: `Tag` in the v2 list, `tag` elsewhere (sections 3.8, 3.9, and the v3 list).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Work;
use super::lists::{Asked, Page};
use crate::emulator::refusal::{ORDER_COLUMN, Refusal, TAG_MISSING};
use crate::emulator::response::Response;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Place, Tag};

/// What a tag is called where.
fn shown(
    place: &Place,
    (name, tag): (&str, &Tag),
    repository_id: u64,
    key: &str,
    manifest: bool,
) -> Value {
    let path = format!(
        "swr.{}.myhuaweicloud.com/{}/{}:{name}",
        place.region, place.namespace, place.repository
    );
    let mut row = json!({
        "id": tag.id,
        "repo_id": repository_id,
        key: name,
        "image_id": tag.digest.trim_start_matches("sha256:"),
        "digest": tag.digest,
        "schema": 2,
        "path": path,
        "internal_path": path,
        "size": 1_000_000,
        "is_trusted": false,
        "created": tag.created.text(),
        "updated": tag.updated.text(),
        "domain_id": super::account::DOMAIN_ID,
        "tag_type": 0,
    });
    if manifest {
        row["manifest"] = json!({"schemaVersion": 2, "config": {"digest": tag.digest}})
            .to_string()
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
    let repository = look(work, place)?;
    let fits = wanted(work, &asked);
    let mut tags: Vec<_> = repository
        .tags
        .iter()
        .filter(|(name, _)| fits(name))
        .collect();
    if !by_name {
        tags.sort_by_key(|(_, tag)| tag.updated);
    }
    if descending {
        tags.reverse();
    }
    let rows = tags.into_iter().map(|(name, tag)| {
        let mut row = shown(place, (name, tag), repository.id, "Tag", true);
        row["deleted"] = Value::Null;
        row["scanned"] = false.into();
        row
    });
    Ok(work.paced(page.reply(rows.collect())))
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
    let repository = look(work, place)?;
    let fits = wanted(work, &asked);
    let mut tags: Vec<_> = repository
        .tags
        .iter()
        .filter(|(name, _)| fits(name) && name.as_str() > marker)
        .take(limit + 1)
        .collect();
    let more = tags.len() > limit;
    tags.truncate(limit);
    let next = tags
        .last()
        .filter(|_| more)
        .map_or("", |(name, _)| name.as_str());
    let rows: Vec<Value> = tags
        .iter()
        .map(|(name, tag)| shown(place, (name, tag), repository.id, "tag", manifest))
        .collect();
    let page = json!({"tags": rows, "nextMarker": next, "has_more": more});
    Ok(work.paced(Response::json(200, page)))
}

/// `ShowRepoTag`.
pub(super) fn show(work: &Work<'_>, place: &Place, name: &str) -> Result<Response, Refusal> {
    let repository = look(work, place)?;
    let tag = repository.tags.get(name).ok_or(TAG_MISSING)?;
    let shown = shown(place, (name, tag), repository.id, "tag", true);
    Ok(work.paced(Response::json(200, shown)))
}

/// What a look at a repository's tags sees.
struct Looked {
    id: u64,
    tags: BTreeMap<String, Tag>,
}

/// Lets time pass for the copies that are on their way here, and returns the tags.
fn look(work: &Work<'_>, place: &Place) -> Result<Looked, Refusal> {
    work.shared.with_rules(|world, rules| {
        world.look_at_target(place, rules);
        let repository = work.repository(world, place)?;
        Ok(Looked {
            id: repository.id,
            tags: repository.tags.clone(),
        })
    })
}
