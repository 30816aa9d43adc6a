//! A command over many tags, as it is seen: progress on standard error, each result as it ends, and
//! the one error that stands for all that did not end well.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::hints::{self, Subject};
use super::link_report::AsRow;
use crate::api::Service;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::lock::lock;
use crate::names::RegionId;
use crate::output::{Items, Output, Progress, Report};
use crate::report::{Reports, Row};
use crate::sync::{Event, Failure, Host, Link, Reason};

/// The host of a command over many tags.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    context: &'a Context,
    reports: &'a Reports,
    state: Mutex<State<'a>>,
}

#[derive(Debug)]
struct State<'a> {
    progress: Progress<'a>,
    /// How far each link is: done, all.
    parts: BTreeMap<String, (usize, usize)>,
    items: Items<'a>,
    ends: Ends,
}

impl<'a> Watch<'a> {
    /// Begins; the summary names each of these statuses.
    pub(super) fn new(
        context: &'a Context,
        reports: &'a Reports,
        command: &'static str,
        statuses: impl IntoIterator<Item = &'static str>,
    ) -> Watch<'a> {
        Watch {
            context,
            reports,
            state: Mutex::new(State {
                progress: context.output().progress(),
                parts: BTreeMap::new(),
                items: context
                    .output()
                    .items()
                    .of_command(command, None)
                    .summing(statuses),
                ends: Ends::default(),
            }),
        }
    }

    /// Adds a row to the reports, of something that is no item of its own.
    pub(super) fn row(&self, row: &Row) {
        self.reports.add(row);
    }

    /// Writes a result, and adds it to the reports.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub(super) fn item(
        &self,
        status: &'static str,
        report: &(impl Report + AsRow),
    ) -> Result<(), Error> {
        self.reports.add(&report.as_row());
        lock(&self.state).items.item(status, report)
    }

    /// Counts how a tag ended, or a whole link.
    pub(super) fn count(&self, link: &Link, tag: Option<&str>, failure: Option<&Failure>) {
        lock(&self.state).ends.count(link, tag, failure);
    }

    /// Counts the failure of a whole link, whose error has its advice already.
    pub(super) fn fail(&self, error: Error) {
        lock(&self.state).ends.fail(error);
    }

    /// Says something on standard error.
    pub(super) fn say(&self, say: impl FnOnce(&Output)) {
        say(self.context.output());
    }

    /// Returns how many results ended so.
    pub(super) fn count_of(&self, status: &str) -> usize {
        lock(&self.state).items.count(status)
    }

    /// Ends the result, and returns how all of it ended. `stopped` is what stopped the work, where
    /// it is not counted as the end of something.
    ///
    /// # Errors
    /// The error that stands for all, `what` says of what; kind `io` when standard output cannot be written.
    pub(super) fn finish(self, what: &str, stopped: Option<Error>) -> Result<Exit, Error> {
        let (items, mut ends) = self.close();
        if let Some(error) = stopped {
            ends.stop(error);
        }
        let result = ends.into_result(what);
        let exit = match &result {
            Ok(exit) => *exit,
            Err(error) => error.exit_code(),
        };
        items.finish_with(exit)?;
        result
    }

    /// Ends the result of a run whose ends were counted elsewhere.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub(super) fn finish_with(self, exit: Exit) -> Result<(), Error> {
        let (items, _) = self.close();
        items.finish_with(exit)
    }

    fn close(self) -> (Items<'a>, Ends) {
        let State {
            progress,
            items,
            ends,
            ..
        } = self
            .state
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(progress);
        (items, ends)
    }
}

impl Host for Watch<'_> {
    fn service_in(&self, region: &RegionId) -> Result<Service, Error> {
        self.context.service_in(region)
    }

    fn event(&self, event: &Event<'_>) {
        let State {
            progress, parts, ..
        } = &mut *lock(&self.state);
        let Event::Progress {
            link,
            done,
            all,
            text,
            open,
        } = event
        else {
            self.context.event(event);
            if let Event::NothingUnderWay { link, tags } = event {
                self.context.output().hint(&hints::copy(link, tags));
            }
            return;
        };
        let name = link.to_string();
        parts.insert(name.clone(), (*done, *all));
        if parts.len() == 1 {
            progress.show(&name, open.iter().map(|one| (one.tag, one.state)));
            return progress.at(text);
        }
        let names: Vec<String> = open
            .iter()
            .map(|one| format!("{}:{} → {}", link.repository, one.tag, link.target.region))
            .collect();
        let states = open.iter().map(|one| one.state);
        progress.show(&name, names.iter().map(String::as_str).zip(states));
        let sum = |part: fn(&(usize, usize)) -> usize| parts.values().map(part).sum::<usize>();
        let (done, all) = (sum(|part| part.0), sum(|part| part.1));
        progress.at(&format!("{done} of {all} done; {link}: {text}"));
    }

    fn interrupt(&self) -> &Interrupt {
        self.context.interrupt()
    }
}

/// How several things ended: the worst of it, and whom it concerns.
#[derive(Debug)]
pub(in crate::commands) struct Ends {
    all: usize,
    bad: usize,
    exit: Exit,
    worst: Option<(Error, Reason)>,
    subject: Subject,
}

impl Default for Ends {
    fn default() -> Ends {
        Ends {
            all: 0,
            bad: 0,
            exit: Exit::Done,
            worst: None,
            subject: Subject::default(),
        }
    }
}

impl Ends {
    /// Counts one end.
    pub(in crate::commands) fn count(
        &mut self,
        link: &Link,
        tag: Option<&str>,
        failure: Option<&Failure>,
    ) {
        self.all += 1;
        let Some(Failure { error, reason }) = failure else {
            return;
        };
        self.bad += 1;
        let exit = error.exit_code();
        let is_worse = exit != self.exit && exit.worse(self.exit) == exit;
        if is_worse || self.worst.is_none() {
            self.exit = exit;
            self.worst = Some((error.summary(), *reason));
            self.subject = Subject::default();
        }
        let belongs = self
            .worst
            .as_ref()
            .is_some_and(|(_, worst)| worst == reason && exit == self.exit);
        if belongs {
            self.subject.add(link, tag);
        }
    }

    /// Counts what ended well.
    pub(in crate::commands) fn succeed(&mut self) {
        self.all += 1;
    }

    /// Counts the failure of something whose error has its advice already.
    pub(in crate::commands) fn fail(&mut self, error: Error) {
        self.all += 1;
        self.bad += 1;
        self.stop(error);
    }

    /// Takes an error into account that is not the end of one thing: a signal.
    pub(in crate::commands) fn stop(&mut self, error: Error) {
        let exit = error.exit_code();
        let is_worse = exit != self.exit && exit.worse(self.exit) == exit;
        if is_worse || self.worst.is_none() {
            self.exit = exit;
            self.worst = Some((error, Reason::Other));
            self.subject = Subject::default();
        }
    }

    /// Adds what ended elsewhere.
    pub(in crate::commands) fn merge(&mut self, other: Ends) {
        self.all += other.all.max(1);
        self.bad += other.bad;
        let is_worse = other.exit != self.exit && other.exit.worse(self.exit) == other.exit;
        if other.worst.is_some() && (is_worse || self.worst.is_none()) {
            self.exit = other.exit;
            self.worst = other.worst;
            self.subject = other.subject;
        }
    }

    /// Returns the error that led to the worst exit.
    pub(in crate::commands) fn worst(&self) -> Option<&Error> {
        self.worst.as_ref().map(|(error, _)| error)
    }

    /// Returns the worst exit so far.
    pub(in crate::commands) fn exit(&self) -> Exit {
        self.exit
    }

    /// Returns how all of it ended.
    ///
    /// # Errors
    /// The first error of the worst kind, with its advice. `what` says what is wrong with how many:
    /// `copies did not end well`.
    pub(in crate::commands) fn into_result(self, what: &str) -> Result<Exit, Error> {
        let Some((error, reason)) = self.worst else {
            return Ok(Exit::Done);
        };
        let error = if self.all == 1 {
            error
        } else {
            error.about(&format!("{} of {} {what}", self.bad, self.all))
        };
        Err(hints::advise(Failure::new(error, reason), &self.subject))
    }
}
