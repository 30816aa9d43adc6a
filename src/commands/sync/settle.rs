//! What it means that a task exists already, and what to do about it.
//!
//! The service refuses a second task of the same key, by an answer that nobody recorded
//! (`reference/swr-api.md` 2.1); it lists only tasks with syncAuto (2.2).

use clap::ValueEnum;
use serde_json::json;

use crate::api::sync::{SyncRepo, SyncTask};
use crate::api::{Answer, Service, read_error_body};
use crate::error::{Error, Kind};
use crate::exit::Exit;

/// What to do when the task exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum IfExists {
    /// Fail (exit 4)
    Fail,
    /// Keep the task that is there; fail (exit 8) if it has other settings
    Keep,
    /// Delete the task that is there and create it anew, unless it is the same
    Replace,
}

/// How a task came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// It was created.
    Created,
    /// It was there.
    Exists,
    /// It was deleted and created.
    Replaced,
}

/// The end of a creation.
#[derive(Debug)]
pub(super) struct Settlement {
    /// How the task came to be there.
    pub settled: Settled,
    /// The answer that settled it.
    pub answer: Answer,
    /// Whether the service lets the task's `override` be read; not for tasks without syncAuto.
    pub readable: bool,
}

/// Creates a task and settles what 'exists' means.
pub(super) fn create(
    service: &Service,
    task: &SyncTask,
    if_exists: IfExists,
) -> Result<Settlement, Error> {
    let answer = service
        .create_sync_task(task)
        .map_err(say_that_it_is_unknown)?;
    if (200..300).contains(&answer.status) {
        answer.nothing()?;
        return Ok(Settlement {
            settled: Settled::Created,
            answer,
            readable: true,
        });
    }
    if !says_exists(&answer) {
        return Err(service.refusal(&crate::api::sync::create_call(task), &answer));
    }
    // The answer to a retry may only mean that the first try got through.
    let ours = answer.tries > 1;
    if if_exists == IfExists::Fail && !ours {
        return Err(exists(service, task, &answer));
    }
    let there = service
        .sync_tasks(&task.namespace, &task.repository)?
        .into_iter()
        .find(|other| other.goes_to(&task.target));
    let same = match &there {
        Some(other) => other.sync_auto == task.auto && other.override_ == task.override_,
        // Not listed: it has syncAuto off, and nobody can read its override.
        None => !task.auto,
    };
    let readable = there.is_some();
    match (same, if_exists) {
        (true, IfExists::Replace) if !readable && !ours => replace(service, task),
        (true, _) => {
            let settled = if ours {
                Settled::Created
            } else {
                Settled::Exists
            };
            Ok(Settlement {
                settled,
                answer,
                readable,
            })
        }
        (false, IfExists::Fail) => Err(exists(service, task, &answer)),
        (false, IfExists::Keep) => Err(other_settings(task, there.as_ref())),
        (false, IfExists::Replace) => replace(service, task),
    }
}

/// Deletes and creates; killed in between, the next run creates.
fn replace(service: &Service, task: &SyncTask) -> Result<Settlement, Error> {
    service.delete_sync_task(&task.namespace, &task.repository, &task.target)?;
    let answer = service
        .create_sync_task(task)
        .map_err(say_that_it_is_unknown)?;
    let settled = Settled::Replaced;
    if (200..300).contains(&answer.status) {
        answer.nothing()?;
        return Ok(Settlement {
            settled,
            answer,
            readable: true,
        });
    }
    if says_exists(&answer) && answer.tries > 1 {
        return Ok(Settlement {
            settled,
            answer,
            readable: true,
        });
    }
    let call = crate::api::sync::create_call(task);
    Err(service
        .refusal(&call, &answer)
        .hint("the old task is deleted and the new one is not there: run the same command again"))
}

/// Returns `true` if an answer means 'exists': 409 other than busy, and 400 with `duplicate` in its
/// text (section 2.1).
fn says_exists(answer: &Answer) -> bool {
    let body = read_error_body(&answer.body);
    match answer.status {
        409 => !body.code.is_some_and(|code| code.ends_with("4090023")),
        400 => String::from_utf8_lossy(&answer.body)
            .to_lowercase()
            .contains("duplicate"),
        _ => false,
    }
}

fn exists(service: &Service, task: &SyncTask, answer: &Answer) -> Error {
    let refusal = service.refusal(&crate::api::sync::create_call(task), answer);
    let details = refusal.details().clone();
    Error::new(Kind::Exists, format!("the task exists already: {}", refusal.what()))
        .exit(Exit::Refused)
        .with(|own| *own = details)
        .retryable(false)
        .hint("--if-exists keep takes the task that is there; --if-exists replace deletes it and creates it anew")
}

fn other_settings(task: &SyncTask, there: Option<&SyncRepo>) -> Error {
    let (auto, override_) = match there {
        Some(other) => (Some(other.sync_auto), Some(other.override_)),
        None => (Some(false), None),
    };
    let mut words = Vec::new();
    let mut difference = serde_json::Map::new();
    for (key, name, wanted, found) in [
        ("sync_auto", "auto", task.auto, auto),
        ("override", "override", task.override_, override_),
    ] {
        if found == Some(wanted) {
            continue;
        }
        let shown = found.map_or("not known".to_owned(), |found| found.to_string());
        words.push(format!("{name} is {shown}, not {wanted}"));
        difference.insert(key.to_owned(), json!({"wanted": wanted, "found": found}));
    }
    Error::new(
        Kind::Exists,
        format!("the task exists with other settings: {}", words.join("; ")),
    )
    .exit(Exit::Different)
    .hint("--if-exists replace deletes it and creates it as asked")
    .with(|details| details.difference = Some(difference.into()))
}

/// After the last try brought no answer, the task may be there all the same.
fn say_that_it_is_unknown(error: Error) -> Error {
    if !error.details().unsure {
        return error;
    }
    let advice = error
        .advice()
        .map_or(String::new(), |advice| format!("; {advice}"));
    error.hint(format!(
        "it is not known whether the task was created: --if-exists keep makes it safe to run the \
         same command again{advice}"
    ))
}
