//! Tags: `…/namespaces/{ns}/repos/{repo}/tags` of v2 and v3, and one of them. Source:
//! `reference/swr-api.md` 3.8, 3.9, and the v3 lists.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::page::{Wanted, paced};
use super::repositories::{SIZE, internal_path_of, path_of};
use crate::emulator::refusal::{Refused, TAG_MISSING};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Place, Tag, digest_of};

/// `updated_at`, in newer pages `tag`.
const COLUMNS: [&str; 2] = ["updated_at", "tag"];
const FILTER_KEYS: [&str; 5] = ["tag", "limit", "offset", "order_column", "order_type"];

/// `GET …/tags`, in which the name's key is `Tag`.
pub(super) fn list(call: &mut Call, namespace: &str, repository: &str) -> Outcome {
    let switches = call.switches();
    let wanted = Wanted::of(call, &FILTER_KEYS)?;
    let page = wanted.page(switches)?;
    let order = wanted.order(&COLUMNS)?;
    let (place, tags) = seen(call, namespace, repository, &wanted, order)?;
    let total = tags.len();
    let shown: Vec<Value> = page
        .of(tags)
        .iter()
        .map(|(name, tag)| in_list(call, &place, name, tag))
        .collect();
    let count = shown.len();
    let reply = page.range(Reply::json(200, json!(shown)), count, total);
    Ok(paced(reply, switches))
}

/// `GET /v3/…/tags`: the marker is the last name that was seen, and the key `tag`.
pub(super) fn list_v3(call: &mut Call, namespace: &str, repository: &str) -> Outcome {
    let switches = call.switches();
    let wanted = Wanted::of(call, &FILTER_KEYS)?;
    let limit = wanted.limit(switches)?;
    let order = wanted.order(&COLUMNS)?;
    let manifests = call.parameter("with_manifest") == Some("true");
    let marker = call.parameter("marker").map(str::to_owned);
    let (place, mut tags) = seen(call, namespace, repository, &wanted, order)?;
    if let Some(marker) = marker {
        let behind = tags.iter().position(|(name, _)| *name == marker);
        tags.drain(..behind.map_or(0, |place| place + 1));
    }
    let more = tags.len() > limit;
    tags.truncate(limit);
    let last = tags.last().map_or("", |(name, _)| name);
    let next = if more { last } else { "" };
    let shown: Vec<Value> = tags
        .iter()
        .map(|(name, tag)| in_list_v3(call, &place, name, tag, manifests))
        .collect();
    let body = json!({"tags": shown, "nextMarker": next, "has_more": more});
    Ok(paced(Reply::json(200, body), switches))
}

/// `GET …/tags/{tag}`.
pub(super) fn show(call: &mut Call, namespace: &str, repository: &str, name: &str) -> Outcome {
    let (place, mut tags) = look(call, namespace, repository)?;
    let tag = tags.remove(name).ok_or(TAG_MISSING)?;
    let reply = Reply::json(200, alone(call, &place, name, &tag));
    Ok(paced(reply, call.switches()))
}

/// Returns the tags as they are, and lets time pass for the copies that are on their way here, also
/// when the repository comes into being with the first of them.
fn look(
    call: &mut Call,
    namespace: &str,
    repository: &str,
) -> Result<(Place, BTreeMap<String, Tag>), Refused> {
    let found = call
        .repository(namespace, repository)
        .map(|(place, repository)| (place, repository.tags.clone()));
    let place = Place::new(call.region, namespace, repository);
    call.world.look_at_target(&place, call.rules);
    found
}

/// Returns the tags that fit, in the order that was asked.
fn seen(
    call: &mut Call,
    namespace: &str,
    repository: &str,
    wanted: &Wanted,
    order: Option<(&str, bool)>,
) -> Result<(Place, Vec<(String, Tag)>), Refused> {
    let (place, tags) = look(call, namespace, repository)?;
    let name = wanted.value("tag").unwrap_or_default();
    let exactly = call.switches().has(Switch::TagsExactly) && !name.is_empty();
    let fits = |known: &str| {
        if exactly {
            known == name
        } else {
            known.contains(name)
        }
    };
    let mut tags: Vec<(String, Tag)> = tags.into_iter().filter(|(tag, _)| fits(tag)).collect();
    let (column, falls) = order.unwrap_or(("updated_at", true));
    if column == "updated_at" {
        tags.sort_by_key(|(_, tag)| tag.updated);
    }
    if falls {
        tags.reverse();
    }
    Ok((place, tags))
}

fn in_list(call: &Call, place: &Place, name: &str, tag: &Tag) -> Value {
    json!({
        "id": tag.id,
        "repo_id": repository_id(call, place),
        "Tag": name,
        "image_id": image_id_of(tag),
        "manifest": manifest_of(tag),
        "digest": tag.digest,
        "schema": 2,
        "path": format!("{}:{name}", path_of(call.region, &place.namespace, &place.repository)),
        "internal_path": format!("{}:{name}", internal_path_of(&place.namespace, &place.repository)),
        "size": SIZE,
        "is_trusted": false,
        "created": tag.created.text(),
        "updated": tag.updated.text(),
        "deleted": null,
        "domain_id": call.account.id,
        "scanned": false,
        "tag_type": 0,
    })
}

fn alone(call: &Call, place: &Place, name: &str, tag: &Tag) -> Value {
    let mut shown = json!({
        "id": tag.id,
        "repo_id": repository_id(call, place),
        "tag": name,
    });
    copy_others(
        &mut shown,
        &in_list(call, place, name, tag),
        &["Tag", "deleted", "scanned"],
    );
    shown
}

fn in_list_v3(call: &Call, place: &Place, name: &str, tag: &Tag, manifest: bool) -> Value {
    let mut shown = json!({
        "id": tag.id,
        "repo_id": repository_id(call, place),
        "tag": name,
    });
    let left_out: &[&str] = if manifest {
        &["Tag"]
    } else {
        &["Tag", "manifest"]
    };
    copy_others(&mut shown, &in_list(call, place, name, tag), left_out);
    shown
}

fn copy_others(shown: &mut Value, whole: &Value, left_out: &[&str]) {
    for (key, value) in whole.as_object().into_iter().flatten() {
        if !left_out.contains(&key.as_str()) {
            shown[key.as_str()] = value.clone();
        }
    }
}

fn repository_id(call: &Call, place: &Place) -> u64 {
    call.world
        .repository(place)
        .map_or(0, |repository| repository.id)
}

/// The config's digest, without its algorithm.
fn image_id_of(tag: &Tag) -> String {
    digest_of(&tag.digest)
        .trim_start_matches("sha256:")
        .to_owned()
}

/// A manifest as JSON text, which names what the digest is made from.
fn manifest_of(tag: &Tag) -> String {
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 1_470,
            "digest": digest_of(&tag.digest),
        },
        "layers": [{
            "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "size": SIZE,
            "digest": digest_of(&format!("layer of {}", tag.digest)),
        }],
    })
    .to_string()
}
