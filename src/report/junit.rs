//! The JUnit report: streamed, and a whole document at every moment.
//!
//! What is on the disk always ends with a failing case that says that the run did not end, which
//! the next rows replace: so a run that was killed leaves a report that can be read and is red.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::file::unwritable;
use super::row::Row;
use super::text::clean;
use super::{Ending, Writer};
use crate::error::Error;
use crate::verdict::Verdict;

/// The head is written again with the numbers of the moment; it keeps its length.
const HEAD: usize = 512;
/// So many bytes of rows are collected before they are written.
const BATCH: usize = 64 * 1024;
const FOOT: &str = "</testsuite>\n</testsuites>\n";

#[derive(Debug)]
pub(super) struct Junit {
    path: PathBuf,
    file: File,
    command: &'static str,
    /// Rows that are not written yet.
    batch: String,
    /// Where the next rows go.
    end: u64,
    /// How much follows that, to be overwritten.
    tail: usize,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Junit {
    pub(super) fn open(path: &Path, command: &'static str) -> Result<Junit, Error> {
        let mut file = File::create(path).map_err(|error| unwritable(path, error))?;
        // Its head is written last, which no pipe allows.
        file.stream_position()
            .map_err(|error| unwritable(path, error))?;
        let mut junit = Junit {
            path: path.to_owned(),
            file,
            command,
            batch: String::new(),
            end: HEAD as u64,
            tail: 0,
            counts: Counts::default(),
        };
        junit.flush(None)?;
        Ok(junit)
    }

    /// Writes what was collected, between the head and the end of the document.
    fn flush(&mut self, ending: Option<&Ending<'_>>) -> Result<(), Error> {
        let mut counts = self.counts;
        let mut text = std::mem::take(&mut self.batch);
        let kept = text.len();
        if ending.is_none() {
            counts.tests += 1;
            counts.errors += 1;
            let name = format!("swr {}", self.command);
            text.push_str(&case(
                &name,
                &name,
                None,
                "<error message=\"the run has not ended\"/>",
            ));
        }
        text.push_str(FOOT);
        let length = text.len();
        // Nothing of the old end may follow the new one; space may.
        text.extend(std::iter::repeat_n('\n', self.tail.saturating_sub(length)));
        let head = head(self.command, counts, ending);
        self.put(self.end, &text)?;
        self.put(0, &head)?;
        self.tail = text.len() - kept;
        self.end += kept as u64;
        Ok(())
    }

    fn put(&mut self, at: u64, text: &str) -> Result<(), Error> {
        self.file
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.file.write_all(text.as_bytes()))
            .map_err(|error| unwritable(&self.path, error))
    }
}

impl Writer for Junit {
    fn add(&mut self, row: &Row) -> Result<(), Error> {
        self.counts.tests += 1;
        let details = escaped(&row.details());
        let message = if details.is_empty() {
            escaped(&row.status.word)
        } else {
            format!("{}: {details}", escaped(&row.status.word))
        };
        let hint = row
            .hint
            .as_ref()
            .map_or(String::new(), |hint| escaped(hint));
        let body = match row.status.verdict {
            Verdict::Good => String::new(),
            Verdict::Skipped => {
                self.counts.skipped += 1;
                "<skipped/>".to_owned()
            }
            Verdict::Different => {
                self.counts.failures += 1;
                format!("<failure message=\"{message}\">{hint}</failure>")
            }
            Verdict::Bad => {
                self.counts.errors += 1;
                format!("<error message=\"{message}\">{hint}</error>")
            }
        };
        let class = row
            .target
            .as_ref()
            .map_or_else(|| row.namespace.clone(), ToString::to_string);
        self.batch
            .push_str(&case(&class, &row.name(), row.duration, &body));
        if self.batch.len() >= BATCH {
            self.flush(None)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, ending: &Ending<'_>) -> Result<(), Error> {
        let has_failed = self.counts.failures + self.counts.errors > 0;
        // No run that proved nothing is green, and none that was cut short.
        if ending.cut_short || !(ending.is_good() || has_failed) {
            self.counts.tests += 1;
            self.counts.errors += 1;
            let name = format!("swr {}", self.command);
            let message = ending.remark().unwrap_or_else(|| ending.totals.in_words());
            let hint = ending.hint.as_deref().map(escaped).unwrap_or_default();
            let body = format!("<error message=\"{}\">{hint}</error>", escaped(&message));
            self.batch.push_str(&case(&name, &name, None, &body));
        }
        self.flush(Some(ending))
    }
}

fn head(command: &str, counts: Counts, ending: Option<&Ending<'_>>) -> String {
    let Counts {
        tests,
        failures,
        errors,
        skipped,
    } = counts;
    let numbers = format!(
        "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\""
    );
    let mut times = String::new();
    if let Some(ending) = ending {
        let _ = write!(times, " time=\"{}\"", seconds(ending.duration));
    }
    let timestamp = ending.map_or(String::new(), |ending| {
        format!(
            " timestamp=\"{}\"",
            ending.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        )
    });
    let head = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"swr\" {numbers}{times}>\n\
         <testsuite name=\"swr {command}\" {numbers}{times}{timestamp}>"
    );
    format!("{head:width$}\n", width = HEAD - 1)
}

fn case(class: &str, name: &str, duration: Option<Duration>, body: &str) -> String {
    let mut text = format!(
        "<testcase classname=\"{}\" name=\"{}\"",
        escaped(class),
        escaped(name)
    );
    if let Some(duration) = duration {
        let _ = write!(text, " time=\"{}\"", seconds(duration));
    }
    if body.is_empty() {
        text.push_str("/>\n");
    } else {
        let _ = writeln!(text, ">{body}</testcase>");
    }
    text
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

/// Escapes text for an attribute or an element. What XML cannot carry at all (section 2.2 of its
/// recommendation: controls, U+FFFE, U+FFFF) is shown as an escape.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in clean(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.extend(character.escape_unicode()),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{Counts, HEAD, escaped, head};

    #[test]
    fn the_head_keeps_its_length() {
        let most = Counts {
            tests: usize::MAX,
            failures: usize::MAX,
            errors: usize::MAX,
            skipped: usize::MAX,
        };
        for counts in [Counts::default(), most] {
            assert_eq!(head("namespace create", counts, None).len(), HEAD);
        }
    }

    #[test]
    fn xml_carries_every_text() {
        assert_eq!(
            escaped("<a href=\"b\">&\u{0}\u{fffe}\u{ffff}"),
            "&lt;a href=&quot;b&quot;&gt;&amp;\\u{0}\\u{fffe}\\u{ffff}"
        );
    }
}
