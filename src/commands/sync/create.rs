//! `swr sync create`: the heart.

use clap::Args;

use super::args::{Source, ToMany};
use super::compare::Verdict;
use super::created::{Backfill, Created};
use super::order::{Order, Outcome, carry_out};
use super::pace::Limit;
use super::preflight::{Preflight, preflight};
use super::route::Route;
use super::settle::{IfExists, Settled, Settlement, create};
use super::tags::{Filter, all_of};
use crate::api::namespaces;
use crate::api::sync::{SyncTask, create_call};
use crate::commands::dry_run::{DryRun, Planned, show};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{ErrorReport, Output};
use crate::parallel::{ItemResult, for_each_ordered};

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
    if_exists: Option<IfExists>,
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
    /// Show the exact request and send nothing
    #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "http")]
    dry_run: Option<DryRun>,
    /// How many target regions are worked on at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
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
        let dry_run = self.dry_run;
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
                    exit => Err(route(task).not_whole(exit, &created.in_words())),
                }
            }
            _ => asked.create_all(context),
        }
    }

    /// Judges all values; nothing is sent before.
    fn validate(self, context: &Context) -> Result<Asked, Error> {
        let mut problems = Problems::beside(context);
        let source = self.source.validate(&mut problems);
        let targets = self.to.validate(&mut problems);
        let limit = problems.take("--wait-timeout", self.wait_timeout);
        let (Some((namespace, repository)), Some(targets)) = (source, targets) else {
            return Err(problems.into());
        };
        problems.end()?;
        let tasks = targets
            .into_iter()
            .map(|target| SyncTask {
                namespace: namespace.clone(),
                repository: repository.clone(),
                target,
                auto: self.auto,
                override_: self.r#override,
            })
            .collect();
        Ok(Asked {
            tasks,
            // One command to the end state has to be one that can be run again.
            if_exists: self.if_exists.unwrap_or(if self.backfill {
                IfExists::Keep
            } else {
                IfExists::Fail
            }),
            preflight: self.preflight || self.create_namespace || self.backfill,
            create_namespace: self.create_namespace,
            backfill: self.backfill.then_some(Order {
                override_: self.r#override,
                only_what_lacks: true,
                wait: limit.filter(|_| self.wait),
                verify: self.verify,
            }),
            concurrency: self.concurrency.into(),
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
        let found = if self.preflight {
            Some(preflight(context, &service, task, self.create_namespace)?)
        } else {
            None
        };
        let settlement = create(&service, task, self.if_exists)?;
        if !settlement.readable {
            context.output().warn(
                "the service lists no task without --auto, so it cannot be read whether this one \
                 has --override",
            );
        }
        let mut created = report(context, task, Some(&settlement), found);
        let mut exit = Exit::Done;
        if let Some(order) = self.backfill {
            let route = route(task);
            let wanted = all_of(
                context,
                &service,
                &task.namespace,
                &task.repository,
                &Filter::default(),
            )?;
            let outcomes =
                carry_out(context, &service, &route, wanted, order).map_err(|error| {
                    error.about(&format!(
                        "the task is {}, its backfill is not whole",
                        created.status
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
                        failed.status = "failed";
                        failed.http_status = error.details().http_status;
                        failed.request_id.clone_from(&error.details().request_id);
                        failed.exit_code = Some(error.exit_code().code());
                        failed.error = Some(ErrorReport::of(&error));
                        failed
                    }
                    ItemResult::Skipped => report(context, task, None, None),
                };
                items.item(created.status, &created)
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
            return Err(route(task).not_whole(not_well, &said));
        }
        summary.into_result("regions")
    }
}

fn route(task: &SyncTask) -> Route {
    Route {
        namespace: task.namespace.clone(),
        repository: task.repository.clone(),
        target: task.target.clone(),
    }
}

fn report(
    context: &Context,
    task: &SyncTask,
    settlement: Option<&Settlement>,
    preflight: Option<Preflight>,
) -> Created {
    let answer = settlement.map(|settlement| &settlement.answer);
    Created {
        status: settlement.map_or("skipped", |settlement| settlement.settled.status()),
        namespace: task.namespace.to_string(),
        repository: task.repository.to_string(),
        region: context.region().map(|region| region.to_string()),
        remote_region_id: task.target.region.to_string(),
        remote_namespace: task.target.namespace.to_string(),
        sync_auto: task.auto,
        override_: settlement
            .is_none_or(|settlement| settlement.readable)
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
        output.hint(&format!("swr sync run --all {}", route(task).in_words()));
    }
    if created.preflight.is_none() && created.status != Settled::Exists.status() {
        output.note("the service does not check the target; --preflight looks first");
    }
}
