//! `swr sync wait`: until jobs are final, or until tags are in the target.

use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::args::{WAIT_TIMEOUT, point_out_timeout};
use super::copied::{advised, not_tried};
use super::link_report::{AsRow, LinkReport, scope_of_links};
use super::watch::Watch;
use crate::commands::images::{Image, Images};
use crate::commands::many_args::Concurrency;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::report_args::ReportArgs;
use crate::commands::targets::{To, link};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{ErrorReport, Page, Report, bad, good, plain, uneasy};
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{Reports, Row, Run, Subject};
use crate::sync::Link;
use crate::sync::digests::Digest;
use crate::sync::poll::WaitLimit;
use crate::sync::select::NamedTag;
use crate::sync::wait::{WaitResult, WaitStatus, Waited, jobs_final, tags_arrived};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync wait -n team -r web/api v1.4.2 --to-region cn-east-3 --to-namespace team\n  \
    swr sync wait -n team -r web/api --all --to-region cn-east-3 --to-namespace team --wait-timeout 2h")]
pub struct Wait {
    #[command(flatten)]
    images: Images,
    /// Wait for all unfinished jobs
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    to: To,
    #[arg(long, value_name = "DURATION", default_value = WaitLimit::DEFAULT, help = WAIT_TIMEOUT)]
    wait_timeout: Raw<WaitLimit>,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What this verb is called in its reports.
const COMMAND: &str = "sync wait";

/// What was asked for, validated.
struct Request {
    links: Vec<(Link, Vec<NamedTag>)>,
    limit: WaitLimit,
    concurrency: usize,
}

impl Wait {
    /// Waits.
    ///
    /// # Errors
    /// Kind `timeout` (exit 7), `incomplete` (exit 9), `unmet` (exit 8), and what the services fail
    /// with.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let images = self.images.validate(context, &mut problems);
        let targets = self.to.validate(context, &mut problems);
        let limit = problems.take("--wait-timeout", self.wait_timeout);
        let (Some(images), Some(targets), Some(limit)) = (images, targets, limit) else {
            return Err(problems.into());
        };
        let mut links = Vec::new();
        for Image { source, tags } in images {
            if self.all != tags.is_empty() {
                let message = "name the tags to wait for, or give --all, not both";
                problems.note("TAG", source.to_string(), message);
            }
            for target in &targets {
                let link = link(&source, target, context, &mut problems);
                links.extend(link.map(|link| (link, tags.clone())));
            }
        }
        problems.end()?;
        point_out_timeout(context, true);
        let run = Run {
            command: COMMAND,
            scope: scope_of_links(context, links.iter().map(|(link, _)| link)),
        };
        let reports = self.reports.open(context, run)?;
        let request = Request {
            links,
            limit,
            concurrency: self.concurrency.get(),
        };
        let result = request.run(context, &reports);
        reports.finish(result)
    }
}

impl Request {
    fn run(&self, context: &Context, reports: &Reports) -> Result<Exit, Error> {
        let source = context.service()?;
        let began = Instant::now();
        // What is known is told, also when a signal ends the wait.
        let _graceful = context.interrupt().graceful();
        let watch = Watch::new(
            context,
            reports,
            COMMAND,
            WaitStatus::ALL.map(WaitStatus::word),
        );
        let summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            self.links.iter(),
            |(link, tags)| {
                let mut ended = |result: WaitResult| {
                    watch.count(link, Some(&result.tag), result.failure.as_ref());
                    let waited = WaitReport::new(context, link, result, began.elapsed());
                    watch.item(waited.status.word(), &waited)
                };
                let waited = if tags.is_empty() {
                    jobs_final(&watch, &source, link, self.limit, &mut ended)
                } else {
                    tags_arrived(&watch, &source, link, tags, self.limit, &mut ended)
                        .map(|()| Waited::Jobs)
                };
                waited.map_err(|failure| advised(failure, link, None))
            },
            |(link, _), ended| {
                match ended {
                    ItemResult::Done(Waited::Jobs) => {}
                    ItemResult::Done(Waited::AllFinal) => watch.say(|output| {
                        output.note(&format!("every job of {link} is final already"));
                    }),
                    ItemResult::Done(Waited::NoJob) => watch.say(|output| {
                        output.note(&format!("there is no job of {link} at all"));
                    }),
                    ItemResult::Failed(error) if error.is_silent() => return Err(error),
                    ItemResult::Failed(error) => watch.fail(error),
                    ItemResult::Skipped => watch.fail(not_tried(context)),
                }
                Ok(())
            },
        )?;
        watch.finish("tags did not arrive", summary.error)
    }
}

/// What became of a tag, or of a job.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct WaitReport {
    /// What became of it.
    status: WaitStatus,
    /// The tag.
    tag: String,
    /// From where to where.
    #[serde(flatten)]
    link: LinkReport,
    /// The source's digest, where it was looked at.
    digest: Option<Digest>,
    /// The target's digest, where it was looked at.
    remote_digest: Option<Digest>,
    /// The service's number of the job that ended it.
    job_id: Option<i64>,
    /// The exit code of this one.
    exit_code: u8,
    /// Why it did not end well; never null when it did not.
    error: Option<ErrorReport>,
    /// How long it was waited for.
    #[serde(skip)]
    waited: Duration,
}

impl WaitReport {
    fn new(context: &Context, link: &Link, result: WaitResult, waited: Duration) -> WaitReport {
        let error = result
            .failure
            .map(|failure| advised(failure, link, Some(&result.tag)));
        WaitReport {
            status: result.status,
            tag: result.tag,
            link: LinkReport::new(context, link),
            digest: result.digest,
            remote_digest: result.remote_digest,
            job_id: result.job,
            exit_code: error.as_ref().map_or(0, |error| error.exit_code().code()),
            error: error.as_ref().map(ErrorReport::of),
            waited,
        }
    }
}

impl AsRow for WaitReport {
    fn as_row(&self) -> Row {
        let end = (self.status.word(), self.exit_code);
        Row {
            digest: self.digest.as_ref().map(ToString::to_string),
            remote_digest: self.remote_digest.as_ref().map(ToString::to_string),
            duration: Some(self.waited),
            ..self
                .link
                .row(Subject::Tag, Some(&self.tag), end, self.error.as_ref())
        }
    }
}

impl Report for WaitReport {
    fn human(&self, page: &mut Page) {
        let word = self.status.word();
        let status = match (&self.error, self.status) {
            (None, WaitStatus::Existed) => uneasy(word),
            (None, _) => good(word),
            (Some(_), WaitStatus::Failed | WaitStatus::Timeout | WaitStatus::Cancel) => bad(word),
            (Some(_), _) => uneasy(word),
        };
        page.line(&self.link.tag_line(status, Some(&self.tag)));
        if let Some(error) = &self.error {
            page.line(&[plain("  "), plain(&error.message)]);
        }
    }
}
