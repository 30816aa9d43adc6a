//! An order of copies, carried out: what is to do, asked for, followed, compared.
//!
//! `run` and the backfill of `create` share it.

use std::collections::HashMap;

use super::compare::{Compared, Relation, compare};
use super::copies::{End, Followed, ask, follow};
use super::pace::Limit;
use super::route::{Digests, Route, Wanted};
use crate::api::Service;
use crate::api::sync::JobStatus;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::Tag;

/// How copies are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// Whether a different image of the same tag is replaced.
    pub(super) override_: bool,
    /// Whether what stands in the target already, or is under way, is left out.
    pub(super) only_what_lacks: bool,
    /// How long the copies are followed, if at all.
    pub(super) wait: Option<Limit>,
    /// Whether the digests are compared at the end.
    pub(super) verify: bool,
}

/// How the copy of one tag ended.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) wanted: Wanted,
    pub(super) end: End,
    /// The comparison, where one was asked for or needed to judge `existed`.
    pub(super) compared: Option<Compared>,
}

impl Outcome {
    /// Returns the exit of this tag alone.
    pub(super) fn exit(&self) -> Exit {
        let differs = self
            .compared
            .as_ref()
            .is_some_and(|one| one.relation != Relation::Same);
        match &self.end {
            End::Refused => Exit::Incomplete,
            End::Final(job) if job.status.is_bad() => Exit::Incomplete,
            // It may have arrived without a job that the service shows.
            End::Unseen if self.compared.is_none() || differs => Exit::Incomplete,
            _ if differs => Exit::Different,
            _ => Exit::Done,
        }
    }
}

/// Carries out an order.
///
/// # Errors
/// What the services fail with; kind `timeout` when the copies are not done in time.
pub(super) fn carry_out(
    context: &Context,
    source: &Service,
    route: &Route,
    wanted: Vec<Wanted>,
    order: Order,
) -> Result<Vec<Outcome>, Error> {
    let target = target_of(context, route, order)?;
    let mut ends: HashMap<Tag, End> = HashMap::new();
    let mut followed: Vec<Followed> = Vec::new();
    if order.only_what_lacks {
        // The jobs first: a copy that ends between the two looks is then seen in the target.
        followed = under_way(source, route, &wanted)?;
        if let Some(target) = &target {
            let digests = route.target_digests(target, None)?.unwrap_or_default();
            for (one, compared) in wanted.iter().zip(compare(&wanted, &digests)) {
                if compared.relation == Relation::Same {
                    ends.insert(one.tag.clone(), End::Same);
                }
            }
        }
        followed.retain(|one| !ends.contains_key(&one.tag));
    }
    let mark = route.newest_job(source)?;
    let to_ask: Vec<Tag> = wanted
        .iter()
        .map(|one| &one.tag)
        .filter(|tag| !ends.contains_key(tag) && !followed.iter().any(|one| one.tag == **tag))
        .cloned()
        .collect();
    for refused in ask(context, source, route, &to_ask, order.override_, mark)? {
        ends.insert(refused, End::Refused);
    }
    followed.extend(
        to_ask
            .into_iter()
            .filter(|tag| !ends.contains_key(tag))
            .map(|tag| Followed { tag, mark }),
    );
    match order.wait {
        Some(limit) if !followed.is_empty() => {
            let jobs = follow(context, source, route, &followed, limit)?;
            ends.extend(jobs);
        }
        _ => ends.extend(followed.into_iter().map(|one| (one.tag, End::Accepted))),
    }
    validate(context, route, target.as_ref(), wanted, ends, order)
}

/// Returns the target's service where it is needed; where it only helps, its lack is a warning.
fn target_of(context: &Context, route: &Route, order: Order) -> Result<Option<Service>, Error> {
    if !order.verify && !order.only_what_lacks && order.wait.is_none() {
        return Ok(None);
    }
    match context.service_of(&route.target.region) {
        Ok(service) => Ok(Some(service)),
        Err(error) if order.verify => Err(error),
        Err(error) => {
            context
                .output()
                .warn(&format!("the target is not looked at: {}", error.message()));
            Ok(None)
        }
    }
}

/// Returns the tags whose copy is under way: a run before this one asked for it.
fn under_way(source: &Service, route: &Route, wanted: &[Wanted]) -> Result<Vec<Followed>, Error> {
    let (jobs, _) = route.jobs_after(source, 0)?;
    let mut latest = HashMap::new();
    for job in &jobs {
        latest.entry(job.tag.as_str()).or_insert(job);
    }
    Ok(wanted
        .iter()
        .filter_map(|one| {
            let job = latest.get(one.tag.as_str())?;
            // A job from before the last push copies another image.
            let current = one.updated.is_none() || job.created_at >= one.updated;
            (current && !job.state().is_final()).then(|| Followed {
                tag: one.tag.clone(),
                mark: job.id - 1,
            })
        })
        .collect())
}

fn validate(
    context: &Context,
    route: &Route,
    target: Option<&Service>,
    wanted: Vec<Wanted>,
    mut ends: HashMap<Tag, End>,
    order: Order,
) -> Result<Vec<Outcome>, Error> {
    let doubtful = ends.values().any(is_doubtful);
    let digests: Option<Digests> = match target {
        Some(target) if order.verify => Some(
            route
                .target_digests(target, Some(&wanted))?
                .unwrap_or_default(),
        ),
        // 'Existed' is as wished only if it is the same image; whoever cannot look says so.
        Some(target) if doubtful => match route.target_digests(target, Some(&wanted)) {
            Ok(digests) => Some(digests.unwrap_or_default()),
            Err(error) => {
                context.output().warn(&format!(
                    "what existed in the target was not compared: {}",
                    error.message()
                ));
                None
            }
        },
        _ => None,
    };
    let compared: HashMap<String, Compared> = digests
        .map(|digests| compare(&wanted, &digests))
        .unwrap_or_default()
        .into_iter()
        .map(|one| (one.tag.clone(), one))
        .collect();
    Ok(wanted
        .into_iter()
        .map(|one| {
            let end = ends.remove(&one.tag).unwrap_or(End::Accepted);
            let doubtful = is_doubtful(&end);
            let compared = compared
                .get(one.tag.as_str())
                .filter(|_| order.verify || doubtful)
                .cloned();
            Outcome {
                wanted: one,
                end,
                compared,
            }
        })
        .collect())
}

/// Returns `true` if only the digests say how a copy ended.
fn is_doubtful(end: &End) -> bool {
    match end {
        End::Final(job) => job.status == JobStatus::Existed,
        End::Unseen => true,
        _ => false,
    }
}
