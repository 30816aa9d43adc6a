//! Tags: `Tag` in the v2 list, `tag` elsewhere (sections 3.8, 3.9, and the v3 list).

use serde_json::{Value, json};

use super::Work;
use super::lists::{Page, filter, value};
use crate::emulator::refusal::{FILTER_INVALID, ORDER_COLUMN, QUERY_INVALID, Refused, TAG_MISSING};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Place, Tag};

/// What a tag is called where.
fn shown(place: &Place, name: &str, tag: &Tag, key: &str, manifest: bool) -> Value {
    let path = format!(
        "swr.{}.myhuaweicloud.com/{}/{}:{name}",
        place.region, place.namespace, place.repository
    );
    let mut row = json!({
        "id": tag.id,
        "repo_id": 0,
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

fn wanted<'a>(work: &Work<'_>, named: Option<&'a str>) -> impl Fn(&str) -> bool + 'a {
    let exact = work.switches.has(Switch::TagsExactly);
    move |tag| match named {
        None => true,
        Some(named) if exact => tag == named,
        Some(named) => tag.contains(named),
    }
}

/// `ListRepositoryTags`: a bare array. Looking moves the copies that are on their way here.
pub(super) fn list(work: &Work<'_>, place: &Place) -> Result<Reply, Refused> {
    look(work, place);
    let call = work.call;
    let pairs = match call.parameter("filter") {
        Some(text) => Some(filter(text).ok_or(FILTER_INVALID)?),
        None => None,
    };
    let asked = |name: &str| match &pairs {
        Some(pairs) => value(pairs, name),
        None => call.parameter(name),
    };
    let page = Page::of(work, asked("limit"), asked("offset"))?;
    let by_name = match call.parameter("order_column") {
        None | Some("updated_at") => false,
        Some("tag") => true,
        Some(_) => return Err(ORDER_COLUMN.into()),
    };
    let descending = match call.parameter("order_type") {
        None | Some("desc") => true,
        Some("asc") => false,
        Some(_) => return Err(QUERY_INVALID.into()),
    };
    let world = work.shared.world();
    let repository = work.repository(&world, place)?;
    let fits = wanted(work, asked("tag"));
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
        let mut row = shown(place, name, tag, "Tag", true);
        row["deleted"] = Value::Null;
        row["scanned"] = false.into();
        row
    });
    Ok(work.paced(page.reply(rows.collect())))
}

/// The v3 list: markers; manifests only where they are asked for.
pub(super) fn list_v3(work: &Work<'_>, place: &Place) -> Result<Reply, Refused> {
    if work.switches.has(Switch::V3IsClosed) {
        return Err(Refused::not_published());
    }
    look(work, place);
    let limit = work.v3_limit()?;
    let manifest = work.call.parameter("with_manifest") == Some("true");
    let marker = work.call.parameter("marker").unwrap_or_default();
    let world = work.shared.world();
    let repository = work.repository(&world, place)?;
    let fits = wanted(work, work.call.parameter("tag"));
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
        .map(|(name, tag)| shown(place, name, tag, "tag", manifest))
        .collect();
    let page = json!({"tags": rows, "nextMarker": next, "has_more": more});
    Ok(work.paced(Reply::json(200, page)))
}

/// `ShowRepoTag`.
pub(super) fn show(work: &Work<'_>, place: &Place, name: &str) -> Result<Reply, Refused> {
    look(work, place);
    let world = work.shared.world();
    let repository = work.repository(&world, place)?;
    let tag = repository.tags.get(name).ok_or(TAG_MISSING)?;
    Ok(work.paced(Reply::json(200, shown(place, name, tag, "tag", true))))
}

fn look(work: &Work<'_>, place: &Place) {
    work.shared
        .with_rules(|world, rules| world.look_at_target(place, rules));
}
