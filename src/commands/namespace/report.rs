//! A namespace as it is shown.

use serde::Serialize;

use crate::api::namespaces::NamespaceInfo;
use crate::commands::columns;
use crate::commands::table::Row;
use crate::names::RegionId;
use crate::output::{Page, Report, Span, plain, strong};

/// A namespace.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct NamespaceReport {
    /// The name.
    pub namespace: String,
    /// The region, where it is known.
    pub region: Option<RegionId>,
    /// The service's number of it.
    pub id: Option<i64>,
    /// What you may do in it: `manage`, `edit` or `read`; null for what is none of them.
    pub permission: Option<&'static str>,
    /// The service's number for that: 7, 3 or 1.
    pub auth: Option<i64>,
    /// Who made it.
    pub creator: Option<String>,
    /// How many repositories are in it, where the service says.
    pub repository_count: Option<i64>,
}

impl NamespaceReport {
    /// Takes what the service says.
    pub(super) fn of(info: NamespaceInfo, region: Option<RegionId>) -> NamespaceReport {
        NamespaceReport {
            namespace: info.name,
            region,
            id: info.id,
            // The three values of the vendor's page; reference/swr-api.md 2.7.
            permission: match info.auth {
                Some(7) => Some("manage"),
                Some(3) => Some("edit"),
                Some(1) => Some("read"),
                _ => None,
            },
            auth: info.auth,
            creator: info.creator_name,
            repository_count: info.repo_count,
        }
    }

    fn permission(&self) -> Span {
        match self.permission {
            Some(permission) => plain(permission),
            None => columns::number(self.auth),
        }
    }
}

impl Row for NamespaceReport {
    const HEADERS: &'static [&'static str] = &["NAMESPACE", "YOU MAY", "REPOSITORIES", "CREATOR"];

    fn cells(&self) -> Vec<Span> {
        vec![
            strong(&self.namespace),
            self.permission(),
            columns::number(self.repository_count),
            columns::text(self.creator.as_ref()),
        ]
    }
}

impl Report for NamespaceReport {
    fn human(&self, page: &mut Page) {
        columns::card(
            page,
            [
                ("namespace", strong(&self.namespace)),
                ("id", columns::number(self.id)),
                ("you may", self.permission()),
                ("repositories", columns::number(self.repository_count)),
                ("creator", columns::text(self.creator.as_ref())),
            ],
        );
    }
}
