//! The part of every result of synchronization that says from where to where.

use serde::Serialize;

use crate::api::sync::Target;
use crate::context::Context;
use crate::names::{Namespace, RegionId};
use crate::output::{Span, plain, strong};
use crate::sync::Link;

/// From where to where.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct LinkReport {
    /// The source namespace.
    pub namespace: Namespace,
    /// The source repository.
    pub repository: String,
    /// The source region, where it is known.
    pub region: Option<RegionId>,
    /// The target region.
    pub remote_region_id: RegionId,
    /// The target namespace.
    pub remote_namespace: Namespace,
}

impl LinkReport {
    /// Returns the report of a link.
    pub(super) fn new(context: &Context, link: &Link) -> LinkReport {
        LinkReport::listed(
            context,
            &link.namespace,
            link.repository.as_str(),
            &link.target,
        )
    }

    /// Returns the report of a repository as the service lists it, whose name need not be one.
    pub(super) fn listed(
        context: &Context,
        namespace: &Namespace,
        repository: &str,
        target: &Target,
    ) -> LinkReport {
        LinkReport {
            namespace: namespace.clone(),
            repository: repository.to_owned(),
            region: context.region(),
            remote_region_id: target.region.clone(),
            remote_namespace: target.namespace.clone(),
        }
    }

    /// Returns the repository, or one of its tags, as people write it.
    pub(super) fn subject(&self, tag: Option<&str>) -> String {
        let Self {
            namespace,
            repository,
            ..
        } = self;
        match tag {
            Some(tag) => format!("{namespace}/{repository}:{tag}"),
            None => format!("{namespace}/{repository}"),
        }
    }

    /// Returns the line of a task: `created: team/web/api (cn-north-4) → team (cn-east-3)`.
    pub(super) fn task_line(&self, status: Span) -> Vec<Span> {
        let region = match &self.region {
            Some(region) => format!(" ({region})"),
            None => String::new(),
        };
        vec![
            status,
            plain(": "),
            strong(self.subject(None)),
            plain(region),
            plain(" → "),
            strong(self.remote_namespace.as_str()),
            plain(format!(" ({})", self.remote_region_id)),
        ]
    }

    /// Returns the line of a tag: `success: team/web/api:v1 → team (cn-east-3)`.
    pub(super) fn tag_line(&self, status: Span, tag: Option<&str>) -> Vec<Span> {
        vec![
            status,
            plain(": "),
            strong(self.subject(tag)),
            plain(format!(
                " → {} ({})",
                self.remote_namespace, self.remote_region_id
            )),
        ]
    }
}
