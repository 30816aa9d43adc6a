//! `swr sync verify`: tags and digests, source against target.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;

use super::args::{Concurrency, Globs, NAMESPACE, REPOSITORY, ToOne, refuse_circle};
use super::copied::{advised, not_tried};
use super::link_report::{AsRow, LinkReport, scope};
use super::verified::{Verified, VerifyStatus, failure_of};
use super::watch::Ends;
use crate::api::Service;
use crate::api::repositories::RepositoryInfo;
use crate::api::sync::Target;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::report_args::ReportArgs;
use crate::commands::shard_arg::ShardArg;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::fleet::Shard;
use crate::names::{Namespace, RegionId, Repository, Tag};
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{Reports, Run};
use crate::sync::digests::{Compared, compare};
use crate::sync::select::TagFilter;
use crate::sync::{Failure, Link, Reason};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync verify -n team -r web/api --to-region cn-east-3 --to-namespace team\n  \
    swr sync verify -n team --to-region cn-east-3 --to-namespace team --html verify.html --junit verify.xml")]
pub struct Verify {
    #[arg(short, long, value_name = "NAME", help = NAMESPACE,
          add = crate::commands::complete::namespaces())]
    namespace: Raw<Namespace>,
    #[arg(short, long, value_name = "NAME", help = REPOSITORY,
          add = crate::commands::complete::repositories())]
    repo: Option<Raw<Repository>>,
    /// Tags to compare; without any, every one
    #[arg(value_name = "TAG", requires = "repo", add = crate::commands::complete::tags())]
    tags: Vec<Raw<Tag>>,
    #[command(flatten)]
    globs: Globs,
    #[command(flatten)]
    to: ToOne,
    /// Do not report tags missing in the target
    #[arg(long)]
    ignore_missing: bool,
    #[command(flatten)]
    shard: ShardArg,
    /// Only repositories that changed within this time, like 36h
    #[arg(long, value_name = "DURATION", conflicts_with = "repo")]
    updated_within: Option<Raw<Duration>>,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What was asked for, validated.
struct Request {
    namespace: Namespace,
    repository: Option<Repository>,
    tags: Vec<Tag>,
    filter: TagFilter,
    allow_empty: bool,
    target: Target,
    ignore_missing: bool,
    part: Part,
    concurrency: usize,
}

/// Which repositories of the namespace are compared.
#[derive(Debug, Default)]
struct Part {
    shard: Option<Shard>,
    /// Those that changed since then.
    since: Option<jiff::Timestamp>,
}

/// The service's clock may be off by this much.
const SLACK: Duration = Duration::from_secs(300);

impl Part {
    fn holds(
        &self,
        region: Option<&RegionId>,
        namespace: &Namespace,
        found: &RepositoryInfo,
    ) -> bool {
        let in_shard = self.shard.is_none_or(|shard| {
            Repository::listed(&found.name).map_or(shard.is_first(), |repository| {
                shard.holds(region, namespace, &repository)
            })
        });
        // What does not say when it changed may have changed.
        let is_new = match (self.since, found.updated) {
            (Some(since), Some(updated)) => updated >= since,
            _ => true,
        };
        in_shard && is_new
    }
}

impl Verify {
    /// Compares.
    ///
    /// # Errors
    /// Wrong values, settings, what the services fail with, and kind `unmet` (exit 8) where the
    /// sides differ or nothing was compared.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let reports = self.reports.clone();
        let request = self.validate(context)?;
        let reports = reports.open(context, request.as_run(context))?;
        let result = request.run(context, &reports);
        reports.finish(result)
    }

    fn validate(self, context: &Context) -> Result<Request, Error> {
        let mut problems = Problems::beside(context);
        let namespace = problems.take("--namespace", self.namespace);
        let repository = problems.take_optional("--repo", self.repo);
        let tags = problems.take_all("TAG", self.tags);
        let allow_empty = self.globs.allow_empty;
        let filter = self.globs.validate(&mut problems);
        let target = self.to.validate(&mut problems);
        let (Some(namespace), Some(target)) = (namespace, target) else {
            return Err(problems.into());
        };
        refuse_circle(context, &namespace, &target, &mut problems);
        if self.shard.is_given() && repository.is_some() {
            problems.note(
                "--shard",
                "",
                "--shard is a part of a namespace and cannot be used with --repo",
            );
        }
        let shard = self.shard.validate(context, &mut problems);
        let within = problems.take_optional("--updated-within", self.updated_within);
        problems.end()?;
        Ok(Request {
            namespace,
            repository,
            tags,
            filter,
            allow_empty,
            target,
            ignore_missing: self.ignore_missing,
            part: Part {
                shard,
                since: within
                    .and_then(|within| jiff::Timestamp::now().checked_sub(within + SLACK).ok()),
            },
            concurrency: self.concurrency.get(),
        })
    }
}

/// What this verb is called in its reports.
const COMMAND: &str = "sync verify";

/// A repository to compare: its name, or what was listed and cannot be sent.
type Listed = Result<Repository, (String, Error)>;

impl Request {
    fn as_run(&self, context: &Context) -> Run {
        let repository = self.repository.as_ref();
        Run {
            command: COMMAND,
            scope: {
                let scope = scope(context, &self.namespace, repository, [&self.target]);
                match self.part.shard {
                    Some(shard) => format!("{scope}, shard {shard}"),
                    None => scope,
                }
            },
        }
    }

    fn run(&self, context: &Context, reports: &Reports) -> Result<Exit, Error> {
        let source = &context.service()?;
        let target = &context.service_of(&self.target.region)?;
        let mut items = context
            .output()
            .items()
            .of_command(COMMAND, self.part.shard.map(|shard| shard.to_string()))
            .summing(VerifyStatus::ALL.map(VerifyStatus::word));
        let mut ends = Ends::default();
        let (mut compared, mut considered, mut repositories) = (0, 0, 0);
        let left_out = AtomicUsize::new(0);
        let summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            self.repositories(context, source, &left_out),
            |listed| match listed {
                Ok(repository) => {
                    let link = self.link(repository);
                    compare(source, target, &link, &self.tags, &self.filter)
                        .map_err(|failure| advised(failure, &link, None))
                }
                Err((_, error)) => Err(error.summary()),
            },
            |listed, ended| {
                repositories += 1;
                let name = match &listed {
                    Ok(repository) => repository.as_str(),
                    Err((name, _)) => name,
                };
                let report = LinkReport::listed(context, &self.namespace, name, &self.target);
                let mut show = |row: Verified| {
                    reports.add(&row.as_row());
                    items.item(row.status.word(), &row)
                };
                let (status, error) = match ended {
                    ItemResult::Done(Compared {
                        tags,
                        considered: all,
                    }) => {
                        considered += all;
                        for one in tags {
                            let failure = failure_of(&one, self.ignore_missing);
                            compared += usize::from(one.relation.is_compared());
                            let Ok(repository) = &listed else {
                                continue;
                            };
                            let link = self.link(repository);
                            ends.count(&link, Some(&one.tag), failure.as_ref());
                            let error =
                                failure.map(|failure| advised(failure, &link, Some(&one.tag)));
                            show(Verified::new(report.clone(), one, error.as_ref()))?;
                        }
                        return Ok(());
                    }
                    ItemResult::Failed(error) => (VerifyStatus::Failed, error),
                    ItemResult::Skipped => (VerifyStatus::Skipped, not_tried(context)),
                };
                show(Verified::whole(report, status, &error))?;
                ends.fail(error);
                Ok(())
            },
        )?;
        if let Some(error) = summary.error {
            ends.stop(error);
        }
        if ends.exit() == Exit::Done && compared == 0 && !self.allow_empty {
            let left_out = left_out.into_inner();
            if repositories == 0 && left_out > 0 {
                items.finish_with(Exit::Done)?;
                context.output().note(&format!(
                    "none of the {left_out} repositories of '{}' is in this part",
                    self.namespace
                ));
                return Ok(Exit::Done);
            }
            if repositories == 0 {
                // Nothing is listed of a namespace that is not there, too.
                source.require_namespace(&self.namespace)?;
            }
            items.finish_with(Exit::Different)?;
            return Err(self.nothing_compared(repositories, considered));
        }
        items.finish_with(ends.exit())?;
        ends.into_result("tags are not as in the source")
    }

    fn link(&self, repository: &Repository) -> Link {
        Link {
            namespace: self.namespace.clone(),
            repository: repository.clone(),
            target: self.target.clone(),
        }
    }

    /// Returns the repositories to compare, and counts those that are left out.
    fn repositories<'a>(
        &'a self,
        context: &'a Context,
        source: &Service,
        left_out: &'a AtomicUsize,
    ) -> Box<dyn Iterator<Item = Listed> + 'a> {
        if let Some(repository) = &self.repository {
            return Box::new(std::iter::once(Ok(repository.clone())));
        }
        let region = context.region();
        let listed = source.repositories(Some(&self.namespace));
        Box::new(listed.filter_map(move |found| {
            let found = match found {
                Ok(found) => found,
                Err(error) => return Some(Err(("?".to_owned(), error))),
            };
            if !self.part.holds(region.as_ref(), &self.namespace, &found) {
                left_out.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            Some(Repository::listed(&found.name).ok_or_else(|| {
                let error = cannot_be_sent(&found.name);
                (found.name, error)
            }))
        }))
    }

    fn nothing_compared(&self, repositories: usize, considered: usize) -> Error {
        let place = match &self.repository {
            Some(repository) => format!("{}/{repository}", self.namespace),
            None => format!("the {repositories} repositories of '{}'", self.namespace),
        };
        let what = match considered {
            0 => format!("nothing was compared: {place} has no tag"),
            _ => format!("nothing was compared: no tag of {place} matches, of {considered}"),
        };
        let failure = Failure::new(Error::new(Kind::Unmet, what), Reason::NothingSelected);
        super::hints::advise(failure, &super::hints::Subject::default())
    }
}

fn cannot_be_sent(name: &str) -> Error {
    Error::new(
        Kind::Unmet,
        format!("the repository '{name}' is left out: its name cannot be sent in a request"),
    )
}
