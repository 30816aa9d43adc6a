//! Namespaces (sections 3.1 to 3.3).

use serde_json::{Value, json};

use super::Work;
use super::account::{NAMESPACES, own_namespaces};
use crate::emulator::refusal::{
    NAMESPACE_EXISTS, NAMESPACE_FULL, NAMESPACE_NAME, QUOTA_REACHED, Refusal,
};
use crate::emulator::request::text;
use crate::emulator::response::Response;
use crate::emulator::switches::Switch;
use crate::emulator::world::Namespace;
use crate::names::Namespace as Grammar;

fn shown(name: &str, namespace: &Namespace) -> Value {
    json!({
        "id": namespace.id,
        "name": name,
        "creator_name": "alice",
        "auth": 7,
        "access_user_count": 1,
        "repo_count": namespace.repositories.len(),
    })
}

/// `ListNamespaces`: all, without pages.
pub(super) fn list(work: &Work<'_>) -> Result<Response, Refusal> {
    let asked = work.asked()?;
    let wanted = asked.value("namespace");
    let exact = work.switches.has(Switch::NamespacesExactly);
    let fits = |name: &str| match wanted {
        None => true,
        Some(wanted) if exact => name == wanted,
        Some(wanted) => name.contains(wanted),
    };
    let world = work.shared.world();
    let rows: Vec<Value> = world
        .regions
        .get(work.request.region)
        .map_or_else(Vec::new, |region| {
            region
                .namespaces
                .iter()
                .filter(|(name, namespace)| !namespace.foreign && fits(name))
                .map(|(name, namespace)| shown(name, namespace))
                .collect()
        });
    Ok(Response::json(200, json!({"namespaces": rows})))
}

/// `ShowNamespace`.
pub(super) fn show(work: &Work<'_>, name: &str) -> Result<Response, Refusal> {
    let world = work.shared.world();
    let namespace = work.namespace(&world, name)?;
    Ok(Response::json(200, shown(name, namespace)))
}

/// `CreateNamespace`: unique in a region over all accounts; `library` is reserved.
pub(super) fn create(work: &Work<'_>) -> Result<Response, Refusal> {
    let body = work.request.object()?;
    let name = text(&body, "namespace")?;
    if !work.can_be_named::<Grammar>(name) || name == "library" {
        return Err(NAMESPACE_NAME.into());
    }
    if name == "manage" {
        return Err(NAMESPACE_NAME.saying(
            "the emulator has API and registry on one port, so /v2/manage is the API's: choose \
             another name than 'manage'",
        ));
    }
    let count = own_namespaces(work);
    let mut world = work.shared.world_to_change();
    let taken = world
        .regions
        .get(work.request.region)
        .is_some_and(|region| region.namespaces.contains_key(name));
    if taken {
        return Err(NAMESPACE_EXISTS.into());
    }
    if count >= NAMESPACES && !work.switches.has(Switch::QuotaIsOff) {
        return Err(QUOTA_REACHED.into());
    }
    world.add_namespace(work.request.region, name, false);
    Ok(Response::silent(201, work.switches))
}

/// `DeleteNamespaces`: 406 where something is inside.
pub(super) fn delete(work: &Work<'_>, name: &str) -> Result<Response, Refusal> {
    let mut world = work.shared.world_to_change();
    let full = !work.namespace(&world, name)?.repositories.is_empty();
    if full && !work.switches.has(Switch::NamespacesGoWithContent) {
        return Err(NAMESPACE_FULL.into());
    }
    world.remove_namespace(work.request.region, name);
    Ok(Response::silent(204, work.switches))
}
