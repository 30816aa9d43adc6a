//! `swr sync verify`: tags and digests, source against target.

use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;

use super::args::Globs;
use super::copied::{advised, not_tried};
use super::link_report::{AsRow, LinkReport, scope};
use super::part::{Part, UpdatedWithin};
use super::verified::{Verified, VerifyStatus, failure_of};
use super::watch::Ends;
use crate::api::Service;
use crate::api::repositories::RepositoryInfo;
use crate::api::sync::Target;
use crate::commands::images::{Image, Images};
use crate::commands::many_args::{Concurrency, ShardArg};
use crate::commands::raw_arg::Problems;
use crate::commands::report_args::ReportArgs;
use crate::commands::targets::{To, refuse_circle, target_of};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::fleet;
use crate::names::{Namespace, Repository};
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{Reports, Run};
use crate::settings::TargetName;
use crate::sync::compare::{Compared, compare};
use crate::sync::select::{NamedTag, TagFilter};
use crate::sync::{Failure, Link, Reason, Source};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync verify -n team -r web/api --to-region cn-east-3 --to-namespace team\n  \
    swr sync verify -n team --to-region cn-east-3 --to-namespace team --html verify.html --junit verify.xml")]
pub struct Verify {
    #[command(flatten)]
    images: Images,
    #[command(flatten)]
    globs: Globs,
    #[command(flatten)]
    to: To,
    /// Do not report tags missing in the target
    #[arg(long)]
    ignore_missing: bool,
    #[command(flatten)]
    shard: ShardArg,
    #[command(flatten)]
    updated_within: UpdatedWithin,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What was asked for, validated.
struct Request {
    scope: Scope,
    filter: TagFilter,
    allow_empty: bool,
    targets: Vec<TargetName>,
    ignore_missing: bool,
    part: Part,
    concurrency: usize,
}

/// What is compared.
enum Scope {
    /// The repositories that were named.
    Images(Vec<Image>),
    /// Every repository of a namespace.
    Namespace(Namespace),
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
        let allow_empty = self.globs.allow_empty;
        let filter = self.globs.validate(&mut problems);
        let scope = if self.images.name_repositories() {
            self.images
                .validate(context, &mut problems)
                .map(Scope::Images)
        } else {
            self.images
                .namespace(context, &mut problems)
                .map(Scope::Namespace)
        };
        let targets = self.to.validate(context, &mut problems);
        let (Some(scope), Some(targets)) = (scope, targets) else {
            return Err(problems.into());
        };
        for namespace in scope.namespaces() {
            for target in &targets {
                refuse_circle(
                    context,
                    namespace,
                    &target_of(target, namespace),
                    &mut problems,
                );
            }
        }
        if matches!(scope, Scope::Images(_)) {
            let given = [
                ("--shard", self.shard.is_given()),
                ("--updated-within", self.updated_within.is_given()),
            ];
            for (option, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
                let message = format!(
                    "{option} is a part of a namespace and cannot be used with a repository"
                );
                problems.note(option, "", message);
            }
        }
        let shard = self.shard.validate(context, &mut problems);
        let since = self.updated_within.validate(&mut problems);
        problems.end()?;
        Ok(Request {
            scope,
            filter,
            allow_empty,
            targets,
            ignore_missing: self.ignore_missing,
            part: Part {
                scope: fleet::Scope {
                    shard,
                    ..fleet::Scope::default()
                },
                since,
            },
            concurrency: self.concurrency.get(),
        })
    }
}

/// What this verb is called in its reports.
const COMMAND: &str = "sync verify";

impl Scope {
    /// Returns each namespace once for each repository that was named in it.
    fn namespaces(&self) -> Vec<&Namespace> {
        match self {
            Scope::Images(images) => images.iter().map(|image| &image.source.namespace).collect(),
            Scope::Namespace(namespace) => vec![namespace],
        }
    }

    fn as_text(&self) -> String {
        match self {
            Scope::Namespace(namespace) => namespace.to_string(),
            Scope::Images(images) => {
                let names: Vec<String> = images
                    .iter()
                    .map(|image| image.source.to_string())
                    .collect();
                names.join(", ")
            }
        }
    }
}

/// A repository to compare with one target.
struct Item {
    namespace: Namespace,
    /// Its name, or what was listed and cannot be sent.
    repository: Result<Repository, (String, Error)>,
    tags: Vec<NamedTag>,
    target: Target,
}

impl Item {
    fn link(&self, context: &Context) -> Option<Link> {
        Some(Link {
            namespace: self.namespace.clone(),
            repository: self.repository.as_ref().ok()?.clone(),
            target: self.target.clone(),
            named: context.named(),
        })
    }

    fn name(&self) -> &str {
        match &self.repository {
            Ok(repository) => repository.as_str(),
            Err((name, _)) => name,
        }
    }
}

impl Request {
    fn as_run(&self, context: &Context) -> Run {
        let mut targets = Vec::new();
        for namespace in self.scope.namespaces() {
            let own = self.targets.iter().map(|name| target_of(name, namespace));
            targets.extend(own);
        }
        Run {
            command: COMMAND,
            scope: {
                let scope = scope(context, &self.scope.as_text(), &targets);
                match self.part.scope.shard {
                    Some(shard) => format!("{scope}, shard {shard}"),
                    None => scope,
                }
            },
        }
    }

    fn run(&self, context: &Context, reports: &Reports) -> Result<Exit, Error> {
        let source = &context.service()?;
        // A target that is not set up ends the command before anything is sent.
        for target in &self.targets {
            context.service_of(&target.region)?;
        }
        let mut items = context
            .output()
            .items()
            .of_command(
                COMMAND,
                self.part.scope.shard.map(|shard| shard.to_string()),
            )
            .summing(VerifyStatus::ALL.map(VerifyStatus::word));
        let progress = context.output().progress();
        let mut ends = Ends::default();
        let (mut compared, mut considered, mut repositories) = (0, 0, 0);
        let left_out = AtomicUsize::new(0);
        let summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            self.items(context, source, &left_out),
            |item| {
                let link = item.link(context);
                match (&item.repository, link) {
                    (Err((_, error)), _) => Err(error.summary()),
                    (_, Some(link)) => {
                        let _line = progress.line(link.to_string(), "comparing");
                        let target = context.service_of(&link.target.region)?;
                        compare(source, &target, &link, &item.tags, &self.filter)
                            .map_err(|failure| advised(failure, &link, None))
                    }
                    (Ok(_), None) => Ok(Compared::default()),
                }
            },
            |item, ended| {
                repositories += 1;
                let report =
                    LinkReport::listed(context, &item.namespace, item.name(), &item.target);
                let mut show = |mut row: Verified| {
                    row.names_its_target = self.targets.len() > 1;
                    reports.add(&row.as_row());
                    items.item(row.status.word(), &row)
                };
                let (status, error) = match ended {
                    ItemResult::Done(Compared {
                        tags,
                        considered: all,
                    }) => {
                        considered += all;
                        let Some(link) = item.link(context) else {
                            return Ok(());
                        };
                        for one in tags {
                            let failure = failure_of(&one, self.ignore_missing);
                            compared += usize::from(one.relation.is_compared());
                            ends.count(&link, Some(&one.tag), failure.as_ref());
                            let error =
                                failure.map(|failure| advised(failure, &link, Some(&one.tag)));
                            show(Verified::new(report.clone(), one, error.as_ref()))?;
                        }
                        progress.at(&format!(
                            "{repositories} repositories, {compared} tags compared"
                        ));
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
        drop(progress);
        if let Some(error) = summary.error {
            ends.stop(error);
        }
        if ends.exit() == Exit::Done
            && let (0, Scope::Namespace(namespace)) = (repositories, &self.scope)
        {
            // Nothing is listed of a namespace that does not exist, too.
            source.require_namespace(namespace)?;
        }
        if ends.exit() == Exit::Done && compared == 0 && !self.allow_empty {
            let left_out = left_out.into_inner();
            if repositories == 0 && left_out > 0 {
                items.finish_with(Exit::Done)?;
                context.output().note(&format!(
                    "none of the {left_out} repositories of '{}' is in this part",
                    self.scope.as_text()
                ));
                return Ok(Exit::Done);
            }
            items.finish_with(Exit::Different)?;
            return Err(self.nothing_compared(repositories, considered));
        }
        items.finish_with(ends.exit())?;
        ends.into_result("tags are not as in the source")
    }

    /// Returns each repository with each target, and counts the repositories that are left out.
    fn items<'a>(
        &'a self,
        context: &'a Context,
        source: &Service,
        left_out: &'a AtomicUsize,
    ) -> Box<dyn Iterator<Item = Item> + Send + 'a> {
        let with_targets = move |namespace: Namespace, tags: Vec<NamedTag>, found: Listed| {
            self.targets.iter().map(move |target| Item {
                target: target_of(target, &namespace),
                namespace: namespace.clone(),
                repository: match &found {
                    Ok(repository) => Ok(repository.clone()),
                    Err((name, error)) => Err((name.clone(), error.summary())),
                },
                tags: tags.clone(),
            })
        };
        match &self.scope {
            Scope::Images(images) => Box::new(images.iter().flat_map(move |image| {
                let Source {
                    namespace,
                    repository,
                } = image.source.clone();
                with_targets(namespace, image.tags.clone(), Ok(repository))
            })),
            Scope::Namespace(namespace) => {
                let region = context.region();
                let taken = move |found: &Result<RepositoryInfo, Error>| match found {
                    Ok(found) if !self.part.holds(region.as_ref(), namespace.as_str(), found) => {
                        left_out.fetch_add(1, Ordering::Relaxed);
                        false
                    }
                    _ => true,
                };
                let found = source.repositories(Some(namespace)).filter(taken);
                Box::new(
                    found
                        .map(listed)
                        .flat_map(move |found| with_targets(namespace.clone(), Vec::new(), found)),
                )
            }
        }
    }

    fn nothing_compared(&self, repositories: usize, considered: usize) -> Error {
        let place = match &self.scope {
            Scope::Images(_) => self.scope.as_text(),
            Scope::Namespace(namespace) => {
                format!("the {repositories} repositories of '{namespace}'")
            }
        };
        let what = match considered {
            0 => format!("nothing was compared: {place} has no tag"),
            _ => format!("nothing was compared: no tag of {place} matches, of {considered}"),
        };
        let failure = Failure::new(Error::new(Kind::Unmet, what), Reason::NothingSelected);
        super::hints::advise(failure, &super::hints::Subject::default())
    }
}

/// A repository that was listed: its name, or why it cannot be asked about.
type Listed = Result<Repository, (String, Error)>;

fn listed(found: Result<RepositoryInfo, Error>) -> Listed {
    let name = found.map_err(|error| ("?".to_owned(), error))?.name;
    Repository::listed(&name).ok_or_else(|| {
        let error = cannot_be_sent(&name);
        (name, error)
    })
}

fn cannot_be_sent(name: &str) -> Error {
    Error::new(
        Kind::Unmet,
        format!("the repository '{name}' is left out: its name cannot be sent in a request"),
    )
}
