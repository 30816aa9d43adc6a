//! `swr sync run`: copies tags that exist already.

use clap::Args;

use super::args::{Source, ToMany};
use super::copied::Copied;
use super::order::{Order, carry_out};
use super::pace::Limit;
use super::route::{Route, Wanted};
use super::tags::{Filter, Globs, all_of, failed_of, keep_latest, named, validate_tags};
use crate::api::Service;
use crate::api::sync::run_call;
use crate::commands::confirm::confirm;
use crate::commands::dry_run::{DryRun, Planned, show};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::Tag;
use crate::parallel::{ItemResult, for_each_ordered};

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
    /// How long to wait at the most
    #[arg(long, value_name = "DURATION", default_value = Limit::DEFAULT, requires = "wait")]
    wait_timeout: Raw<Limit>,
    /// Show the exact requests and send nothing that changes anything
    #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "http")]
    dry_run: Option<DryRun>,
    /// Answer yes to the question that --override with --all, --failed or a glob asks
    #[arg(long)]
    yes: bool,
    /// How many target regions are worked on at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
}

/// Which tags.
enum Choice {
    Named(Vec<Tag>),
    All,
    Failed,
}

/// What was asked for, judged.
struct Asked {
    routes: Vec<Route>,
    choice: Choice,
    filter: Filter,
    latest: Option<usize>,
    order: Order,
    concurrency: usize,
}

impl Run {
    /// Copies.
    ///
    /// # Errors
    /// Problems values, settings, tags that are not there, copies that end badly.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let (dry_run, yes) = (self.dry_run, self.yes);
        let many = self.all || self.failed || self.globs.are_given();
        let asked = self.validate(context)?;
        if let Some(form) = dry_run {
            return asked.show(context, form);
        }
        if many && asked.order.override_ {
            let regions: Vec<&str> = asked
                .routes
                .iter()
                .map(|route| route.target.region.as_str())
                .collect();
            let question = format!(
                "different images of the same tags in {} will be replaced, which cannot be undone;",
                regions.join(", ")
            );
            confirm(context, &question, yes)?;
        }
        asked.run(context)
    }

    fn validate(self, context: &Context) -> Result<Asked, Error> {
        let mut problems = Problems::beside(context);
        let tags = validate_tags(&mut problems, self.tags);
        let filter = self.globs.validate(&mut problems);
        let routes = self.source.links(self.to, context, &mut problems);
        let limit = problems.take("--wait-timeout", self.wait_timeout);
        let Some(routes) = routes else {
            return Err(problems.into());
        };
        problems.end()?;
        let choice = match (self.all, self.failed) {
            (true, _) => Choice::All,
            (_, true) => Choice::Failed,
            _ => Choice::Named(tags),
        };
        Ok(Asked {
            routes,
            choice,
            filter,
            latest: self.latest.map(|count| count as usize),
            order: Order {
                override_: self.r#override,
                only_what_lacks: false,
                wait: limit.filter(|_| self.wait),
                verify: self.verify,
            },
            concurrency: self.concurrency.into(),
        })
    }
}

impl Asked {
    /// Returns the tags that go on a route; they are there, or this fails.
    fn tags(
        &self,
        context: &Context,
        source: &Service,
        route: &Route,
    ) -> Result<Vec<Wanted>, Error> {
        let (namespace, repository) = (&route.namespace, &route.repository);
        let mut wanted = match &self.choice {
            Choice::Named(tags) => {
                let mut wanted = named(source, namespace, repository, tags)?;
                wanted.retain(|one| self.filter.takes(one.tag.as_str()));
                wanted
            }
            Choice::All => all_of(context, source, namespace, repository, &self.filter)?,
            Choice::Failed => {
                let failed = failed_of(route, source)?;
                let mut wanted = all_of(context, source, namespace, repository, &self.filter)?;
                wanted.retain(|one| failed.contains(one.tag.as_str()));
                wanted
            }
        };
        if let Some(count) = self.latest {
            keep_latest(&mut wanted, count);
        }
        Ok(wanted)
    }

    fn show(&self, context: &Context, form: DryRun) -> Result<Exit, Error> {
        let mut planned = Vec::new();
        for route in &self.routes {
            let tags: Vec<Tag> = match &self.choice {
                // Nothing has to be looked at.
                Choice::Named(tags) if self.latest.is_none() => tags
                    .iter()
                    .filter(|tag| self.filter.takes(tag.as_str()))
                    .cloned()
                    .collect(),
                _ => {
                    let wanted = self.tags(context, &context.service()?, route)?;
                    wanted.into_iter().map(|one| one.tag).collect()
                }
            };
            for batch in tags.chunks(100) {
                planned.push(Planned {
                    call: run_call(
                        &route.namespace,
                        &route.repository,
                        batch,
                        &route.target,
                        self.order.override_,
                    ),
                    endpoint: context.endpoint()?,
                    region: None,
                });
            }
        }
        show(context, &planned, form)
    }

    fn run(&self, context: &Context) -> Result<Exit, Error> {
        let source = context.service()?;
        let region = context.region().map(|region| region.to_string());
        let mut items = context.output().items();
        let mut exit = Exit::Done;
        let mut summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            self.routes.iter(),
            |route| {
                let wanted = self.tags(context, &source, route)?;
                carry_out(context, &source, route, wanted, self.order)
            },
            |route, ended| {
                let blank = || Copied::new(route, region.clone(), self.order.override_);
                match ended {
                    ItemResult::Done(outcomes) => {
                        for outcome in outcomes {
                            exit = exit.worse(outcome.exit());
                            let copied = blank().with(outcome);
                            items.item(copied.status, &copied)?;
                        }
                        Ok(())
                    }
                    ItemResult::Failed(error) => {
                        let copied = blank().failed(&error);
                        items.item(copied.status, &copied)
                    }
                    ItemResult::Skipped => items.item("skipped", &blank()),
                }
            },
        )?;
        let said = items.in_words();
        items.finish()?;
        summary.include(exit);
        if self.order.wait.is_none() && summary.exit == Exit::Done {
            context
                .output()
                .note("the service took the request; --wait follows the copies");
        }
        if exit == Exit::Done || summary.error.is_some() {
            return summary.into_result("regions");
        }
        match self.routes.first() {
            Some(route) => Err(route.not_whole(exit, &said)),
            None => Ok(exit),
        }
    }
}
