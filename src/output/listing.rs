//! Lists whose items are written as they come, in bounded memory.

use serde::Serialize;

use super::text::Span;
use super::{Error, Format, Output, json};

/// So many rows are aligned together; a list that is longer begins anew.
const BATCH: usize = 500;

/// A list in the making: a JSON array, JSON lines, a table on a terminal, or lines of fields
/// separated by tabs.
#[derive(Debug)]
pub struct Listing<'a> {
    output: &'a Output,
    format: Format,
    headers: &'static [&'static str],
    rows: Vec<Vec<Span>>,
    count: usize,
    /// What surrounds the JSON array.
    around: (&'static str, &'static str),
}

impl<'a> Listing<'a> {
    pub(super) fn new(output: &'a Output, headers: &'static [&'static str]) -> Listing<'a> {
        Listing {
            output,
            format: output.format(),
            headers,
            rows: Vec::new(),
            count: 0,
            around: ("", ""),
        }
    }

    /// A JSON array inside of a document; what precedes and follows it.
    pub(super) fn within(
        output: &'a Output,
        before: &'static str,
        behind: &'static str,
    ) -> Listing<'a> {
        Listing {
            around: (before, behind),
            ..Listing::new(output, &[])
        }
    }

    /// A JSON array also for a person: what is in it is JSON of the service.
    pub(super) fn array(output: &'a Output) -> Listing<'a> {
        let mut listing = Listing::new(output, &[]);
        if listing.format == Format::Human {
            listing.format = Format::Json;
        }
        listing
    }

    /// Returns how many items were written.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Writes an item; `row` is its line for a person.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub fn item(
        &mut self,
        item: &impl Serialize,
        row: impl FnOnce() -> Vec<Span>,
    ) -> Result<(), Error> {
        self.count += 1;
        match self.format {
            Format::JsonLines => self.output.write(&json::line(item)?),
            Format::Json => {
                let (before, behind) = self.around;
                let before = match self.count {
                    1 => format!("{before}[\n  "),
                    _ => ",\n  ".to_owned(),
                };
                let text = json::line(item)?;
                let end = format!("\n]{behind}\n");
                self.output
                    .write_part(&format!("{before}{}", text.trim_end()), end)
            }
            Format::Human if !self.output.is_terminal() => {
                self.output.page(|page| page.tab_separated(&row()))
            }
            Format::Human => {
                self.rows.push(row());
                if self.rows.len() >= BATCH {
                    self.flush()
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Ends the list; an empty one says `nothing` to a person, on standard error.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub fn finish(mut self, nothing: &str) -> Result<(), Error> {
        let (before, behind) = self.around;
        match self.format {
            Format::JsonLines => Ok(()),
            Format::Json if self.count == 0 => self.output.write(&format!("{before}[]{behind}\n")),
            Format::Json => self.output.write_end(&format!("\n]{behind}\n")),
            Format::Human if self.count == 0 => {
                self.output.note(nothing);
                Ok(())
            }
            Format::Human => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let headers = std::mem::take(&mut self.headers);
        self.output.page(|page| page.table(headers, &rows))
    }
}
