//! Namespaces: `/v2/manage/namespaces`. Source: `reference/swr-api.md` 3.1 to 3.3.

use serde_json::{Value, json};

use super::account::{NAMESPACE_QUOTA, namespaces_of};
use super::call::{Call, Outcome};
use super::page::Wanted;
use super::typed;
use crate::emulator::refusal::{NAMESPACE_EXISTS, NAMESPACE_FULL, NAMESPACE_NAME, QUOTA_REACHED};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;
use crate::emulator::world::Namespace;

/// `GET /v2/manage/namespaces`: all of them, or those whose name fits.
pub(super) fn list(call: &mut Call) -> Outcome {
    let wanted = Wanted::of(call, &["namespace", "mode"])?;
    let name = wanted.value("namespace").unwrap_or_default();
    let exactly = call.switches().has(Switch::NamespacesExactly) && !name.is_empty();
    let region = call.world.regions.get(call.region);
    let shown: Vec<Value> = region
        .into_iter()
        .flat_map(|region| &region.namespaces)
        .filter(|(known, namespace)| {
            let fits = if exactly {
                *known == name
            } else {
                known.contains(name)
            };
            fits && !namespace.foreign
        })
        .map(|(name, namespace)| shown(call, name, namespace))
        .collect();
    Ok(Reply::json(200, json!({"namespaces": shown})))
}

/// `GET /v2/manage/namespaces/{ns}`.
pub(super) fn show(call: &mut Call, name: &str) -> Outcome {
    let namespace = call.namespace(name)?;
    Ok(Reply::json(200, shown(call, name, namespace)))
}

/// `POST /v2/manage/namespaces`: names are unique over all accounts.
pub(super) fn create(call: &mut Call) -> Outcome {
    let fields = call.fields()?;
    let name = fields.needed("namespace")?;
    if !typed::is_namespace(name, call.switches()) {
        return Err(NAMESPACE_NAME.into());
    }
    let known = call.world.regions.get(call.region);
    if known.is_some_and(|region| region.namespaces.contains_key(name)) {
        return Err(NAMESPACE_EXISTS.into());
    }
    if namespaces_of(call) >= NAMESPACE_QUOTA && !call.switches().has(Switch::QuotaIsOff) {
        return Err(QUOTA_REACHED.into());
    }
    call.world.add_namespace(call.region, name, false);
    Ok(Reply::silent(201, call.switches()))
}

/// `DELETE /v2/manage/namespaces/{ns}`: only an empty one goes.
pub(super) fn delete(call: &mut Call, name: &str) -> Outcome {
    let namespace = call.namespace(name)?;
    let empty = namespace.repositories.is_empty();
    if !empty && !call.switches().has(Switch::NamespacesGoWithContent) {
        return Err(NAMESPACE_FULL.into());
    }
    if let Some(region) = call.world.regions.get_mut(call.region) {
        region.namespaces.remove(name);
    }
    Ok(Reply::silent(204, call.switches()))
}

fn shown(call: &Call, name: &str, namespace: &Namespace) -> Value {
    json!({
        "id": namespace.id,
        "name": name,
        "creator_name": call.account.name,
        "auth": 7,
        "access_user_count": 1,
        "repo_count": namespace.repositories.len(),
    })
}
