//! `swr sync run`: copies tags that exist already.

use clap::Args;

use super::args::{Concurrency, DryRunArg, Globs, Source, ToMany, WAIT_TIMEOUT};
use super::copied::{Copied, advised, not_tried};
use super::hints;
use super::link_report::scope;
use super::watch::Watch;
use crate::api::sync::run_call;
use crate::commands::confirm::confirm;
use crate::commands::dry_run::{DryRun, Planned, show};
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::report_args::ReportArgs;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::Tag;
use crate::output::Output;
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{self, Reports};
use crate::sync::copy::{BATCH, CopyOptions, CopyStatus, copy};
use crate::sync::poll::WaitLimit;
use crate::sync::select::{Choice, Selected, TagSelection, select};
use crate::sync::{Host, Link};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync run -n team -r web/api v1.4.2 --to-region cn-east-3 --to-namespace team --wait --verify\n  \
    swr sync run -n team -r web/api --all --match 'v1.*' --latest 5 --to-region cn-east-3 --to-namespace team")]
pub struct Run {
    #[command(flatten)]
    source: Source,
    /// Tags to copy
    #[arg(value_name = "TAG", required_unless_present_any = ["all", "failed"],
          conflicts_with_all = ["all", "failed"], add = crate::commands::complete::tags())]
    tags: Vec<Raw<Tag>>,
    /// Copy every tag
    #[arg(long, conflicts_with = "failed")]
    all: bool,
    /// Copy the tags whose latest copy to that target failed
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    globs: Globs,
    /// Only the N tags that were pushed last
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    latest: Option<u32>,
    #[command(flatten)]
    to: ToMany,
    /// Replace a different image of the same tag in the target
    #[arg(long)]
    r#override: bool,
    /// Wait until the copies are done
    #[arg(long)]
    wait: bool,
    /// Compare the digests at the end
    #[arg(long, requires = "wait")]
    verify: bool,
    #[arg(long, value_name = "DURATION", default_value = WaitLimit::DEFAULT, requires = "wait",
          help = WAIT_TIMEOUT)]
    wait_timeout: Raw<WaitLimit>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Skip the confirmation of a bulk --override
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What this verb is called in its reports.
const COMMAND: &str = "sync run";

/// What was asked for, validated.
struct Request {
    links: Vec<Link>,
    choice: Choice,
    options: CopyOptions,
    concurrency: usize,
}

impl Run {
    /// Copies.
    ///
    /// # Errors
    /// Wrong values, settings, tags that are not there, copies that do not end well.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let (dry_run, yes) = (self.dry_run.dry_run, self.yes);
        let many = self.all || self.failed || self.globs.are_given();
        let reports = self.reports.clone();
        let request = self.validate(context)?;
        if let Some(form) = dry_run {
            return request.show(context, form);
        }
        if many && request.options.override_ {
            let regions: Vec<&str> = request
                .links
                .iter()
                .map(|link| link.target.region.as_str())
                .collect();
            let question = format!(
                "different images of the same tags in {} will be replaced, which cannot be undone;",
                regions.join(", ")
            );
            confirm(context, &question, yes)?;
        }
        let reports = reports.open(context, request.as_run(context))?;
        let result = request.run(context, &reports);
        reports.finish(result)
    }

    fn validate(self, context: &Context) -> Result<Request, Error> {
        let mut problems = Problems::beside(context);
        let links = self.source.links(self.to, context, &mut problems);
        let tags = problems.take_all("TAG", self.tags);
        let allow_empty = self.globs.allow_empty;
        let filter = self.globs.validate(&mut problems);
        let limit = problems.take("--wait-timeout", self.wait_timeout);
        let Some(links) = links else {
            return Err(problems.into());
        };
        problems.end()?;
        let selection = match (self.all, self.failed) {
            (true, _) => TagSelection::All,
            (_, true) => TagSelection::Failed,
            _ => TagSelection::Named(tags),
        };
        Ok(Request {
            links,
            choice: Choice {
                selection,
                filter,
                latest: self.latest.map(|count| count as usize),
                allow_empty,
            },
            options: CopyOptions {
                override_: self.r#override,
                only_missing: false,
                wait: limit.filter(|_| self.wait),
                verify: self.verify,
            },
            concurrency: self.concurrency.get(),
        })
    }
}

impl Request {
    fn show(&self, context: &Context, form: DryRun) -> Result<Exit, Error> {
        let mut planned = Vec::new();
        for link in &self.links {
            let tags: Vec<Tag> = match &self.choice.selection {
                // Nothing has to be looked at.
                TagSelection::Named(tags) if self.choice.latest.is_none() => tags
                    .iter()
                    .filter(|tag| self.choice.filter.takes(tag.as_str()))
                    .cloned()
                    .collect(),
                _ => {
                    let selected = select(&context.service()?, link, &self.choice)
                        .map_err(|failure| advised(failure, link, None))?;
                    say_what_is_left_out(context.output(), link, &self.choice, &selected);
                    selected.tags.into_iter().map(|one| one.tag).collect()
                }
            };
            for batch in tags.chunks(BATCH) {
                planned.push(Planned {
                    call: run_call(
                        &link.namespace,
                        &link.repository,
                        batch,
                        &link.target,
                        self.options.override_,
                    ),
                    endpoint: context.endpoint()?,
                    region: None,
                });
            }
        }
        show(context, &planned, form)
    }

    fn as_run(&self, context: &Context) -> report::Run {
        let first = self.links.first();
        report::Run {
            command: COMMAND,
            scope: first.map_or(String::new(), |link| {
                let targets = self.links.iter().map(|link| &link.target);
                scope(context, &link.namespace, Some(&link.repository), targets)
            }),
        }
    }

    fn run(&self, context: &Context, reports: &Reports) -> Result<Exit, Error> {
        let source = context.service()?;
        self.check_targets(context)?;
        let watch = Watch::new(
            context,
            reports,
            COMMAND,
            CopyStatus::ALL.map(CopyStatus::word),
        );
        let override_ = self.options.override_;
        let summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            self.links.iter(),
            |link| {
                let copied = select(&source, link, &self.choice).and_then(|selected| {
                    watch.say(|output| {
                        say_what_is_left_out(output, link, &self.choice, &selected);
                    });
                    copy(
                        &watch,
                        &source,
                        link,
                        selected,
                        self.options,
                        &mut |result| {
                            watch.count(link, Some(&result.tag), result.failure.as_ref());
                            let copied = Copied::new(context, link, override_, result);
                            watch.item(copied.status.word(), &copied)
                        },
                    )
                });
                copied.map_err(|failure| {
                    if !failure.error.is_silent() {
                        watch.count(link, None, Some(&failure));
                    }
                    advised(failure, link, None)
                })
            },
            |link, ended| {
                let (status, error) = match ended {
                    ItemResult::Done(()) => return Ok(()),
                    ItemResult::Failed(error) if error.is_silent() => return Err(error),
                    ItemResult::Failed(error) => (CopyStatus::Failed, error),
                    ItemResult::Skipped => (CopyStatus::Skipped, not_tried(context)),
                };
                let whole = Copied::whole(context, link, override_, status, &error);
                watch.item(status.word(), &whole)
            },
        )?;
        let accepted = watch.count_of(CopyStatus::Accepted.word());
        let exit = watch.finish("copies did not end well", summary.error)?;
        if self.options.wait.is_none() && accepted > 0 {
            let output = context.output();
            output.note("the service took the request; to follow the copies:");
            output.hint(&hints::follow(&self.links));
        }
        Ok(exit)
    }

    /// Finds broken settings of the targets before anything is sent.
    fn check_targets(&self, context: &Context) -> Result<(), Error> {
        if self.options.wait.is_none() {
            return Ok(());
        }
        for link in &self.links {
            match context.service_in(&link.target.region) {
                Err(error) if self.options.verify || crate::sync::preflight::is_broken(&error) => {
                    return Err(error);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Says why nothing, or less than was meant, is copied.
fn say_what_is_left_out(output: &Output, link: &Link, choice: &Choice, selected: &Selected) {
    if !selected.gone.is_empty() {
        output.warn(&format!(
            "the source does not have '{}' any more, whose copy failed",
            selected.gone.join("', '")
        ));
    }
    if selected.tags.is_empty() && selected.unsendable.is_empty() {
        output.note(&match choice.selection {
            TagSelection::Failed => format!("nothing to do: no failed copy of {link}"),
            _ => format!(
                "nothing to do: no tag of {}/{} is selected",
                link.namespace, link.repository
            ),
        });
    }
}
