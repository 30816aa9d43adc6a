//! Tags, which the vendor also calls versions.
//!
//! Source: `reference/swr-api.md` sections 3.8, 3.9 and the v3 lists.

use std::borrow::Cow;

use serde::Deserialize;

use super::cursor::PAGE;
use super::fields::Fields;
use super::paginate::{Listing, Page, Pages};
use super::repositories::path_of;
use super::service::unless_missing;
use super::{Answer, Call, Service};
use crate::error::Error;
use crate::names::{Namespace, Repository, Tag};

/// A tag as the service shows it: `Tag` in the v2 list, `tag` elsewhere (section 7.8).
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Fields")]
pub struct TagInfo {
    /// The tag.
    pub tag: String,
    /// The digest of the manifest, or of the index of several; what to compare across regions.
    pub digest: Option<String>,
    /// The size in bytes.
    pub size: Option<i64>,
    /// The address to pull from.
    pub path: Option<String>,
    /// When it was made.
    pub created: Option<jiff::Timestamp>,
    /// When it was pushed last.
    pub updated: Option<jiff::Timestamp>,
    /// 0: one manifest; 1: a list of them (multi-arch).
    pub tag_type: Option<i64>,
}

impl TryFrom<Fields> for TagInfo {
    type Error = String;

    fn try_from(fields: Fields) -> Result<TagInfo, String> {
        Ok(TagInfo {
            tag: fields.required(&["tag", "Tag"])?,
            digest: fields.text(&["digest"]),
            size: fields.number(&["size"]),
            path: fields.text(&["path"]),
            created: fields.time(&["created", "created_at"]),
            updated: fields.time(&["updated", "updated_at"]),
            tag_type: fields.number(&["tag_type"]),
        })
    }
}

#[derive(Debug, Deserialize)]
struct TagPage {
    #[serde(deserialize_with = "super::fields::list")]
    tags: Vec<TagInfo>,
    #[serde(default, rename = "nextMarker")]
    next_marker: Option<serde_json::Value>,
    #[serde(default, deserialize_with = "super::fields::flag")]
    has_more: Option<bool>,
}

/// The list of a repository's tags.
#[derive(Debug)]
pub struct TagList {
    namespace: Namespace,
    repository: Repository,
}

impl Listing for TagList {
    type Row = TagInfo;
    const NOUN: &'static str = "tags";

    fn at_marker(&self, marker: Option<&str>) -> Option<Call> {
        let (namespace, repository) = (&self.namespace, self.repository.in_path());
        let path = format!("/v3/manage/namespaces/{namespace}/repos/{repository}/tags");
        let mut query = vec![("limit", Cow::Owned(PAGE.to_string()))];
        query.extend(marker.map(|marker| ("marker", Cow::Borrowed(marker))));
        Some(Call::read(path).query(query))
    }

    fn at_offset(&self, offset: usize) -> Call {
        let path = format!("{}/tags", path_of(&self.namespace, &self.repository));
        Call::read(path).query([
            ("limit", Cow::Owned(PAGE.to_string())),
            ("offset", Cow::Owned(offset.to_string())),
        ])
    }

    fn page(&self, answer: &Answer) -> Result<Page<TagInfo>, Error> {
        if !answer.call.path.starts_with("/v3/") {
            return answer.rows("a list of tags").map(Page::of);
        }
        let page: TagPage = answer.json("a page of tags")?;
        let (marker, more) = (page.next_marker.as_ref(), page.has_more);
        Ok(Page::marked(page.tags, marker, more))
    }

    fn key(&self, tag: &TagInfo) -> String {
        tag.tag.clone()
    }
}

impl Service {
    /// Lists a repository's tags, page by page as they are asked for. A missing repository is an
    /// error with status 404, an empty one has no items.
    pub fn tags(&self, namespace: &Namespace, repository: &Repository) -> Pages<TagList> {
        Pages::new(
            self.clone(),
            TagList {
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
            _ if answer.is_success() => Ok(Some(answer.rows("a list of tags")?)),
            404 => Ok(Some(Vec::new())),
            400 => Ok(None),
            _ => Err(answer.refusal()),
        }
    }
}
