//! A tag as it is shown.

use serde::Serialize;

use crate::api::tags::TagInfo;
use crate::commands::columns;
use crate::commands::table::Row;
use crate::names::RegionId;
use crate::output::{Page, Report, Span, plain, strong};
use crate::sync::Source;

/// A tag.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct TagReport {
    /// The namespace.
    pub namespace: String,
    /// The repository, with `/`.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// The region, where it is known.
    pub region: Option<RegionId>,
    /// The digest, which is what to compare across regions.
    pub digest: Option<String>,
    /// `manifest`, or `manifest_list` (an image of several platforms); null where it is not told.
    #[serde(rename = "type")]
    pub type_: Option<&'static str>,
    /// The size in bytes.
    pub size: Option<i64>,
    /// The address to pull from.
    pub path: Option<String>,
    /// When it was created.
    pub created_at: Option<String>,
    /// When it was pushed last.
    pub updated_at: Option<String>,
}

impl TagReport {
    /// Takes what the service says of a tag of this repository.
    pub(super) fn of(info: TagInfo, source: &Source, region: Option<RegionId>) -> TagReport {
        TagReport {
            namespace: source.namespace.to_string(),
            repository: source.repository.to_string(),
            tag: info.tag,
            region,
            digest: info.digest,
            type_: match info.tag_type {
                Some(0) => Some("manifest"),
                Some(1) => Some("manifest_list"),
                _ => None,
            },
            size: info.size,
            path: info.path,
            created_at: columns::moment(info.created),
            updated_at: columns::moment(info.updated),
        }
    }
}

impl Row for TagReport {
    const HEADERS: &'static [&'static str] = &["TAG", "UPDATED", "SIZE", "DIGEST"];

    fn cells(&self) -> Vec<Span> {
        vec![
            strong(&self.tag),
            columns::time(self.updated_at.as_ref()),
            columns::size(self.size),
            columns::digest(self.digest.as_ref()),
        ]
    }
}

impl Report for TagReport {
    fn human(&self, page: &mut Page) {
        let kind = match self.type_ {
            Some("manifest_list") => plain("manifest list (several platforms)"),
            Some(other) => plain(other),
            None => columns::text(None),
        };
        columns::card(
            page,
            [
                ("namespace", plain(&self.namespace)),
                ("repository", plain(&self.repository)),
                ("tag", strong(&self.tag)),
                ("digest", columns::text(self.digest.as_ref())),
                ("type", kind),
                ("size", columns::size(self.size)),
                ("address", columns::text(self.path.as_ref())),
                ("created", columns::time(self.created_at.as_ref())),
                ("updated", columns::time(self.updated_at.as_ref())),
            ],
        );
    }
}
