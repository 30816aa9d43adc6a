//! Synchronization tasks: `…/namespaces/{ns}/repos/{repo}/sync_repo`. Source:
//! `reference/swr-api.md` 2.1 to 2.3.

use serde_json::{Value, json};

use super::call::{Call, Fields, Outcome};
use super::page::USUAL;
use crate::emulator::refusal::{
    DUPLICATE, DUPLICATE_CONFLICT, INVALID_PARAMETER, NAMESPACE_MISSING, Refused, TASK_MISSING,
    TASK_NOT_FOUND, UNKNOWN_REGION,
};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Place, Target, Task};

/// `POST`: makes a task; whether its target namespace is there is not looked at.
pub(super) fn create(call: &mut Call, namespace: &str, repository: &str) -> Outcome {
    let fields = call.fields()?;
    let target = target_of(&fields)?;
    let auto = fields.flag("syncAuto")?.unwrap_or(false);
    let replaces = fields.flag("override")?.unwrap_or(false);
    let (place, _) = call.repository(namespace, repository)?;
    judge_target(call, &target)?;
    if !call.world.add_task(&place, target, auto, replaces) {
        let conflict = call.switches().has(Switch::DuplicateIs409);
        return Err(if conflict {
            DUPLICATE_CONFLICT
        } else {
            DUPLICATE
        }
        .into());
    }
    Ok(Reply::silent(200, call.switches()))
}

/// `GET`: lists the tasks with syncAuto; there is no paging (section 2.2).
pub(super) fn list(call: &mut Call, namespace: &str, repository: &str) -> Outcome {
    let (place, repository) = call.repository(namespace, repository)?;
    let all = call.switches().has(Switch::AllTasksAreListed);
    let shown: Vec<Value> = repository
        .tasks
        .iter()
        .filter(|task| all || task.auto)
        .take(USUAL)
        .map(|task| shown(call, &place, task))
        .collect();
    Ok(Reply::json(200, json!(shown)))
}

/// `DELETE`, with a body: removes a task.
pub(super) fn delete(call: &mut Call, namespace: &str, repository: &str) -> Outcome {
    let target = target_of(&call.fields()?)?;
    let (place, _) = call.repository(namespace, repository)?;
    if call.world.remove_task(&place, &target) {
        return Ok(Reply::silent(200, call.switches()));
    }
    let not_found = call.switches().has(Switch::MissingTaskIs404);
    Err(if not_found {
        TASK_NOT_FOUND
    } else {
        TASK_MISSING
    }
    .into())
}

/// Reads the target out of a body.
pub(super) fn target_of(fields: &Fields) -> Result<Target, Refused> {
    let region = fields.needed("remoteRegionId")?;
    Ok(Target::new(region, fields.needed("remoteNamespace")?))
}

/// Judges a target as far as the service does, which is not far.
pub(super) fn judge_target(call: &Call, target: &Target) -> Result<(), Refused> {
    if !call.regions.contains(&target.region.as_str()) {
        return Err(UNKNOWN_REGION.into());
    }
    let switches = call.switches();
    if target.region == call.region && switches.has(Switch::SameRegionIsRefused) {
        return Err(INVALID_PARAMETER.saying("the target region is the source region"));
    }
    let there = call.world.namespace(&target.region, &target.namespace);
    if there.is_none() && switches.has(Switch::TargetIsChecked) {
        return Err(NAMESPACE_MISSING.saying("remote namespace not found"));
    }
    Ok(())
}

fn shown(call: &Call, place: &Place, task: &Task) -> Value {
    json!({
        "createdAt": task.created.text(),
        "domainID": call.account.id,
        "domainName": call.account.name,
        "id": task.id,
        "namespace": place.namespace,
        "override": task.replaces,
        "remoteNamespace": task.target.namespace,
        "remoteRegionId": task.target.region,
        "repoName": place.repository,
        "syncAuto": task.auto,
        "updatedAt": task.updated.text(),
    })
}
