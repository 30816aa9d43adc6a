//! Reports about many items, for the people and systems that read them after the run: a summary in
//! Markdown, a JUnit file, an HTML page, Prometheus metrics, outputs of a job.
//!
//! `commands` opens [`Reports`] before anything is sent, adds a [`Row`] for each item as it ends,
//! and finishes them with the result of the verb. Every file is completed also when the run is cut
//! short, by an error, a signal or a closed pipe, and then says so. Knows forms and escaping; never
//! what a verb does, and no command line.

mod file;
mod github;
mod html;
mod junit;
mod markdown;
mod metrics;
mod row;
mod text;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

pub use row::{Place, Row, Status, Subject, Totals};

use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::interrupt::{CleanupGuard, Interrupt};
use crate::lock::lock;
use crate::verdict::Verdict;

/// Where reports go.
#[derive(Debug, Clone, Default)]
pub struct Destinations {
    /// A file that a summary in Markdown is added to.
    pub summary: Option<PathBuf>,
    /// A JUnit file.
    pub junit: Option<PathBuf>,
    /// An HTML page.
    pub html: Option<PathBuf>,
    /// Metrics in Prometheus' text format.
    pub metrics: Option<PathBuf>,
    /// A file that digests and counts are added to, as GitHub Actions reads them.
    pub outputs: Option<PathBuf>,
}

impl Destinations {
    fn paths(&self) -> impl Iterator<Item = &Path> {
        [
            &self.summary,
            &self.junit,
            &self.html,
            &self.metrics,
            &self.outputs,
        ]
        .into_iter()
        .filter_map(|path| path.as_deref())
    }
}

/// What was run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The verb: `sync verify`.
    pub command: &'static str,
    /// What it was about: `team/web/api (cn-north-4) → team (cn-east-3)`.
    pub scope: String,
}

/// How a run ended, as its reports say it.
struct Ending<'a> {
    run: &'a Run,
    totals: &'a Totals,
    /// When the run began.
    at: Timestamp,
    /// How long it took.
    duration: Duration,
    /// Its exit, where it is known.
    exit: Option<Exit>,
    /// The error that ended it.
    error: Option<String>,
    /// What helps against the error.
    hint: Option<String>,
    /// Items are missing in the report.
    cut_short: bool,
}

impl Ending<'_> {
    /// Returns what is above the totals where the run did not simply end.
    fn remark(&self) -> Option<String> {
        match (self.cut_short, &self.error) {
            (true, Some(error)) => Some(format!("cut short: {error}")),
            (true, None) => Some("cut short: what follows is not everything".to_owned()),
            (false, Some(error)) => Some(error.clone()),
            (false, None) => None,
        }
    }

    /// Returns `true` if the run proved what it was to prove.
    fn is_good(&self) -> bool {
        self.exit == Some(Exit::Done) && !self.cut_short
    }
}

/// One form of report.
trait Writer: Send {
    /// Takes a row.
    fn add(&mut self, row: &Row) -> Result<(), Error>;

    /// Completes the file.
    fn finish(self: Box<Self>, ending: &Ending<'_>) -> Result<(), Error>;
}

/// The reports of a run. Dropped without [`Reports::finish`], they say that they were cut short.
#[derive(Debug)]
pub struct Reports {
    open: Arc<Mutex<Option<Open>>>,
    /// Completes them when a signal ends the process at once.
    _cleanup: Option<CleanupGuard>,
}

struct Open {
    run: Run,
    at: Timestamp,
    began: Instant,
    totals: Totals,
    writers: Vec<Box<dyn Writer>>,
    /// The first report that could not be written; the work goes on without it.
    broken: Option<Error>,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open")
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

/// So long a signal waits for a row that is being written.
const PATIENCE: Duration = Duration::from_secs(1);

impl Reports {
    /// Opens the files, before anything is sent.
    ///
    /// # Errors
    /// Kind `io` for a path that cannot be written, `usage` for one that is named twice.
    pub fn open(to: &Destinations, run: Run, interrupt: &Interrupt) -> Result<Reports, Error> {
        let paths: Vec<&Path> = to.paths().collect();
        for (index, path) in paths.iter().enumerate() {
            if paths[..index].contains(path) && !path.starts_with("/dev") {
                let what = format!("two reports cannot be written to '{}'", path.display());
                return Err(Error::new(Kind::Usage, what).hint("name a file for each"));
            }
        }
        let mut writers: Vec<Box<dyn Writer>> = Vec::new();
        if let Some(path) = &to.summary {
            writers.push(Box::new(markdown::Markdown::open(path)?));
        }
        if let Some(path) = &to.junit {
            writers.push(Box::new(junit::Junit::open(path, run.command)?));
        }
        if let Some(path) = &to.html {
            writers.push(Box::new(html::Html::open(path)?));
        }
        if let Some(path) = &to.metrics {
            writers.push(Box::new(metrics::Metrics::open(path)?));
        }
        if let Some(path) = &to.outputs {
            writers.push(Box::new(github::Outputs::open(path)?));
        }
        let watched = !writers.is_empty();
        let open = Arc::new(Mutex::new(Some(Open {
            run,
            at: Timestamp::now(),
            began: Instant::now(),
            totals: Totals::default(),
            writers,
            broken: None,
        })));
        let cleanup = watched.then(|| {
            let (open, signals) = (Arc::clone(&open), interrupt.clone());
            interrupt.on_exit(move || complete_after_a_signal(&open, &signals))
        });
        Ok(Reports {
            open,
            _cleanup: cleanup,
        })
    }

    /// Adds the row of an item that has ended. A report that cannot be written does not stop the
    /// work; [`Reports::finish`] says so.
    pub fn add(&self, row: &Row) {
        let mut open = lock(&self.open);
        if let Some(open) = &mut *open {
            open.totals.count(&row.status, 1);
            for writer in &mut open.writers {
                if let Err(error) = writer.add(row) {
                    open.broken.get_or_insert(error);
                }
            }
        }
    }

    /// Counts items that have no rows: what is as it should be, of very many.
    pub fn count(&self, status: &Status, count: usize) {
        if let Some(open) = &mut *lock(&self.open) {
            open.totals.count(status, count);
        }
    }

    /// Completes the reports with the result of the verb, and returns it.
    ///
    /// # Errors
    /// The verb's own error; kind `io` when a report cannot be written.
    pub fn finish(self, result: Result<Exit, Error>) -> Result<Exit, Error> {
        let written = self.complete(Some(&result));
        match (result, written) {
            (result, Ok(())) => result,
            (Ok(_), Err(broken)) => Err(broken),
            // The verb's error says more; its exit is the worse of both.
            (Err(error), Err(broken)) => {
                let exit = error.exit_code().worse(broken.exit_code());
                Err(broken.about(&error.message()).exit(exit))
            }
        }
    }
}

impl Reports {
    /// Completes the reports. The lock is held to the end: a second signal waits for whole files.
    fn complete(&self, result: Option<&Result<Exit, Error>>) -> Result<(), Error> {
        let mut open = lock(&self.open);
        match open.take() {
            Some(open) => open.complete(result),
            None => Ok(()),
        }
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        // Nothing is left that could report that it failed.
        let _ = self.complete(None);
    }
}

impl Open {
    fn complete(self, result: Option<&Result<Exit, Error>>) -> Result<(), Error> {
        let mut ending = Ending {
            run: &self.run,
            totals: &self.totals,
            at: self.at,
            duration: self.began.elapsed(),
            exit: None,
            error: None,
            hint: None,
            cut_short: true,
        };
        match result {
            Some(Ok(exit)) => {
                ending.exit = Some(*exit);
                // Of parts that are merged, one may have been interrupted.
                ending.cut_short = matches!(exit, Exit::Interrupted | Exit::Terminated);
            }
            Some(Err(error)) => {
                ending.exit = Some(error.exit_code());
                ending.cut_short = error.is_silent() || error.kind() == Kind::Interrupted;
                ending.error = Some(if error.is_silent() {
                    "standard output was closed".to_owned()
                } else {
                    error.message()
                });
                // Rows that are not good have the commands that mend them, one each.
                let has_own = Verdict::ALL
                    .into_iter()
                    .any(|verdict| verdict < Verdict::Skipped && self.totals.of(verdict) > 0);
                if ending.cut_short || !has_own {
                    ending.hint = error.advice().map(str::to_owned);
                }
            }
            None => {}
        }
        let mut broken = self.broken;
        for writer in self.writers {
            if let Err(error) = writer.finish(&ending) {
                broken.get_or_insert(error);
            }
        }
        broken.map_or(Ok(()), Err)
    }
}

/// Runs on the main thread, while the command's own may be anywhere, also in the middle of a row.
fn complete_after_a_signal(open: &Mutex<Option<Open>>, interrupt: &Interrupt) {
    let end = Instant::now() + PATIENCE;
    let taken = loop {
        match open.try_lock() {
            Ok(mut open) => break open.take(),
            Err(TryLockError::Poisoned(open)) => break open.into_inner().take(),
            Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::yield_now(),
            Err(TryLockError::WouldBlock) => return,
        }
    };
    if let Some(open) = taken {
        let result = interrupt.raised().map(|signal| Err(signal.error()));
        let _ = open.complete(result.as_ref());
    }
}
