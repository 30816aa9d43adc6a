//! Repositories (sections 3.4 to 3.6, and the v3 list).

use serde_json::{Value, json};

use super::Work;
use super::lists::{Page, filter, value};
use crate::emulator::call::{flag, number, text};
use crate::emulator::refusal::{
    FILTER_INVALID, IMAGE_NAME, NAMESPACE_MISSING, ORDER_COLUMN, QUERY_INVALID, REPOSITORY_EXISTS,
    REPOSITORY_FULL, REPOSITORY_MISSING, Refused,
};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Place, Repository, World};
use crate::names::{Name, Repository as Grammar};

/// The columns that the service takes; the pages say others (section 3.5).
const COLUMNS: [&str; 5] = [
    "name",
    "updated_time",
    "tag_count",
    "namespace",
    "is_public",
];

struct Row<'a> {
    namespace: &'a str,
    name: &'a str,
    repository: &'a Repository,
}

fn rows<'a>(
    work: &Work<'_>,
    world: &'a World,
    namespace: Option<&str>,
    name: Option<&str>,
) -> Vec<Row<'a>> {
    let Some(region) = world.regions.get(work.call.region) else {
        return Vec::new();
    };
    // Both match loosely (section 3.5).
    let fits = |wanted: Option<&str>, text: &str| wanted.is_none_or(|wanted| text.contains(wanted));
    region
        .namespaces
        .iter()
        .filter(|(own, space)| !space.foreign && fits(namespace, own))
        .flat_map(|(namespace, space)| {
            space
                .repositories
                .iter()
                .map(move |(name, repository)| Row {
                    namespace,
                    name,
                    repository,
                })
        })
        .filter(|row| fits(name, row.name))
        .collect()
}

fn path(work: &Work<'_>, row: &Row<'_>) -> String {
    format!(
        "swr.{}.myhuaweicloud.com/{}/{}",
        work.call.region, row.namespace, row.name
    )
}

/// `ListReposDetails`: a bare array; the filter wins over plain parameters.
pub(super) fn list(work: &Work<'_>) -> Result<Reply, Refused> {
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
    let column = call.parameter("order_column");
    if column.is_some_and(|column| !COLUMNS.contains(&column)) {
        return Err(ORDER_COLUMN.into());
    }
    let world = work.shared.world();
    let mut found = rows(work, &world, asked("namespace"), asked("name"));
    match column {
        Some("name") => found.sort_by_key(|row| row.name),
        Some("tag_count") => found.sort_by_key(|row| row.repository.tags.len()),
        Some("namespace" | "is_public") => {}
        _ => found.sort_by_key(|row| row.repository.updated),
    }
    let descending = match call.parameter("order_type") {
        None => column.is_none(),
        Some("desc") => true,
        Some("asc") => false,
        Some(_) => return Err(QUERY_INVALID.into()),
    };
    if descending {
        found.reverse();
    }
    let total = found.len();
    let rows = found.iter().map(|row| {
        let repository = row.repository;
        json!({
            "name": row.name,
            "category": repository.category,
            "description": repository.description,
            "size": repository.tags.len() * 1_000_000,
            "is_public": repository.is_public,
            "num_images": repository.tags.len(),
            "num_download": 0,
            "created_at": repository.created.text(),
            "updated_at": repository.updated.text(),
            "logo": "",
            "url": "",
            "path": path(work, row),
            "internal_path": path(work, row),
            "domain_name": super::account::DOMAIN_NAME,
            "namespace": row.namespace,
            "tags": repository.tags.keys().collect::<Vec<_>>(),
            "status": false,
            "total_range": total,
        })
    });
    Ok(page.reply(rows.collect()))
}

/// The v3 list: markers, and no tags.
pub(super) fn list_v3(work: &Work<'_>) -> Result<Reply, Refused> {
    if work.switches.has(Switch::V3IsClosed) {
        return Err(Refused::not_published());
    }
    let limit = work.v3_limit()?;
    let after = match work.call.parameter("marker") {
        Some(marker) => number(marker)? as u64,
        None => 0,
    };
    let world = work.shared.world();
    let mut found = rows(
        work,
        &world,
        work.call.parameter("namespace"),
        work.call.parameter("name"),
    );
    found.sort_by_key(|row| row.repository.id);
    found.retain(|row| row.repository.id > after);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found
        .last()
        .filter(|_| more)
        .map_or(0, |row| row.repository.id);
    let rows: Vec<Value> = found
        .iter()
        .map(|row| {
            let repository = row.repository;
            json!({
                "id": repository.id,
                "name": row.name,
                "category": repository.category,
                "description": repository.description,
                "size": repository.tags.len() * 1_000_000,
                "is_public": repository.is_public,
                "num_images": repository.tags.len(),
                "num_download": 0,
                "created_at": repository.created.text(),
                "updated_at": repository.updated.text(),
                "url": "",
                "domain_name": super::account::DOMAIN_NAME,
                "namespace_name": row.namespace,
            })
        })
        .collect();
    Ok(Reply::json(200, json!({"repos": rows, "nextMarker": next})))
}

/// `CreateRepo`: answers 200.
pub(super) fn create(work: &Work<'_>, namespace: &str) -> Result<Reply, Refused> {
    let body = work.call.object()?;
    let name = text(&body, "repository")?;
    let is_public = flag(&body, "is_public")?;
    let mut world = work.shared.world();
    if world.namespace(work.call.region, namespace).is_none() {
        return Err(NAMESPACE_MISSING.into());
    }
    let plain = name.replace("--", "-");
    let judged = if work.switches.has(Switch::HyphensAreTaken) {
        plain.as_str()
    } else {
        name
    };
    if Grammar::parse(judged).is_err() {
        return Err(IMAGE_NAME.into());
    }
    let place = Place::new(work.call.region, namespace, name);
    if world.repository(&place).is_some() {
        return Err(REPOSITORY_EXISTS.into());
    }
    let made = world.add_repository(&place);
    made.is_public = is_public;
    describe(made, &body);
    Ok(Reply::silent(200, work.switches))
}

fn describe(repository: &mut Repository, body: &serde_json::Map<String, Value>) {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(category) = text("category") {
        repository.category = category;
    }
    if let Some(description) = text("description") {
        repository.description = description;
    }
}

/// `ShowRepository`, with the fields as they are spelled here.
pub(super) fn show(work: &Work<'_>, place: &Place) -> Result<Reply, Refused> {
    let world = work.shared.world();
    let repository = work.repository(&world, place)?;
    let namespace_id = world
        .namespace(&place.region, &place.namespace)
        .map(|found| found.id);
    let row = Row {
        namespace: &place.namespace,
        name: &place.repository,
        repository,
    };
    Ok(Reply::json(
        200,
        json!({
            "id": repository.id,
            "ns_id": namespace_id,
            "name": place.repository,
            "category": repository.category,
            "description": repository.description,
            "creator_id": super::account::USER_ID,
            "creator_name": "alice",
            "size": repository.tags.len() * 1_000_000,
            "is_public": repository.is_public,
            "num_images": repository.tags.len(),
            "num_download": 0,
            "url": "",
            "path": path(work, &row),
            "internal_path": path(work, &row),
            "created": repository.created.text(),
            "updated": repository.updated.text(),
            "domain_id": super::account::DOMAIN_ID,
            "priority": 0,
        }),
    ))
}

/// `UpdateRepo`: answers 201.
pub(super) fn update(work: &Work<'_>, place: &Place) -> Result<Reply, Refused> {
    let mut world = work.shared.world();
    work.repository(&world, place)?;
    let body = work.call.object()?;
    let is_public = flag(&body, "is_public")?;
    if let Some(repository) = world.repository_mut(place) {
        repository.is_public = is_public;
        describe(repository, &body);
    }
    Ok(Reply::silent(201, work.switches))
}

/// `DeleteRepo`.
pub(super) fn delete(work: &Work<'_>, place: &Place) -> Result<Reply, Refused> {
    let mut world = work.shared.world();
    let full = !work.repository(&world, place)?.tags.is_empty();
    if full && work.switches.has(Switch::OnlyEmptyRepositoriesGo) {
        return Err(REPOSITORY_FULL.into());
    }
    let region = world.regions.get_mut(&place.region);
    let removed = region
        .and_then(|region| region.namespaces.get_mut(&place.namespace))
        .and_then(|namespace| namespace.repositories.remove(&place.repository));
    removed
        .map(|_| Reply::silent(204, work.switches))
        .ok_or_else(|| REPOSITORY_MISSING.into())
}
