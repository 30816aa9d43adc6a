//! Looks whether a task can work before it is made: the service stores tasks that never can
//! (`reference/swr-api.md` 2.1) and says 200.

use serde::Serialize;

use crate::api::Service;
use crate::api::namespaces::create_call;
use crate::api::sync::SyncTask;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{Namespace, RegionId};

/// What was found before the task was made.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Preflight {
    /// `offered`, `not_offered`, or `unknown` where the service does not tell.
    pub target_region: &'static str,
    /// `exists` or `missing`.
    pub repository: &'static str,
    /// `exists`, `created`, `missing`, or `unknown` where nobody could look.
    pub target_namespace: &'static str,
}

impl Preflight {
    /// Returns the findings for a person.
    pub(super) fn in_words(&self) -> String {
        format!(
            "checked before: target region {}, repository {}, target namespace {}",
            self.target_region.replace('_', " "),
            self.repository,
            self.target_namespace
        )
    }
}

/// Looks, and makes the target namespace when that is asked for.
///
/// # Errors
/// Kind `unmet` (exit 8) with everything that is missing; what cannot be looked at is a warning,
/// unless the namespace was to be made.
pub(super) fn preflight(
    context: &Context,
    source: &Service,
    task: &SyncTask,
    create_namespace: bool,
) -> Result<Preflight, Error> {
    let target_region = look_for_region(context, source, &task.target.region);
    let repository = match source.repository(&task.namespace, &task.repository)? {
        Some(_) => "exists",
        None => "missing",
    };
    let may_create = create_namespace && target_region != "not_offered" && repository == "exists";
    let target_namespace = look_for_namespace(
        context,
        &task.target.region,
        &task.target.namespace,
        may_create,
    )
    .or_else(|error| {
        if create_namespace || error.kind() == Kind::Interrupted {
            return Err(error);
        }
        warn(context, "the target namespace was not checked", &error);
        Ok("unknown")
    })?;
    let found = Preflight {
        target_region,
        repository,
        target_namespace,
    };
    let mut missing = Vec::new();
    if target_region == "not_offered" {
        missing.push(format!(
            "the region '{}' is not offered as a target",
            task.target.region
        ));
    }
    if repository == "missing" {
        missing.push(format!(
            "there is no repository '{}' in the namespace '{}'",
            task.repository, task.namespace
        ));
    }
    if target_namespace == "missing" {
        missing.push(format!(
            "there is no namespace '{}' in {}",
            task.target.namespace, task.target.region
        ));
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let hint = if target_region == "not_offered" {
        "'swr sync regions' lists the regions that are offered"
    } else if repository == "missing" {
        "'swr repo list' shows the repositories of a namespace"
    } else {
        "--create-namespace creates it"
    };
    Err(Error::new(
        Kind::Unmet,
        format!("no task was made: {}", missing.join("; ")),
    )
    .hint(hint))
}

fn look_for_region(context: &Context, source: &Service, region: &RegionId) -> &'static str {
    match source.sync_regions() {
        Ok(Some(regions)) => {
            let offered = regions
                .iter()
                .any(|other| other.region_id.as_deref() == Some(region.as_str()));
            if offered { "offered" } else { "not_offered" }
        }
        Ok(None) => {
            context.output().warn(
                "the target region was not checked: this region's service does not list the \
                 regions that it offers",
            );
            "unknown"
        }
        Err(error) => {
            warn(context, "the target region was not checked", &error);
            "unknown"
        }
    }
}

fn look_for_namespace(
    context: &Context,
    region: &RegionId,
    namespace: &Namespace,
    create: bool,
) -> Result<&'static str, Error> {
    let target = context.service_of(region)?;
    if target.namespace(namespace)?.is_some() {
        return Ok("exists");
    }
    if !create {
        return Ok("missing");
    }
    let answer = target.create_namespace(namespace)?;
    match answer.status {
        200..300 => Ok("created"),
        // Made meanwhile, or by a first try whose answer was lost; or somebody else's.
        409 if target.namespace(namespace)?.is_some() => Ok(if answer.tries > 1 {
            "created"
        } else {
            "exists"
        }),
        409 => Err(target
            .refusal(&create_call(namespace), &answer)
            .of_kind(Kind::Exists)
            .about(&format!(
                "the namespace '{namespace}' in {region} belongs to another account"
            ))
            .exit(Exit::Refused)
            .hint("choose another --to-namespace: names are unique in a region over all accounts")),
        _ => Err(target.refusal(&create_call(namespace), &answer)),
    }
}

fn warn(context: &Context, what: &str, why: &Error) {
    context.output().warn(&format!("{what}: {}", why.message()));
    if let Some(hint) = why.advice() {
        context.output().hint(hint);
    }
}
