//! Automatic tasks (section 2.1 to 2.3).

use serde_json::{Value, json};

use super::Work;
use crate::emulator::refusal::{
    DUPLICATE, DUPLICATE_CONFLICT, INVALID_PARAMETER, NAMESPACE_MISSING, Refusal, TASK_MISSING,
    TASK_NOT_FOUND, UNKNOWN_REGION,
};
use crate::emulator::request::{flag, text};
use crate::emulator::response::Response;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Place, Target};

/// The regions between which synchronization is offered (section 1).
pub(super) const OFFERED: [&str; 11] = [
    "cn-north-1",
    "cn-north-4",
    "cn-north-9",
    "cn-east-2",
    "cn-east-3",
    "cn-south-1",
    "cn-southwest-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "af-south-1",
];
/// By default so many tasks are listed, and there is no paging (section 2.2).
const LISTED: usize = 100;

/// `CreateImageSyncRepo`. The target namespace is not checked: such a task never works.
pub(super) fn create(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    let mut world = work.shared.world_to_change();
    work.repository(&world, place)?;
    let body = work.request.object()?;
    let target = Target::new(
        text(&body, "remoteRegionId")?,
        text(&body, "remoteNamespace")?,
    );
    let (auto, replaces) = (flag(&body, "syncAuto")?, flag(&body, "override")?);
    check_target(work, place, &target)?;
    if work.switches.has(Switch::TargetIsChecked)
        && world.namespace(&target.region, &target.namespace).is_none()
    {
        return Err(NAMESPACE_MISSING.into());
    }
    if !world.add_task(place, target, auto, replaces) {
        let conflict = work.switches.has(Switch::DuplicateIs409);
        return Err(if conflict {
            DUPLICATE_CONFLICT
        } else {
            DUPLICATE
        }
        .into());
    }
    Ok(Response::silent(200, work.switches))
}

/// An unknown region is an internal error (section 2.1).
pub(super) fn check_target(work: &Work<'_>, place: &Place, target: &Target) -> Result<(), Refusal> {
    let known = OFFERED.contains(&target.region.as_str())
        || work
            .shared
            .regions()
            .iter()
            .any(|region| region.as_str() == target.region);
    if !known {
        return Err(UNKNOWN_REGION.into());
    }
    if target.region == place.region && work.switches.has(Switch::SameRegionIsRefused) {
        return Err(INVALID_PARAMETER.into());
    }
    Ok(())
}

/// `ListImageAutoSyncReposDetails`: only tasks with syncAuto, at most 100.
pub(super) fn list(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    let world = work.shared.world();
    let repository = work.repository(&world, place)?;
    let all = work.switches.has(Switch::AllTasksAreListed);
    let tasks = repository
        .tasks
        .iter()
        .filter(|task| task.auto || all)
        .take(LISTED)
        .map(|task| {
            json!({
                "createdAt": task.created.text(),
                "domainID": super::account::DOMAIN_ID,
                "domainName": super::account::DOMAIN_NAME,
                "id": task.id,
                "namespace": place.namespace,
                "override": task.replaces,
                "remoteNamespace": task.target.namespace,
                "remoteRegionId": task.target.region,
                "repoName": place.repository,
                "syncAuto": task.auto,
                "updatedAt": task.updated.text(),
            })
        });
    Ok(Response::json(200, Value::Array(tasks.collect())))
}

/// `DeleteImageSyncRepo`, which has a body.
pub(super) fn delete(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    let mut world = work.shared.world_to_change();
    work.repository(&world, place)?;
    let body = work.request.object()?;
    let target = Target::new(
        text(&body, "remoteRegionId")?,
        text(&body, "remoteNamespace")?,
    );
    if world.remove_task(place, &target) {
        Ok(Response::silent(200, work.switches))
    } else if work.switches.has(Switch::MissingTaskIs404) {
        Err(TASK_NOT_FOUND.into())
    } else {
        Err(TASK_MISSING.into())
    }
}
