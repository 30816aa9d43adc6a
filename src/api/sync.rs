//! The sync family: automatic tasks, manual copies, jobs.
//!
//! Source: `reference/swr-api.md` section 2 (pages `swr_02_0012`, `_0007`, `_0013`, `_0014`,
//! `_0006`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::call::{Call, Method, Repeat};
use super::cursor::PAGE;
use super::fields::Fields;
use super::paginate::incomplete;
use super::repositories::path_of;
use super::{Answer, Code, Service};
use crate::error::{Error, Kind};
use crate::names::{Namespace, Parse, RegionId, Repository, Tag};

/// The target of copies: a region and a namespace in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// `remoteRegionId`.
    pub region: RegionId,
    /// `remoteNamespace`.
    pub namespace: Namespace,
}

/// An automatic synchronization task to create. Its key is namespace, repository, target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncTask {
    /// The source namespace.
    pub namespace: Namespace,
    /// The source repository.
    pub repository: Repository,
    /// The target.
    pub target: Target,
    /// `syncAuto`: whether each push is copied.
    pub auto: bool,
    /// `override`: whether a different image of the same tag is replaced in the target.
    pub override_: bool,
}

/// Body of `CreateImageSyncRepo`; both booleans are always written out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateBody<'a> {
    remote_region_id: &'a RegionId,
    remote_namespace: &'a Namespace,
    sync_auto: bool,
    #[serde(rename = "override")]
    override_: bool,
}

/// Body of `DeleteImageSyncRepo`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeleteBody<'a> {
    remote_region_id: &'a RegionId,
    remote_namespace: &'a Namespace,
}

/// Body of `CreateManualImageSyncRepo`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RunBody<'a> {
    image_tag: &'a [Tag],
    remote_region_id: &'a RegionId,
    remote_namespace: &'a Namespace,
    #[serde(rename = "override")]
    override_: bool,
}

/// An automatic task as the service lists it (section 2.2). Only tasks with `syncAuto` are listed.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Fields")]
pub struct SyncRepo {
    /// The service's number of the task.
    pub id: Option<i64>,
    /// The source namespace.
    pub namespace: String,
    /// The source repository, with `/`.
    pub repo_name: String,
    /// The target region.
    pub remote_region_id: String,
    /// The target namespace.
    pub remote_namespace: String,
    /// Whether each push is copied.
    pub sync_auto: bool,
    /// Whether a different image of the same tag is replaced; `None` where it cannot be read.
    pub override_: Option<bool>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was changed.
    pub updated_at: Option<Timestamp>,
}

impl TryFrom<Fields> for SyncRepo {
    type Error = String;

    fn try_from(fields: Fields) -> Result<SyncRepo, String> {
        Ok(SyncRepo {
            id: fields.number(&["id"]),
            namespace: fields.text(&["namespace"]).unwrap_or_default(),
            repo_name: fields.text(&["repoName"]).unwrap_or_default(),
            remote_region_id: fields.required(&["remoteRegionId"])?,
            remote_namespace: fields.required(&["remoteNamespace"])?,
            // Others are not listed.
            sync_auto: fields.flag(&["syncAuto"]).unwrap_or(true),
            override_: fields.flag(&["override"]),
            created_at: fields.time(&["createdAt"]),
            updated_at: fields.time(&["updatedAt"]),
        })
    }
}

impl SyncRepo {
    /// Returns the target.
    ///
    /// # Errors
    /// Kind `http` when no request can name it.
    pub fn target(&self) -> Result<Target, Error> {
        let (region, namespace) = (&self.remote_region_id, &self.remote_namespace);
        RegionId::parse(region)
            .ok()
            .zip(Namespace::listed(namespace))
            .map(|(region, namespace)| Target { region, namespace })
            .ok_or_else(|| {
                let what = format!(
                    "the service lists a task to '{namespace}' ({region}), which no request can name"
                );
                Error::new(Kind::Http, what)
            })
    }

    /// Returns `true` if the task copies to this target.
    pub fn goes_to(&self, target: &Target) -> bool {
        self.remote_region_id == target.region.as_str()
            && self.remote_namespace == target.namespace.as_str()
    }
}

/// The state of a job (section 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobStatus {
    /// Not begun.
    Waiting,
    /// Copying.
    Running,
    /// Copied.
    Success,
    /// Failed.
    Failed,
    /// Took too long.
    Timeout,
    /// Cancelled.
    Cancel,
    /// Called off: override is off and the target has that tag.
    Existed,
    /// A word that the reference does not know; treated as unfinished.
    Unknown,
}

impl JobStatus {
    /// Every state that the reference knows.
    pub const ALL: [JobStatus; 7] = [
        JobStatus::Waiting,
        JobStatus::Running,
        JobStatus::Success,
        JobStatus::Failed,
        JobStatus::Timeout,
        JobStatus::Cancel,
        JobStatus::Existed,
    ];

    /// Returns the service's word.
    pub fn as_str(self) -> &'static str {
        match self {
            JobStatus::Waiting => "waiting",
            JobStatus::Running => "running",
            JobStatus::Success => "success",
            JobStatus::Failed => "failed",
            JobStatus::Timeout => "timeout",
            JobStatus::Cancel => "cancel",
            JobStatus::Existed => "existed",
            JobStatus::Unknown => "unknown",
        }
    }

    /// Reads the service's word.
    pub fn of(word: &str) -> JobStatus {
        JobStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == word)
            .unwrap_or(JobStatus::Unknown)
    }

    /// Returns `true` if the job will not change any more.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            JobStatus::Waiting | JobStatus::Running | JobStatus::Unknown
        )
    }

    /// Returns `true` if the copy failed.
    pub fn is_bad(self) -> bool {
        matches!(
            self,
            JobStatus::Failed | JobStatus::Timeout | JobStatus::Cancel
        )
    }
}

/// A copy of one tag as the service lists it (section 2.5).
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Fields")]
pub struct SyncJob {
    /// The service's number of the job; it grows.
    pub id: i64,
    /// The tag.
    pub tag: String,
    /// The target region.
    pub remote_region_id: String,
    /// The target namespace.
    pub remote_namespace: String,
    /// The state, as the service spells it.
    pub status: String,
    /// Whether a different image of the same tag is replaced; `None` where it cannot be read.
    pub override_: Option<bool>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When its state changed last.
    pub updated_at: Option<Timestamp>,
    /// Who asked for it.
    pub sync_operator_name: Option<String>,
}

impl TryFrom<Fields> for SyncJob {
    type Error = String;

    fn try_from(fields: Fields) -> Result<SyncJob, String> {
        Ok(SyncJob {
            id: fields.number(&["id"]).ok_or("missing field `id`")?,
            tag: fields.required(&["tag"])?,
            remote_region_id: fields.required(&["remoteRegionId"])?,
            remote_namespace: fields.required(&["remoteNamespace"])?,
            status: fields.required(&["status"])?,
            override_: fields.flag(&["override"]),
            created_at: fields.time(&["createdAt"]),
            updated_at: fields.time(&["updatedAt"]),
            sync_operator_name: fields.text(&["syncOperatorName"]),
        })
    }
}

impl SyncJob {
    /// Returns the state.
    pub fn state(&self) -> JobStatus {
        JobStatus::of(&self.status)
    }

    /// Returns `true` if the job copies to this target.
    pub fn goes_to(&self, target: &Target) -> bool {
        self.remote_region_id == target.region.as_str()
            && self.remote_namespace == target.namespace.as_str()
    }
}

fn tasks_path(namespace: &Namespace, repository: &Repository) -> String {
    format!("{}/sync_repo", path_of(namespace, repository))
}

/// Returns the call `CreateImageSyncRepo`: POST …/sync_repo, response 200, empty or `{}`.
///
/// Needs `swr:repo:createAutoSyncRepoJob` (section 2.7).
pub fn create_call(task: &SyncTask) -> Call {
    Call::new(
        Method::POST,
        tasks_path(&task.namespace, &task.repository),
        Repeat::State,
    )
    .json(&CreateBody {
        remote_region_id: &task.target.region,
        remote_namespace: &task.target.namespace,
        sync_auto: task.auto,
        override_: task.override_,
    })
    .needs("swr:repo:createAutoSyncRepoJob")
}

/// Returns the call `DeleteImageSyncRepo`: DELETE …/sync_repo with a body, response 200.
///
/// Needs `swr:repo:deleteAutoSyncRepoJob` (section 2.7).
pub fn delete_call(namespace: &Namespace, repository: &Repository, target: &Target) -> Call {
    Call::new(
        Method::DELETE,
        tasks_path(namespace, repository),
        Repeat::State,
    )
    .json(&DeleteBody {
        remote_region_id: &target.region,
        remote_namespace: &target.namespace,
    })
    .needs("swr:repo:deleteAutoSyncRepoJob")
}

/// Returns the call `CreateManualImageSyncRepo`: POST …/sync_images, response 200 with an array of
/// strings. It copies each time it is sent, so it is never repeated blindly.
///
/// Needs `swr:repo:createManualSyncRepoJob` (section 2.7).
pub fn run_call(
    namespace: &Namespace,
    repository: &Repository,
    tags: &[Tag],
    target: &Target,
    override_: bool,
) -> Call {
    let path = format!("{}/sync_images", path_of(namespace, repository));
    Call::new(Method::POST, path, Repeat::Never)
        .json(&RunBody {
            image_tag: tags,
            remote_region_id: &target.region,
            remote_namespace: &target.namespace,
            override_,
        })
        .needs("swr:repo:createManualSyncRepoJob")
}

impl Service {
    /// Creates a task; the response may have any status, for 'exists' is not always an error.
    pub fn create_sync_task(&self, task: &SyncTask) -> Result<Answer, Error> {
        self.send(&create_call(task))
    }

    /// Deletes a task, and returns whether it existed. A missing task is a 404, or a 400 with
    /// 4001158 (section 2.3).
    pub fn delete_sync_task(
        &self,
        namespace: &Namespace,
        repository: &Repository,
        target: &Target,
    ) -> Result<(bool, Answer), Error> {
        let call = delete_call(namespace, repository, target);
        let answer = self.send(&call)?;
        if answer.is_success() {
            answer.check_undocumented_body()?;
            return Ok((true, answer));
        }
        if answer.status == 404 || answer.code() == Some(Code::TaskNotFound) {
            return Ok((false, answer));
        }
        Err(answer.refusal())
    }

    /// Lists the tasks of a repository that copy automatically (GET …/sync_repo, section 2.2).
    ///
    /// Needs `swr:repo:listAutoSyncRepoJobs`.
    pub fn sync_tasks(
        &self,
        namespace: &Namespace,
        repository: &Repository,
    ) -> Result<Vec<SyncRepo>, Error> {
        let call =
            Call::read(tasks_path(namespace, repository)).needs("swr:repo:listAutoSyncRepoJobs");
        let answer = self.succeed(&call)?;
        let mut tasks: Vec<SyncRepo> = answer.rows("a list of tasks")?;
        for task in &mut tasks {
            // Known from the call, where the service leaves them out.
            if task.namespace.is_empty() {
                task.namespace = namespace.to_string();
            }
            if task.repo_name.is_empty() {
                task.repo_name = repository.to_string();
            }
        }
        let missing = answer.missing_rows(tasks.len());
        // There are no pages, and by default no more than so many are returned.
        if missing.is_some() || tasks.len() == PAGE {
            return Err(incomplete("tasks", tasks.len(), missing));
        }
        Ok(tasks)
    }

    /// Starts copies of tags, at most 100 (section 2.4), and returns those that the response names.
    /// 200 means accepted, even for tags that do not exist; that a 200 may name tags that failed, as
    /// other statuses do, is not recorded. An error may name the tags that failed.
    pub fn run_sync(
        &self,
        namespace: &Namespace,
        repository: &Repository,
        tags: &[Tag],
        target: &Target,
        override_: bool,
    ) -> Result<Vec<String>, Error> {
        let call = run_call(namespace, repository, tags, target, override_);
        let answer = self.succeed(&call)?;
        match answer.body.trim_ascii() {
            b"" | b"{}" => Ok(Vec::new()),
            _ => answer.rows("a list of tags"),
        }
    }
}
