//! `swr sync wait`: until jobs are final, or until tags stand in the target.

use std::collections::HashMap;

use clap::Args;
use serde::Serialize;

use super::args::{Source, ToOne};
use super::compare::{Compared, Relation, compare};
use super::pace::{Limit, Pace, look};
use super::route::{Route, Wanted, Watched};
use super::tags::{named, validate_tags};
use crate::api::Service;
use crate::api::sync::{JobStatus, SyncJob};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::Tag;
use crate::output::{Items, Page, Report, bad, good, plain, strong, uneasy};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync wait -n team -r web/api v1.4.2 --to-region cn-east-3 --to-namespace team\n  \
    swr sync wait -n team -r web/api --to-region cn-east-3 --to-namespace team --wait-timeout 2h")]
pub struct Wait {
    #[command(flatten)]
    source: Source,
    /// Tags that have to stand in the target with the source's digest (none: every job is final)
    #[arg(value_name = "TAG", add = crate::commands::complete::tags())]
    tags: Vec<Raw<Tag>>,
    #[command(flatten)]
    to: ToOne,
    /// How long to wait at the most
    #[arg(long, value_name = "DURATION", default_value = Limit::DEFAULT)]
    wait_timeout: Raw<Limit>,
}

impl Wait {
    /// Waits.
    ///
    /// # Errors
    /// Kind `timeout` (exit 7), `incomplete` (exit 9), and what the services fail with.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let source = self.source.validate(&mut problems);
        let tags = validate_tags(&mut problems, self.tags);
        let target = self.to.validate(&mut problems);
        let limit = problems.take("--wait-timeout", self.wait_timeout);
        let (Some((namespace, repository)), Some(target), Some(limit)) = (source, target, limit)
        else {
            return Err(problems.into());
        };
        problems.end()?;
        let route = Route {
            namespace,
            repository,
            target,
        };
        let source = context.service()?;
        if tags.is_empty() {
            until_final(context, &source, &route, limit)
        } else {
            until_arrived(context, &source, &route, &tags, limit)
        }
    }
}

/// Waits until every job to the target is final.
fn until_final(
    context: &Context,
    source: &Service,
    route: &Route,
    limit: Limit,
) -> Result<Exit, Error> {
    let mut pace = Pace::new(limit);
    let mut troubles = 0;
    let (jobs, mut pause) = route.jobs_after(source, i64::MIN)?;
    // What was final at the beginning is history, unless it is all that there is to tell.
    let mut open: Vec<SyncJob> = jobs
        .into_iter()
        .filter(|job| !job.state().is_final())
        .collect();
    let mut ended: Vec<SyncJob> = Vec::new();
    let all = open.len();
    let progress = context.output().progress(all as u64);
    while let Some(oldest) = open.iter().map(|job| job.id).min() {
        let said = format!(
            "{} of {all} jobs final, '{}' is {}",
            ended.len(),
            open.last().map_or("", |job| &job.tag),
            open.last().map_or("", |job| &job.status)
        );
        progress.at(ended.len() as u64, &said);
        pace.pause(context, pause, &said)?;
        let Some((jobs, asked)) = look(context, &mut troubles, || {
            route.jobs_after(source, oldest - 1)
        })?
        else {
            continue;
        };
        pause = asked;
        for job in jobs {
            if job.state().is_final()
                && let Some(at) = open.iter().position(|other| other.id == job.id)
            {
                open.remove(at);
                ended.push(job);
            }
        }
    }
    drop(progress);
    if all == 0 {
        context
            .output()
            .note("every job to that target is final already");
    }
    let mut items = context.output().items();
    let mut exit = Exit::Done;
    ended.sort_by_key(|job| job.id);
    for job in &ended {
        if job.state().is_bad() {
            exit = Exit::Incomplete;
        }
        let result = Waited {
            status: job.state().as_str(),
            job_id: Some(job.id),
            ..Waited::new(context, route, job.tag.clone())
        };
        items.item(result.status, &result)?;
    }
    end(items, exit, route)
}

/// Waits until each tag stands in the target with the digest that the source has now.
fn until_arrived(
    context: &Context,
    source: &Service,
    route: &Route,
    tags: &[Tag],
    limit: Limit,
) -> Result<Exit, Error> {
    let target = context.service_of(&route.target.region)?;
    let wanted = named(source, &route.namespace, &route.repository, tags)?;
    let mut watched = Watched::new(route, &target, &wanted);
    let mut pace = Pace::new(limit);
    let mut troubles = 0;
    let progress = context.output().progress(wanted.len() as u64);
    let mut failed: HashMap<Tag, SyncJob> = HashMap::new();
    let mut ended = Exit::Done;
    let (compared, exit) = loop {
        let found = look(context, &mut troubles, || {
            let compared = compare(&wanted, watched.look()?);
            if compared.iter().all(|one| one.relation == Relation::Same) {
                return Ok((compared, None, None));
            }
            // One look at the newest jobs tells a copy that failed; it is not waited out.
            let (jobs, pause) = source.sync_jobs(&route.namespace, &route.repository, 100, 0)?;
            Ok((compared, Some(jobs), pause))
        })?;
        let Some((compared, jobs, pause)) = found else {
            pace.pause(context, None, "the last look failed")?;
            continue;
        };
        let arrived = compared
            .iter()
            .filter(|one| one.relation == Relation::Same)
            .count();
        let Some(jobs) = jobs else {
            break (compared, Exit::Done);
        };
        for (one, compared) in wanted.iter().zip(&compared) {
            if compared.relation != Relation::Same
                && let Some(job) = latest_job(&jobs, route, one)
            {
                let exit = match job.state() {
                    // Called off because another image of that tag is there: it will not arrive.
                    JobStatus::Existed => Exit::Different,
                    state if state.is_bad() => Exit::Incomplete,
                    _ => continue,
                };
                ended = ended.worse(exit);
                failed.insert(one.tag.clone(), job.clone());
            }
        }
        if !failed.is_empty() {
            break (compared, ended);
        }
        let open = compared.iter().find(|one| one.relation != Relation::Same);
        let open = open.map_or("", |one| &one.tag);
        let said = format!(
            "{arrived} of {} tags arrived, waiting for '{open}'",
            wanted.len()
        );
        progress.at(arrived as u64, &said);
        pace.pause(context, pause, &said)?;
    };
    drop(progress);
    let mut items = context.output().items();
    for (one, compared) in wanted.iter().zip(compared) {
        let job = failed.get(&one.tag);
        let result = Waited {
            status: match (job, compared.relation) {
                (_, Relation::Same) => "arrived",
                (Some(job), _) => job.state().as_str(),
                (None, relation) => relation.as_str(),
            },
            job_id: job.map(|job| job.id),
            ..Waited::new(context, route, one.tag.to_string()).compared(compared)
        };
        items.item(result.status, &result)?;
    }
    end(items, exit, route)
}

/// Returns the latest job of a tag to the target, if it copies the image that is there now.
fn latest_job<'a>(jobs: &'a [SyncJob], route: &Route, wanted: &Wanted) -> Option<&'a SyncJob> {
    jobs.iter()
        .filter(|job| job.tag == wanted.tag.as_str() && job.goes_to(&route.target))
        .max_by_key(|job| job.id)
        .filter(|job| wanted.updated.is_none() || job.created_at >= wanted.updated)
}

fn end(items: Items<'_>, exit: Exit, route: &Route) -> Result<Exit, Error> {
    let said = items.in_words();
    items.finish()?;
    if exit == Exit::Done {
        Ok(exit)
    } else {
        Err(route.not_whole(exit, &said))
    }
}

/// What became of a tag, or of a job.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Waited {
    /// `arrived`, or the job's final state; `missing` or `different` beside one that failed.
    status: &'static str,
    /// The source namespace.
    namespace: String,
    /// The source repository.
    repository: String,
    /// The tag.
    tag: String,
    /// The source region, where it is known.
    region: Option<String>,
    /// The target region.
    remote_region_id: String,
    /// The target namespace.
    remote_namespace: String,
    /// The source's digest, where it was looked at.
    digest: Option<String>,
    /// The target's digest, where it was looked at.
    remote_digest: Option<String>,
    /// The service's number of the job that ended it.
    job_id: Option<i64>,
}

impl Waited {
    fn new(context: &Context, route: &Route, tag: String) -> Waited {
        Waited {
            status: "",
            namespace: route.namespace.to_string(),
            repository: route.repository.to_string(),
            tag,
            region: context.region().map(|region| region.to_string()),
            remote_region_id: route.target.region.to_string(),
            remote_namespace: route.target.namespace.to_string(),
            digest: None,
            remote_digest: None,
            job_id: None,
        }
    }

    fn compared(mut self, compared: Compared) -> Waited {
        self.digest = compared.digest;
        self.remote_digest = compared.remote_digest;
        self
    }
}

impl Report for Waited {
    fn human(&self, page: &mut Page) {
        let status = match self.status {
            "arrived" | "success" => good(self.status),
            "existed" | "missing" | "different" => uneasy(self.status),
            _ => bad(self.status),
        };
        page.line(&[
            status,
            plain(": "),
            strong(format!(
                "{}/{}:{}",
                self.namespace, self.repository, self.tag
            )),
            plain(format!(
                " → {} ({})",
                self.remote_namespace, self.remote_region_id
            )),
        ]);
    }
}
