//! The other end: whether the target region is offered, reached, and has the namespace.

use super::finding::Findings;
use crate::api::Service;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::{Namespace, RegionId};

/// Looks whether the source's service offers the region.
pub(super) fn offered(
    source: &Service,
    region: &RegionId,
    findings: &mut Findings<'_>,
) -> Result<(), Error> {
    let id = "target.offered";
    match source.sync_regions() {
        Ok(Some(regions)) => {
            let offered = regions
                .iter()
                .any(|other| other.region_id.as_deref() == Some(region.as_str()));
            if offered {
                return findings.good(id, format!("{region} is offered as a target"));
            }
            findings.bad(
                id,
                format!("{region} is not offered as a target"),
                "'swr sync regions' lists those that are",
                Exit::Different,
            )
        }
        Ok(None) => findings.skip(
            id,
            "this region's service does not list the regions it offers",
        ),
        Err(error) => findings.unknown(id, &error),
    }
}

/// Looks at the target region with the credential that counts there.
pub(super) fn look(
    context: &Context,
    region: &RegionId,
    namespace: Option<&Namespace>,
    findings: &mut Findings<'_>,
) -> Result<(), Error> {
    let service = match context.service_of(region) {
        Ok(service) => service,
        Err(error) => return findings.error("target.credential", &error),
    };
    let text = format!("for {region}: the {}", service.credential().describe());
    findings.good("target.credential", text)?;
    match service.namespaces() {
        Ok(namespaces) => {
            let text = format!(
                "the credential is accepted in {region}; it sees {} namespaces",
                namespaces.len()
            );
            findings.good("target.permission", text)?;
        }
        Err(error) => return findings.error("target.permission", &error),
    }
    let Some(namespace) = namespace else {
        return Ok(());
    };
    match service.namespace(namespace) {
        Ok(Some(_)) => findings.good(
            "target.namespace",
            format!("{region} has the namespace {namespace}"),
        ),
        Ok(None) => findings.bad(
            "target.namespace",
            format!("{region} has no namespace {namespace} that this credential sees"),
            &format!("swr namespace create {namespace} --region {region}"),
            Exit::Different,
        ),
        Err(error) => findings.error("target.namespace", &error),
    }
}
