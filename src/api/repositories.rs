//! Repositories, which the vendor also calls images.
//!
//! Source: `reference/swr-api.md` sections 3.4 to 3.6.

use serde::Deserialize;

use super::paginate::{Lists, Pages, marker};
use super::service::unless_missing;
use super::{Answer, Call, Service};
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
    #[serde(
        default,
        alias = "created_at",
        deserialize_with = "super::lenient::time"
    )]
    pub created: Option<jiff::Timestamp>,
    /// When it was changed.
    #[serde(
        default,
        alias = "updated_at",
        deserialize_with = "super::lenient::time"
    )]
    pub updated: Option<jiff::Timestamp>,
}

#[derive(Debug, Deserialize)]
struct RepositoryPage {
    #[serde(deserialize_with = "super::lenient::list")]
    repos: Vec<RepositoryInfo>,
    #[serde(default, rename = "nextMarker")]
    next_marker: Option<serde_json::Value>,
}

/// The lists of repositories, of one namespace or of all.
#[derive(Debug)]
pub struct RepositoryLists {
    namespace: Option<Namespace>,
}

impl RepositoryLists {
    fn query(&self) -> Vec<(&'static str, String)> {
        self.namespace
            .iter()
            .map(|namespace| ("namespace", namespace.to_string()))
            .collect()
    }
}

impl Lists for RepositoryLists {
    type Item = RepositoryInfo;

    fn v3(&self) -> (String, Vec<(&'static str, String)>) {
        ("/v3/manage/repos".to_owned(), self.query())
    }

    fn v3_page(&self, answer: &Answer) -> Result<(Vec<RepositoryInfo>, Option<String>), Error> {
        let page: RepositoryPage = answer.json("a page of repositories")?;
        Ok((page.repos, marker(page.next_marker)))
    }

    fn v2(&self) -> (String, Vec<(&'static str, String)>) {
        let mut query = self.query();
        // The service refuses the columns that its pages name, and takes this one.
        query.push(("order_column", "name".to_owned()));
        query.push(("order_type", "asc".to_owned()));
        ("/v2/manage/repos".to_owned(), query)
    }

    fn v2_page(&self, answer: &Answer) -> Result<Vec<RepositoryInfo>, Error> {
        Ok(answer
            .json::<Option<_>>("a list of repositories")?
            .unwrap_or_default())
    }

    fn key(&self, item: &RepositoryInfo) -> String {
        format!(
            "{}/{}",
            item.namespace.as_deref().unwrap_or_default(),
            item.name
        )
    }

    fn wanted(&self, item: &RepositoryInfo) -> bool {
        match (&self.namespace, &item.namespace) {
            (Some(wanted), Some(found)) => wanted.as_str() == found,
            _ => true,
        }
    }
}

impl Service {
    /// Lists the repositories of a namespace, or all, page by page as they are asked for.
    pub fn repositories(&self, namespace: Option<&Namespace>) -> Pages<RepositoryLists> {
        Pages::new(
            self.clone(),
            RepositoryLists {
                namespace: namespace.cloned(),
            },
        )
    }

    /// Shows a repository (section 3.6).
    ///
    /// # Errors
    /// Those of [`Service::succeed`]; status 404 when there is none.
    pub fn require_repository(
        &self,
        namespace: &Namespace,
        repository: &Repository,
    ) -> Result<RepositoryInfo, Error> {
        self.succeed(&Call::read(path_of(namespace, repository)))?
            .json("a repository")
    }

    /// Shows a repository; `None` when there is none.
    pub fn repository(
        &self,
        namespace: &Namespace,
        repository: &Repository,
    ) -> Result<Option<RepositoryInfo>, Error> {
        unless_missing(self.require_repository(namespace, repository))
    }
}
