//! What is done about one task. Everything goes through the room of synchronization.

use std::sync::atomic::{AtomicBool, Ordering};

use super::backfill::{self, Begun};
use super::item::{Item, Status};
use super::plan::{remark, status_of};
use super::reach::Region;
use crate::api::Answer;
use crate::api::sync::SyncTask;
use crate::commands::sync::{advised, not_tried};
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::fleet::{Action, Change, Found};
use crate::names::{Namespace, Repository};
use crate::sync::copy::{CopyOptions, copy};
use crate::sync::select::{Choice, Selected, select};
use crate::sync::task::{self, Existing, IfExists, TaskStatus};
use crate::sync::{Failure, Link, Reason};

/// A repository whose tasks are changed, and how.
pub(super) struct Acting<'w, 'a> {
    pub(super) region: &'w Region<'a>,
    pub(super) namespace: &'w Namespace,
    pub(super) repository: &'w Repository,
    /// The copies of tags that exist already, where they are asked for.
    pub(super) backfill: Option<CopyOptions>,
}

impl<'a> Acting<'_, 'a> {
    /// Makes sure that a wished task is there, and begins its copies.
    fn ensure(&self, change: &Change) -> Begun<'a> {
        if let Err(error) = self.region.check(&change.target) {
            return Begun::Ended(self.item(status_of(&error), change).because(&error));
        }
        if self.region.is_dry() {
            return Begun::Ended(self.preview(change));
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
                return Begun::Ended(self.item(Status::Failed, change).because(&error));
            }
        };
        let Some(options) = self.backfill else {
            return Begun::Ended(item);
        };
        let options = CopyOptions {
            override_: change.override_,
            ..options
        };
        let (context, service) = (self.region.context, &self.region.service);
        backfill::begin(context, service, &self.link(change), item, options)
    }

    /// Deletes a surplus task; that it is gone already is fine.
    pub(super) fn delete(&self, change: &Change) -> Item {
        if self.region.is_dry() {
            return self.preview(change);
        }
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

    fn tags(&self, link: &Link) -> Result<Selected, Failure> {
        select(&self.region.service, link, &Choice::every())
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
            named: self.region.named(),
        }
    }
}

/// Ensures the tasks of a repository, one after another; a dead credential stops the run, a signal
/// what was not begun.
pub(super) fn ensure_all<'a>(
    acting: &Acting<'_, 'a>,
    wished: &[Change],
    stopped: &AtomicBool,
) -> Vec<Begun<'a>> {
    let mut begun = Vec::with_capacity(wished.len());
    for change in wished {
        let is_stopped = stopped.load(Ordering::SeqCst);
        if is_stopped || acting.region.context.interrupt().raised().is_some() {
            begun.push(Begun::Ended(acting.skipped(change)));
            continue;
        }
        let one = acting.ensure(change);
        if let Begun::Ended(item) = &one
            && item.is_refused()
        {
            stopped.store(true, Ordering::SeqCst);
        }
        begun.push(one);
    }
    begun
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
