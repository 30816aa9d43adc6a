//! Tasks: what is there, what has to be done about it, and doing it.
//!
//! The service refuses a second task of the same key by an answer that nobody recorded
//! (`reference/swr-api.md` 2.1), and lists only tasks with syncAuto (2.2).

use std::fmt;

use serde_json::{Map, Value, json};

use super::{Failure, Reason};
use crate::api::sync::{SyncRepo, SyncTask, Target};
use crate::api::{Answer, Code, Service};
use crate::error::{Error, Kind};
use crate::names::{Namespace, RegionId, Repository};

/// One repository, and where its copies go: the key of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The source namespace.
    pub namespace: Namespace,
    /// The source repository.
    pub repository: Repository,
    /// The target.
    pub target: Target,
    /// What a command has to name to reach the source again.
    pub named: Named,
}

/// The profile and the region of a source, where a command has to name them, for the settings alone
/// lead elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The profile.
    pub profile: Option<String>,
    /// The source region.
    pub region: Option<RegionId>,
}

impl From<&SyncTask> for Link {
    fn from(task: &SyncTask) -> Link {
        Link {
            namespace: task.namespace.clone(),
            repository: task.repository.clone(),
            target: task.target.clone(),
            named: Named::default(),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { region, namespace } = &self.target;
        write!(
            f,
            "{}/{} → {namespace} ({region})",
            self.namespace, self.repository
        )
    }
}

/// What to do about a task that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfExists {
    /// Fail.
    Fail,
    /// Keep it; fail if it has other settings.
    Keep,
    /// Delete it and create it anew, unless it is the same.
    Replace,
}

/// The task of a link, as far as it can be read.
#[derive(Debug, Clone)]
pub enum Existing {
    /// The task, with its settings.
    Listed(SyncRepo),
    /// There is one, and it is not listed: it has syncAuto off, and its override cannot be read.
    Hidden,
    /// None is listed; one without syncAuto may be there.
    NotListed,
}

/// What has to be done for a task to be there as asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Create it.
    Create,
    /// Nothing: it is there.
    Keep,
    /// Delete what is there, then create it.
    Replace,
    /// Nothing may be done: what is there has other settings.
    Conflict(Vec<Difference>),
    /// Nothing may be done: it is there, and was not to be.
    Refuse,
}

/// A setting of a task that is not as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The setting's key in JSON.
    pub setting: &'static str,
    /// What was asked for.
    pub wanted: bool,
    /// What is there, where it can be read.
    pub found: Option<bool>,
}

/// How a task came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskStatus {
    /// It was created.
    Created,
    /// It was there.
    Exists,
    /// It was deleted and created.
    Replaced,
}

/// A task that is there.
#[derive(Debug)]
pub struct Ensured {
    /// How it came to be there.
    pub status: TaskStatus,
    /// The response that settled it.
    pub answer: Answer,
    /// Whether the service lets the task's override be read; not for tasks without syncAuto.
    pub override_known: bool,
}

/// A task that is not there any more.
#[derive(Debug)]
pub struct Removed {
    /// Whether there was one.
    pub existed: bool,
    /// The task as it was read before; `None` where it could not be read.
    pub before: Option<Existing>,
    /// The last response.
    pub answer: Answer,
}

/// Reads the task of a link.
///
/// # Errors
/// Whatever the service fails with.
pub fn read(service: &Service, link: &Link) -> Result<Existing, Error> {
    let tasks = service.sync_tasks(&link.namespace, &link.repository)?;
    Ok(tasks
        .into_iter()
        .find(|task| task.goes_to(&link.target))
        .map_or(Existing::NotListed, Existing::Listed))
}

/// Lists the tasks of a repository; `None` where there is no such repository.
///
/// # Errors
/// Whatever the service fails with. A 404 that speaks of the address is one: it says nothing about
/// the repository.
pub fn all(
    service: &Service,
    namespace: &Namespace,
    repository: &Repository,
) -> Result<Option<Vec<SyncRepo>>, Error> {
    match service.sync_tasks(namespace, repository) {
        Ok(tasks) => Ok(Some(tasks)),
        Err(error)
            if error.details().http_status == Some(404) && !speaks_of_the_address(&error) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn speaks_of_the_address(error: &Error) -> bool {
    let code = error.details().code.as_deref().and_then(Code::of);
    matches!(code, Some(Code::ApiNotFound | Code::UrlNotFound))
}

/// Decides what has to be done for a task to be there as asked; sends nothing.
pub fn decide(task: &SyncTask, existing: &Existing, if_exists: IfExists) -> Decision {
    let differences = match existing {
        Existing::NotListed => return Decision::Create,
        Existing::Listed(found) => differences(task, Some(found.sync_auto), found.override_),
        Existing::Hidden => differences(task, Some(false), None),
    };
    // A hidden task without syncAuto passes for the one that is wanted, though its override cannot
    // be read; to replace it settles that, too.
    let same = match existing {
        Existing::Hidden => !task.auto,
        _ => differences.is_empty(),
    };
    match (if_exists, same) {
        (IfExists::Fail, _) => Decision::Refuse,
        (IfExists::Keep, true) => Decision::Keep,
        (IfExists::Keep, false) => Decision::Conflict(differences),
        (IfExists::Replace, true) if !matches!(existing, Existing::Hidden) => Decision::Keep,
        (IfExists::Replace, _) => Decision::Replace,
    }
}

fn differences(task: &SyncTask, auto: Option<bool>, override_: Option<bool>) -> Vec<Difference> {
    [
        ("sync_auto", task.auto, auto),
        ("override", task.override_, override_),
    ]
    .into_iter()
    .filter(|(_, wanted, found)| *found != Some(*wanted))
    .map(|(setting, wanted, found)| Difference {
        setting,
        wanted,
        found,
    })
    .collect()
}

/// Creates a task, and settles what 'exists' means. Killed at any point and run again, it ends in
/// the same state.
///
/// # Errors
/// A task that exists where it must not, or with other settings, and whatever the service refuses.
pub fn ensure(service: &Service, task: &SyncTask, if_exists: IfExists) -> Result<Ensured, Failure> {
    let answer = create(service, task)?;
    if !answer.says_exists() {
        return created(answer, TaskStatus::Created);
    }
    // The answer to a retry may only mean that the first try got through.
    let retried = answer.tries > 1;
    if if_exists == IfExists::Fail && !retried {
        return Err(exists(&answer));
    }
    let existing = match read(service, &Link::from(task))? {
        // The service says that it is there.
        Existing::NotListed => Existing::Hidden,
        existing => existing,
    };
    let override_known = matches!(existing, Existing::Listed(_));
    // What is there as asked after a retry counts as created, whatever was to be done about another.
    if retried && decide(task, &existing, IfExists::Keep) == Decision::Keep {
        return Ok(Ensured {
            status: TaskStatus::Created,
            answer,
            override_known,
        });
    }
    match decide(task, &existing, if_exists) {
        Decision::Keep => Ok(Ensured {
            status: TaskStatus::Exists,
            answer,
            override_known,
        }),
        Decision::Conflict(differences) => Err(conflict(&differences)),
        Decision::Refuse => Err(exists(&answer)),
        Decision::Replace | Decision::Create => replace(service, task),
    }
}

/// Deletes and creates; killed in between, the next run creates.
///
/// # Errors
/// Whatever the service refuses.
pub fn replace(service: &Service, task: &SyncTask) -> Result<Ensured, Failure> {
    service.delete_sync_task(&task.namespace, &task.repository, &task.target)?;
    let answer = create(service, task)?;
    let ours = answer.says_exists() && answer.tries > 1;
    if ours {
        return Ok(Ensured {
            status: TaskStatus::Replaced,
            answer,
            override_known: true,
        });
    }
    created(answer, TaskStatus::Replaced)
        .map_err(|failure| Failure::new(failure.error, Reason::TaskNotRecreated))
}

/// Deletes a task; what it was is read before, for the way back.
///
/// # Errors
/// Whatever the service refuses. That the task could not be read is none, unless the credential is
/// dead; an answer 'not there' that speaks of the address is one.
pub fn remove(service: &Service, link: &Link) -> Result<Removed, Error> {
    let before = match read(service, link) {
        Ok(existing) => Some(existing),
        // A dead credential must not be sent twice: failures lock keys.
        Err(error)
            if error.kind() == Kind::Interrupted || error.details().http_status == Some(401) =>
        {
            return Err(error);
        }
        Err(_) => None,
    };
    delete(service, link).map(|removed| Removed { before, ..removed })
}

/// Deletes a task, without reading it before.
///
/// # Errors
/// Whatever the service refuses; an answer 'not there' that speaks of the address is one.
pub fn delete(service: &Service, link: &Link) -> Result<Removed, Error> {
    let (deleted, answer) =
        service.delete_sync_task(&link.namespace, &link.repository, &link.target)?;
    if !deleted {
        // These speak of the address, so they say nothing about the task.
        if matches!(answer.code(), Some(Code::ApiNotFound | Code::UrlNotFound)) {
            return Err(answer.refusal());
        }
    }
    Ok(Removed {
        // After a lost answer, 'gone' is what the first try has done.
        existed: deleted || answer.tries > 1,
        before: None,
        answer,
    })
}

impl Removed {
    /// Creates the failure of a task that was to be there.
    pub fn missing(&self) -> Failure {
        let error = self.answer.refusal().about("there is no such task");
        Failure::new(error, Reason::TaskMissing)
    }
}

fn create(service: &Service, task: &SyncTask) -> Result<Answer, Failure> {
    service.create_sync_task(task).map_err(|error| {
        let reason = if error.details().unsure {
            Reason::TaskUncertain
        } else {
            Reason::Other
        };
        Failure::new(error, reason)
    })
}

fn created(answer: Answer, status: TaskStatus) -> Result<Ensured, Failure> {
    if !answer.is_success() {
        return Err(answer.refusal().into());
    }
    answer.check_undocumented_body()?;
    Ok(Ensured {
        status,
        answer,
        override_known: true,
    })
}

fn exists(answer: &Answer) -> Failure {
    let refusal = answer.refusal();
    let details = refusal.details().clone();
    let error = Error::new(
        Kind::Exists,
        format!("the task exists already: {}", refusal.what()),
    )
    .with(|own| *own = details)
    .retryable(false);
    Failure::new(error, Reason::TaskExists)
}

fn conflict(differences: &[Difference]) -> Failure {
    let mut words = Vec::new();
    let mut json = Map::new();
    for difference in differences {
        let Difference {
            setting,
            wanted,
            found,
        } = difference;
        let shown = found.map_or("not known".to_owned(), |found| found.to_string());
        let name = setting.trim_start_matches("sync_");
        words.push(format!("{name} is {shown}, not {wanted}"));
        json.insert(
            (*setting).to_owned(),
            json!({"wanted": wanted, "found": found}),
        );
    }
    let error = Error::new(
        Kind::Exists,
        format!("the task exists with other settings: {}", words.join("; ")),
    )
    .with(|details| details.difference = Some(Value::from(json)));
    Failure::new(error, Reason::TaskDiffers)
}
