//! Manual copies and the jobs of all copies (sections 2.4, 2.5).

use serde_json::{Value, json};

use super::Work;
use super::lists::{Asked, Page};
use super::tasks::check_target;
use crate::emulator::refusal::{
    FILTER_INVALID, FILTER_MISSING, NAMESPACE_MISSING, PARAMETER_MISSING, Refusal, TAG_MISSING,
    WRONG_BODY,
};
use crate::emulator::request::{flag, text};
use crate::emulator::response::Response;
use crate::emulator::switches::Switch;
use crate::emulator::world::{Job, Place, Target};

/// `CreateManualImageSyncRepo`: 200 says accepted, also for tags that do not exist.
pub(super) fn run(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    let world = work.shared.world();
    let repository = work.repository(&world, place)?;
    let body = work.request.object()?;
    let tags = tags_of(body.get("imageTag"))?;
    let target = Target::new(
        text(&body, "remoteRegionId")?,
        text(&body, "remoteNamespace")?,
    );
    let replaces = flag(&body, "override")?;
    check_target(work, place, &target)?;
    let (there, missing): (Vec<String>, Vec<String>) = tags
        .into_iter()
        .partition(|tag| repository.tags.contains_key(tag));
    let strict = work.switches.has(Switch::TargetIsChecked);
    if strict && world.namespace(&target.region, &target.namespace).is_none() {
        return Err(NAMESPACE_MISSING.into());
    }
    if strict && !missing.is_empty() {
        return Err(TAG_MISSING.into());
    }
    drop(world);
    let told = work.switches.has(Switch::FailedTagsAreTold) && !missing.is_empty();
    let mut copied = there;
    if !told {
        copied.extend(missing.iter().cloned());
    }
    work.shared
        .with_rules(|world, rules| world.copy(place, &copied, &target, replaces, rules));
    if told {
        return Err(Refusal::Tags(missing));
    }
    Ok(Response::json(200, json!([])))
}

fn tags_of(field: Option<&Value>) -> Result<Vec<String>, Refusal> {
    let Some(field) = field.filter(|field| !field.is_null()) else {
        return Err(PARAMETER_MISSING.saying("required parameter missing: imageTag"));
    };
    let tags: Option<Vec<String>> = field.as_array().and_then(|tags| {
        tags.iter()
            .map(|tag| tag.as_str().map(str::to_owned))
            .collect()
    });
    match tags {
        Some(tags) if tags.is_empty() => {
            Err(PARAMETER_MISSING.saying("required parameter missing: imageTag"))
        }
        Some(tags) => Ok(tags),
        None => Err(WRONG_BODY.saying("imageTag is not a list of texts")),
    }
}

/// `ShowSyncJob`: the filter is mandatory, and so are limit and offset in it. Looking moves time.
pub(super) fn jobs(work: &Work<'_>, place: &Place) -> Result<Response, Refusal> {
    work.repository(&work.shared.world(), place)?;
    let Some(text) = work
        .request
        .parameter("filter")
        .filter(|text| !text.is_empty())
    else {
        let other = work.switches.has(Switch::MissingFilterIs4001035);
        return Err(if other {
            FILTER_INVALID
        } else {
            FILTER_MISSING
        }
        .into());
    };
    let asked = Asked::of_filter(text)?;
    if !asked.has_only(&["limit", "offset", "order"]) {
        return Err(FILTER_INVALID.into());
    }
    if asked.value("limit").is_none() || asked.value("offset").is_none() {
        return Err(FILTER_INVALID.saying("limit and offset are required"));
    }
    let page = Page::of(work, &asked)?;
    let newest = match asked.value("order") {
        Some("desc") => true,
        Some("asc") => false,
        None => !work.switches.has(Switch::OldestJobsFirst),
        Some(_) => return Err(FILTER_INVALID.into()),
    };
    let response = work.shared.with_rules(|world, rules| {
        world.look_at_jobs(place, rules, |mut jobs| {
            if newest {
                jobs.reverse();
            }
            page.response(&jobs, |job| row(place, job))
        })
    });
    // The jobs' own clock, which says how old they are: the machine's may be anywhere.
    let now = work.shared.world().clock.now().http_date();
    Ok(work.paced(response).header("date", now))
}

fn row(place: &Place, job: &Job) -> Value {
    json!({
        "createdAt": job.created.text(),
        "domainID": super::account::DOMAIN_ID,
        "domainName": super::account::DOMAIN_NAME,
        "id": job.id,
        "namespace": place.namespace,
        "override": job.replaces,
        "remoteNamespace": job.target.namespace,
        "remoteRegionId": job.target.region,
        "repoName": place.repository,
        "status": job.status.text(),
        "syncOperatorId": super::account::USER_ID,
        "syncOperatorName": "alice",
        "tag": job.tag,
        "updatedAt": job.updated.text(),
    })
}
