//! Repositories: `/v2/manage/namespaces/{ns}/repos` and the lists of v2 and v3. Source:
//! `reference/swr-api.md` 3.4 to 3.6, and the v3 lists.

use serde_json::{Value, json};

use super::call::{Call, Fields, Outcome};
use super::page::Wanted;
use super::typed;
use crate::emulator::refusal::{
    IMAGE_NAME, INVALID_PARAMETER, QUERY_INVALID, REPOSITORY_EXISTS, REPOSITORY_FULL, Refused,
};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Namespace, Place, Repository};

/// What each tag weighs here.
pub(super) const SIZE: u64 = 4_194_304;

const CATEGORIES: [&str; 8] = [
    "app_server",
    "linux",
    "framework_app",
    "database",
    "lang",
    "other",
    "windows",
    "arm",
];

const FILTER_KEYS: [&str; 8] = [
    "namespace",
    "name",
    "category",
    "is_public",
    "limit",
    "offset",
    "order_column",
    "order_type",
];

/// The columns that the service takes; it refuses `updated_at` and `num_images` [live].
const COLUMNS: [&str; 5] = [
    "name",
    "updated_time",
    "tag_count",
    "namespace",
    "is_public",
];

struct Found<'a> {
    namespace_name: &'a str,
    name: &'a str,
    repository: &'a Repository,
}

/// `GET /v2/manage/repos`.
pub(super) fn list(call: &mut Call) -> Outcome {
    let wanted = Wanted::of(call, &FILTER_KEYS)?;
    let page = wanted.page(call.switches())?;
    let (column, falls) = wanted.order(&COLUMNS)?.unwrap_or(("updated_time", true));
    let mut found = matching(call, &wanted)?;
    found.sort_by(|one, other| {
        let order = match column {
            "name" => one.name.cmp(other.name),
            "tag_count" => one.repository.tags.len().cmp(&other.repository.tags.len()),
            "namespace" => one.namespace_name.cmp(other.namespace_name),
            "is_public" => one.repository.is_public.cmp(&other.repository.is_public),
            _ => one.repository.updated.cmp(&other.repository.updated),
        };
        if falls { order.reverse() } else { order }
    });
    let total = found.len();
    let shown: Vec<Value> = page
        .of(found)
        .iter()
        .map(|found| in_list(call, found, total))
        .collect();
    let count = shown.len();
    Ok(page.range(Reply::json(200, json!(shown)), count, total))
}

/// `GET /v3/manage/repos`: the marker is the id of the last repository that was seen.
pub(super) fn list_v3(call: &mut Call) -> Outcome {
    let wanted = Wanted::of(call, &FILTER_KEYS)?;
    let limit = wanted.limit(call.switches())?;
    let marker = match call.parameter("marker") {
        None => 0,
        Some(text) => text.parse().map_err(|_| Refused::from(QUERY_INVALID))?,
    };
    let mut found = matching(call, &wanted)?;
    found.retain(|found| found.repository.id > marker);
    found.sort_by_key(|found| found.repository.id);
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().map_or(0, |found| found.repository.id);
    let shown: Vec<Value> = found.iter().map(|found| in_list_v3(call, found)).collect();
    let next = if more { last } else { 0 };
    Ok(Reply::json(
        200,
        json!({"repos": shown, "nextMarker": next}),
    ))
}

/// `GET …/repos/{repo}`.
pub(super) fn show(call: &mut Call, namespace: &str, name: &str) -> Outcome {
    let of = call.namespace(namespace)?;
    let (_, repository) = call.repository(namespace, name)?;
    Ok(Reply::json(
        200,
        alone(call, (namespace, of), name, repository),
    ))
}

/// `POST …/repos`: 200, unlike a namespace's 201.
pub(super) fn create(call: &mut Call, namespace: &str) -> Outcome {
    let fields = call.fields()?;
    let name = fields.needed("repository")?;
    let public = fields.flag("is_public")?;
    let public = public.ok_or_else(|| super::call::missing("is_public"))?;
    let category = category_of(&fields)?;
    if !typed::is_repository(name, call.switches()) {
        return Err(IMAGE_NAME.into());
    }
    if call.namespace(namespace)?.repositories.contains_key(name) {
        return Err(REPOSITORY_EXISTS.into());
    }
    let description = fields.text("description")?.unwrap_or_default();
    let place = Place::new(call.region, namespace, name);
    let repository = call.world.add_repository(&place);
    repository.is_public = public;
    description.clone_into(&mut repository.description);
    if let Some(category) = category {
        category.clone_into(&mut repository.category);
    }
    Ok(Reply::silent(200, call.switches()))
}

/// `PATCH …/repos/{repo}`.
pub(super) fn change(call: &mut Call, namespace: &str, name: &str) -> Outcome {
    let fields = call.fields()?;
    let public = fields.flag("is_public")?;
    let category = category_of(&fields)?;
    let description = fields.text("description")?;
    let (place, _) = call.repository(namespace, name)?;
    let now = call.world.clock.tick();
    if let Some(repository) = call.world.repository_mut(&place) {
        repository.updated = now;
        repository.is_public = public.unwrap_or(repository.is_public);
        if let Some(category) = category {
            category.clone_into(&mut repository.category);
        }
        if let Some(description) = description {
            description.clone_into(&mut repository.description);
        }
    }
    Ok(Reply::silent(201, call.switches()))
}

/// `DELETE …/repos/{repo}`.
pub(super) fn delete(call: &mut Call, namespace: &str, name: &str) -> Outcome {
    let (_, repository) = call.repository(namespace, name)?;
    let full = !repository.tags.is_empty();
    if full && call.switches().has(Switch::OnlyEmptyRepositoriesGo) {
        return Err(REPOSITORY_FULL.into());
    }
    let region = call.world.regions.get_mut(call.region);
    if let Some(namespace) = region.and_then(|region| region.namespaces.get_mut(namespace)) {
        namespace.repositories.remove(name);
    }
    Ok(Reply::silent(204, call.switches()))
}

fn category_of(fields: &Fields) -> Result<Option<&str>, Refused> {
    let category = fields.text("category")?.filter(|text| !text.is_empty());
    match category {
        Some(category) if !CATEGORIES.contains(&category) => {
            Err(INVALID_PARAMETER.saying(format!("invalid parameter: category {category}")))
        }
        category => Ok(category),
    }
}

/// Namespace and name match loosely; `/` in the name may be written `$` (section 3.5).
fn matching<'a>(call: &'a Call, wanted: &Wanted) -> Result<Vec<Found<'a>>, Refused> {
    let in_namespace = wanted.value("namespace").unwrap_or_default();
    let in_name = wanted.value("name").unwrap_or_default().replace('$', "/");
    let category = wanted.value("category");
    let public = wanted.flag("is_public")?;
    let namespaces = call.world.regions.get(call.region).into_iter();
    let found = namespaces
        .flat_map(|region| &region.namespaces)
        .filter(|(name, namespace)| !namespace.foreign && name.contains(in_namespace))
        .flat_map(|(namespace_name, namespace)| {
            namespace
                .repositories
                .iter()
                .map(move |(name, repository)| Found {
                    namespace_name,
                    name,
                    repository,
                })
        })
        .filter(|found| {
            let repository = found.repository;
            found.name.contains(&in_name)
                && category.is_none_or(|category| category == repository.category)
                && public.is_none_or(|public| public == repository.is_public)
        });
    Ok(found.collect())
}

fn in_list(call: &Call, found: &Found, total: usize) -> Value {
    let Found {
        namespace_name,
        name,
        repository,
    } = found;
    json!({
        "name": name,
        "category": repository.category,
        "description": repository.description,
        "size": size_of(repository),
        "is_public": repository.is_public,
        "num_images": repository.tags.len(),
        "num_download": 0,
        "created_at": repository.created.text(),
        "updated_at": repository.updated.text(),
        "logo": "",
        "url": "",
        "path": path_of(call.region, namespace_name, name),
        "internal_path": internal_path_of(namespace_name, name),
        "domain_name": call.account.name,
        "namespace": namespace_name,
        "tags": repository.tags.keys().collect::<Vec<_>>(),
        "status": false,
        "total_range": total,
    })
}

/// Without path and tags, and with another word for the namespace.
fn in_list_v3(call: &Call, found: &Found) -> Value {
    let repository = found.repository;
    json!({
        "id": repository.id,
        "name": found.name,
        "category": repository.category,
        "description": repository.description,
        "size": size_of(repository),
        "is_public": repository.is_public,
        "num_images": repository.tags.len(),
        "num_download": 0,
        "created_at": repository.created.text(),
        "updated_at": repository.updated.text(),
        "domain_name": call.account.name,
        "namespace_name": found.namespace_name,
    })
}

fn alone(call: &Call, of: (&str, &Namespace), name: &str, repository: &Repository) -> Value {
    json!({
        "id": repository.id,
        "ns_id": of.1.id,
        "name": name,
        "category": repository.category,
        "description": repository.description,
        "creator_id": call.account.user_id,
        "creator_name": call.account.user,
        "size": size_of(repository),
        "is_public": repository.is_public,
        "num_images": repository.tags.len(),
        "num_download": 0,
        "url": "",
        "path": path_of(call.region, of.0, name),
        "internal_path": internal_path_of(of.0, name),
        "created": repository.created.text(),
        "updated": repository.updated.text(),
        "domain_id": call.account.id,
        "priority": 0,
    })
}

fn size_of(repository: &Repository) -> u64 {
    SIZE * repository.tags.len() as u64
}

/// Where docker finds it (section 1).
pub(super) fn path_of(region: &str, namespace: &str, name: &str) -> String {
    format!("swr.{region}.myhuaweicloud.com/{namespace}/{name}")
}

/// Where docker finds it from inside the cloud.
pub(super) fn internal_path_of(namespace: &str, name: &str) -> String {
    format!("10.125.0.198:20202/{namespace}/{name}")
}
