//! The result of a run over a fleet: its items as they come, its totals, its exit.

use std::collections::HashSet;

use super::item::{FleetReport, Item, Status};
use crate::commands::dry_run::{DryRun, Requests};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::fleet::Shard;
use crate::output::{Format, Items, Progress};
use crate::parallel::Summary;
use crate::report::Reports;

/// How a verb shows its result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// The verb.
    pub(super) command: &'static str,
    /// Its statuses, in the order of its summary.
    pub(super) statuses: &'static [Status],
    /// Whether what is unchanged is written, too.
    pub(super) shows_unchanged: bool,
    /// Whether surplus tasks count against the run.
    pub(super) is_strict: bool,
    /// Whether the requests are shown, and how, instead of the items.
    pub(super) dry_run: Option<DryRun>,
}

/// The result in the making.
pub(super) struct Sheet<'a> {
    context: &'a Context,
    reports: &'a Reports,
    style: Style,
    items: Items<'a>,
    /// The requests of a dry run, which stand in the place of the items.
    requests: Option<Requests<'a>>,
    progress: &'a Progress<'a>,
    /// The repository whose name was printed last.
    heading: String,
    exit: Exit,
    /// The first error that led to the exit, and how many items failed.
    error: Option<Error>,
    failed: usize,
    skipped: usize,
    /// Why targets cannot work, as it was printed; once is enough.
    reported: HashSet<String>,
}

impl<'a> Sheet<'a> {
    /// Begins a result.
    pub(super) fn new(
        context: &'a Context,
        reports: &'a Reports,
        progress: &'a Progress<'a>,
        style: Style,
        shard: Option<Shard>,
    ) -> Sheet<'a> {
        let output = context.output();
        let words = style.statuses.iter().map(|status| status.word());
        Sheet {
            context,
            reports,
            style,
            items: output
                .items()
                .of_command(style.command, shard.map(|shard| shard.to_string()))
                .summing(words),
            requests: style.dry_run.map(|form| Requests::new(context, form)),
            progress,
            heading: String::new(),
            exit: Exit::Done,
            error: None,
            failed: 0,
            skipped: 0,
            reported: HashSet::new(),
        }
    }

    /// Writes an item, counts it, and takes its exit into account.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub(super) fn add(&mut self, mut item: Item) -> Result<(), Error> {
        self.reports.add(&item.as_row(self.style.is_strict));
        for tag in item.tags.drain(..) {
            self.reports.add(&tag);
        }
        let exit = Exit::ALL
            .into_iter()
            .find(|exit| exit.code() == item.exit_code);
        let exit = exit.unwrap_or(Exit::Local);
        match item.status {
            Status::Skipped => self.skipped += 1,
            _ if item.exit_code != 0 && exit != Exit::Different => self.failed += 1,
            _ => {}
        }
        self.exit = self.exit.worse(exit);
        if let Some(error) = &item.failure {
            self.note(error);
        }
        if let Some(requests) = &mut self.requests {
            self.items.count_silently(item.status.word(), 1);
            let is_told =
                item.status == Status::Unmet && !self.reported.insert(item.remark.clone());
            if item.exit_code != 0 && !is_told {
                let what = format!("{}: {}", item.repository_name(), item.remark);
                self.context.output().warn(&what);
            }
            for planned in &item.requests {
                // A target namespace is created once, however many tasks go there.
                let is_first = match &planned.region {
                    Some(region) => self.reported.insert(format!("{region} {:?}", planned.call)),
                    None => true,
                };
                if is_first {
                    requests.add(planned)?;
                }
            }
            return Ok(());
        }
        if item.status == Status::Unchanged && !self.style.shows_unchanged && item.exit_code == 0 {
            self.items.count_silently(item.status.word(), 1);
            return Ok(());
        }
        if item.remote_region_id.is_some() && self.context.output().manner().format == Format::Human
        {
            let name = item.repository_name();
            if name != self.heading {
                self.context.output().page(|page| page.plain(&name))?;
                self.heading = name;
            }
        }
        if item.status == Status::Unmet && !self.reported.insert(item.remark.clone()) {
            item.remark.clear();
        }
        self.items.item(item.status.word(), &item)
    }

    /// Keeps an error that leads to the exit, for the one line that stands for all of them.
    fn note(&mut self, error: &Error) {
        if self.error.as_ref().is_none_or(|kept| {
            let worse = error.exit_code().worse(kept.exit_code());
            worse == error.exit_code() && worse != kept.exit_code()
        }) {
            self.error = Some(error.summary());
        }
    }

    /// Takes a state into account that is no item's.
    pub(super) fn include(&mut self, exit: Exit) {
        self.exit = self.exit.worse(exit);
    }

    /// Returns how many items ended so.
    pub(super) fn count(&self, status: Status) -> usize {
        self.items.count(status.word())
    }

    /// Returns how many items failed, and how many were skipped.
    pub(super) fn failures(&self) -> (usize, usize) {
        (self.failed, self.skipped)
    }

    /// Shows how far the run is.
    pub(super) fn progress(&self, repositories: usize) {
        let changed: Vec<String> = [Status::Create, Status::Created, Status::Replaced]
            .into_iter()
            .filter(|status| self.count(*status) > 0)
            .map(|status| format!(", {} {}", self.count(status), status.in_words()))
            .collect();
        let text = format!("{repositories} repositories{}", changed.concat());
        self.progress.at(&text);
    }

    /// Ends the live view: what is asked or said now stands alone.
    pub(super) fn end_view(&self) {
        self.progress.end();
    }

    /// Ends the result, and returns the exit.
    ///
    /// # Errors
    /// The one error that stands for all failures; an output that cannot be written.
    pub(super) fn finish(self, summary: Summary, fleet: &FleetReport) -> Result<Exit, Error> {
        self.end_view();
        let exit = self.exit.worse(summary.exit);
        let mut words: Vec<String> = self
            .style
            .statuses
            .iter()
            .filter(|status| self.items.count(status.word()) > 0)
            .map(|status| format!("{} {}", self.items.count(status.word()), status.in_words()))
            .collect();
        if words.is_empty() {
            words.push("nothing".to_owned());
        }
        let words = format!(
            "{}; {} of {} repositories selected",
            words.join(", "),
            fleet.selected,
            fleet.repositories
        );
        let selected = fleet.selected;
        match self.requests {
            Some(requests) => {
                requests.finish()?;
                self.context.output().note(&words);
            }
            None => self
                .items
                .finish_with_more(exit, ("fleet", fleet), &words)?,
        }
        self.context
            .output()
            .note("tasks without syncAuto are not seen: the service does not list them");
        let error = summary.error.or(self.error);
        match error {
            Some(error)
                if exit != Exit::Done && error.exit_code() == exit && exit != Exit::Different =>
            {
                if selected == 0 {
                    // The list of repositories failed; its item names the namespace.
                    return Err(error.exit(exit));
                }
                let counts = match self.skipped {
                    0 => format!("{} of {selected} repositories failed", self.failed),
                    skipped => format!(
                        "{} of {selected} repositories failed, {skipped} skipped",
                        self.failed
                    ),
                };
                Err(error.about(&counts).exit(exit))
            }
            _ => Ok(exit),
        }
    }
}
