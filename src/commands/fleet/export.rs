//! `swr export`: the tasks that are there, as the file of a fleet or for Terraform.

use clap::{Args, ValueEnum};

use crate::api::Service;
use crate::commands::complete;
use crate::commands::many_args::Concurrency;
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::fleet::{Extent, Inventory, Live};
use crate::names::{Namespace, RegionId};
use crate::output::Format;
use crate::parallel::{ItemResult, Summary, for_each_ordered};
use crate::sync::{Discovery, Source};

#[derive(Debug, Args)]
#[command(
    after_help = "Without -n it asks for every repository that you can see. Nothing is written before \
    all was read.\n\n\
    Examples:\n  \
    swr export -n team > swr.toml && swr plan --exit-code\n  \
    swr export --globs --to-region cn-east-3\n  \
    swr export --format terraform > sync.tf"
)]
pub struct Export {
    /// Source namespace; may be given several times
    #[arg(short, long, value_name = "NAME", alias = "organization", add = complete::namespaces())]
    namespace: Vec<Raw<Namespace>>,
    /// Only tasks to this region; the others are left alone
    #[arg(long, value_name = "ID", value_delimiter = ',', add = complete::regions())]
    to_region: Vec<Raw<RegionId>>,
    /// Write a glob where all that it matches have the same tasks
    #[arg(long)]
    globs: bool,
    /// The file of a fleet, or Terraform's import blocks and resources
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Form::Toml)]
    format: Form,
    #[command(flatten)]
    concurrency: Concurrency,
}

/// The language of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Toml,
    Terraform,
}

impl Export {
    /// Writes the tasks.
    ///
    /// # Errors
    /// Wrong values, settings, whatever the service refuses; nothing is written then.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let namespaces = problems.take_all("--namespace", self.namespace);
        let to = problems.take_all("--to-region", self.to_region);
        refuse_json(context, &mut problems);
        if self.globs && self.format == Form::Terraform {
            problems.note("--globs", "", "Terraform knows no globs (--globs)");
        }
        problems.end()?;
        let service = context.service()?;
        let profile = context.settings().profile();
        let mut inventory = Inventory::new(Extent {
            region: context.region(),
            profile: profile.map(|setting| setting.value.clone()),
            to,
        });
        read(
            context,
            &service,
            &namespaces,
            self.concurrency.get(),
            &mut inventory,
        )?;
        if inventory.is_empty() {
            let what = "there is nothing to export: no repository is visible";
            return Err(Error::new(Kind::Unmet, what)
                .hint("'swr namespace list' lists the namespaces that this credential can see"));
        }
        let output = context.output();
        for undeclared in inventory.undeclared() {
            output.warn(&format!("left out: {undeclared}"));
        }
        if !inventory.has_tasks() {
            let to = inventory.extent().to_regions();
            output.warn(&format!(
                "there are no tasks{to}, so the output declares none"
            ));
        }
        output.write(&match self.format {
            Form::Toml => inventory.to_toml(self.globs),
            Form::Terraform => inventory.to_terraform(),
        })?;
        output.note("tasks without syncAuto are not exported: the service does not list them");
        Ok(Exit::Done)
    }
}

/// Notes that a form of results was asked for: what is written has its own.
fn refuse_json(context: &Context, problems: &mut Problems) {
    let manner = context.output().manner();
    if manner.format != Format::Human
        && let Ok(format) = context.settings().output()
        && format.origin.is_option()
    {
        let message = "a fleet is written as TOML or for Terraform (--output): see --format";
        problems.note("--output", "", message);
    }
}

/// The list of a namespace's repositories, or of all.
type List<'a> = (Option<&'a Namespace>, Discovery);

/// Reads the tasks of every repository.
///
/// # Errors
/// What could not be read; each repository is named before.
fn read(
    context: &Context,
    service: &Service,
    namespaces: &[Namespace],
    concurrency: usize,
    inventory: &mut Inventory,
) -> Result<(), Error> {
    let output = context.output();
    let extent = inventory.extent().clone();
    let list = |namespace| (namespace, Discovery::default());
    let lists: Vec<List<'_>> = match namespaces {
        [] => vec![list(None)],
        _ => namespaces.iter().map(Some).map(list).collect(),
    };
    let progress = output.progress();
    let mut done = 0;
    // Said when the bar is gone: a line beside it would be torn.
    let mut failures = Vec::new();
    let summary = for_each_ordered(
        context.interrupt(),
        concurrency,
        lists.iter().flat_map(|(namespace, discovery)| {
            discovery.sources(service.repositories(*namespace), *namespace)
        }),
        |Source {
             namespace,
             repository,
         }| {
            let tasks = service.sync_tasks(namespace, repository)?;
            Live::of(&extent, namespace, &tasks)
        },
        |source, result| {
            done += 1;
            progress.at(&format!("{done} repositories, now {source}"));
            match result {
                ItemResult::Done(live) => {
                    inventory.add(&source.namespace, source.repository, live);
                }
                ItemResult::Failed(error) => {
                    failures.push(format!("{source}: {}", error.message()));
                }
                ItemResult::Skipped => {}
            }
            Ok(())
        },
    )?;
    drop(progress);
    for failure in &failures {
        output.warn(failure);
    }
    end_of(context, service, &lists, summary, inventory).map_err(|error| {
        let error = error.about("nothing was written");
        let is_forbidden = error.exit_code() == Exit::Refused && error.kind() != Kind::Auth;
        if namespaces.is_empty() && is_forbidden {
            return error.hint("-n NAME exports a namespace that this credential can read");
        }
        error
    })
}

/// Says what was left out, and fails unless everything was read.
fn end_of(
    context: &Context,
    service: &Service,
    lists: &[List<'_>],
    mut summary: Summary,
    inventory: &mut Inventory,
) -> Result<(), Error> {
    let mut broken = None;
    for (namespace, discovery) in lists {
        let gaps = discovery.gaps();
        if let Some(warning) = gaps.warning() {
            context.output().warn(&warning);
        }
        let is_empty = gaps.found == 0 && gaps.unsendable == 0;
        let error = gaps.broken.or_else(|| {
            let namespace = namespace.filter(|_| summary.error.is_none())?;
            inventory.add_namespace(namespace);
            // Nothing is listed of a namespace that does not exist, too.
            is_empty
                .then(|| service.require_namespace(namespace).err())
                .flatten()
        });
        if let Some(error) = error {
            summary.include(error.exit_code());
            broken.get_or_insert(error);
        }
    }
    match broken {
        Some(broken) => Err(broken.exit(summary.exit)),
        None => summary.into_result("repositories").map(drop),
    }
}
