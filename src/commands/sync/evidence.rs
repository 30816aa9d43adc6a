//! What `verify` leaves behind for a CI system: a page in Markdown, a report in JUnit's form.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::verified::Verified;
use crate::error::{Error, Kind};
use crate::output::harmless;

/// So many rows that are not the same are named on the page; CI systems limit its size.
const ROWS: usize = 200;

/// The files that are being written.
#[derive(Debug)]
pub(super) struct Evidence {
    summary: Option<(PathBuf, Vec<String>, usize)>,
    junit: Option<Junit>,
}

#[derive(Debug)]
struct Junit {
    path: PathBuf,
    file: BufWriter<File>,
    tests: usize,
    failures: usize,
    errors: usize,
}

/// The head is written again at the end, with the numbers; it keeps its length.
const HEAD: usize = 160;

impl Evidence {
    /// Opens the files before anything is sent: a path that cannot be written is told at once.
    pub(super) fn open(
        summary: Option<PathBuf>,
        junit: Option<PathBuf>,
    ) -> Result<Evidence, Error> {
        if let Some(path) = &summary {
            // A job's page collects what several steps write.
            append(path)?;
        }
        let junit = match junit {
            Some(path) => {
                let file = File::create(&path).map_err(|error| unwritable(&path, error))?;
                let mut junit = Junit {
                    file: BufWriter::new(file),
                    path,
                    tests: 0,
                    failures: 0,
                    errors: 0,
                };
                junit.write(&junit.head())?;
                Some(junit)
            }
            None => None,
        };
        Ok(Evidence {
            summary: summary.map(|path| (path, Vec::new(), 0)),
            junit,
        })
    }

    /// Adds a row.
    pub(super) fn add(&mut self, row: &Verified) -> Result<(), Error> {
        if let Some((_, rows, left_out)) = &mut self.summary
            && row.status != "same"
        {
            if rows.len() < ROWS {
                rows.push(markdown(row));
            } else {
                *left_out += 1;
            }
        }
        if let Some(junit) = &mut self.junit {
            junit.add(row)?;
        }
        Ok(())
    }

    /// Finishes the files.
    pub(super) fn close(&mut self, counts: &str) -> Result<(), Error> {
        if let Some((path, rows, left_out)) = &self.summary {
            let mut text = format!("### Image synchronization: {counts}\n\n");
            if !rows.is_empty() {
                text.push_str("| image | target | status | digest | target's digest |\n");
                text.push_str("| --- | --- | --- | --- | --- |\n");
                text.extend(rows.iter().map(String::as_str));
                text.push('\n');
            }
            if *left_out > 0 {
                text.push_str(&format!("… and {left_out} more\n\n"));
            }
            append(path)?
                .write_all(text.as_bytes())
                .map_err(|error| unwritable(path, error))?;
        }
        if let Some(junit) = &mut self.junit {
            junit.write("</testsuite>\n</testsuites>\n")?;
            let head = junit.head();
            junit
                .file
                .seek(SeekFrom::Start(0))
                .map_err(|error| unwritable(&junit.path, error))?;
            junit.write(&head)?;
            junit
                .file
                .flush()
                .map_err(|error| unwritable(&junit.path, error))?;
        }
        Ok(())
    }
}

impl Junit {
    fn head(&self) -> String {
        let head = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\
             <testsuite name=\"swr sync verify\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
            self.tests, self.failures, self.errors
        );
        format!("{head:HEAD$}\n")
    }

    fn add(&mut self, row: &Verified) -> Result<(), Error> {
        self.tests += 1;
        let class = format!("{} ({})", row.remote_namespace, row.remote_region_id);
        let open = format!(
            "<testcase classname=\"{}\" name=\"{}\"",
            escaped(&class),
            escaped(&row.subject())
        );
        let text = match row.status {
            "same" | "extra" => format!("{open}/>\n"),
            "skipped" => format!("{open}><skipped/></testcase>\n"),
            "failed" => {
                self.errors += 1;
                let message = row.error.as_ref().map_or("", |error| &error.message);
                format!(
                    "{open}><error message=\"{}\"/></testcase>\n",
                    escaped(message)
                )
            }
            status => {
                self.failures += 1;
                let message = format!(
                    "{status}: {} here, {} there",
                    row.digest.as_deref().unwrap_or("none"),
                    row.remote_digest.as_deref().unwrap_or("none")
                );
                format!(
                    "{open}><failure message=\"{}\"/></testcase>\n",
                    escaped(&message)
                )
            }
        };
        self.write(&text)
    }

    fn write(&mut self, text: &str) -> Result<(), Error> {
        let text = crate::secret::scrub(text);
        self.file
            .write_all(text.as_bytes())
            .map_err(|error| unwritable(&self.path, error))
    }
}

fn markdown(row: &Verified) -> String {
    let cell = |text: &str| harmless(text).replace('|', "\\|");
    format!(
        "| {} | {} ({}) | {} | {} | {} |\n",
        cell(&row.subject()),
        cell(row.remote_namespace.as_str()),
        cell(row.remote_region_id.as_str()),
        row.status,
        cell(row.digest.as_deref().unwrap_or("-")),
        cell(row.remote_digest.as_deref().unwrap_or("-")),
    )
}

/// Escapes text for an attribute; characters that XML cannot carry are shown as escapes.
fn escaped(text: &str) -> String {
    harmless(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn append(path: &Path) -> Result<File, Error> {
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Io, format!("'{}' cannot be written", path.display())).cause(error)
}
