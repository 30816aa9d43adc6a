//! The options of the verbs that write reports, and what a CI system offers beside them.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::context::Context;
use crate::error::Error;
use crate::report::{Destinations, Reports, Run};

/// What `--summary` takes instead of a file to write no summary at all, not even by itself in CI.
const NONE: &str = "none";

// Files that are written beside the result.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reports")]
pub(super) struct ReportArgs {
    /// Add a summary in Markdown to FILE (none: not to a job's page either)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    summary: Option<PathBuf>,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    junit: Option<PathBuf>,
    /// Write an HTML page
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    html: Option<PathBuf>,
    /// Write metrics in Prometheus' text format
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    metrics: Option<PathBuf>,
}

impl ReportArgs {
    /// Opens the reports, before anything is sent: those that were asked for, and in GitHub
    /// Actions the job's page and its outputs.
    ///
    /// # Errors
    /// A file that cannot be written; a wrong `SWR_CI`.
    pub(super) fn open(&self, context: &Context, run: Run) -> Result<Reports, Error> {
        let mut to = self.destinations();
        if let Some(job) = context.settings().environment().github_job()? {
            to.summary = to.summary.or(job.summary);
            to.outputs = job.outputs;
        }
        without_none(&mut to);
        Reports::open(&to, run, context.interrupt())
    }

    /// Opens the reports that were asked for, and nothing by itself.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn open_named(&self, context: &Context, run: Run) -> Result<Reports, Error> {
        let mut to = self.destinations();
        without_none(&mut to);
        Reports::open(&to, run, context.interrupt())
    }

    fn destinations(&self) -> Destinations {
        Destinations {
            summary: self.summary.clone(),
            junit: self.junit.clone(),
            html: self.html.clone(),
            metrics: self.metrics.clone(),
            outputs: None,
        }
    }
}

fn without_none(to: &mut Destinations) {
    if to.summary.as_deref() == Some(Path::new(NONE)) {
        to.summary = None;
    }
}
