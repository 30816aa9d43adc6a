//! `swr sync run`: copies tags that exist already.

use clap::Args;

use super::args::{DryRunArg, Globs, WAIT_TIMEOUT, point_out_timeout};
use super::copied::{Copied, advised, not_tried};
use super::hints;
use super::link_report::scope_of_links;
use super::overwrite::question;
use super::watch::Watch;
use crate::api::sync::run_call;
use crate::commands::confirm;
use crate::commands::dry_run::{DryRun, Planned, show};
use crate::commands::images::{Image, Images};
use crate::commands::many_args::Concurrency;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::report_args::ReportArgs;
use crate::commands::targets::{To, check_targets, link};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::Tag;
use crate::output::Output;
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{self, Reports};
use crate::sync::Link;
use crate::sync::copy::{BATCH, CopyOptions, CopyStatus, copy};
use crate::sync::poll::WaitLimit;
use crate::sync::select::{Choice, NamedTag, Selected, TagSelection, nothing_selected, select};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync run -n team -r web/api v1.4.2 --to-region cn-east-3 --to-namespace team --wait --verify\n  \
    swr sync run -n team -r web/api --all --match 'v1.*' --latest 5 --to-region cn-east-3 --to-namespace team")]
pub struct Run {
    #[command(flatten)]
    images: Images,
    /// Copy every tag
    #[arg(long, conflicts_with = "failed")]
    all: bool,
    /// Copy the tags whose latest copy to that target failed
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    globs: Globs,
    /// Only the N tags pushed last
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    latest: Option<u32>,
    #[command(flatten)]
    to: To,
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
    links: Vec<(Link, Choice)>,
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
        if many && request.options.override_ && !yes {
            request.ask(context)?;
        }
        let reports = reports.open(context, request.as_run(context))?;
        let result = request.run(context, &reports);
        reports.finish(result)
    }

    fn validate(self, context: &Context) -> Result<Request, Error> {
        let mut problems = Problems::beside(context);
        let images = self.images.validate(context, &mut problems);
        let targets = self.to.validate(context, &mut problems);
        let allow_empty = self.globs.allow_empty;
        let filter = self.globs.validate(&mut problems);
        let limit = problems.take("--wait-timeout", self.wait_timeout);
        let (Some(images), Some(targets)) = (images, targets) else {
            return Err(problems.into());
        };
        let selection = |tags: Vec<NamedTag>| match (self.all, self.failed) {
            (true, _) => TagSelection::All,
            (_, true) => TagSelection::Failed,
            _ => TagSelection::Named(tags.into_iter().map(|named| named.tag).collect()),
        };
        let mut links = Vec::new();
        for Image { source, tags } in images {
            if (self.all || self.failed) != tags.is_empty() {
                let message = "name the tags to copy, or give --all or --failed, not both";
                problems.note("TAG", source.to_string(), message);
            }
            if let Some(named) = tags.iter().find(|named| named.digest.is_some()) {
                let message = "a digest cannot be copied, only the image that a tag has now";
                problems.note("IMAGE", named.tag.as_str(), message);
            }
            let choice = Choice {
                selection: selection(tags),
                filter: filter.clone(),
                latest: self.latest.map(|count| count as usize),
                allow_empty,
            };
            for target in &targets {
                let link = link(&source, target, context, &mut problems);
                links.extend(link.map(|link| (link, choice.clone())));
            }
        }
        problems.end()?;
        point_out_timeout(context, self.wait);
        Ok(Request {
            links,
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
    /// Asks before a bulk `--override`, where it would replace something.
    fn ask(&self, context: &Context) -> Result<(), Error> {
        confirm::require_person(context, "a bulk --override replaces images")?;
        match question(context, &self.links)? {
            Some(question) if !confirm::ask(context, &question)? => {
                let what = "nothing was done: the answer was no";
                Err(Error::new(Kind::Usage, what))
            }
            _ => Ok(()),
        }
    }

    fn show(&self, context: &Context, form: DryRun) -> Result<Exit, Error> {
        let mut planned = Vec::new();
        for (link, choice) in &self.links {
            let tags: Vec<Tag> = match &choice.selection {
                // Nothing has to be looked at.
                TagSelection::Named(named) if choice.latest.is_none() => {
                    let mut tags = named.clone();
                    tags.retain(|tag| choice.filter.takes(tag.as_str()));
                    if tags.is_empty() && !choice.allow_empty {
                        let failure = nothing_selected(link, named.len());
                        return Err(advised(failure, link, None));
                    }
                    tags
                }
                _ => {
                    let selected = select(&context.service()?, link, choice)
                        .map_err(|failure| advised(failure, link, None))?;
                    say_what_is_left_out(context.output(), link, choice, &selected);
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
        report::Run {
            command: COMMAND,
            scope: scope_of_links(context, self.links.iter().map(|(link, _)| link)),
        }
    }

    fn run(&self, context: &Context, reports: &Reports) -> Result<Exit, Error> {
        let source = context.service()?;
        if self.options.wait.is_some() {
            let targets = self.links.iter().map(|(link, _)| &link.target);
            check_targets(context, targets, self.options.verify)?;
        }
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
            |(link, choice)| {
                let copied = select(&source, link, choice).and_then(|selected| {
                    watch.say(|output| {
                        say_what_is_left_out(output, link, choice, &selected);
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
            |(link, _), ended| {
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
            let links: Vec<Link> = self.links.iter().map(|(link, _)| link.clone()).collect();
            output.hint(&hints::follow(&links));
        }
        Ok(exit)
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
