//! The copies of a repository: `GET …/namespaces/{ns}/repos/{repo}/sync_job`. Source:
//! `reference/swr-api.md` 2.5.

use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::page::{Wanted, paced};
use crate::emulator::refusal::{FILTER_INVALID, FILTER_MISSING, Refused};
use crate::emulator::reply::Reply;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Job, Place};

/// Lists the copies, by hand and automatic, and lets time pass for them.
pub(super) fn list(call: &mut Call, namespace: &str, repository: &str) -> Outcome {
    let switches = call.switches();
    let other_code = switches.has(Switch::MissingFilterIs4001035);
    let missing = if other_code {
        FILTER_INVALID
    } else {
        FILTER_MISSING
    };
    let filter = call.parameter("filter").ok_or(missing)?;
    let wanted = Wanted::of_filter(filter, &["limit", "offset", "order"])?;
    if wanted.value("limit").is_none() || wanted.value("offset").is_none() {
        return Err(FILTER_INVALID.saying("invalid filter: limit and offset are required"));
    }
    let page = wanted.page(switches)?;
    let newest_first = match wanted.value("order") {
        None => !switches.has(Switch::OldestJobsFirst),
        Some("desc") => true,
        Some("asc") => false,
        Some(_) => return Err(Refused::from(FILTER_INVALID)),
    };
    let (place, _) = call.repository(namespace, repository)?;
    let mut jobs = call.world.look_at_jobs(&place, call.rules);
    if newest_first {
        jobs.reverse();
    }
    let total = jobs.len();
    let shown: Vec<Value> = page
        .of(jobs)
        .iter()
        .map(|job| shown(call, &place, job))
        .collect();
    let count = shown.len();
    let reply = page.range(Reply::json(200, json!(shown)), count, total);
    Ok(paced(reply, switches))
}

fn shown(call: &Call, place: &Place, job: &Job) -> Value {
    json!({
        "createdAt": job.created.text(),
        "domainID": call.account.id,
        "domainName": call.account.name,
        "id": job.id,
        "namespace": place.namespace,
        "override": job.replaces,
        "remoteNamespace": job.target.namespace,
        "remoteRegionId": job.target.region,
        "repoName": place.repository,
        "status": job.status.text(),
        "syncOperatorId": call.account.user_id,
        "syncOperatorName": call.account.user,
        "tag": job.tag,
        "updatedAt": job.updated.text(),
    })
}
