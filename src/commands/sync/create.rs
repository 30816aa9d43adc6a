//! `swr sync create`: the heart.

use clap::{Args, ValueEnum};

use super::args::{Concurrency, DryRunArg, Source, ToMany};
use super::compare::Verdict;
use super::created::{Backfill, Created, Status};
use super::hints::{advise, options};
use super::link_report::LinkReport;
use super::order::{Order, Outcome, carry_out};
use super::pace::Limit;
use super::tags::{Filter, all_of};
use crate::api::namespaces;
use crate::api::sync::{SyncTask, create_call};
use crate::commands::dry_run::{Planned, show};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{ErrorReport, Output};
use crate::parallel::{ItemResult, for_each_ordered};
use crate::sync::preflight::{self, Preflight};
use crate::sync::task::{self, Ensured, IfExists};
use crate::sync::{Failure, Link};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --auto\n  \
    swr sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --auto --dry-run=curl")]
pub struct Create {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    to: ToMany,
    /// Copy each image when it is pushed
    #[arg(long)]
    auto: bool,
    /// Replace a different image of the same tag in the target
    #[arg(long)]
    r#override: bool,
    /// What to do when the task exists (default: fail; with --backfill: keep)
    #[arg(long, value_name = "WHAT", value_enum)]
    if_exists: Option<WhenThere>,
    /// Look first whether the task can work
    #[arg(long)]
    preflight: bool,
    /// Create the target namespace when it is missing (looks first, as --preflight)
    #[arg(long)]
    create_namespace: bool,
    /// Also copy the tags that exist already and are not in the target (looks first, as --preflight)
    #[arg(long)]
    backfill: bool,
    /// Wait until those copies are done
    #[arg(long, requires = "backfill")]
    wait: bool,
    /// Compare the digests at the end
    #[arg(long, requires = "wait")]
    verify: bool,
    /// How long to wait at the most
    #[arg(long, value_name = "DURATION", default_value = Limit::DEFAULT, requires = "wait")]
    wait_timeout: Raw<Limit>,
    #[command(flatten)]
    dry_run: DryRunArg,
    #[command(flatten)]
    concurrency: Concurrency,
}

/// What to do about a task that exists, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum WhenThere {
    /// Fail (exit 4)
    Fail,
    /// Keep the task that is there; fail (exit 8) if it has other settings
    Keep,
    /// Delete the task that is there and create it anew, unless it is the same
    Replace,
}

impl From<WhenThere> for IfExists {
    fn from(typed: WhenThere) -> IfExists {
        match typed {
            WhenThere::Fail => IfExists::Fail,
            WhenThere::Keep => IfExists::Keep,
            WhenThere::Replace => IfExists::Replace,
        }
    }
}

/// What was asked for, judged.
struct Asked {
    tasks: Vec<SyncTask>,
    if_exists: IfExists,
    preflight: bool,
    create_namespace: bool,
    backfill: Option<Order>,
    concurrency: usize,
}

impl Create {
    /// Creates the task in each target region.
    ///
    /// # Errors
    /// Problems values, settings, and whatever the service refuses.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let dry_run = self.dry_run.dry_run;
        let asked = self.validate(context)?;
        if let Some(form) = dry_run {
            return show(context, &asked.planned(context)?, form);
        }
        match asked.tasks.as_slice() {
            [task] => {
                let (created, exit) = asked.create(context, task)?;
                context.output().report(&created)?;
                say_what_follows(context.output(), task, &created);
                match exit {
                    Exit::Done => Ok(exit),
                    exit => Err(Link::from(task).not_whole(exit, &created.in_words())),
                }
            }
            _ => asked.create_all(context),
        }
    }

    /// Validates all values; nothing is sent before.
    fn validate(self, context: &Context) -> Result<Asked, Error> {
        let mut problems = Problems::beside(context);
        let links = self.source.links(self.to, context, &mut problems);
        let limit = problems.take("--wait-timeout", self.wait_timeout);
        let Some(links) = links else {
            return Err(problems.into());
        };
        problems.end()?;
        let task = |link: Link| SyncTask {
            namespace: link.namespace,
            repository: link.repository,
            target: link.target,
            auto: self.auto,
            override_: self.r#override,
        };
        let tasks = links.into_iter().map(task).collect();
        Ok(Asked {
            tasks,
            // One command to the end state has to be one that can be run again.
            if_exists: match self.if_exists {
                Some(typed) => typed.into(),
                None if self.backfill => IfExists::Keep,
                None => IfExists::Fail,
            },
            preflight: self.preflight || self.create_namespace || self.backfill,
            create_namespace: self.create_namespace,
            backfill: self.backfill.then_some(Order {
                override_: self.r#override,
                only_what_lacks: true,
                wait: limit.filter(|_| self.wait),
                verify: self.verify,
            }),
            concurrency: self.concurrency.get(),
        })
    }
}

impl Asked {
    fn planned(&self, context: &Context) -> Result<Vec<Planned>, Error> {
        let mut planned = Vec::new();
        for task in &self.tasks {
            if self.create_namespace {
                planned.push(Planned {
                    call: namespaces::create_call(&task.target.namespace),
                    endpoint: context.endpoint_of(&task.target.region)?,
                    region: Some(task.target.region.clone()),
                });
            }
            planned.push(Planned {
                call: create_call(task),
                endpoint: context.endpoint()?,
                region: None,
            });
        }
        Ok(planned)
    }

    fn create(&self, context: &Context, task: &SyncTask) -> Result<(Created, Exit), Error> {
        let service = context.service()?;
        let link = Link::from(task);
        let advised = |failure: Failure| advise(failure, &link);
        let found = if self.preflight {
            Some(
                preflight::check(context, &service, &link, self.create_namespace)
                    .map_err(advised)?,
            )
        } else {
            None
        };
        let ensured = task::ensure(&service, task, self.if_exists).map_err(advised)?;
        if !ensured.override_known {
            context.output().warn(
                "the service does not list tasks without --auto, so it cannot be read whether \
                 this one has --override",
            );
        }
        let mut created = report(context, task, Some(&ensured), found);
        let mut exit = Exit::Done;
        if let Some(order) = self.backfill {
            let wanted = all_of(
                context,
                &service,
                &task.namespace,
                &task.repository,
                &Filter::default(),
            )?;
            let outcomes = carry_out(context, &service, &link, wanted, order).map_err(|error| {
                error.about(&format!(
                    "the task is {}, its backfill is not whole",
                    created.status.word()
                ))
            })?;
            exit = outcomes
                .iter()
                .map(Outcome::exit)
                .fold(Exit::Done, Exit::worse);
            created.backfill = Some(Backfill::of(&outcomes));
            if order.verify {
                let compared: Vec<_> = outcomes
                    .into_iter()
                    .filter_map(|outcome| outcome.compared)
                    .collect();
                created.verify = Some(Verdict::of(&compared));
            }
        }
        Ok((created, exit))
    }

    fn create_all(self, context: &Context) -> Result<Exit, Error> {
        // Settings that are wrong for all are told once.
        context.service()?;
        let mut items = context.output().items();
        let mut not_well = Exit::Done;
        let mut summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            self.tasks.iter(),
            |task| self.create(context, task),
            |task, ended| {
                let created = match ended {
                    ItemResult::Done((mut created, exit)) => {
                        created.exit_code = Some(exit.code());
                        not_well = not_well.worse(exit);
                        created
                    }
                    ItemResult::Failed(error) => {
                        let mut failed = report(context, task, None, None);
                        failed.status = Status::Failed;
                        failed.http_status = error.details().http_status;
                        failed.request_id.clone_from(&error.details().request_id);
                        failed.exit_code = Some(error.exit_code().code());
                        failed.error = Some(ErrorReport::of(&error));
                        failed
                    }
                    ItemResult::Skipped => report(context, task, None, None),
                };
                items.item(created.status.word(), &created)
            },
        )?;
        let said = items.in_words();
        items.finish()?;
        summary.include(not_well);
        let Some(task) = self.tasks.first() else {
            return Ok(Exit::Done);
        };
        if self.backfill.is_none() {
            say_what_follows(context.output(), task, &report(context, task, None, None));
        }
        if summary.error.is_none() && not_well != Exit::Done {
            return Err(Link::from(task).not_whole(not_well, &said));
        }
        summary.into_result("regions")
    }
}

fn report(
    context: &Context,
    task: &SyncTask,
    ensured: Option<&Ensured>,
    preflight: Option<Preflight>,
) -> Created {
    let answer = ensured.map(|ensured| &ensured.answer);
    Created {
        status: ensured.map_or(Status::Skipped, |ensured| ensured.status.into()),
        link: LinkReport::new(context, &Link::from(task)),
        sync_auto: task.auto,
        override_: ensured
            .is_none_or(|ensured| ensured.override_known)
            .then_some(task.override_),
        endpoint: context
            .endpoint()
            .map(|endpoint| endpoint.to_string())
            .unwrap_or_default(),
        http_status: answer.map(|answer| answer.status),
        request_id: answer
            .and_then(|answer| answer.request_id())
            .map(str::to_owned),
        preflight,
        backfill: None,
        verify: None,
        exit_code: None,
        error: None,
    }
}

/// Says what the task does not do: the questions that users ask most.
fn say_what_follows(output: &Output, task: &SyncTask, created: &Created) {
    if !task.auto {
        output.note("without --auto the task does nothing on a push");
    }
    if created.backfill.is_none() {
        output.note("existing tags stay behind; copy them with:");
        output.hint(&format!(
            "swr sync run --all {}",
            options(&Link::from(task))
        ));
    }
    if created.preflight.is_none() && !matches!(created.status, Status::Exists) {
        output.note("the service does not check the target; --preflight looks first");
    }
}
