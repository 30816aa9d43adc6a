//! The target region: offered, reachable, with the namespace.

use super::finding::Findings;
use super::registry;
use crate::api::Service;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::nearest;
use crate::names::{Namespace, RegionId};
use crate::settings::{Key, LayerKind};

/// Checks whether the source's service offers the region.
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
            let ids = regions
                .iter()
                .filter_map(|other| other.region_id.as_deref());
            let remedy = match nearest(region.as_str(), ids) {
                Some(near) => format!("did you mean '{near}'? 'swr sync regions' lists them"),
                None => "'swr sync regions' lists those that are".to_owned(),
            };
            let text = format!("{region} is not offered as a target");
            findings.bad(id, text, &remedy, Exit::Different)
        }
        Ok(None) => findings.skip(
            id,
            "the service in this region does not list the regions it offers",
        ),
        Err(error) => findings.unknown(id, &error),
    }
}

/// Checks the target region with its credential.
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
                "the credential is accepted in {region}; it sees {}",
                super::count(namespaces.len())
            );
            findings.good("target.permission", text)?;
        }
        Err(error) => return findings.error("target.permission", &error),
    }
    registry::look(context, region, findings)?;
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
            &format!(
                "{}swr namespace create {namespace} --region {region}",
                without_the_source(context, region)
            ),
            Exit::Different,
        ),
        Err(error) => findings.error("target.namespace", &error),
    }
}

/// Returns what to put before a command that acts in a target region: an endpoint or a token that
/// a variable sets for the source region would override the target's own.
fn without_the_source(context: &Context, region: &RegionId) -> String {
    let settings = context.settings();
    if settings.is_own(region).unwrap_or(false) {
        return String::new();
    }
    let variables = settings
        .layers(None)
        .filter(|layer| layer.kind == LayerKind::Variables && layer.region.is_none());
    let mut prefix = String::new();
    for key in variables.flat_map(|layer| layer.entries.keys()) {
        let is_of_one_region = matches!(
            key,
            Key::Endpoint | Key::Token | Key::TokenFile | Key::ProjectId
        );
        if let Some(name) = key.row().variable.filter(|_| is_of_one_region) {
            prefix.push_str(&format!("{name}= "));
        }
    }
    prefix
}
