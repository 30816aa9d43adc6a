//! What is done about one task. Everything goes through the room of synchronization.

use super::item::{Item, Status};
use super::plan::{remark, status_of};
use super::reach::Region;
use crate::api::Answer;
use crate::api::sync::SyncTask;
use crate::commands::sync::{Backfill, advised, not_tried};
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::fleet::{Action, Change, Found};
use crate::names::{Namespace, Repository};
use crate::sync::copy::{CopyOptions, CopyResult, copy};
use crate::sync::digests::Counts;
use crate::sync::select::{Choice, Selected, TagFilter, TagSelection, select};
use crate::sync::task::{self, Existing, IfExists, TaskStatus};
use crate::sync::{Failure, Link, Reason};

/// A repository whose tasks are changed, and how.
pub(super) struct Acting<'a> {
    pub(super) region: &'a Region<'a>,
    pub(super) namespace: &'a Namespace,
    pub(super) repository: &'a Repository,
    /// The copies of tags that exist already, where they are asked for.
    pub(super) backfill: Option<CopyOptions>,
}

impl Acting<'_> {
    /// Makes sure that a wished task is there.
    pub(super) fn ensure(&self, change: &Change) -> Item {
        if let Err(error) = self.region.check(&change.target) {
            return self.item(status_of(&error), change).because(&error);
        }
        let result = match change.action {
            Action::Keep => Ok(self.item(Status::Unchanged, change)),
            Action::Replace => self.replace(change, change.found),
            Action::Create | Action::Delete => self.create(change),
        };
        let item = match result {
            Ok(item) => item,
            Err(failure) => {
                let error = advised(failure, &self.link(change), None);
                return self.item(Status::Failed, change).because(&error);
            }
        };
        match self.backfill {
            Some(options) => self.copy_existing(item, change, options),
            None => item,
        }
    }

    /// Deletes a surplus task; that it is gone already is fine.
    pub(super) fn delete(&self, change: &Change) -> Item {
        match task::delete(&self.region.service, &self.link(change)) {
            Ok(removed) => answered(self.item(Status::Deleted, change), &removed.answer),
            Err(error) => self.item(Status::Failed, change).because(&error),
        }
    }

    /// Returns the item of a task that was not tried: a signal or a dead credential stopped the run.
    pub(super) fn skipped(&self, change: &Change) -> Item {
        let error = not_tried(self.region.context);
        self.item(Status::Skipped, change).because(&error)
    }

    /// Returns the item of a task that is left alone.
    pub(super) fn item(&self, status: Status, change: &Change) -> Item {
        let origin = self.region.origin(self.namespace, self.repository);
        let mut item = Item::of_change(origin, status, change);
        item.remark = remark(change, status);
        item
    }

    /// Creates a task. One that is there although it is not listed never copied, so it is replaced
    /// without a loss.
    fn create(&self, change: &Change) -> Result<Item, Failure> {
        let (service, task) = (&self.region.service, self.task(change));
        match task::ensure(service, &task, IfExists::Keep) {
            Ok(ensured) => {
                let status = match ensured.status {
                    TaskStatus::Created => Status::Created,
                    TaskStatus::Exists => Status::Exists,
                    TaskStatus::Replaced => Status::Replaced,
                };
                Ok(answered(self.item(status, change), &ensured.answer))
            }
            Err(Failure {
                reason: Reason::TaskDiffers,
                ..
            }) => match task::read(service, &self.link(change))? {
                Existing::Listed(found) => self.replace(change, Some(Found::of(&found))),
                Existing::Hidden | Existing::NotListed => {
                    let ensured = task::replace(service, &task)?;
                    let mut item = answered(self.item(Status::Replaced, change), &ensured.answer);
                    item.hidden = true;
                    "it was hidden: a task without syncAuto".clone_into(&mut item.remark);
                    Ok(item)
                }
            },
            Err(failure) => Err(failure),
        }
    }

    /// Deletes and creates a task. What is pushed in between is missed by both, so the source's tags
    /// are read before and after, and copied where they differ.
    fn replace(&self, change: &Change, found: Option<Found>) -> Result<Item, Failure> {
        let (service, link) = (&self.region.service, self.link(change));
        let before = self.tags(&link)?;
        let ensured = task::replace(service, &self.task(change))?;
        let mut item = answered(self.item(Status::Replaced, change), &ensured.answer);
        item.found = found;
        let pushed = match self.tags(&link) {
            Ok(after) => Selected {
                tags: after
                    .tags
                    .into_iter()
                    .filter(|tag| {
                        !before.tags.iter().any(|other| {
                            other.tag == tag.tag
                                && other.digest == tag.digest
                                && other.updated == tag.updated
                        })
                    })
                    .collect(),
                ..Selected::default()
            },
            Err(failure) => {
                let error = incomplete(format!(
                    "replaced, but not known is what was pushed meanwhile: {}",
                    failure.error.message()
                ));
                return Ok(item.because(&error));
            }
        };
        if pushed.tags.is_empty() {
            return Ok(item);
        }
        let names: Vec<String> = pushed.tags.iter().map(|tag| tag.tag.to_string()).collect();
        let mut failed = Vec::new();
        let options = CopyOptions {
            override_: change.override_,
            only_missing: false,
            wait: None,
            verify: false,
        };
        let copied = copy(
            self.region.context,
            service,
            &link,
            pushed,
            options,
            &mut |result| {
                if result.failure.is_some() {
                    failed.push(result.tag);
                }
                Ok(())
            },
        );
        if copied.is_err() {
            failed.clone_from(&names);
        }
        item.window = Some(names);
        if failed.is_empty() {
            return Ok(item);
        }
        let error = incomplete(format!(
            "replaced, but '{}' was pushed meanwhile and not copied",
            failed.join("', '")
        ));
        Ok(item.because(&error))
    }

    /// Asks for copies of the tags that exist already and are not in the target.
    fn copy_existing(&self, mut item: Item, change: &Change, options: CopyOptions) -> Item {
        let (service, link) = (&self.region.service, self.link(change));
        let mut backfill = Backfill::default();
        let mut counts = Counts::default();
        let mut worst: Option<Error> = None;
        let options = CopyOptions {
            override_: change.override_,
            ..options
        };
        let copied = self.tags(&link).and_then(|tags| {
            copy(
                self.region.context,
                service,
                &link,
                tags,
                options,
                &mut |result| {
                    if let Some(comparison) = &result.comparison {
                        counts.add(comparison.relation);
                    }
                    note(&result, &mut worst);
                    backfill.add(self.region.context, &link, result);
                    Ok(())
                },
            )
        });
        if let Err(failure) = copied {
            worst = Some(advised(failure, &link, None));
        }
        item.remark = format!(
            "; {} of {} tags copied or there",
            backfill.in_target(),
            backfill.tags
        );
        item.backfill = Some(backfill);
        item.verify = options.verify.then_some(counts);
        match worst {
            Some(error) => item.because(&error),
            None => item,
        }
    }

    fn tags(&self, link: &Link) -> Result<Selected, Failure> {
        let choice = Choice {
            selection: TagSelection::All,
            filter: TagFilter::default(),
            latest: None,
            allow_empty: true,
        };
        select(&self.region.service, link, &choice)
    }

    fn task(&self, change: &Change) -> SyncTask {
        SyncTask {
            namespace: self.namespace.clone(),
            repository: self.repository.clone(),
            target: change.target.clone(),
            auto: true,
            override_: change.override_,
        }
    }

    fn link(&self, change: &Change) -> Link {
        Link {
            namespace: self.namespace.clone(),
            repository: self.repository.clone(),
            target: change.target.clone(),
        }
    }
}

/// Ensures the tasks of a repository, one after another; a dead credential stops the run, a signal
/// what was not begun.
pub(super) fn ensure_all(
    acting: &Acting<'_>,
    wished: &[Change],
    is_stopped: impl Fn() -> bool,
    stop: impl Fn(),
) -> Vec<Item> {
    let mut items = Vec::with_capacity(wished.len());
    for change in wished {
        if is_stopped() || acting.region.context.interrupt().check().is_err() {
            items.push(acting.skipped(change));
            continue;
        }
        let item = acting.ensure(change);
        if item.status == Status::Failed && item.http_status == Some(401) {
            stop();
        }
        items.push(item);
    }
    items
}

/// Keeps the worst that became of a copy.
fn note(result: &CopyResult, worst: &mut Option<Error>) {
    let Some(failure) = &result.failure else {
        return;
    };
    let error = failure
        .error
        .summary()
        .about(&format!("tag '{}'", result.tag));
    let is_worse = worst.as_ref().is_none_or(|kept| {
        let (exit, other) = (error.exit_code(), kept.exit_code());
        exit != other && exit.worse(other) == exit
    });
    if is_worse {
        *worst = Some(error);
    }
}

fn answered(mut item: Item, answer: &Answer) -> Item {
    item.http_status = Some(answer.status);
    item.request_id = answer.request_id().map(str::to_owned);
    item
}

fn incomplete(what: String) -> Error {
    Error::new(Kind::Incomplete, what)
        .exit(Exit::Incomplete)
        .hint("'swr apply --backfill' copies what is missing in the target")
}
