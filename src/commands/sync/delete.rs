//! `swr sync delete`.

use clap::Args;
use serde::Serialize;

use super::args::DryRunArg;
use super::hints::{Subject, advise, recreate};
use super::link_report::LinkReport;
use crate::api::sync::delete_call;
use crate::commands::dry_run::{Planned, show};
use crate::commands::images::OneImage;
use crate::commands::raw_arg::Problems;
use crate::commands::targets::{To, link};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{Page, Report, dim, good};
use crate::sync::task::{Existing, remove};

#[derive(Debug, Args)]
#[command(
    after_help = "Images that were copied stay, and copies under way go on.\n\n\
    Example:\n  \
    swr sync delete -n team -r web/api --to-region cn-east-3 --to-namespace team"
)]
pub struct Delete {
    #[command(flatten)]
    image: OneImage,
    #[command(flatten)]
    to: To,
    /// Succeed when there is no such task
    #[arg(long)]
    ignore_missing: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// What became of the task.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Status {
    /// It was deleted.
    Deleted,
    /// There was none, and that is fine (--ignore-missing).
    Missing,
}

/// What was deleted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Deleted {
    /// What became of the task.
    status: Status,
    #[serde(flatten)]
    link: LinkReport,
    /// The endpoint that was asked.
    endpoint: String,
    /// The status of the last response.
    http_status: u16,
    /// The service's id of the last request.
    request_id: Option<String>,
}

impl Report for Deleted {
    fn human(&self, page: &mut Page) {
        page.line(&self.link.task_line(match self.status {
            Status::Deleted => good("deleted"),
            Status::Missing => dim("missing"),
        }));
    }
}

impl Delete {
    /// Deletes the task.
    ///
    /// # Errors
    /// Wrong values, settings, and whatever the service refuses; a task that is not there is an
    /// error, too, unless it is to be ignored.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let source = self.image.validate(context, &mut problems);
        let target = self.to.one(&mut problems);
        let (Some(source), Some(target)) = (source, target) else {
            return Err(problems.into());
        };
        let Some(link) = link(&source, &target, context, &mut problems) else {
            return Err(problems.into());
        };
        problems.end()?;
        if let Some(form) = self.dry_run.dry_run {
            let planned = Planned {
                call: delete_call(&link.namespace, &link.repository, &link.target),
                endpoint: context.endpoint()?,
                region: None,
            };
            return show(context, &[planned], form);
        }
        let service = context.service()?;
        let removed = remove(&service, &link)?;
        if !removed.existed && !self.ignore_missing {
            return Err(advise(removed.missing(), &Subject::from(&link)));
        }
        context.output().report(&Deleted {
            status: if removed.existed {
                Status::Deleted
            } else {
                Status::Missing
            },
            link: LinkReport::new(context, &link),
            endpoint: service.endpoint().to_string(),
            http_status: removed.answer.status,
            request_id: removed.answer.request_id().map(str::to_owned),
        })?;
        if removed.existed {
            let doubt = match &removed.before {
                Some(Existing::Listed(_)) => "",
                Some(_) => "; it had syncAuto off, and whether it had --override cannot be read",
                None => "; whether it had --auto and --override could not be read",
            };
            let output = context.output();
            output.note(&format!(
                "copied images stay; the command below creates the task again{doubt}"
            ));
            output.hint(&recreate(&link, removed.before.as_ref()));
        }
        Ok(Exit::Done)
    }
}
