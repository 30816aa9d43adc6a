//! `swr plan`: what is different between a fleet and the service.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};

use super::item::{FleetReport, Item, Status};
use super::reach::{Manner, Profiles, Region};
use super::read::FileArgs;
use super::scope_args::ScopeArgs;
use super::sheet::{Sheet, Style};
use super::work::{Job, Walk};
use crate::commands::report_args::ReportArgs;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::fleet::{self, Action, Change, Fleet, PlanWriter, Scope, Source};
use crate::names::Repository;
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{Reports, Run};

#[derive(Debug, Args)]
#[command(
    after_help = "It reads, and changes nothing. 'swr apply' does what it shows.\n\n\
    Examples:\n  \
    swr plan\n  \
    swr plan --prune --out plan.jsonl --summary page.md && swr apply plan.jsonl\n  \
    swr plan --exit-code --only 'team/web/**'"
)]
pub struct Plan {
    #[command(flatten)]
    files: FileArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Plan to delete surplus tasks, too
    #[arg(long)]
    prune: bool,
    /// Exit with 8 when anything is to create, replace or delete, or is surplus
    #[arg(long)]
    exit_code: bool,
    /// Also show what is unchanged
    #[arg(long)]
    all: bool,
    /// Save the plan, for 'swr apply FILE'
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    #[command(flatten)]
    reports: ReportArgs,
}

impl Plan {
    /// Plans.
    ///
    /// # Errors
    /// Every fault of the files, settings, and what the services fail with.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let scope = self.scope.validate(context)?;
        let fleet = self.files.read(context)?;
        for warning in &fleet.warnings {
            context.output().warn(&warning.to_string());
        }
        let profiles = Profiles::of_fleet(context, &fleet)?;
        let regions = regions_of(&profiles, &fleet, Manner::default())?;
        let reports = self.reports.open(context, scope_of_run("plan", &fleet))?;
        let writer = match &self.out {
            Some(path) => Some(PlanWriter::create(path, &fleet.files, self.prune)?),
            None => None,
        };
        let walk = Walk::new(&fleet, &regions, &scope);
        let result = self.plan(context, &walk, &fleet, &regions, &reports, writer, &scope);
        reports.finish(result)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what a run consists of, passed on once"
    )]
    fn plan(
        &self,
        context: &Context,
        walk: &Walk<'_>,
        fleet: &Fleet,
        regions: &[Arc<Region<'_>>],
        reports: &Reports,
        mut writer: Option<PlanWriter>,
        scope: &Scope,
    ) -> Result<Exit, Error> {
        let progress = context.output().progress();
        let mut sheet = Sheet::new(
            context,
            reports,
            &progress,
            Style {
                command: "plan",
                statuses: &Status::OF_PLAN,
                shows_unchanged: self.all,
                is_strict: self.prune || self.exit_code,
                dry_run: None,
            },
            scope.shard,
        );
        let summary = for_each_ordered(
            context.interrupt(),
            self.scope.concurrency(),
            walk.jobs(),
            |job| {
                let _line = progress.line(job.name(fleet), "reading");
                let looked = look(job, fleet, regions)?;
                if let (Job::Repository { source, .. }, Looked::Changes(changes)) = (job, &looked) {
                    // Looked up here, beside the other workers, and read below.
                    let wished = changes
                        .iter()
                        .filter(|change| change.action != Action::Delete);
                    for change in wished {
                        regions[*source].check_ahead(&change.target);
                    }
                }
                Ok(looked)
            },
            |job, result| {
                let items = self.items(walk, fleet, regions, &job, result);
                for item in items {
                    if let Some(writer) = &mut writer
                        && let Some(change) = item.planned()
                    {
                        writer.add(&change)?;
                    }
                    sheet.add(item)?;
                }
                sheet.progress(walk.counts().0);
                Ok(())
            },
        )?;
        let is_whole = context.interrupt().raised().is_none() && !walk.is_stopped();
        if let Some(writer) = writer.filter(|_| is_whole) {
            writer.finish()?;
        }
        walk.tell(context.output());
        let changes = [
            Status::Create,
            Status::Replace,
            Status::Delete,
            Status::Surplus,
        ];
        let is_different = changes.iter().any(|status| sheet.count(*status) > 0);
        if self.exit_code && is_different {
            sheet.include(Exit::Different);
        }
        sheet.finish(summary, &report_of(fleet, walk, scope, self.prune))
    }

    fn items(
        &self,
        walk: &Walk<'_>,
        fleet: &Fleet,
        regions: &[Arc<Region<'_>>],
        job: &Job,
        result: ItemResult<Looked>,
    ) -> Vec<Item> {
        match result {
            ItemResult::Done(Looked::Changes(changes)) => {
                let Job::Repository {
                    source, repository, ..
                } = &job
                else {
                    return Vec::new();
                };
                let (source, region) = (&fleet.sources[*source], &regions[*source]);
                let item = |change: &Change| self.item(source, region, repository, change);
                changes.iter().map(item).collect()
            }
            other => vec![of_whole(walk, fleet, regions, job, other)],
        }
    }

    fn item(
        &self,
        source: &Source,
        region: &Region<'_>,
        repository: &Repository,
        change: &Change,
    ) -> Item {
        let origin = region.origin(&source.namespace, repository);
        let status = match change.action {
            Action::Create => Status::Create,
            Action::Replace => Status::Replace,
            Action::Keep => Status::Unchanged,
            Action::Delete if self.prune => Status::Delete,
            Action::Delete => Status::Surplus,
        };
        if change.action != Action::Delete
            && let Err(error) = region.check(&change.target)
        {
            return Item::of_change(origin, status_of(&error), change).because(&error);
        }
        let mut item = Item::of_change(origin, status, change);
        item.remark = remark(change, status);
        item
    }
}

/// Returns what a person reads beside a status.
pub(super) fn remark(change: &Change, status: Status) -> String {
    let word = |yes: Option<bool>| match yes {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    match (status, change.found) {
        (Status::Surplus, _) => "; --prune deletes it".to_owned(),
        (Status::Replace | Status::Replaced, Some(found))
            if found.override_ != Some(change.override_) =>
        {
            format!(
                "override {} → {}",
                word(found.override_),
                word(Some(change.override_))
            )
        }
        (Status::Replace | Status::Replaced, Some(_)) => "it does not copy on push".to_owned(),
        _ => String::new(),
    }
}

/// Returns the status of what failed: unmet, or failed.
pub(super) fn status_of(error: &Error) -> Status {
    if error.kind() == crate::error::Kind::Unmet {
        Status::Unmet
    } else {
        Status::Failed
    }
}

/// What was found at a repository.
pub(super) enum Looked {
    /// What has to be done about each task.
    Changes(Vec<Change>),
    /// There is no such repository.
    Missing,
}

/// Reads the tasks of a repository and holds them against the wishes.
///
/// # Errors
/// What the service fails with; a conflict of entries.
pub(super) fn look(job: &Job, fleet: &Fleet, regions: &[Arc<Region<'_>>]) -> Result<Looked, Error> {
    let (source, repository) = match job {
        Job::Broken { error, .. } => {
            let error = crate::lock::lock(error).take();
            return Err(error.unwrap_or_else(|| {
                Error::new(
                    crate::error::Kind::Internal,
                    "the list broke off without a reason",
                )
            }));
        }
        Job::Repository { missing: true, .. } => return Ok(Looked::Missing),
        Job::Repository {
            source, repository, ..
        } => (*source, repository),
    };
    let (region, source) = (&regions[source], &fleet.sources[source]);
    let Some(selection) = source.select(repository.as_str()) else {
        return Ok(Looked::Changes(Vec::new()));
    };
    let wishes = match &selection.wishes {
        Ok(wishes) => wishes,
        Err(conflict) => {
            return Err(conflict.error(&format!("{}/{repository}", source.namespace)));
        }
    };
    match crate::sync::task::all(&region.service, &source.namespace, repository)? {
        None => Ok(Looked::Missing),
        Some(tasks) => fleet::changes(&selection, wishes, &tasks).map(Looked::Changes),
    }
}

/// Returns the item of a repository that is missing, failed or was skipped, or of a list that
/// broke off.
pub(super) fn of_whole<T>(
    walk: &Walk<'_>,
    fleet: &Fleet,
    regions: &[Arc<Region<'_>>],
    job: &Job,
    result: ItemResult<T>,
) -> Item {
    let (source, repository, named) = match job {
        Job::Repository {
            source,
            repository,
            named,
            ..
        } => (*source, Some(repository), named.clone()),
        Job::Broken { source, .. } => (*source, None, None),
    };
    let (region, namespace) = (&regions[source], &fleet.sources[source].namespace);
    let mut origin = region.origin_of(namespace);
    if let Some(repository) = repository {
        origin.repository = repository.to_string();
    }
    match result {
        ItemResult::Failed(error) => {
            if error.details().http_status == Some(401) {
                walk.stop();
            }
            Item::of_repository(origin, Status::Failed, named).because(&error)
        }
        ItemResult::Skipped => {
            let error = crate::commands::sync::not_tried(region.context);
            Item::of_repository(origin, Status::Skipped, named).because(&error)
        }
        ItemResult::Done(_) => {
            let declared = named.or_else(|| {
                let name = repository?.as_str();
                let mut all = fleet.sources[source].names().into_iter();
                all.find(|(other, _)| other.as_str() == name)
                    .map(|(_, pattern)| pattern.place.to_string())
            });
            let error = Error::new(
                crate::error::Kind::Unmet,
                format!(
                    "there is no repository '{}' in '{namespace}'",
                    origin.repository
                ),
            );
            Item::of_repository(origin, Status::Missing, declared).because(&error)
        }
    }
}

/// Finds the services of all sources, and looks through the settings of all target regions.
///
/// # Errors
/// Missing or wrong settings and credentials; nothing is sent.
pub(super) fn regions_of<'a>(
    profiles: &'a Profiles<'_>,
    fleet: &Fleet,
    manner: Manner,
) -> Result<Vec<Arc<Region<'a>>>, Error> {
    let mut regions: Vec<Arc<Region<'a>>> = Vec::new();
    for source in &fleet.sources {
        let known = regions.iter().find(|region| *region.home() == source.home);
        let region = match known {
            Some(region) => Arc::clone(region),
            None => Arc::new(Region::of(profiles, &source.home, manner)?),
        };
        let targets = source.entries.iter().flat_map(|entry| &entry.wishes);
        region.check_settings(targets.map(|wish| &wish.target.region))?;
        regions.push(region);
    }
    Ok(regions)
}

/// Returns what a run is about, for its reports.
pub(super) fn scope_of_run(command: &'static str, fleet: &Fleet) -> Run {
    let files: Vec<&str> = fleet.files.iter().map(|file| file.path.as_ref()).collect();
    Run {
        command,
        scope: files.join(", "),
    }
}

/// Returns what a run was about.
pub(super) fn report_of(fleet: &Fleet, walk: &Walk<'_>, scope: &Scope, prune: bool) -> FleetReport {
    let (repositories, selected) = walk.counts();
    FleetReport {
        files: fleet.files.len(),
        entries: fleet.entries().count(),
        repositories,
        selected,
        shard: scope.shard.map(|shard| shard.to_string()),
        prune,
    }
}
