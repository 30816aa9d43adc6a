//! `swr sync verify`: tags and digests, source against target.

use clap::Args;

use super::args::ToOne;
use super::compare::{Compared, compare, extras};
use super::route::Route;
use super::tags::{Filter, Globs, all_of, named, validate_tags};
use super::verified::Verified;
use crate::api::Service;
use crate::api::sync::Target;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::report_args::ReportArgs;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{Namespace, Repository, Tag};
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{Reports, Run};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync verify -n team -r web/api --to-region cn-east-3 --to-namespace team\n  \
    swr sync verify -n team --to-region cn-east-3 --to-namespace team --html verify.html --junit verify.xml")]
pub struct Verify {
    /// Source namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Raw<Namespace>,
    /// Source repository, as people write it: web/api (none: every one of the namespace)
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::repositories())]
    repo: Option<Raw<Repository>>,
    /// Tags to compare (none: every one)
    #[arg(value_name = "TAG", requires = "repo", add = crate::commands::complete::tags())]
    tags: Vec<Raw<Tag>>,
    #[command(flatten)]
    globs: Globs,
    #[command(flatten)]
    to: ToOne,
    /// A tag that the target does not have is no difference
    #[arg(long)]
    ignore_missing: bool,
    /// How many repositories are compared at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What was asked for, judged.
struct Asked {
    namespace: Namespace,
    repository: Option<Repository>,
    tags: Vec<Tag>,
    filter: Filter,
    target: Target,
    ignore_missing: bool,
    concurrency: usize,
}

impl Verify {
    /// Compares.
    ///
    /// # Errors
    /// Problems values, settings, and what the services fail with. A difference is no error, but
    /// exit 8.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let reports = self.reports.clone();
        let asked = self.validate(context)?;
        let reports = reports.open(context, asked.as_run(context))?;
        let result = asked.run(context, &reports);
        reports.finish(result)
    }

    fn validate(self, context: &Context) -> Result<Asked, Error> {
        let mut problems = Problems::beside(context);
        let namespace = problems.take("--namespace", self.namespace);
        let repository = problems.take_optional("--repo", self.repo);
        let tags = validate_tags(&mut problems, self.tags);
        let filter = self.globs.validate(&mut problems);
        let target = self.to.validate(&mut problems);
        let (Some(namespace), Some(target)) = (namespace, target) else {
            return Err(problems.into());
        };
        problems.end()?;
        Ok(Asked {
            namespace,
            repository,
            tags,
            filter,
            target,
            ignore_missing: self.ignore_missing,
            concurrency: self.concurrency.into(),
        })
    }
}

/// A repository to compare: its name, or what was listed and cannot be sent.
type Listed = Result<Repository, Error>;

impl Asked {
    fn as_run(&self, context: &Context) -> Run {
        let repository = self.repository.as_ref();
        Run {
            command: "sync verify",
            scope: format!(
                "{}{}{} → {} ({})",
                self.namespace,
                repository.map_or(String::new(), |repository| format!("/{repository}")),
                context
                    .region()
                    .map_or(String::new(), |region| format!(" ({region})")),
                self.target.namespace,
                self.target.region
            ),
        }
    }

    fn run(&self, context: &Context, reports: &Reports) -> Result<Exit, Error> {
        let source = &context.service()?;
        let target = &context.service_of(&self.target.region)?;
        let repositories: Box<dyn Iterator<Item = Listed>> = match &self.repository {
            Some(repository) => Box::new(std::iter::once(Ok(repository.clone()))),
            None => Box::new(source.repositories(Some(&self.namespace)).map(|found| {
                let name = found?.name;
                Repository::listed(&name).ok_or_else(|| cannot_be_sent(&name))
            })),
        };
        let region = context.region();
        let mut items = context.output().items().of_command("sync verify", None);
        let mut exit = Exit::Done;
        let mut summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            repositories,
            |repository| match repository {
                Ok(repository) => self.compare(context, source, target, repository),
                Err(error) => Err(error.summary()),
            },
            |repository, ended| {
                let name = repository.ok();
                let blank =
                    || Verified::new(&self.namespace, name.clone(), region.clone(), &self.target);
                let mut show = |row: Verified| {
                    if self.is_difference(row.status) {
                        exit = Exit::Different;
                    }
                    reports.add(&row.as_row(self.ignore_missing));
                    items.item(row.status, &row)
                };
                match ended {
                    ItemResult::Done(compared) => compared
                        .into_iter()
                        .try_for_each(|one| show(blank().with(one))),
                    ItemResult::Failed(error) => show(blank().failed(&error)),
                    ItemResult::Skipped => show(blank()),
                }
            },
        )?;
        summary.include(exit);
        items.finish_with(summary.exit)?;
        summary.into_result("repositories")
    }

    fn is_difference(&self, status: &str) -> bool {
        status == "different" || (status == "missing" && !self.ignore_missing)
    }

    fn compare(
        &self,
        context: &Context,
        source: &Service,
        target: &Service,
        repository: &Repository,
    ) -> Result<Vec<Compared>, Error> {
        let route = Route {
            namespace: self.namespace.clone(),
            repository: repository.clone(),
            target: self.target.clone(),
        };
        if !self.tags.is_empty() {
            let mut wanted = named(source, &self.namespace, repository, &self.tags)?;
            wanted.retain(|one| self.filter.takes(one.tag.as_str()));
            let digests = route
                .target_digests(target, Some(&wanted))?
                .unwrap_or_default();
            return Ok(compare(&wanted, &digests));
        }
        let wanted = all_of(context, source, &self.namespace, repository, &self.filter)?;
        let mut digests = route.target_digests(target, None)?.unwrap_or_default();
        digests.retain(|tag, _| self.filter.takes(tag));
        let mut compared = compare(&wanted, &digests);
        compared.extend(extras(&wanted, &digests));
        Ok(compared)
    }
}

fn cannot_be_sent(name: &str) -> Error {
    Error::new(
        Kind::Validation,
        format!("the repository '{name}' is left out: its name cannot be sent in a request"),
    )
    .exit(Exit::Different)
}
