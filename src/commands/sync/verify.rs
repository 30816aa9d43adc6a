//! `swr sync verify`: tags and digests, source against target.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde::Serialize;

use super::compare::{Compared, Relation, compare, extras};
use super::evidence::Evidence;
use super::route::Route;
use super::tags::{Filter, Globs, all_of, judge_tags, named};
use crate::api::Service;
use crate::api::sync::Target;
use crate::commands::given::{Given, Wrong};
use crate::commands::many::{Ended, work_on};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{Namespace, RegionId, Repository, Tag};
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain, strong, uneasy};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync verify -n team -r web/api --to-region cn-east-3 --to-namespace team\n  \
    swr sync verify -n team --to-region cn-east-3 --to-namespace team --summary \"$GITHUB_STEP_SUMMARY\"")]
pub struct Verify {
    /// Source namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Given<Namespace>,
    /// Source repository, as people write it: web/api (none: every one of the namespace)
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::repositories())]
    repo: Option<Given<Repository>>,
    /// Tags to compare (none: every one)
    #[arg(value_name = "TAG", requires = "repo", add = crate::commands::complete::tags())]
    tags: Vec<Given<Tag>>,
    #[command(flatten)]
    globs: Globs,
    /// Target region
    #[arg(long, value_name = "ID", add = crate::commands::complete::regions())]
    to_region: Given<RegionId>,
    /// Target namespace
    #[arg(long, value_name = "NAME", add = crate::commands::complete::target_namespaces())]
    to_namespace: Given<Namespace>,
    /// A tag that the target does not have is no difference
    #[arg(long)]
    ignore_missing: bool,
    /// Write a summary in Markdown, for a CI job's page
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    summary: Option<PathBuf>,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    junit: Option<PathBuf>,
    /// How many repositories are compared at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
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
    /// Wrong values, settings, and what the services fail with. A difference is no error, but
    /// exit 8.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let (summary, junit) = (self.summary.clone(), self.junit.clone());
        let asked = self.judge(context)?;
        let mut evidence = Evidence::open(summary, junit)?;
        let source = context.service()?;
        let target = context.service_of(&asked.target.region)?;
        asked.run(context, &source, &target, &mut evidence)
    }

    fn judge(self, context: &Context) -> Result<Asked, Error> {
        let mut wrong = Wrong::beside(context);
        let namespace = wrong.judge("--namespace", self.namespace);
        let repository = wrong.judge_optional("--repo", self.repo);
        let tags = judge_tags(&mut wrong, self.tags);
        let filter = self.globs.judge(&mut wrong);
        let region = wrong.judge("--to-region", self.to_region);
        let to_namespace = wrong.judge("--to-namespace", self.to_namespace);
        let (Some(namespace), Some(region), Some(to_namespace)) = (namespace, region, to_namespace)
        else {
            return Err(wrong.into());
        };
        wrong.end()?;
        Ok(Asked {
            namespace,
            repository,
            tags,
            filter,
            target: Target {
                region,
                namespace: to_namespace,
            },
            ignore_missing: self.ignore_missing,
            concurrency: self.concurrency.into(),
        })
    }
}

/// A repository to compare: its name, or what was listed and cannot be sent.
type Listed = Result<Repository, Error>;

impl Asked {
    fn run(
        &self,
        context: &Context,
        source: &Service,
        target: &Service,
        evidence: &mut Evidence,
    ) -> Result<Exit, Error> {
        let repositories: Box<dyn Iterator<Item = Listed>> = match &self.repository {
            Some(repository) => Box::new(std::iter::once(Ok(repository.clone()))),
            None => Box::new(source.repositories(Some(&self.namespace)).map(|found| {
                let name = found?.name;
                Repository::listed(&name).ok_or_else(|| cannot_be_sent(&name))
            })),
        };
        let region = context.region();
        let mut items = context.output().items();
        let mut exit = Exit::Done;
        let mut worst = work_on(
            context,
            self.concurrency,
            repositories,
            |repository| match repository {
                Ok(repository) => self.compare(context, source, target, repository),
                Err(error) => Err(error.summary()),
            },
            |repository, ended| {
                let name = repository.ok();
                let blank = || Verified::new(self, name.clone(), region.clone());
                let rows = match ended {
                    Ended::Done(compared) => {
                        compared.into_iter().map(|one| blank().with(one)).collect()
                    }
                    Ended::Failed(error) => vec![blank().failed(&error)],
                    Ended::Skipped => vec![blank()],
                };
                for row in rows {
                    if self.is_difference(row.status) {
                        exit = Exit::Different;
                    }
                    evidence.add(&row)?;
                    items.item(row.status, &row)?;
                }
                Ok(())
            },
        )?;
        evidence.close(&items.in_words())?;
        items.finish()?;
        worst.include(exit);
        worst.end("repositories")
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

/// One tag, compared.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Verified {
    /// `same`, `different`, `missing`, `extra`; `failed` or `skipped` for a whole repository.
    pub(super) status: &'static str,
    /// The source namespace.
    pub(super) namespace: Namespace,
    /// The repository; null where its name cannot be sent.
    pub(super) repository: Option<Repository>,
    /// The tag; null for a whole repository.
    pub(super) tag: Option<String>,
    /// The source region, where it is known.
    region: Option<RegionId>,
    /// The target region.
    pub(super) remote_region_id: RegionId,
    /// The target namespace.
    pub(super) remote_namespace: Namespace,
    /// The source's digest.
    pub(super) digest: Option<String>,
    /// The target's digest.
    pub(super) remote_digest: Option<String>,
    /// The exit code of this one.
    exit_code: Option<u8>,
    /// Why it failed.
    pub(super) error: Option<ErrorReport>,
}

impl Verified {
    fn new(asked: &Asked, repository: Option<Repository>, region: Option<RegionId>) -> Verified {
        Verified {
            status: "skipped",
            namespace: asked.namespace.clone(),
            repository,
            tag: None,
            region,
            remote_region_id: asked.target.region.clone(),
            remote_namespace: asked.target.namespace.clone(),
            digest: None,
            remote_digest: None,
            exit_code: None,
            error: None,
        }
    }

    fn with(mut self, compared: Compared) -> Verified {
        self.status = compared.relation.as_str();
        let exit = match compared.relation {
            Relation::Same | Relation::Extra => Exit::Done,
            Relation::Different | Relation::Missing => Exit::Different,
        };
        self.exit_code = Some(exit.code());
        self.tag = Some(compared.tag);
        self.digest = compared.digest;
        self.remote_digest = compared.remote_digest;
        self
    }

    fn failed(mut self, error: &Error) -> Verified {
        self.status = "failed";
        self.exit_code = Some(error.exit_code().code());
        self.error = Some(ErrorReport::of(error));
        self
    }

    /// Returns the repository and tag as people write them.
    pub(super) fn subject(&self) -> String {
        let repository = self.repository.as_ref().map_or("?", Repository::as_str);
        match &self.tag {
            Some(tag) => format!("{}/{repository}:{tag}", self.namespace),
            None => format!("{}/{repository}", self.namespace),
        }
    }
}

impl Report for Verified {
    fn human(&self, page: &mut Page) {
        let status = match self.status {
            "same" => good(self.status),
            "extra" | "skipped" => uneasy(self.status),
            _ => bad(self.status),
        };
        let mut line = vec![status, plain(": "), strong(self.subject())];
        match (self.status, &self.digest, &self.remote_digest) {
            ("same", Some(digest), _) => line.push(dim(format!(" {digest}"))),
            ("different", source, target) => {
                let shown = |digest: &Option<String>| {
                    digest.clone().unwrap_or_else(|| "no digest".to_owned())
                };
                line.push(dim(format!(
                    " {} here, {} there",
                    shown(source),
                    shown(target)
                )));
            }
            _ => {}
        }
        page.line(&line);
        if let Some(error) = &self.error {
            page.plain(format!("  {}", error.message));
        }
    }
}
