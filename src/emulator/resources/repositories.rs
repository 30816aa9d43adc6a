//! Repositories (sections 3.4 to 3.6, and the v3 list).

use serde_json::{Value, json};

use super::Work;
use super::lists::{Asked, Page};
use crate::emulator::refusal::{
    IMAGE_NAME, ORDER_COLUMN, REPOSITORY_EXISTS, REPOSITORY_FULL, REPOSITORY_MISSING, Refusal,
};
use crate::emulator::request::{missing, optional_flag, text};
use crate::emulator::response::Response;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Place, Repository, World};
use crate::names::Repository as Grammar;

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

impl Row<'_> {
    fn place(&self, work: &Work<'_>) -> Place {
        Place::new(work.request.region, self.namespace, self.name)
    }
}

fn rows<'a>(work: &Work<'_>, world: &'a World, asked: &Asked<'_>) -> Result<Vec<Row<'a>>, Refusal> {
    let Some(region) = world.regions.get(work.request.region) else {
        return Ok(Vec::new());
    };
    // Both match loosely, and `$` may replace the slash (section 3.5).
    let namespace = asked.value("namespace").unwrap_or_default();
    let name = asked.value("name").unwrap_or_default().replace('$', "/");
    let category = asked.value("category");
    let is_public = asked.flag("is_public")?;
    let rows = region
        .namespaces
        .iter()
        .filter(|(own, space)| !space.foreign && own.contains(namespace))
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
        .filter(|row| {
            let repository = row.repository;
            row.name.contains(&name)
                && category.is_none_or(|category| repository.category == category)
                && is_public.is_none_or(|is_public| repository.is_public == is_public)
        });
    Ok(rows.collect())
}

fn path(work: &Work<'_>, row: &Row<'_>) -> String {
    let host = work.shared.registry_host(work.request.region);
    format!("{host}/{}/{}", row.namespace, row.name)
}

/// `ListReposDetails`: a bare array; the filter wins over plain parameters.
pub(super) fn list(work: &Work<'_>) -> Result<Response, Refusal> {
    let asked = work.asked()?;
    let page = Page::of(work, &asked)?;
    let column = asked.value("order_column");
    if column.is_some_and(|column| !COLUMNS.contains(&column)) {
        return Err(ORDER_COLUMN.into());
    }
    let world = work.shared.world();
    let mut found = rows(work, &world, &asked)?;
    match column {
        Some("name") => found.sort_by_key(|row| row.name),
        Some("tag_count") => found.sort_by_key(|row| row.repository.tags.len()),
        Some("namespace") => found.sort_by_key(|row| row.namespace),
        Some("is_public") => found.sort_by_key(|row| row.repository.is_public),
        _ => found.sort_by_key(|row| row.repository.updated),
    }
    if asked.descending()?.unwrap_or(column.is_none()) {
        found.reverse();
    }
    let total = found.len();
    Ok(page.response(&found, |row| {
        let repository = row.repository;
        json!({
            "name": row.name,
            "category": repository.category,
            "description": repository.description,
            "size": world.size_of(&row.place(work)),
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
    }))
}

/// The v3 list: markers, and no tags.
pub(super) fn list_v3(work: &Work<'_>) -> Result<Response, Refusal> {
    if work.switches.has(Switch::V3IsClosed) {
        return Err(Refusal::not_published());
    }
    let asked = work.asked()?;
    let limit = work.v3_limit(&asked)?;
    let after = asked.number("marker")?.unwrap_or(0) as u64;
    let world = work.shared.world();
    let mut found = rows(work, &world, &asked)?;
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
                "size": world.size_of(&row.place(work)),
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
    Ok(Response::json(
        200,
        json!({"repos": rows, "nextMarker": next}),
    ))
}

/// `CreateRepo`: answers 200.
pub(super) fn create(work: &Work<'_>, namespace: &str) -> Result<Response, Refusal> {
    let body = work.request.object()?;
    let name = text(&body, "repository")?;
    let is_public = optional_flag(&body, "is_public")?.ok_or_else(|| missing("is_public"))?;
    let mut world = work.shared.world_to_change();
    work.namespace(&world, namespace)?;
    if !work.can_be_named::<Grammar>(name) {
        return Err(IMAGE_NAME.into());
    }
    let place = Place::new(work.request.region, namespace, name);
    if world.repository(&place).is_some() {
        return Err(REPOSITORY_EXISTS.into());
    }
    let made = world.add_repository(&place);
    made.is_public = is_public;
    describe(made, &body);
    Ok(Response::silent(200, work.switches))
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
pub(super) fn show(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
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
    Ok(Response::json(
        200,
        json!({
            "id": repository.id,
            "ns_id": namespace_id,
            "name": place.repository,
            "category": repository.category,
            "description": repository.description,
            "creator_id": super::account::USER_ID,
            "creator_name": "alice",
            "size": world.size_of(&row.place(work)),
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
pub(super) fn update(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    let mut world = work.shared.world_to_change();
    work.repository(&world, place)?;
    let body = work.request.object()?;
    let is_public = optional_flag(&body, "is_public")?;
    if let Some(repository) = world.repository_mut(place) {
        repository.is_public = is_public.unwrap_or(repository.is_public);
        describe(repository, &body);
    }
    Ok(Response::silent(201, work.switches))
}

/// `DeleteRepo`.
pub(super) fn delete(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    let mut world = work.shared.world_to_change();
    let full = !work.repository(&world, place)?.tags.is_empty();
    if full && work.switches.has(Switch::OnlyEmptyRepositoriesGo) {
        return Err(REPOSITORY_FULL.into());
    }
    if world.remove_repository(place) {
        Ok(Response::silent(204, work.switches))
    } else {
        Err(REPOSITORY_MISSING.into())
    }
}
