//! The part of every result of synchronization that says from where to where.

use serde::Serialize;

use crate::api::sync::Target;
use crate::context::Context;
use crate::names::{Namespace, RegionId};
use crate::output::{ErrorReport, Span, plain, strong};
use crate::report::{Place, Row, Status, Subject};
use crate::sync::Link;
use crate::verdict::Verdict;

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

/// A result that is also a row of the reports.
pub(super) trait AsRow {
    /// Returns the row.
    fn as_row(&self) -> Row;
}

/// Returns what a verb is about, for its reports: `team/web/api (cn-north-4) → team (cn-east-3)`.
pub(super) fn scope<'a>(
    context: &Context,
    source: &str,
    targets: impl IntoIterator<Item = &'a Target>,
) -> String {
    let mut named: Vec<String> = Vec::new();
    for target in targets {
        let target = format!("{} ({})", target.namespace, target.region);
        if !named.contains(&target) {
            named.push(target);
        }
    }
    let region = context.region().map(|region| format!(" ({region})"));
    let region = region.unwrap_or_default();
    format!("{source}{region} → {}", named.join(", "))
}

/// Returns what a verb is about that has several links.
pub(super) fn scope_of_links<'a>(
    context: &Context,
    links: impl Iterator<Item = &'a Link> + Clone,
) -> String {
    let mut sources: Vec<String> = Vec::new();
    for link in links.clone() {
        let source = format!("{}/{}", link.namespace, link.repository);
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    scope(context, &sources.join(", "), links.map(|link| &link.target))
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

    /// Returns the row of a report about the link, or one of its tags.
    pub(super) fn row(
        &self,
        subject: Subject,
        tag: Option<&str>,
        (word, exit_code): (&'static str, u8),
        error: Option<&ErrorReport>,
    ) -> Row {
        Row {
            region: self.region.as_ref().map(ToString::to_string),
            repository: Some(self.repository.clone()),
            tag: tag.map(str::to_owned),
            target: Some(Place::new(
                self.remote_namespace.as_str(),
                self.remote_region_id.as_str(),
            )),
            reason: error.map(|error| error.message.clone()),
            hint: error.and_then(|error| error.hint.clone()),
            ..Row::new(
                subject,
                Status::new(Verdict::of(word, exit_code), word),
                self.namespace.as_str(),
            )
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
