//! The only writer of standard output and standard error.
//!
//! `commands` hand over reports, `context` hands over the traffic, `lib` hands over the error that
//! ended the run. Knows streams, formats, width and color; never what it prints. Everything passes
//! [`crate::secret::scrub`], and no control character from outside reaches a terminal.

mod failure;
mod format;
mod items;
mod jq;
mod json;
mod listing;
mod messages;
mod progress;
mod text;

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressDrawTarget};
use serde::Serialize;

use crate::error::{Error, Kind};
use crate::lock::lock;
use crate::secret::scrub;

#[cfg(test)]
pub(crate) use failure::Envelope;
pub use failure::ErrorReport;
pub use format::{Color, Format};
pub use items::Items;
pub use listing::Listing;
pub use progress::Progress;
pub use text::harmless;
pub use text::{Page, Span, bad, dim, good, plain, strong, uneasy};

/// A signal ends the process while a result is being written: it waits this long for the writer.
const PATIENCE: Duration = Duration::from_millis(200);

/// How much is said, and in which form.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// The form of results and errors.
    pub format: Format,
    /// When color is used.
    pub color: Color,
    /// Only errors on standard error.
    pub quiet: bool,
    /// 1: each request; 2: headers and bodies, too.
    pub verbosity: u8,
    /// Errors for people are annotations of a job in GitHub Actions, too.
    pub annotates: bool,
    /// The terminal cannot move its cursor, so that nothing is redrawn.
    pub dumb: bool,
}

/// A result: JSON by its fields, and one way to be shown to a person.
pub trait Report: Serialize {
    /// Writes the result for a person.
    fn human(&self, page: &mut Page);
}

struct Stream {
    writer: Box<dyn Write + Send>,
    colored: bool,
    terminal: bool,
}

struct Stdout {
    stream: Stream,
    /// What would end the document that is being written.
    end: Option<String>,
    /// The documents so far, where a filter waits for them.
    filtered: Option<String>,
    /// The last word was written.
    closed: bool,
}

/// The two streams of the process.
pub struct Output {
    manner: Manner,
    /// The filter that results pass through, in the language of jq.
    filter: Option<String>,
    stdout: Mutex<Stdout>,
    stderr: Mutex<Stream>,
    /// What is drawn on the terminal now; lines are written above it.
    live: Mutex<Option<MultiProgress>>,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("manner", &self.manner)
            .finish_non_exhaustive()
    }
}

impl Output {
    /// Takes the streams of the process.
    pub fn of_process(manner: Manner) -> Output {
        let stream = |writer: Box<dyn Write + Send>, terminal: bool| {
            let colored = match manner.color {
                Color::Auto => terminal,
                Color::Always => true,
                Color::Never => false,
            };
            Stream {
                writer,
                colored,
                terminal,
            }
        };
        let stdout = stream(Box::new(std::io::stdout()), std::io::stdout().is_terminal());
        let stderr = stream(Box::new(std::io::stderr()), std::io::stderr().is_terminal());
        Output {
            manner,
            filter: None,
            stdout: Mutex::new(Stdout {
                stream: stdout,
                end: None,
                filtered: None,
                closed: false,
            }),
            stderr: Mutex::new(stderr),
            live: Mutex::new(None),
        }
    }

    /// Passes JSON results through a filter in the language of jq; notes and errors stay as they
    /// are.
    ///
    /// # Errors
    /// Kind `validation` when the filter is not valid.
    pub fn filtered(mut self, filter: Option<&str>) -> Result<Output, Error> {
        if let Some(filter) = filter {
            jq::check(filter)?;
            self.filter = Some(filter.to_owned());
            lock(&self.stdout).filtered = Some(String::new());
        }
        Ok(self)
    }

    /// Returns how much is said, and in which form.
    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// Returns the form of results: JSON where a filter waits for them.
    fn format(&self) -> Format {
        match (self.manner.format, &self.filter) {
            (Format::Human, Some(_)) => Format::Json,
            (format, _) => format,
        }
    }

    /// Returns `true` if a person sees standard output as it comes.
    fn is_terminal(&self) -> bool {
        lock(&self.stdout).stream.terminal
    }

    /// Returns `true` if standard output takes color.
    pub fn is_colored(&self) -> bool {
        lock(&self.stdout).stream.colored
    }

    /// Returns `true` if standard error takes color.
    pub fn is_watched_in_color(&self) -> bool {
        lock(&self.stderr).colored
    }

    /// Returns an empty page for standard output.
    fn new_page(&self) -> Page {
        let stdout = lock(&self.stdout);
        let width = stdout.stream.terminal.then(width_of_stdout);
        Page::new(stdout.stream.colored, width)
    }

    /// Returns `true` if a person sees standard error as it comes.
    pub fn is_watched(&self) -> bool {
        lock(&self.stderr).terminal
    }

    /// Writes the one result of a command.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written; a closed pipe ends the run quietly.
    pub fn report(&self, report: &impl Report) -> Result<(), Error> {
        match self.format() {
            Format::Human => self.page(|page| report.human(page)),
            Format::Json => self.write(&json::document(report)?),
            Format::JsonLines => self.write(&json::line(report)?),
        }
    }

    /// Writes a result whose secrets protect nothing: the emulator's tokens, which a user may have
    /// set.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn report_openly(&self, report: &impl Report) -> Result<(), Error> {
        let text = match self.format() {
            Format::Human => {
                let mut page = self.new_page();
                report.human(&mut page);
                page.into_text()
            }
            Format::Json => json::document(report)?,
            Format::JsonLines => json::line(report)?,
        };
        self.write_bytes(text.as_bytes())
    }

    /// Writes text for a person to standard output.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn page(&self, fill: impl FnOnce(&mut Page)) -> Result<(), Error> {
        let mut page = self.new_page();
        fill(&mut page);
        self.write(&page.into_text())
    }

    /// Begins a list, whose items are written as they come.
    pub fn listing(&self, headers: &'static [&'static str]) -> Listing<'_> {
        Listing::new(self, headers)
    }

    /// Begins a list that is an array inside of a JSON document.
    pub fn listing_within(&self, before: &'static str, behind: &'static str) -> Listing<'_> {
        Listing::within(self, before, behind)
    }

    /// Begins a list of the service's own JSON: an array, or JSON lines where they are asked for.
    pub fn array(&self) -> Listing<'_> {
        Listing::array(self)
    }

    /// Writes text to standard output as it is, except for secrets. For what is not a report: help,
    /// completions, an answer of the service.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn write(&self, text: &str) -> Result<(), Error> {
        self.write_bytes(scrub(text).as_bytes())
    }

    /// Writes a secret that was asked for, and a newline.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn reveal(&self, secret: &crate::secret::Secret) -> Result<(), Error> {
        self.write_bytes(format!("{}\n", secret.expose()).as_bytes())
    }

    /// Has the runner of GitHub Actions hide a secret in the job's log, before it is printed.
    pub fn mask(&self, secret: &crate::secret::Secret) {
        let mut stream = lock(&self.stderr);
        // A runner that is gone reads no log.
        let _ = writeln!(stream.writer, "::add-mask::{}", secret.expose());
        let _ = stream.writer.flush();
    }

    /// Writes a document with a secret in it that was asked for.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn reveal_within(&self, document: &impl Serialize) -> Result<(), Error> {
        let text = match self.format() {
            Format::JsonLines => json::line(document)?,
            Format::Human | Format::Json => json::document(document)?,
        };
        self.write_bytes(text.as_bytes())
    }

    /// Writes a part of a document; `end` is what would end it here, should the process end.
    fn write_part(&self, text: &str, end: String) -> Result<(), Error> {
        self.write_to_stdout(scrub(text).as_bytes(), Some(end))
    }

    /// Writes the end of a document.
    fn write_end(&self, text: &str) -> Result<(), Error> {
        self.write_to_stdout(scrub(text).as_bytes(), None)
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<(), Error> {
        self.write_to_stdout(bytes, None)
    }

    fn write_to_stdout(&self, bytes: &[u8], end: Option<String>) -> Result<(), Error> {
        self.above_the_live_view(|| {
            let mut stdout = lock(&self.stdout);
            if stdout.closed {
                return Ok(());
            }
            stdout.end = end;
            if let Some(filtered) = &mut stdout.filtered {
                filtered.push_str(&String::from_utf8_lossy(bytes));
                return match self.manner.format {
                    Format::JsonLines => stdout.pass_filter(self.filter.as_deref()),
                    Format::Human | Format::Json => Ok(()),
                };
            }
            stdout.put(bytes)
        })
    }

    /// Ends the results: a document that was left open is completed, and passes the filter.
    /// Nothing is written after it.
    ///
    /// # Errors
    /// As [`Output::report`]; kind `validation` when the filter fails on what was written.
    pub fn complete(&self) -> Result<(), Error> {
        self.above_the_live_view(|| self.complete_with(lock(&self.stdout)))
    }

    /// Ends the results because the process ends, and clears what is drawn on the terminal. A
    /// writer that is stuck, because no one reads, is left alone.
    pub fn abandon(&self) {
        if let Some(bars) = lock(&self.live).take() {
            clear(bars);
            // A spinner may have turned since.
            if let Ok(mut stderr) = self.stderr.try_lock() {
                let _ = write!(stderr.writer, "\r\x1b[2K");
                let _ = stderr.writer.flush();
            }
        }
        let end = Instant::now() + PATIENCE;
        loop {
            match self.stdout.try_lock() {
                Ok(stdout) => {
                    let _ = self.complete_with(stdout);
                    return;
                }
                Err(TryLockError::Poisoned(poisoned)) => {
                    let _ = self.complete_with(poisoned.into_inner());
                    return;
                }
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::yield_now(),
                Err(TryLockError::WouldBlock) => return,
            }
        }
    }

    fn complete_with(&self, mut stdout: MutexGuard<'_, Stdout>) -> Result<(), Error> {
        if std::mem::replace(&mut stdout.closed, true) {
            return Ok(());
        }
        let end = stdout.end.take().unwrap_or_default();
        match &mut stdout.filtered {
            Some(filtered) => {
                filtered.push_str(&end);
                stdout.pass_filter(self.filter.as_deref())
            }
            None if end.is_empty() => Ok(()),
            None => stdout.put(end.as_bytes()),
        }
    }

    fn above_the_live_view<T>(&self, write: impl FnOnce() -> T) -> T {
        let live = lock(&self.live).clone();
        match live {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }
}

impl Stdout {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let writer = &mut self.stream.writer;
        writer
            .write_all(bytes)
            .and_then(|()| writer.flush())
            .map_err(unwritable)
    }

    /// Writes what the filter makes of the documents so far.
    fn pass_filter(&mut self, filter: Option<&str>) -> Result<(), Error> {
        let documents = self.filtered.as_mut().map(std::mem::take);
        let (Some(filter), Some(documents)) = (filter, documents) else {
            return Ok(());
        };
        let text = jq::apply(filter, &documents)?;
        self.put(scrub(&text).as_bytes())
    }
}

/// Clears the live view for good. A writer that is stuck holds the view, too, so that it is not
/// waited for longer than for the writer.
fn clear(bars: MultiProgress) {
    let (sender, cleared) = channel();
    let work = move || {
        let _ = bars.clear();
        bars.set_draw_target(ProgressDrawTarget::hidden());
        let _ = sender.send(());
    };
    if Builder::new().spawn(work).is_ok() {
        let _ = cleared.recv_timeout(PATIENCE);
    }
}

/// Returns the width of the terminal now, because it may be resized.
fn width_of_stdout() -> usize {
    const USUAL: usize = 80;
    terminal_size::terminal_size_of(std::io::stdout())
        .map_or(USUAL, |(width, _)| usize::from(width.0))
        .max(1)
}

fn unwritable(error: std::io::Error) -> Error {
    if error.kind() == ErrorKind::BrokenPipe {
        return Error::closed_pipe();
    }
    Error::new(Kind::Io, "standard output cannot be written")
        .cause(error)
        .hint("check the disk that it goes to")
}
