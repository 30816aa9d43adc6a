//! The result of a command that acts on many: `{"items":[…],"summary":{…}}`, written as it comes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::{Error, Format, Output, Report, json};
use crate::exit::Exit;

/// The results of many, in the making.
#[derive(Debug)]
pub struct Items<'a> {
    output: &'a Output,
    head: Head,
    counts: BTreeMap<Cow<'static, str>, usize>,
    written: usize,
}

/// What a document says before its items, so that its parts can be merged.
#[derive(Debug, Default, Serialize)]
struct Head {
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
}

#[derive(Serialize)]
struct Summary<'a> {
    summary: &'a BTreeMap<Cow<'static, str>, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

impl Output {
    /// Begins the result of a command that acts on many.
    pub fn items(&self) -> Items<'_> {
        Items {
            output: self,
            head: Head::default(),
            counts: BTreeMap::new(),
            written: 0,
        }
    }
}

impl Items<'_> {
    /// Names the command, and the shard, at the head of the document; `swr report` asks for both.
    #[must_use]
    pub fn of_command(mut self, command: &'static str, shard: Option<String>) -> Self {
        self.head = Head {
            command: Some(command),
            shard,
        };
        self
    }

    /// Has the summary name each of these statuses, also those that no item ends with.
    #[must_use]
    pub fn summing<S: Into<Cow<'static, str>>>(
        mut self,
        statuses: impl IntoIterator<Item = S>,
    ) -> Self {
        for status in statuses {
            self.counts.entry(status.into()).or_default();
        }
        self
    }

    /// Writes one item and counts it under its status.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub fn item(
        &mut self,
        status: impl Into<Cow<'static, str>>,
        item: &impl Report,
    ) -> Result<(), Error> {
        *self.counts.entry(status.into()).or_default() += 1;
        self.written += 1;
        match self.output.format() {
            Format::Human => self.output.page(|page| item.human(page)),
            Format::JsonLines => self.output.write(&json::line(item)?),
            Format::Json => {
                let before = if self.written == 1 {
                    format!("{}\n  ", self.begin()?)
                } else {
                    ",\n  ".to_owned()
                };
                let text = json::line(item)?;
                self.output
                    .write_part(&format!("{before}{}", text.trim_end()), self.end(None)?)
            }
        }
    }

    /// Counts items that are not written: what is as it should be, of very many.
    pub fn count_silently(&mut self, status: impl Into<Cow<'static, str>>, count: usize) {
        *self.counts.entry(status.into()).or_default() += count;
    }

    /// Ends the result with one more object under a key, and with words for a person.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub fn finish_with_more(
        self,
        exit: Exit,
        (key, more): (&'static str, &impl Serialize),
        words: &str,
    ) -> Result<(), Error> {
        match self.output.format() {
            Format::Human => self.output.page(|page| page.plain(words)),
            Format::JsonLines => Ok(()),
            Format::Json => {
                let more = json::line(more)?;
                let more = format!("\"{key}\":{},", more.trim_end());
                let end = self.end_with_more(Some(exit.code()), &more)?;
                self.output.write_end(&end)
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
            .filter(|(_, count)| **count > 0)
            .map(|(status, count)| format!("{count} {status}"))
            .collect();
        if words.is_empty() {
            "nothing".to_owned()
        } else {
            words.join(", ")
        }
    }

    /// Ends the result of a command whose parts can be merged, with the exit of the run.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub fn finish_with(self, exit: Exit) -> Result<(), Error> {
        match self.output.format() {
            Format::Human if self.written > 1 => {
                self.output.page(|page| page.plain(self.in_words()))
            }
            Format::Human | Format::JsonLines => Ok(()),
            Format::Json => self.output.write_end(&self.end(Some(exit.code()))?),
        }
    }

    /// Returns the text from the beginning of the document to its items.
    fn begin(&self) -> Result<String, Error> {
        let head = json::line(&self.head)?;
        let head = head.trim_end().trim_end_matches('}');
        let comma = if head == "{" { "" } else { "," };
        Ok(format!("{head}{comma}\"items\":["))
    }

    /// Returns what ends the document.
    fn end(&self, exit_code: Option<u8>) -> Result<String, Error> {
        self.end_with_more(exit_code, "")
    }

    fn end_with_more(&self, exit_code: Option<u8>, more: &str) -> Result<String, Error> {
        let summary = json::line(&Summary {
            summary: &self.counts,
            exit_code,
        })?;
        let before = if self.written == 0 {
            self.begin()?
        } else {
            "\n".to_owned()
        };
        Ok(format!(
            "{before}],{more}{}",
            summary.trim_start_matches('{')
        ))
    }
}
