//! A repository as it is shown.

use serde::Serialize;

use crate::api::repositories::RepositoryInfo;
use crate::commands::columns;
use crate::commands::table::Row;
use crate::names::{Namespace, RegionId};
use crate::output::{Page, Report, Span, plain, strong};

/// A repository.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct RepositoryReport {
    /// The namespace.
    pub namespace: Option<String>,
    /// The name, with `/`.
    pub repository: String,
    /// The region, where it is known.
    pub region: Option<RegionId>,
    /// app_server, linux, database and so on.
    pub category: Option<String>,
    /// What its owner wrote about it.
    pub description: Option<String>,
    /// Whether everybody may pull.
    pub is_public: Option<bool>,
    /// How many tags it has.
    pub tag_count: Option<i64>,
    /// The size of all tags, in bytes.
    pub size: Option<i64>,
    /// How often it was pulled.
    pub download_count: Option<i64>,
    /// The address to pull from.
    pub path: Option<String>,
    /// When it was created.
    pub created_at: Option<String>,
    /// When it was changed.
    pub updated_at: Option<String>,
}

impl RepositoryReport {
    /// Takes what the service says; its answers about one namespace may leave that out.
    pub(super) fn of(
        info: RepositoryInfo,
        namespace: Option<&Namespace>,
        region: Option<RegionId>,
    ) -> RepositoryReport {
        RepositoryReport {
            region,
            namespace: info.namespace.or(namespace.map(Namespace::to_string)),
            repository: info.name,
            category: info.category,
            description: info.description,
            is_public: info.is_public,
            tag_count: info.num_images,
            size: info.size,
            download_count: info.num_download,
            path: info.path,
            created_at: columns::moment(info.created),
            updated_at: columns::moment(info.updated),
        }
    }

    fn visibility(&self) -> Span {
        match self.is_public {
            Some(true) => plain("public"),
            Some(false) => plain("private"),
            None => columns::text(None),
        }
    }
}

impl Row for RepositoryReport {
    const HEADERS: &'static [&'static str] = &[
        "NAMESPACE",
        "REPOSITORY",
        "TAGS",
        "SIZE",
        "VISIBILITY",
        "UPDATED",
    ];

    fn cells(&self) -> Vec<Span> {
        vec![
            columns::text(self.namespace.as_ref()),
            strong(&self.repository),
            columns::number(self.tag_count),
            columns::size(self.size),
            self.visibility(),
            columns::time(self.updated_at.as_ref()),
        ]
    }
}

impl Report for RepositoryReport {
    fn human(&self, page: &mut Page) {
        columns::card(
            page,
            [
                ("namespace", columns::text(self.namespace.as_ref())),
                ("repository", strong(&self.repository)),
                ("tags", columns::number(self.tag_count)),
                ("size", columns::size(self.size)),
                ("visibility", self.visibility()),
                ("category", columns::text(self.category.as_ref())),
                ("description", columns::text(self.description.as_ref())),
                ("pulled", columns::number(self.download_count)),
                ("address", columns::text(self.path.as_ref())),
                ("created", columns::time(self.created_at.as_ref())),
                ("updated", columns::time(self.updated_at.as_ref())),
            ],
        );
    }
}
