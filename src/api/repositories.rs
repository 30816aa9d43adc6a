//! Repositories, which the vendor also calls images.
//!
//! Source: `reference/swr-api.md` sections 3.4 to 3.6.

use std::borrow::Cow;

use serde::Deserialize;

use super::cursor::PAGE;
use super::fields::Fields;
use super::paginate::{Listing, Page, Pages};
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
#[serde(try_from = "Fields")]
pub struct RepositoryInfo {
    /// The name, with `/`.
    pub name: String,
    /// The namespace.
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
    pub num_images: Option<i64>,
    /// How often it was pulled.
    pub num_download: Option<i64>,
    /// The address to pull from.
    pub path: Option<String>,
    /// When it was made.
    pub created: Option<jiff::Timestamp>,
    /// When it was changed.
    pub updated: Option<jiff::Timestamp>,
}

impl TryFrom<Fields> for RepositoryInfo {
    type Error = String;

    fn try_from(fields: Fields) -> Result<RepositoryInfo, String> {
        Ok(RepositoryInfo {
            name: fields.required(&["name"])?,
            namespace: fields.text(&["namespace", "namespace_name"]),
            category: fields.text(&["category"]),
            description: fields.text(&["description"]),
            size: fields.number(&["size"]),
            is_public: fields.flag(&["is_public"]),
            num_images: fields.number(&["num_images", "tag_count"]),
            num_download: fields.number(&["num_download"]),
            path: fields.text(&["path"]),
            created: fields.time(&["created", "created_at"]),
            updated: fields.time(&["updated", "updated_at"]),
        })
    }
}

#[derive(Debug, Deserialize)]
struct RepositoryPage {
    #[serde(deserialize_with = "super::fields::list")]
    repos: Vec<RepositoryInfo>,
    #[serde(default, rename = "nextMarker")]
    next_marker: Option<serde_json::Value>,
    #[serde(default, deserialize_with = "super::fields::flag")]
    has_more: Option<bool>,
}

/// The list of repositories, of one namespace or of all.
#[derive(Debug)]
pub struct RepositoryList {
    namespace: Option<Namespace>,
}

impl RepositoryList {
    fn call(&self, path: &str, more: &[(&'static str, Cow<'_, str>)]) -> Call {
        let namespace = self
            .namespace
            .iter()
            .map(|namespace| ("namespace", Cow::Borrowed(namespace.as_str())));
        Call::read(path)
            .query(namespace)
            .query([("limit", Cow::Owned(PAGE.to_string()))])
            .query(more.iter().cloned())
    }
}

impl Listing for RepositoryList {
    type Row = RepositoryInfo;
    const NOUN: &'static str = "repositories";

    fn at_marker(&self, marker: Option<&str>) -> Option<Call> {
        let marker = marker.map(|marker| ("marker", Cow::Borrowed(marker)));
        Some(self.call("/v3/manage/repos", marker.as_slice()))
    }

    fn at_offset(&self, offset: usize) -> Call {
        self.call(
            "/v2/manage/repos",
            &[
                ("offset", Cow::Owned(offset.to_string())),
                // The service refuses the columns that its pages name, and accepts this one.
                ("order_column", Cow::Borrowed("name")),
                ("order_type", Cow::Borrowed("asc")),
            ],
        )
    }

    fn page(&self, answer: &Answer) -> Result<Page<RepositoryInfo>, Error> {
        if !answer.call.path.starts_with("/v3/") {
            return answer.rows("a list of repositories").map(Page::of);
        }
        let page: RepositoryPage = answer.json("a page of repositories")?;
        let (marker, more) = (page.next_marker.as_ref(), page.has_more);
        Ok(Page::marked(page.repos, marker, more))
    }

    fn key(&self, repository: &RepositoryInfo) -> String {
        let namespace = repository.namespace.as_deref().unwrap_or_default();
        format!("{namespace}/{}", repository.name)
    }

    fn is_wanted(&self, repository: &RepositoryInfo) -> bool {
        match (&self.namespace, &repository.namespace) {
            (Some(wanted), Some(found)) => wanted.as_str() == found,
            _ => true,
        }
    }
}

/// The repositories, fetched as they are asked for.
pub type Repositories = Pages<RepositoryList>;

impl Service {
    /// Lists the repositories of a namespace, or all, page by page as they are asked for.
    pub fn repositories(&self, namespace: Option<&Namespace>) -> Repositories {
        Pages::new(
            self.clone(),
            RepositoryList {
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
