//! The HTML page: one self-contained file for people who look after many repositories.
//!
//! A matrix of repositories by targets. The state of a cell is a word and a color; what is wrong,
//! and the command that mends it, opens on demand. Everything is there without scripts; the script
//! adds the filter. The page's own policy lets nothing be loaded or run but its own style and
//! script, by their hashes, so a hostile name has nothing to gain.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::file::WholeFile;
use super::row::{Place, Row, Status};
use super::text::clean;
use super::{Ending, Writer};
use crate::duration;
use crate::error::Error;
use crate::verdict::Verdict;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// So many bytes of details are kept of items that are not good: a page of 2,000 repositories by 5
/// targets stays below 3 MB though everything is wrong.
const DETAIL_BYTES: usize = 1_400_000;
/// What a detail takes beside its texts.
const MARKUP: usize = 100;
/// So many good ones are, for their digests.
const GOOD_DETAILS: usize = 500;
/// So many repositories are shown; more would be a file that no browser filters well.
const REPOSITORIES: usize = 50_000;

#[derive(Debug)]
pub(super) struct Html {
    file: WholeFile,
    /// The columns, in the order in which they came; `None` is what has no target.
    columns: Vec<Option<Place>>,
    /// The lines of the matrix by profile, region and repository.
    lines: HashMap<Key, Line>,
    /// How many bytes of details are kept.
    details: usize,
    /// How many good items had details.
    good_details: usize,
    left_out: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    repository: String,
    region: Option<String>,
    profile: Option<String>,
}

#[derive(Debug, Default)]
struct Line {
    /// The cells by column.
    cells: BTreeMap<usize, Cell>,
}

#[derive(Debug, Default)]
struct Cell {
    counts: BTreeMap<Status, usize>,
    details: Vec<Detail>,
    /// Details that are not kept.
    left_out: usize,
}

/// One item that there is something to say about.
#[derive(Debug)]
struct Detail {
    status: Status,
    tag: Option<String>,
    text: String,
    hint: Option<String>,
}

impl Html {
    pub(super) fn open(path: &Path) -> Result<Html, Error> {
        Ok(Html {
            file: WholeFile::open(path)?,
            columns: Vec::new(),
            lines: HashMap::new(),
            details: 0,
            good_details: 0,
            left_out: 0,
        })
    }

    /// Returns `true` if the details of this row are kept; their size is bounded.
    fn keeps(&mut self, row: &Row) -> bool {
        let details = row.details();
        if row.hint.is_none() && details.is_empty() && row.tag.is_none() {
            return false;
        }
        if row.status.verdict == Verdict::Good {
            self.good_details += 1;
            return self.good_details <= GOOD_DETAILS;
        }
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let size = details.len() + length(&row.hint) + length(&row.tag) + MARKUP;
        if self.details + size > DETAIL_BYTES {
            return false;
        }
        self.details += size;
        true
    }
}

impl Html {
    /// Returns the cell of a repository in the column of a target.
    fn cell(&mut self, key: &Key, target: Option<&Place>) -> &mut Cell {
        let known = self.columns.iter();
        let column = known
            .map(Option::as_ref)
            .position(|column| column == target)
            .unwrap_or_else(|| {
                self.columns.push(target.cloned());
                self.columns.len() - 1
            });
        let line = self.lines.entry(key.clone()).or_default();
        line.cells.entry(column).or_default()
    }
}

impl Writer for Html {
    fn add(&mut self, row: &Row) -> Result<(), Error> {
        let key = Key {
            repository: clean(&row.repository_name()),
            region: row.region.as_deref().map(clean),
            profile: row.profile.as_deref().map(clean),
        };
        if self.lines.len() >= REPOSITORIES && !self.lines.contains_key(&key) {
            self.left_out += 1;
            return Ok(());
        }
        let keeps = self.keeps(row);
        for (place, status) in &row.cells {
            let cell = self.cell(&key, Some(place));
            *cell.counts.entry(status.clone()).or_default() += 1;
        }
        if !row.cells.is_empty() && row.status.verdict == Verdict::Good {
            // The cells say it.
            return Ok(());
        }
        let cell = self.cell(&key, row.target.as_ref());
        *cell.counts.entry(row.status.clone()).or_default() += 1;
        if keeps {
            cell.details.push(Detail {
                status: row.status.clone(),
                tag: row.tag.as_deref().map(clean),
                text: clean(&row.details()),
                hint: row
                    .hint
                    .as_ref()
                    .map(|hint| hint.lines().map(clean).collect::<Vec<_>>().join("\n")),
            });
        } else if row.status.verdict != Verdict::Good {
            cell.left_out += 1;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, ending: &Ending<'_>) -> Result<(), Error> {
        if self.good_details > GOOD_DETAILS {
            // Some of many would look as if the others had none.
            let cells = self
                .lines
                .values_mut()
                .flat_map(|line| line.cells.values_mut());
            for cell in cells {
                cell.details
                    .retain(|detail| detail.status.verdict != Verdict::Good);
            }
        }
        let page = page(&self, ending).into_string();
        self.file.write(&page)
    }
}

impl Line {
    fn statuses(&self) -> impl Iterator<Item = &Status> {
        self.cells.values().flat_map(|cell| cell.counts.keys())
    }

    fn worst(&self) -> Verdict {
        self.statuses()
            .map(|status| status.verdict)
            .min()
            .unwrap_or(Verdict::Good)
    }

    /// Returns the words of all its cells, once each, for the filter.
    fn words(&self) -> String {
        let mut words: Vec<&str> = self.statuses().map(|status| status.word.as_ref()).collect();
        words.sort_unstable();
        words.dedup();
        words.join("\t")
    }
}

fn page(html: &Html, ending: &Ending<'_>) -> Markup {
    let title = format!("swr {}", ending.run.command);
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let mut lines: Vec<(&Key, &Line)> = html.lines.iter().collect();
    // What needs a look comes first.
    lines.sort_by_cached_key(|(key, line)| (line.worst(), (*key).clone()));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) ": " (ending.totals.in_words()) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (head(&title, &lines, ending)) }
                main {
                    (filter(lines.len(), ending))
                    (matrix(html, &lines))
                }
                footer { "swr " (env!("CARGO_PKG_VERSION")) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn head(title: &str, lines: &[(&Key, &Line)], ending: &Ending<'_>) -> Markup {
    let of = |verdict| {
        lines
            .iter()
            .filter(|(_, line)| line.worst() == verdict)
            .count()
    };
    let wrong = of(Verdict::Bad) + of(Verdict::Different);
    let (verdict, said) = if ending.cut_short {
        (Verdict::Bad, "Incomplete".to_owned())
    } else if wrong > 0 {
        let verdict = if of(Verdict::Bad) > 0 {
            Verdict::Bad
        } else {
            Verdict::Different
        };
        let said = format!(
            "{} of {} {} attention",
            number(wrong),
            repositories(lines.len()),
            if wrong == 1 { "needs" } else { "need" }
        );
        (verdict, said)
    } else if !ending.is_good() {
        (Verdict::Bad, "Failed".to_owned())
    } else if lines.is_empty() {
        (Verdict::Skipped, "Nothing to look at".to_owned())
    } else {
        (Verdict::Good, "All good".to_owned())
    };
    html! {
        div.title {
            h1 { (title) }
            p.verdict.(verdict.name()) { (said) }
        }
        @if let Some(remark) = ending.remark() {
            div.remark role="alert" {
                @for line in remark.lines() { p { (clean(line)) } }
                @if let Some(hint) = &ending.hint { (command(hint)) }
            }
        }
        dl {
            @if !ending.run.scope.is_empty() { div { dt { "Scope" } dd { (clean(&ending.run.scope)) } } }
            div { dt { "Began" } dd {
                time datetime=(ending.at.strftime("%Y-%m-%dT%H:%M:%SZ")) {
                    (ending.at.strftime("%-d %b %Y, %H:%M UTC"))
                }
            } }
            div { dt { "Took" } dd { (duration::text(ending.duration)) } }
            @if let Some(exit) = ending.exit {
                div { dt { "Exit code" } dd { (exit.code()) " (" (exit.meaning().name) ")" } }
            }
        }
    }
}

/// The totals by state, which are the filter's switches where scripts run.
fn filter(count: usize, ending: &Ending<'_>) -> Markup {
    html! {
        form #filter {
            fieldset {
                legend { "Totals" }
                @for (status, count) in ending.totals.iter() {
                    label {
                        input type="checkbox" name="state" value=(clean(&status.word));
                        span.state.(status.verdict.name()) { (clean(&status.word)) " " b { (number(count)) } }
                    }
                }
                @if ending.totals.all() == 0 { span { "Nothing was looked at." } }
            }
            div.search {
                label for="text" { "Filter" }
                input #text type="search" placeholder="repository, target, tag, reason" autocomplete="off" spellcheck="false";
                button #open type="button" { "Open details" }
                output #shown for="text" aria-live="polite" { (repositories(count)) }
            }
        }
    }
}

fn matrix(html: &Html, lines: &[(&Key, &Line)]) -> Markup {
    let titles: Vec<String> = html
        .columns
        .iter()
        .map(|column| match column {
            Some(place) => clean(&place.to_string()),
            None => "Repository".to_owned(),
        })
        .collect();
    let source = |key: &Key| (key.region.clone(), key.profile.clone());
    let first = lines.first().map(|(key, _)| source(key));
    // One source of all is said once.
    let is_one = lines.iter().all(|(key, _)| Some(source(key)) == first);
    html! {
        @if !lines.is_empty() {
            div.matrix tabindex="0" role="region" aria-label="Repositories by targets" {
                table {
                    thead {
                        tr {
                            th scope="col" {
                                "Repository"
                                @if let (true, Some((region, profile))) = (is_one, &first) {
                                    (place(region.as_deref(), profile.as_deref()))
                                }
                            }
                            @for (column, title) in html.columns.iter().zip(&titles) {
                                th scope="col" {
                                    @match column {
                                        Some(place) => { (clean(&place.namespace)) small { (clean(&place.region)) } }
                                        None => { (title) small { "no target" } }
                                    }
                                }
                            }
                        }
                    }
                    tbody {
                        @for (key, line) in lines {
                            tr data-s=(clean_words(&line.words())) {
                                th scope="row" {
                                    (key.repository)
                                    @if !is_one {
                                        (place(key.region.as_deref(), key.profile.as_deref()))
                                    }
                                }
                                @for (index, title) in titles.iter().enumerate() {
                                    @match line.cells.get(&index) {
                                        Some(cell) => { td data-t=(title) { (self::cell(cell)) } }
                                        None => { td.none {} }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        p #empty hidden { "Nothing matches the filter." }
        @if html.left_out > 0 {
            p { "Items of further repositories that are not shown: " (number(html.left_out)) }
        }
    }
}

/// Says where a repository is.
fn place(region: Option<&str>, profile: Option<&str>) -> Markup {
    let words: Vec<&str> = region.into_iter().chain(profile).collect();
    html! { @if !words.is_empty() { small { (words.join(" · ")) } } }
}

fn cell(cell: &Cell) -> Markup {
    let states = html! {
        @for (status, count) in &cell.counts {
            span.state.(status.verdict.name()) {
                (clean(&status.word))
                @if *count > 1 { " " b { (number(*count)) } }
            }
        }
    };
    if cell.details.is_empty() && cell.left_out == 0 {
        return states;
    }
    html! {
        details {
            summary { (states) }
            ul {
                @for detail in &cell.details {
                    li {
                        @if let Some(tag) = &detail.tag { code { (tag) } " " }
                        @if cell.counts.len() > 1 { (clean(&detail.status.word)) " " }
                        @if !detail.text.is_empty() { span { (detail.text) } }
                        @if let Some(hint) = &detail.hint { (command(hint)) }
                    }
                }
                @if cell.left_out > 0 { li { "… and " (number(cell.left_out)) " more" } }
            }
        }
    }
}

fn command(hint: &str) -> Markup {
    html! { pre { code { @for (index, line) in hint.lines().enumerate() {
        @if index > 0 { "\n" }
        (clean(line))
    } } } }
}

/// Words are separated by tabs, which `clean` would escape.
fn clean_words(words: &str) -> String {
    words.split('\t').map(clean).collect::<Vec<_>>().join("\t")
}

fn repositories(count: usize) -> String {
    match count {
        1 => "1 repository".to_owned(),
        count => format!("{} repositories", number(count)),
    }
}

/// Returns a number with its thousands apart: `2,000`.
fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns the hash that a policy names an inline style or script by.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
