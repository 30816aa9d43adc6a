//! The result of a command that acts on many: `{"items":[…],"summary":{…}}`, written as it comes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Error, Format, Output, Report, json};

/// The results of many, in the making.
#[derive(Debug)]
pub struct Items<'a> {
    output: &'a Output,
    counts: BTreeMap<&'static str, usize>,
    written: usize,
}

#[derive(Serialize)]
struct Summary<'a> {
    summary: &'a BTreeMap<&'static str, usize>,
}

impl Output {
    /// Begins the result of a command that acts on many.
    pub fn items(&self) -> Items<'_> {
        Items {
            output: self,
            counts: BTreeMap::new(),
            written: 0,
        }
    }
}

impl Items<'_> {
    /// Writes one item and counts it under its status.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub fn item(&mut self, status: &'static str, item: &impl Report) -> Result<(), Error> {
        *self.counts.entry(status).or_default() += 1;
        self.written += 1;
        match self.output.manner.format {
            Format::Human => self.output.page(|page| item.human(page)),
            Format::JsonLines => self.output.write(&json::line(item)?),
            Format::Json => {
                let before = if self.written == 1 {
                    "{\"items\":[\n  "
                } else {
                    ",\n  "
                };
                let text = json::line(item)?;
                self.output.write(&format!("{before}{}", text.trim_end()))
            }
        }
    }

    /// Returns how many items ended so.
    pub fn count(&self, status: &str) -> usize {
        self.counts.get(status).copied().unwrap_or_default()
    }

    /// Returns the counts by status in words: `2 created, 1 failed`.
    pub fn in_words(&self) -> String {
        let words: Vec<String> = self
            .counts
            .iter()
            .map(|(status, count)| format!("{count} {status}"))
            .collect();
        if words.is_empty() {
            "nothing".to_owned()
        } else {
            words.join(", ")
        }
    }

    /// Ends the result.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        match self.output.manner.format {
            Format::Human if self.written > 1 => {
                self.output.page(|page| page.plain(self.in_words()))
            }
            Format::Human | Format::JsonLines => Ok(()),
            Format::Json => {
                let summary = json::line(&Summary {
                    summary: &self.counts,
                })?;
                let summary = summary.trim_end().trim_start_matches('{');
                let before = if self.written == 0 {
                    "{\"items\":["
                } else {
                    "\n"
                };
                self.output.write(&format!("{before}],{summary}\n"))
            }
        }
    }
}
