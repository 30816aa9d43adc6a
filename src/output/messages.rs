//! What is said beside the results, on standard error: notes, warnings, hints, questions, errors.

use std::collections::BTreeMap;

use super::text::{Page, Span, dim, good, harmless, plain, uneasy};
use super::{Format, Output, failure, json};
use crate::error::Error;
use crate::lock::lock;
use crate::secret::scrub;

impl Output {
    /// Says something that is worth knowing and asks for nothing. Not with `--quiet`.
    pub fn note(&self, text: &str) {
        self.say("note", dim("note: "), text);
    }

    /// Says what may be wrong. Not with `--quiet`.
    pub fn warn(&self, text: &str) {
        self.say("warning", uneasy("warning: "), text);
    }

    /// Says what to do next. Not with `--quiet`.
    pub fn hint(&self, text: &str) {
        self.say("hint", good("hint: "), text);
    }

    /// Shows a line of the traffic (`-v`); `mark` says which way it goes.
    pub fn trace(&self, mark: char, text: &str) {
        self.say("trace", dim(format!("{mark} ")), text);
    }

    /// Writes a line to standard error, unless `--quiet`; JSON beside JSON results.
    fn say(&self, key: &'static str, label: Span, text: &str) {
        if self.manner.quiet {
            return;
        }
        match self.manner.format {
            Format::Human => self.show(|page| page.line(&[label, plain(text)])),
            Format::Json | Format::JsonLines => {
                let text = match key {
                    "trace" => format!("{}{text}", label.text()),
                    _ => text.to_owned(),
                };
                if let Ok(line) = json::line(&BTreeMap::from([(key, text)])) {
                    self.write_to_stderr(&line);
                }
            }
        }
    }

    /// Asks a person for a value, who then types it behind the question; with `--quiet`, too:
    /// no one can answer what was not asked.
    pub fn ask(&self, question: &str) {
        self.write_to_stderr(&format!("{} ", harmless(question)));
    }

    /// Shows help that was not asked for: on standard error, because a script's output stays its
    /// own.
    pub fn help(&self, text: &str) {
        self.write_to_stderr(text);
    }

    /// Shows the error that ended the run, or one item's.
    pub fn error(&self, error: &Error) {
        if error.is_silent() {
            return;
        }
        match self.manner.format {
            Format::Human => {
                self.show(|page| failure::show(error, page));
                if self.manner.annotates {
                    self.write_to_stderr(&failure::annotation(error));
                }
            }
            Format::Json | Format::JsonLines => {
                if let Ok(line) = json::line(&failure::Envelope::of(error)) {
                    self.write_to_stderr(&line);
                }
            }
        }
    }

    /// Writes to standard error for a person, whatever is asked of stdout. Failures are ignored:
    /// there is nowhere left to report them.
    fn show(&self, fill: impl FnOnce(&mut Page)) {
        let mut page = Page::new(lock(&self.stderr).colored, None);
        fill(&mut page);
        self.write_to_stderr(&page.into_text());
    }

    fn write_to_stderr(&self, text: &str) {
        self.above_the_live_view(|| {
            let mut stream = lock(&self.stderr);
            let _ = stream.writer.write_all(scrub(text).as_bytes());
            let _ = stream.writer.flush();
        });
    }
}
