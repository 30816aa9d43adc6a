//! The only writer of standard output and standard error.
//!
//! `commands` hand over reports, `context` hands over the traffic, `lib` hands over the error that
//! ended the run. Knows streams, formats, width and color; never what it prints. Everything passes
//! [`crate::secret::scrub`], and no control character from outside reaches a terminal.

mod failure;
mod format;
mod items;
mod json;
mod listing;
mod progress;
mod text;

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::Mutex;

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
pub use text::{Look, Page, Span, bad, dim, good, plain, strong, uneasy};

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

/// The two streams of the process.
pub struct Output {
    manner: Manner,
    stdout: Mutex<Stream>,
    stderr: Mutex<Stream>,
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
            Mutex::new(Stream {
                writer,
                colored,
                terminal,
            })
        };
        Output {
            manner,
            stdout: stream(Box::new(std::io::stdout()), std::io::stdout().is_terminal()),
            stderr: stream(Box::new(std::io::stderr()), std::io::stderr().is_terminal()),
        }
    }

    /// Returns how much is said, and in which form.
    pub fn manner(&self) -> Manner {
        self.manner
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
        match self.manner.format {
            Format::Human => self.page(|page| report.human(page)),
            Format::Json => self.write(&json::document(report)?),
            Format::JsonLines => self.write(&json::line(report)?),
        }
    }

    /// Writes a result whose secrets are nobody's: the emulator's tokens, which a user may have set.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn report_openly(&self, report: &impl Report) -> Result<(), Error> {
        let text = match self.manner.format {
            Format::Human => {
                let mut page = Page::new(lock(&self.stdout).colored);
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
        let colored = lock(&self.stdout).colored;
        let mut page = Page::new(colored);
        fill(&mut page);
        self.write(&page.into_text())
    }

    /// Begins a list, whose items are written as they come.
    pub fn listing(&self, headers: &'static [&'static str]) -> Listing<'_> {
        Listing::new(self, headers)
    }

    /// Begins a list of the service's own JSON: an array, or JSON lines where they are asked for.
    pub fn array(&self) -> Listing<'_> {
        Listing::array(self)
    }

    /// Writes text to standard output as it is, except for secrets. For what is no report: help,
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

    /// Writes a document with a secret in it that was asked for.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn reveal_within(&self, document: &impl Serialize) -> Result<(), Error> {
        let text = match self.manner.format {
            Format::JsonLines => json::line(document)?,
            Format::Human | Format::Json => json::document(document)?,
        };
        self.write_bytes(text.as_bytes())
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut stream = lock(&self.stdout);
        stream
            .writer
            .write_all(bytes)
            .and_then(|()| stream.writer.flush())
            .map_err(unwritable)
    }

    /// Says something that is worth knowing and asks for nothing. Not with `--quiet`.
    pub fn note(&self, text: &str) {
        self.say(&[dim("note: "), plain(text)]);
    }

    /// Says what may be wrong. Not with `--quiet`.
    pub fn warn(&self, text: &str) {
        self.say(&[uneasy("warning: "), plain(text)]);
    }

    /// Says what to do next. Not with `--quiet`.
    pub fn hint(&self, text: &str) {
        self.say(&[good("hint: "), plain(text)]);
    }

    /// Writes a line to standard error, unless `--quiet`.
    pub fn say(&self, line: &[Span]) {
        if !self.manner.quiet {
            self.tell(|page| page.line(line));
        }
    }

    /// Asks a person for a value, who then types it behind the question; with `--quiet`, too, for
    /// nobody can answer what was not asked.
    pub fn ask(&self, question: &str) {
        self.tell_text(&format!("{} ", harmless(question)));
    }

    /// Shows help that was not asked for: on standard error, for a script's output stays its own.
    pub fn help(&self, text: &str) {
        self.tell_text(text);
    }

    /// Shows the error that ended the run, or one item's.
    pub fn error(&self, error: &Error) {
        if error.is_silent() {
            return;
        }
        match self.manner.format {
            Format::Human => {
                self.tell(|page| failure::show(error, page));
                if self.manner.annotates {
                    self.tell_text(&failure::annotation(error));
                }
            }
            Format::Json | Format::JsonLines => {
                if let Ok(line) = json::line(&failure::Envelope::of(error)) {
                    self.tell_text(&line);
                }
            }
        }
    }

    /// Writes to standard error for a person, whatever is asked of stdout. Failures are ignored:
    /// there is nowhere left to tell them.
    fn tell(&self, fill: impl FnOnce(&mut Page)) {
        let mut page = Page::new(lock(&self.stderr).colored);
        fill(&mut page);
        self.tell_text(&page.into_text());
    }

    fn tell_text(&self, text: &str) {
        let mut stream = lock(&self.stderr);
        let _ = stream.writer.write_all(scrub(text).as_bytes());
        let _ = stream.writer.flush();
    }
}

fn unwritable(error: std::io::Error) -> Error {
    if error.kind() == ErrorKind::BrokenPipe {
        return Error::closed_pipe();
    }
    Error::new(Kind::Io, "standard output cannot be written")
        .cause(error)
        .hint("check the disk that it goes to")
}
