//! Copies by hand: `POST …/namespaces/{ns}/repos/{repo}/sync_images`. Source:
//! `reference/swr-api.md` 2.4.

use serde_json::json;

use super::call::{Call, Outcome};
use super::sync_repo::{judge_target, target_of};
use crate::emulator::refusal::{Refused, TAG_MISSING};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;

/// Starts a copy of each tag. Tags that do not exist are taken, too, and fail later.
pub(super) fn create(call: &mut Call, namespace: &str, repository: &str) -> Outcome {
    let fields = call.fields()?;
    let mut tags = fields.texts("imageTag")?;
    let target = target_of(&fields)?;
    let replaces = fields.flag("override")?.unwrap_or(false);
    let (place, repository) = call.repository(namespace, repository)?;
    let missing: Vec<String> = tags
        .iter()
        .filter(|tag| !repository.tags.contains_key(*tag))
        .cloned()
        .collect();
    judge_target(call, &target)?;
    let switches = call.switches();
    if switches.has(Switch::TargetIsChecked) && !missing.is_empty() {
        return Err(TAG_MISSING.into());
    }
    let told = switches.has(Switch::FailedTagsAreTold) && !missing.is_empty();
    if told {
        tags.retain(|tag| !missing.contains(tag));
    }
    call.world
        .copy(&place, &tags, &target, replaces, call.rules);
    if told {
        return Err(Refused::Tags(missing));
    }
    Ok(Reply::json(200, json!([])))
}
