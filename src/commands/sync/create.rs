//! `swr sync create`: the heart.

use clap::{Args, ValueEnum};

use super::args::{DryRunArg, WAIT_TIMEOUT, point_out_timeout};
use super::copied::{advised, not_tried};
use super::created::{Backfill, Created, Status};
use super::hints;
use super::link_report::{AsRow, LinkReport, scope_of_links};
use super::watch::{Ends, Watch};
use crate::api::namespaces;
use crate::api::sync::{SyncTask, create_call, delete_call, run_call};
use crate::commands::dry_run::{BACKFILL_NOTE, DryRun, Planned, show};
use crate::commands::images::OneImage;
use crate::commands::many_args::Concurrency;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::report_args::ReportArgs;
use crate::commands::targets::{To, check_targets, link};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::ErrorReport;
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{Reports, Run};
use crate::sync::copy::{CopyOptions, copy};
use crate::sync::digests::Counts;
use crate::sync::poll::WaitLimit;
use crate::sync::preflight::{self, Preflight};
use crate::sync::select::{Choice, select};
use crate::sync::task::{self, Ensured, IfExists};
use crate::sync::{Failure, Link};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --auto\n  \
    swr sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --auto --dry-run=curl")]
pub struct Create {
    #[command(flatten)]
    image: OneImage,
    #[command(flatten)]
    to: To,
    /// Copy each image when it is pushed
    #[arg(long)]
    auto: bool,
    /// Replace a different image of the same tag in the target
    #[arg(long)]
    r#override: bool,
    /// What to do when the task exists (default: fail; with --backfill: keep)
    #[arg(long, value_name = "WHAT", value_enum)]
    if_exists: Option<WhenThere>,
    /// Check source and target before creating the task
    #[arg(long)]
    preflight: bool,
    /// Create the target namespace when it is missing (checks first, as --preflight)
    #[arg(long)]
    create_namespace: bool,
    /// Also copy the tags that exist already and are not in the target (checks first, as --preflight)
    #[arg(long)]
    backfill: bool,
    /// Wait until those copies are done
    #[arg(long)]
    wait: bool,
    /// Compare the digests at the end
    #[arg(long)]
    verify: bool,
    #[arg(long, value_name = "DURATION", default_value = WaitLimit::DEFAULT,
          help = WAIT_TIMEOUT)]
    wait_timeout: Raw<WaitLimit>,
    #[command(flatten)]
    dry_run: DryRunArg,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What this verb is called in its reports.
const COMMAND: &str = "sync create";

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

/// What was asked for, validated.
struct Request {
    tasks: Vec<SyncTask>,
    if_exists: IfExists,
    preflight: bool,
    create_namespace: bool,
    backfill: Option<CopyOptions>,
    concurrency: usize,
}

impl Create {
    /// Creates the task in each target region.
    ///
    /// # Errors
    /// Wrong values, settings, whatever the service refuses, and copies that do not end well.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let dry_run = self.dry_run.dry_run;
        let reports = self.reports.clone();
        let request = self.validate(context)?;
        if let Some(form) = dry_run {
            return request.show(context, form);
        }
        if request.preflight {
            context.service()?;
            let targets = request.tasks.iter().map(|task| &task.target);
            let compares = request.backfill.is_some_and(|options| options.verify);
            check_targets(context, targets, compares)?;
        }
        let run = request.as_run(context);
        // A task alone is no result that a job's page is about.
        let reports = if request
            .backfill
            .is_some_and(|options| options.wait.is_some())
        {
            reports.open(context, run)?
        } else {
            reports.open_named(context, run)?
        };
        let result = match request.tasks.as_slice() {
            [task] => request.create_one(context, &reports, task),
            _ => request.create_all(context, &reports),
        };
        reports.finish(result)
    }

    /// Validates all values; nothing is sent before.
    fn validate(self, context: &Context) -> Result<Request, Error> {
        let mut problems = Problems::beside(context);
        let source = self.image.validate(context, &mut problems);
        let targets = self.to.validate(context, &mut problems);
        let limit = problems.take("--wait-timeout", self.wait_timeout);
        if self.wait && !self.backfill {
            problems.hinted(
                "--wait",
                "",
                "--wait waits for the copies of --backfill, which is not given",
                "add --backfill; a later push is waited for by 'swr sync wait'",
            );
        }
        if self.verify && !self.wait {
            problems.hinted(
                "--verify",
                "",
                "--verify compares the digests after --wait, which is not given",
                "add --wait; to compare at any time: 'swr sync verify'",
            );
        }
        let (Some(source), Some(targets)) = (source, targets) else {
            return Err(problems.into());
        };
        let links: Vec<Link> = targets
            .iter()
            .filter_map(|target| link(&source, target, context, &mut problems))
            .collect();
        problems.end()?;
        point_out_timeout(context, self.wait);
        let task = |link: Link| SyncTask {
            namespace: link.namespace,
            repository: link.repository,
            target: link.target,
            auto: self.auto,
            override_: self.r#override,
        };
        let tasks = links.into_iter().map(task).collect();
        Ok(Request {
            tasks,
            // One command to the end state has to be one that can be run again.
            if_exists: match self.if_exists {
                Some(typed) => typed.into(),
                None if self.backfill => IfExists::Keep,
                None => IfExists::Fail,
            },
            preflight: self.preflight || self.create_namespace || self.backfill,
            create_namespace: self.create_namespace,
            backfill: self.backfill.then_some(CopyOptions {
                override_: self.r#override,
                only_missing: true,
                wait: limit.filter(|_| self.wait),
                verify: self.verify,
            }),
            concurrency: self.concurrency.get(),
        })
    }
}

impl Request {
    /// Shows the requests, and says which of them depend on what is there.
    fn show(&self, context: &Context, form: DryRun) -> Result<Exit, Error> {
        let output = context.output();
        let mut planned = Vec::new();
        for task in &self.tasks {
            let target = &task.target;
            if self.create_namespace {
                planned.push(Planned {
                    call: namespaces::create_call(&target.namespace),
                    endpoint: context.endpoint_of(&target.region)?,
                    region: Some(target.region.clone()),
                });
            }
            let mut calls = Vec::new();
            if self.if_exists == IfExists::Replace {
                calls.push(delete_call(&task.namespace, &task.repository, target));
            }
            calls.push(create_call(task));
            if let Some(options) = self.backfill {
                let override_ = options.override_;
                let (namespace, repository) = (&task.namespace, &task.repository);
                calls.push(run_call(namespace, repository, &[], target, override_));
            }
            for call in calls {
                planned.push(Planned {
                    call,
                    endpoint: context.endpoint()?,
                    region: None,
                });
            }
        }
        if self.create_namespace {
            output.note("the namespace is created only if it does not exist");
        }
        if self.if_exists == IfExists::Replace {
            output.note("DELETE is sent only if a task with other settings exists");
        }
        if self.backfill.is_some() {
            output.note(BACKFILL_NOTE);
        }
        show(context, &planned, form)
    }

    fn as_run(&self, context: &Context) -> Run {
        let links: Vec<Link> = self
            .tasks
            .iter()
            .map(|task| link_of(context, task))
            .collect();
        Run {
            command: COMMAND,
            scope: scope_of_links(context, links.iter()),
        }
    }

    fn create_one(
        &self,
        context: &Context,
        reports: &Reports,
        task: &SyncTask,
    ) -> Result<Exit, Error> {
        // What is known is told, also when a signal cuts the copies short.
        let _graceful = self.backfill.map(|_| context.interrupt().graceful());
        let watch = Watch::new(context, reports, COMMAND, []);
        let (created, ends) = match self.create(context, &watch, task) {
            Ok(created) => created,
            Err(error) => {
                watch.row(&failed(context, task, Status::Failed, &error).as_row());
                return Err(error);
            }
        };
        watch.row(&created.as_row());
        drop(watch);
        context.output().report(&created)?;
        say_what_follows(context, &[task], self);
        ends.into_result("copies did not end well")
    }

    /// Creates a task, and copies what is there already. What fails after the task was created is
    /// part of the report.
    fn create(
        &self,
        context: &Context,
        watch: &Watch<'_>,
        task: &SyncTask,
    ) -> Result<(Created, Ends), Error> {
        let link = link_of(context, task);
        let advised = |failure: Failure| advised(failure, &link, None);
        let service = context.service()?;
        let found = if self.preflight {
            let found = preflight::check(watch, &service, &link, self.create_namespace);
            Some(found.map_err(advised)?)
        } else {
            None
        };
        let ensured = task::ensure(&service, task, self.if_exists).map_err(advised)?;
        if !ensured.override_known {
            watch.say(|output| {
                output.warn(
                    "the service does not list tasks without --auto, so it cannot be read \
                     whether this one has --override",
                );
            });
        }
        let mut created = report(context, task, Some(&ensured), found);
        let mut ends = Ends::default();
        let Some(options) = self.backfill else {
            return Ok((created, ends));
        };
        let mut backfill = Backfill::default();
        let mut counts = Counts::default();
        let copied = select(&service, &link, &Choice::every()).and_then(|selected| {
            copy(watch, &service, &link, selected, options, &mut |result| {
                ends.count(&link, Some(&result.tag), result.failure.as_ref());
                if let Some(comparison) = &result.comparison {
                    counts.add(comparison.relation);
                }
                watch.row(&backfill.add(context, &link, result));
                Ok(())
            })
        });
        if let Err(failure) = copied {
            let error = advised(failure).about(&format!(
                "the task is {}, but its backfill is incomplete",
                created.status.word()
            ));
            ends.fail(error);
        }
        created.exit_code = ends.exit().code();
        created.error = ends.worst().map(ErrorReport::of);
        created.verify = options.verify.then_some(counts);
        created.backfill = Some(backfill);
        Ok((created, ends))
    }

    fn create_all(&self, context: &Context, reports: &Reports) -> Result<Exit, Error> {
        // Settings that are wrong for all are told once.
        context.service()?;
        let watch = Watch::new(context, reports, COMMAND, Status::ALL.map(Status::word));
        let mut all = Ends::default();
        let mut created_tasks = Vec::new();
        let summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            self.tasks.iter(),
            |task| self.create(context, &watch, task),
            |task, ended| {
                let created = match ended {
                    ItemResult::Done((created, ends)) => {
                        all.merge(ends);
                        created_tasks.push(task);
                        created
                    }
                    ItemResult::Failed(error) => {
                        let failed = failed(context, task, Status::Failed, &error);
                        all.fail(error);
                        failed
                    }
                    ItemResult::Skipped => {
                        failed(context, task, Status::Skipped, &not_tried(context))
                    }
                };
                watch.item(created.status.word(), &created)
            },
        )?;
        if let Some(error) = summary.error {
            all.stop(error);
        }
        watch.finish_with(all.exit())?;
        say_what_follows(context, &created_tasks, self);
        all.into_result("tasks and copies did not end well")
    }
}

fn failed(context: &Context, task: &SyncTask, status: Status, error: &Error) -> Created {
    let mut failed = report(context, task, None, None);
    failed.status = status;
    failed.http_status = error.details().http_status;
    failed.request_id.clone_from(&error.details().request_id);
    failed.exit_code = error.exit_code().code();
    failed.error = Some(ErrorReport::of(error));
    failed
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
        link: LinkReport::new(context, &link_of(context, task)),
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
        exit_code: Exit::Done.code(),
        error: None,
    }
}

fn link_of(context: &Context, task: &SyncTask) -> Link {
    Link {
        named: context.named(),
        ..Link::from(task)
    }
}

/// Says what the tasks do not do: the questions that users ask most.
fn say_what_follows(context: &Context, tasks: &[&SyncTask], request: &Request) {
    let output = context.output();
    let Some(first) = tasks.first() else {
        return;
    };
    if !first.auto {
        output.note("without --auto the task does nothing on a push");
    }
    if request.backfill.is_none() {
        output.note("existing tags stay behind; copy them with:");
        let links: Vec<Link> = tasks.iter().map(|task| link_of(context, task)).collect();
        output.hint(&hints::copy_all(&links));
    }
    if !request.preflight {
        output.note("the service does not check the target; --preflight looks first");
    }
}
