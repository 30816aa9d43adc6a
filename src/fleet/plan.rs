//! What has to be done at one repository: what is wished, held against what was found.

use serde::{Deserialize, Serialize};

use super::conflict::Selection;
use super::entry::Wish;
use super::fault::Place;
use crate::api::sync::{SyncRepo, Target};
use crate::error::{Error, Kind};

/// The service cuts a list of tasks here, and knows no pages (`reference/swr-api.md` 2.2).
const CUT: usize = 100;

/// A task as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The service's number of it.
    pub id: Option<i64>,
    /// Whether a different image of the same tag is replaced; null where the service does not say.
    #[serde(rename = "override")]
    pub override_: Option<bool>,
    /// Whether each push is copied.
    pub sync_auto: bool,
}

impl Found {
    /// Takes what the service listed.
    pub fn of(task: &SyncRepo) -> Found {
        Found {
            id: task.id,
            override_: task.override_,
            sync_auto: task.sync_auto,
        }
    }

    /// Returns `true` if the task is as wanted.
    pub fn is(self, override_: bool) -> bool {
        self.sync_auto && self.override_ == Some(override_)
    }
}

/// What has to be done about one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is missing.
    Create,
    /// It exists, but differs.
    Replace,
    /// Nothing declares it.
    Delete,
    /// Nothing: it is as wanted.
    Keep,
}

/// One task of a repository, and what has to be done about it.
#[derive(Debug, Clone)]
pub struct Change {
    /// What has to be done.
    pub action: Action,
    /// The target.
    pub target: Target,
    /// The override that is wanted; of a surplus task, the one that was found.
    pub override_: bool,
    /// What was found.
    pub found: Option<Found>,
    /// Where the target is declared; of a surplus task, the entry that owns it.
    pub declared: Option<Place>,
}

/// Holds what is wished for a repository against the tasks that the service lists: first the
/// wishes, in the order of the files, then what is surplus.
///
/// # Errors
/// Kind `http` when the list may have been cut, or names a target that no request can name.
pub fn changes(
    selection: &Selection<'_>,
    wishes: &[&Wish],
    tasks: &[SyncRepo],
) -> Result<Vec<Change>, Error> {
    if tasks.len() >= CUT {
        let what = format!(
            "{CUT} tasks or more: the service lists no more than {CUT}, so the rest is unknown"
        );
        return Err(Error::new(Kind::Http, what));
    }
    let mut changes: Vec<Change> = wishes
        .iter()
        .map(|wish| {
            let task = tasks.iter().find(|task| task.goes_to(&wish.target));
            let found = task.map(Found::of);
            Change {
                action: match found {
                    None => Action::Create,
                    Some(found) if found.is(wish.override_) => Action::Keep,
                    Some(_) => Action::Replace,
                },
                target: wish.target.clone(),
                override_: wish.override_,
                found,
                declared: Some(wish.declared.place.clone()),
            }
        })
        .collect();
    for task in tasks {
        let (region, namespace) = (&task.remote_region_id, &task.remote_namespace);
        let is_wished = wishes.iter().any(|wish| task.goes_to(&wish.target));
        if is_wished || selection.ignores(region, namespace) {
            continue;
        }
        let target = task.target()?;
        let found = Found::of(task);
        changes.push(Change {
            action: Action::Delete,
            target,
            override_: found.override_ == Some(true),
            found: Some(found),
            declared: selection.entries.first().map(|entry| entry.place.clone()),
        });
    }
    Ok(changes)
}
