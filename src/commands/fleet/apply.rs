//! `swr apply`: makes the service as a fleet, or a saved plan, says.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, ValueHint};

use super::act::{Acting, ensure_all};
use super::backfill::UnderWay;
use super::deletes::{Delete, Deletes, finish};
use super::item::Item;
use super::plan::{Looked, look, of_whole, regions_of, report_of, scope_of_run};
use super::reach::{Profiles, Region};
use super::read::FileArgs;
use super::scope_args::ScopeArgs;
use super::sheet::Sheet;
use super::wanted::{MAX_DELETES, Wanted};
use super::work::{Job, Walk};
use crate::commands::confirm;
use crate::commands::dry_run::BACKFILL_NOTE;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::report_args::ReportArgs;
use crate::commands::sync::DryRunArg;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::fleet::{Action, Change, Fleet};
use crate::lock::lock;
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::Reports;
use crate::sync::copy::CopyOptions;
use crate::sync::poll::WaitLimit;

#[derive(Debug, Args)]
#[command(
    after_help = "Creates come first, deletes last. Killed and run again, it ends in the same \
    state.\n\n\
    Examples:\n  \
    swr apply\n  \
    swr apply --backfill --wait --verify --create-namespace\n  \
    swr apply --prune --max-deletes 20\n  \
    swr plan --out plan.jsonl && swr apply plan.jsonl"
)]
pub struct Apply {
    /// Saved plans to carry out, instead of files
    #[arg(value_name = "PLAN", conflicts_with_all = ["files", "prune", "create_namespace"], value_hint = ValueHint::FilePath)]
    plans: Vec<PathBuf>,
    #[command(flatten)]
    files: FileArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Delete surplus tasks, after all else
    #[arg(long)]
    prune: bool,
    /// Delete nothing when more tasks than this would be deleted [default: 10]
    #[arg(long, value_name = "N")]
    max_deletes: Option<usize>,
    /// Delete without asking
    #[arg(long)]
    yes: bool,
    /// Create target namespaces that are missing
    #[arg(long)]
    create_namespace: bool,
    /// Also copy the tags that exist already and are not in the target
    #[arg(long)]
    backfill: bool,
    /// Wait for those copies
    #[arg(long, requires = "backfill")]
    wait: bool,
    /// How long to wait for the copies of one repository
    #[arg(long, value_name = "DURATION", default_value = WaitLimit::DEFAULT, requires = "wait")]
    wait_timeout: Raw<WaitLimit>,
    /// Compare the digests at the end
    #[arg(long, requires = "wait")]
    verify: bool,
    /// Also show what is unchanged
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
    #[command(flatten)]
    reports: ReportArgs,
}

impl Apply {
    /// Applies.
    ///
    /// # Errors
    /// Every fault of the files, settings, and what the services fail with.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let wanted = self.validate(context)?;
        if !self.plans.is_empty() {
            return super::saved::apply(&self.plans, &self.reports, context, &wanted);
        }
        if self.prune && !wanted.yes {
            confirm::require_person(context, "--prune deletes tasks")?;
        }
        let fleet = self.files.read(context)?;
        for warning in &fleet.warnings {
            context.output().warn(&warning.to_string());
        }
        let profiles = Profiles::of_fleet(context, &fleet)?;
        let regions = regions_of(&profiles, &fleet, wanted.manner())?;
        let reports = wanted.open(&self.reports, context, scope_of_run("apply", &fleet))?;
        let result = self.apply(context, &fleet, &regions, &wanted, &reports);
        reports.finish(result)
    }

    fn validate(&self, context: &Context) -> Result<Wanted, Error> {
        let scope = self.scope.validate(context)?;
        let mut problems = Problems::default();
        let wait = problems.take("--wait-timeout", self.wait_timeout.clone());
        let is_pruning = self.prune || !self.plans.is_empty();
        if self.max_deletes.is_some() && !is_pruning {
            problems.note("--max-deletes", "", "--max-deletes needs --prune");
        }
        if self.yes && !is_pruning {
            problems.note("--yes", "", "--yes needs --prune: nothing else is asked");
        }
        problems.end()?;
        let dry_run = self.dry_run.dry_run;
        if dry_run.is_some() && self.backfill {
            context.output().note(BACKFILL_NOTE);
        }
        Ok(Wanted {
            scope,
            concurrency: self.scope.concurrency(),
            max_deletes: self.max_deletes.unwrap_or(MAX_DELETES),
            // A dry run deletes nothing, so there is nothing to ask.
            yes: self.yes || dry_run.is_some(),
            backfill: self.backfill.then_some(CopyOptions {
                override_: false,
                only_missing: true,
                wait: wait.filter(|_| self.wait),
                verify: self.verify,
            }),
            shows_all: self.all,
            create_namespaces: self.create_namespace,
            dry_run,
        })
    }

    fn apply(
        &self,
        context: &Context,
        fleet: &Fleet,
        regions: &[Arc<Region<'_>>],
        wanted: &Wanted,
        reports: &Reports,
    ) -> Result<Exit, Error> {
        // What was reached is told, also when a signal ends the wait.
        let graceful = context.interrupt().graceful();
        let walk = Walk::new(fleet, regions, &wanted.scope);
        let progress = context.output().progress();
        let sheet = Mutex::new(Sheet::new(
            context,
            reports,
            &progress,
            wanted.style(self.prune),
            wanted.scope.shard,
        ));
        let under_way = UnderWay::new(context, &sheet, &progress, walk.stopped());
        let mut deletes = Deletes::new(wanted.max_deletes);
        let summary = for_each_ordered(
            context.interrupt(),
            wanted.concurrency,
            walk.jobs(),
            |job| {
                let _line = progress.line(job.name(fleet), "applying");
                work(job, &walk, fleet, regions, wanted, &under_way)
            },
            |job, result| {
                let sheet = &mut *lock(&sheet);
                match (&job, result) {
                    (
                        Job::Repository {
                            source, repository, ..
                        },
                        ItemResult::Done(Done::Changed(items, surplus)),
                    ) => {
                        for item in items {
                            sheet.add(item)?;
                        }
                        for change in surplus {
                            let delete = Delete {
                                region: Arc::clone(&regions[*source]),
                                namespace: fleet.sources[*source].namespace.clone(),
                                repository: repository.clone(),
                                change,
                            };
                            deletes.add(delete, self.prune, sheet)?;
                        }
                    }
                    (job, other) => sheet.add(of_whole(&walk, fleet, regions, job, other))?,
                }
                sheet.progress(walk.counts().0);
                Ok(())
            },
        )?;
        let summary = under_way.finish(wanted.concurrency, summary)?;
        drop(under_way);
        walk.tell(context.output());
        let report = report_of(fleet, &walk, &wanted.scope, self.prune);
        let sheet = sheet.into_inner().unwrap_or_else(PoisonError::into_inner);
        // A signal at the question is an answer.
        drop(graceful);
        finish(context, wanted, sheet, deletes, summary, &report)
    }
}

/// Works on one repository: its creates and replacements; what is surplus is returned.
fn work<'a>(
    job: &Job,
    walk: &Walk<'_>,
    fleet: &Fleet,
    regions: &[Arc<Region<'a>>],
    wanted: &Wanted,
    under_way: &UnderWay<'a, '_>,
) -> Result<Done, Error> {
    let changes = match look(job, fleet, regions)? {
        Looked::Changes(changes) => changes,
        Looked::Missing => return Ok(Done::Missing),
    };
    let Job::Repository {
        source, repository, ..
    } = job
    else {
        return Ok(Done::Missing);
    };
    let acting = Acting {
        region: &regions[*source],
        namespace: &fleet.sources[*source].namespace,
        repository,
        backfill: wanted.backfill,
    };
    let (surplus, wished): (Vec<Change>, Vec<Change>) = changes
        .into_iter()
        .partition(|change| change.action == Action::Delete);
    let items = under_way.follow(acting.region.context, wanted.wait(), || {
        ensure_all(&acting, &wished, walk.stopped())
    })?;
    Ok(Done::Changed(items, surplus))
}

/// What was done at a repository.
enum Done {
    /// What became of the wishes, and what is surplus.
    Changed(Vec<Item>, Vec<Change>),
    /// There is no such repository.
    Missing,
}
