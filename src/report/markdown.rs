//! The summary: Markdown for a CI job's page or a comment.
//!
//! All text from outside is put in code spans: GitHub and GitLab look there for no HTML, link,
//! picture, mention, issue or commit.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::file::{append, unwritable};
use super::row::Row;
use super::text::clean;
use super::{Ending, Writer};
use crate::duration;
use crate::error::Error;
use crate::verdict::Verdict;

/// So many bytes a summary has at the most; a comment on GitHub holds 65,536 characters.
const BYTES: usize = 60_000;
/// So many commands are named below the table.
const HINTS: usize = 10;
/// Good rows are listed when there are no more than these.
const GOOD: usize = 20;

/// How many ranks rows have.
const RANKS: usize = 5;
/// The rank of rows that are as they should be, the last to be of interest.
const LAST: usize = RANKS - 1;

/// Returns what is read first: failures, then deletes, then what is different, then what was not
/// looked at.
fn rank(row: &Row) -> usize {
    match row.status.verdict {
        Verdict::Bad => 0,
        _ if row.status.is_delete() => 1,
        Verdict::Different => 2,
        Verdict::Skipped => 3,
        Verdict::Good => LAST,
    }
}

#[derive(Debug)]
pub(super) struct Markdown {
    path: PathBuf,
    /// The rows by rank, as text.
    rows: [Vec<String>; RANKS],
    /// Rows that were there and are not kept, by rank.
    left_out: [usize; RANKS],
    bytes: usize,
    hints: Vec<String>,
}

impl Markdown {
    pub(super) fn open(path: &Path) -> Result<Markdown, Error> {
        append(path)?;
        Ok(Markdown {
            path: path.to_owned(),
            rows: Default::default(),
            left_out: [0; RANKS],
            bytes: 0,
            hints: Vec::new(),
        })
    }

    /// Makes room among the rows that are less bad than `rank`; `false` when there is none.
    fn make_room(&mut self, rank: usize, size: usize) -> bool {
        for lesser in (rank + 1..self.rows.len()).rev() {
            while self.bytes + size > BYTES
                && let Some(row) = self.rows[lesser].pop()
            {
                self.bytes -= row.len();
                self.left_out[lesser] += 1;
            }
        }
        self.bytes + size <= BYTES
    }

    fn text(&self, ending: &Ending<'_>) -> String {
        let command = ending.run.command;
        let mut text = format!(
            "<!-- swr {command} -->\n### swr {command}: {}\n\n",
            ending
                .totals
                .iter()
                .fold(String::new(), |mut words, (status, count)| {
                    if !words.is_empty() {
                        words.push_str(", ");
                    }
                    words.push_str(&format!("{count} {}", word(&status.word)));
                    words
                })
        );
        if ending.totals.all() == 0 {
            let end = text.len() - 2;
            text.insert_str(end, "nothing");
        }
        if !ending.run.scope.is_empty() {
            text.push_str(&format!("{} · ", code(&ending.run.scope)));
        }
        text.push_str(&duration::text(ending.duration));
        if let Some(exit) = ending.exit {
            text.push_str(&format!(" · exit {}", exit.code()));
        }
        text.push_str("\n\n");
        if let Some(remark) = ending.remark() {
            let remark = remark
                .split('\n')
                .map(code)
                .collect::<Vec<_>>()
                .join("<br>");
            text.push_str(&format!(
                "> **{}:** {remark}\n\n",
                if ending.cut_short {
                    "Incomplete"
                } else {
                    "Error"
                }
            ));
        }
        let shown: Vec<&String> = self.rows.iter().flatten().collect();
        if !shown.is_empty() {
            text.push_str("| status | image | target | details |\n| --- | --- | --- | --- |\n");
            text.extend(shown.into_iter().map(String::as_str));
            text.push('\n');
        }
        let left_out: usize = self.left_out.iter().sum();
        if left_out > 0 {
            text.push_str(&format!("… and {left_out} more\n\n"));
        }
        let mut hints = self.hints.clone();
        if let Some(hint) = ending.hint.as_deref().map(fenced_line)
            && !hints.contains(&hint)
        {
            hints.push(hint);
        }
        if !hints.is_empty() {
            let hints = hints.join("\n");
            let fence = fence(&hints, 3);
            text.push_str(&format!("{fence}text\n{hints}\n{fence}\n\n"));
        }
        text
    }
}

impl Writer for Markdown {
    fn add(&mut self, row: &Row) -> Result<(), Error> {
        let rank = rank(row);
        if rank == LAST && self.rows[rank].len() >= GOOD {
            self.left_out[rank] += 1;
            return Ok(());
        }
        let details = row.details();
        let line = format!(
            "| {} | {} | {} | {} |\n",
            word(&row.status.word),
            code(&row.name()),
            row.target
                .as_ref()
                .map_or_else(|| "-".to_owned(), |target| code(&target.to_string())),
            if details.is_empty() {
                "-".to_owned()
            } else {
                code(&details)
            },
        );
        if self.make_room(rank, line.len()) {
            self.bytes += line.len();
            self.rows[rank].push(line);
        } else {
            self.left_out[rank] += 1;
        }
        if let Some(hint) = &row.hint
            && self.hints.len() < HINTS
        {
            let hint = fenced_line(hint);
            if !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, ending: &Ending<'_>) -> Result<(), Error> {
        if self.left_out[LAST] > 0 {
            // A few of many good rows say nothing; the totals count all.
            self.rows[LAST].clear();
            self.left_out[LAST] = 0;
        }
        let mut text = self.text(ending);
        // What surrounds the rows counts, too.
        while text.len() > BYTES
            && let Some(rank) = self.rows.iter().rposition(|rows| !rows.is_empty())
        {
            let mut over = text.len() - BYTES;
            while over > 0
                && let Some(row) = self.rows[rank].pop()
            {
                over = over.saturating_sub(row.len());
                self.left_out[rank] += 1;
            }
            text = self.text(ending);
        }
        append(&self.path)?
            .write_all(text.as_bytes())
            .map_err(|error| unwritable(&self.path, error))
    }
}

/// Returns a word of ours as it is, and anything else as code.
fn word(text: &str) -> String {
    if !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-')
    {
        text.to_owned()
    } else {
        code(text)
    }
}

/// Returns text as a code span that fits into a cell: nothing in it is Markdown.
fn code(text: &str) -> String {
    // A row ends its cells before it looks for code, and `\|` is read in two ways.
    let text = clean(text).replace('|', "\\u{7c}");
    let fence = fence(&text, 1);
    // A span may not begin or end with its own mark, nor be empty.
    if text.is_empty() || text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

fn fenced_line(hint: &str) -> String {
    hint.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// Returns a row of backticks that is longer than any in the text.
fn fence(text: &str, least: usize) -> String {
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(least.max(longest + 1))
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn nothing_leaves_its_code_span() {
        assert_eq!(code("v1"), "`v1`");
        assert_eq!(code("a|b\\|c"), "`a\\u{7c}b\\\\u{7c}c`");
        assert_eq!(code("`x``"), "``` `x`` ```");
        assert_eq!(code("a\n<img>@all\u{202e}"), "`a\\n<img>@all\\u{202e}`");
        assert_eq!(code(""), "`  `");
    }
}
