//! `swr sync list`: the tasks of a repository, of a namespace, or of everything.

use clap::Args;
use serde::Serialize;

use crate::api::Service;
use crate::api::sync::SyncRepo;
use crate::commands::columns;
use crate::commands::images::OneImage;
use crate::commands::many_args::Concurrency;
use crate::commands::raw_arg::Problems;
use crate::commands::table::Row;
use crate::commands::targets::{To, takes};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::{Namespace, RegionId};
use crate::output::{Listing, Output, Span, plain, strong};
use crate::parallel::{ItemResult, Summary, for_each_ordered};
use crate::settings::TargetName;
use crate::sync::{Discovery, Gaps, Source};

/// The service cuts a list of tasks here, and knows no pages (`reference/swr-api.md` 2.2).
const CUT: usize = 100;

#[derive(Debug, Args)]
#[command(
    after_help = "Without -n it asks for every repository that you can see.\n\n\
    Examples:\n  \
    swr sync list -n team -r web/api\n  \
    swr sync list -n team --to-region cn-east-3 -o json"
)]
pub struct List {
    #[command(flatten)]
    image: OneImage,
    #[command(flatten)]
    to: To,
    #[command(flatten)]
    concurrency: Concurrency,
}

/// An automatic synchronization task.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct TaskReport {
    /// The source namespace.
    namespace: String,
    /// The source repository, with `/`.
    repository: String,
    /// The source region, where it is known.
    region: Option<String>,
    /// The target region.
    remote_region_id: String,
    /// The target namespace.
    remote_namespace: String,
    /// Whether each push is copied.
    sync_auto: bool,
    /// Whether a different image of the same tag is replaced.
    #[serde(rename = "override")]
    override_: Option<bool>,
    /// When it was created.
    created_at: Option<String>,
    /// When it was changed.
    updated_at: Option<String>,
    /// The service's number of the task.
    id: Option<i64>,
    /// The same number, under the key that it has everywhere.
    task_id: Option<i64>,
}

impl TaskReport {
    fn of(task: SyncRepo, region: Option<&RegionId>) -> TaskReport {
        TaskReport {
            namespace: task.namespace,
            repository: task.repo_name,
            region: region.map(RegionId::to_string),
            remote_region_id: task.remote_region_id,
            remote_namespace: task.remote_namespace,
            sync_auto: task.sync_auto,
            override_: task.override_,
            created_at: columns::moment(task.created_at),
            updated_at: columns::moment(task.updated_at),
            id: task.id,
            task_id: task.id,
        }
    }
}

impl Row for TaskReport {
    const HEADERS: &'static [&'static str] =
        &["REPOSITORY", "TARGET", "AUTO", "OVERRIDE", "CREATED"];

    fn cells(&self) -> Vec<Span> {
        vec![
            strong(format!("{}/{}", self.namespace, self.repository)),
            plain(format!(
                "{} ({})",
                self.remote_namespace, self.remote_region_id
            )),
            columns::yes_or_no(Some(self.sync_auto)),
            columns::yes_or_no(self.override_),
            columns::time(self.created_at.as_ref()),
        ]
    }
}

/// What was asked for, judged.
struct Request<'a> {
    context: &'a Context,
    service: Service,
    source: Option<RegionId>,
    /// Only tasks to these; none stands for all.
    targets: Vec<TargetName>,
}

impl List {
    /// Lists the tasks.
    ///
    /// # Errors
    /// Problems values, settings, and whatever the service refuses; of many repositories the summary,
    /// after the others are listed.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let (namespace, repository) = self.image.some(context, &mut problems);
        let targets = self.to.filter(&mut problems);
        problems.end()?;
        let asked = Request {
            context,
            service: context.service()?,
            source: context.region(),
            targets,
        };
        match (namespace, repository) {
            (Some(namespace), Some(repository)) => asked.one(&Source {
                namespace,
                repository,
            }),
            (namespace, _) => asked.many(namespace.as_ref(), self.concurrency.get()),
        }
    }
}

impl Request<'_> {
    fn one(&self, source: &Source) -> Result<Exit, Error> {
        let tasks = self.tasks(source)?;
        let mut listing = self.context.output().listing(TaskReport::HEADERS);
        if let Some(warning) = warning_of(&tasks, source) {
            self.context.output().warn(&warning);
        }
        self.write(&mut listing, tasks)?;
        self.end(listing)?;
        Ok(Exit::Done)
    }

    /// Asks about each repository, as the list of repositories comes.
    fn many(&self, namespace: Option<&Namespace>, concurrency: usize) -> Result<Exit, Error> {
        let output = self.context.output();
        let mut listing = output.listing(TaskReport::HEADERS);
        let discovery = Discovery::default();
        let progress = output.progress();
        let mut done = 0;
        // Said when the bar is gone: a line beside it would be torn.
        let mut warnings = Vec::new();
        let summary = for_each_ordered(
            self.context.interrupt(),
            concurrency,
            discovery.sources(self.service.repositories(namespace), namespace),
            |source| self.tasks(source),
            |source, ended| {
                done += 1;
                progress.at(&format!("{done} repositories, now {source}"));
                match ended {
                    ItemResult::Done(tasks) => {
                        warnings.extend(warning_of(&tasks, &source));
                        self.write(&mut listing, tasks)
                    }
                    ItemResult::Failed(error) => {
                        warnings.push(format!("{source}: {}", error.message()));
                        Ok(())
                    }
                    ItemResult::Skipped => Ok(()),
                }
            },
        )?;
        drop(progress);
        for warning in &warnings {
            output.warn(warning);
        }
        let gaps = discovery.gaps();
        if done == 0
            && gaps.unsendable == 0
            && gaps.broken.is_none()
            && let Some(namespace) = namespace
        {
            // Nothing is listed of a namespace that does not exist, too.
            self.service.require_namespace(namespace)?;
        }
        let exit = end_of(output, gaps, summary);
        if exit.is_ok() || listing.count() > 0 {
            self.end(listing)?;
        }
        exit
    }

    fn tasks(&self, source: &Source) -> Result<Vec<SyncRepo>, Error> {
        self.service
            .sync_tasks(&source.namespace, &source.repository)
    }

    fn write(&self, listing: &mut Listing<'_>, tasks: Vec<SyncRepo>) -> Result<(), Error> {
        let wanted = tasks.into_iter().filter(|task| {
            takes(
                &self.targets,
                &task.remote_region_id,
                &task.remote_namespace,
            )
        });
        for task in wanted {
            let shown = TaskReport::of(task, self.source.as_ref());
            listing.item(&shown, || shown.cells())?;
        }
        Ok(())
    }

    fn end(&self, listing: Listing<'_>) -> Result<(), Error> {
        listing.finish("no tasks")?;
        self.context
            .output()
            .note("tasks without syncAuto are not listed: the service does not show them");
        Ok(())
    }
}

/// Says what was left out, and ends the command.
fn end_of(output: &Output, gaps: Gaps, summary: Summary) -> Result<Exit, Error> {
    if let Some(warning) = gaps.warning() {
        output.warn(&warning);
    }
    match gaps.broken {
        None => summary.into_result("repositories"),
        Some(broken) => {
            let exit = broken.exit_code().worse(summary.exit);
            Err(broken.exit(exit))
        }
    }
}

/// Says when the service may have kept tasks back.
fn warning_of(tasks: &[SyncRepo], source: &Source) -> Option<String> {
    (tasks.len() == CUT).then(|| {
        format!(
            "{source} has {CUT} tasks or more: the service lists no more than {CUT}, and has no \
             further pages"
        )
    })
}
