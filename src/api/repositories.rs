//! Repositories, which the vendor also calls images.
//!
//! Source: `reference/swr-api.md` sections 3.4 to 3.6.

use serde::Deserialize;

use super::{Call, Service};
use crate::error::Error;
use crate::names::{Namespace, Repository};

/// Returns the path of a repository; its `/` is written `$` (section 4).
pub(super) fn path_of(namespace: &Namespace, repository: &Repository) -> String {
    format!(
        "/v2/manage/namespaces/{namespace}/repos/{}",
        repository.in_path()
    )
}

/// A repository as the service shows it; the spellings differ between its calls (section 7.8).
#[derive(Debug, Clone, Deserialize)]
pub struct RepositoryInfo {
    /// The name, with `/`.
    pub name: String,
    /// The namespace.
    #[serde(alias = "namespace_name")]
    pub namespace: Option<String>,
    /// app_server, linux, database and so on.
    pub category: Option<String>,
    /// What its owner wrote about it.
    pub description: Option<String>,
    /// The size of all tags, in bytes.
    pub size: Option<i64>,
    /// Whether everybody may pull.
    pub is_public: Option<bool>,
    /// How many tags it has.
    #[serde(alias = "tag_count")]
    pub num_images: Option<i64>,
    /// How often it was pulled.
    pub num_download: Option<i64>,
    /// The address to pull from.
    pub path: Option<String>,
    /// When it was made.
    #[serde(alias = "created_at")]
    pub created: Option<jiff::Timestamp>,
    /// When it was changed.
    #[serde(alias = "updated_at")]
    pub updated: Option<jiff::Timestamp>,
}

impl Service {
    /// Shows a repository; `None` when there is none (section 3.6).
    pub fn repository(
        &self,
        namespace: &Namespace,
        repository: &Repository,
    ) -> Result<Option<RepositoryInfo>, Error> {
        let call = Call::read(path_of(namespace, repository));
        let answer = self.send(&call)?;
        match answer.status {
            200..300 => answer.json("a repository").map(Some),
            404 => Ok(None),
            _ => Err(self.refusal(&call, &answer)),
        }
    }
}
