//! Tags, which the vendor also calls versions.
//!
//! Source: `reference/swr-api.md` sections 3.8, 3.9 and the v3 lists.

use serde::Deserialize;

use super::paginate::{Lists, Pages};
use super::repositories::path_of;
use super::service::unless_missing;
use super::{Call, Service};
use crate::error::Error;
use crate::names::{Namespace, Repository, Tag};

/// A tag as the service shows it: `Tag` in the v2 list, `tag` elsewhere (section 7.8).
#[derive(Debug, Clone, Deserialize)]
pub struct TagInfo {
    /// The tag.
    #[serde(rename = "tag", alias = "Tag")]
    pub tag: String,
    /// The digest of the manifest, or of the index of several; what to compare across regions.
    pub digest: Option<String>,
    /// The size in bytes.
    pub size: Option<i64>,
    /// The address to pull from.
    pub path: Option<String>,
    /// When it was made.
    #[serde(
        default,
        alias = "created_at",
        deserialize_with = "super::lenient::time"
    )]
    pub created: Option<jiff::Timestamp>,
    /// When it was pushed last.
    #[serde(
        default,
        alias = "updated_at",
        deserialize_with = "super::lenient::time"
    )]
    pub updated: Option<jiff::Timestamp>,
    /// 0: one manifest; 1: a list of them (multi-arch).
    pub tag_type: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct TagPage {
    #[serde(deserialize_with = "super::lenient::list")]
    tags: Vec<TagInfo>,
    #[serde(default, rename = "nextMarker")]
    next_marker: Option<serde_json::Value>,
    #[serde(default)]
    has_more: Option<bool>,
}

/// The lists of one repository's tags.
#[derive(Debug)]
pub struct TagLists {
    namespace: Namespace,
    repository: Repository,
}

impl Lists for TagLists {
    type Item = TagInfo;

    fn v3(&self) -> (String, Vec<(&'static str, String)>) {
        let (namespace, repository) = (&self.namespace, self.repository.in_path());
        (
            format!("/v3/manage/namespaces/{namespace}/repos/{repository}/tags"),
            Vec::new(),
        )
    }

    fn v3_page(&self, answer: &super::Answer) -> Result<(Vec<TagInfo>, Option<String>), Error> {
        let page: TagPage = answer.json("a page of tags")?;
        let marker =
            super::paginate::marker(page.next_marker).filter(|_| page.has_more != Some(false));
        Ok((page.tags, marker))
    }

    fn v2(&self) -> (String, Vec<(&'static str, String)>) {
        (
            format!("{}/tags", path_of(&self.namespace, &self.repository)),
            Vec::new(),
        )
    }

    fn v2_page(&self, answer: &super::Answer) -> Result<Vec<TagInfo>, Error> {
        Ok(answer
            .json::<Option<_>>("a list of tags")?
            .unwrap_or_default())
    }

    fn key(&self, item: &TagInfo) -> String {
        item.tag.clone()
    }
}

impl Service {
    /// Lists a repository's tags, page by page as they are asked for. A missing repository is an
    /// error with status 404, an empty one has no items.
    pub fn tags(&self, namespace: &Namespace, repository: &Repository) -> Pages<TagLists> {
        Pages::new(
            self.clone(),
            TagLists {
                namespace: namespace.clone(),
                repository: repository.clone(),
            },
        )
    }

    /// Shows a tag (section 3.9).
    ///
    /// # Errors
    /// Those of [`Service::succeed`]; status 404 when there is no such tag or repository.
    pub fn require_tag(
        &self,
        namespace: &Namespace,
        repository: &Repository,
        tag: &Tag,
    ) -> Result<TagInfo, Error> {
        let path = format!("{}/tags/{tag}", path_of(namespace, repository));
        self.succeed(&Call::read(path))?.json("a tag")
    }

    /// Shows a tag; `None` when there is no such tag or repository.
    pub fn tag(
        &self,
        namespace: &Namespace,
        repository: &Repository,
        tag: &Tag,
    ) -> Result<Option<TagInfo>, Error> {
        unless_missing(self.require_tag(namespace, repository, tag))
    }

    /// Returns the tags that were pushed last, one page of them (section 3.8): for a look that is
    /// repeated. `None` where the service does not order by that column.
    pub fn newest_tags(
        &self,
        namespace: &Namespace,
        repository: &Repository,
    ) -> Result<Option<Vec<TagInfo>>, Error> {
        let call = Call::read(format!("{}/tags", path_of(namespace, repository))).query(
            [
                ("limit", "100"),
                ("offset", "0"),
                ("order_column", "updated_at"),
                ("order_type", "desc"),
            ]
            .map(|(key, value)| (key, value.into())),
        );
        let answer = self.send(&call)?;
        match answer.status {
            _ if answer.is_success() => Ok(Some(
                answer
                    .json::<Option<_>>("a list of tags")?
                    .unwrap_or_default(),
            )),
            404 => Ok(Some(Vec::new())),
            400 => Ok(None),
            _ => Err(answer.refusal()),
        }
    }
}
