//! Whether a task can work, looked at before it is created: the service stores tasks that never can
//! (`reference/swr-api.md` 2.1) and says 200.

use serde::Serialize;

use super::namespace::{self, Presence};
use super::{Event, Failure, Host, Link, Reason, nearest};
use crate::api::Service;
use crate::api::regions::RegionInfo;
use crate::api::sync::Target;
use crate::error::{Error, Kind};
use crate::names::RegionId;

/// Whether a region is offered as a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// The service offers it.
    Offered,
    /// The service does not.
    NotOffered,
    /// The service does not say.
    Unknown,
}

/// What was found before the task was created.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Preflight {
    /// Whether the target region is offered.
    pub target_region: Offer,
    /// The source repository: `exists` or `missing`.
    pub repository: Presence,
    /// The target namespace.
    pub target_namespace: Presence,
}

/// Looks at both sides, and creates the target namespace where that is asked for.
///
/// # Errors
/// Kind `unmet` with everything that is missing. What cannot be looked at is an event, unless the
/// namespace was to be created or a setting is broken.
pub fn check(
    host: &dyn Host,
    source: &Service,
    link: &Link,
    create_namespace: bool,
) -> Result<Preflight, Failure> {
    let offered = OfferedRegions::read(host, source);
    let target_region = offered.offer(&link.target.region);
    let repository = match source.repository(&link.namespace, &link.repository)? {
        Some(_) => Presence::Exists,
        None => Presence::Missing,
    };
    let create =
        create_namespace && target_region != Offer::NotOffered && repository == Presence::Exists;
    // What is not offered need not be reachable.
    let target = match target_region {
        Offer::NotOffered => Ok(Presence::Unknown),
        _ => check_target(host, &link.target, create),
    };
    let target_namespace = match target {
        Ok(presence) => presence,
        Err(Failure { error, .. })
            if !create_namespace && error.kind() != Kind::Interrupted && !is_broken(&error) =>
        {
            host.event(&Event::NamespaceNotChecked(&error));
            Presence::Unknown
        }
        Err(failure) => return Err(failure),
    };
    let found = Preflight {
        target_region,
        repository,
        target_namespace,
    };
    match found.missing(link) {
        None => Ok(found),
        Some(failure) => {
            let near = [
                (found.target_region == Offer::NotOffered)
                    .then(|| offered.nearest(&link.target.region)),
                (found.repository == Presence::Missing).then(|| {
                    nearest::repository(source, &link.namespace, link.repository.as_str())
                }),
                (found.target_namespace == Presence::Missing)
                    .then(|| nearest_namespace(host, &link.target)),
            ];
            Err(failure.hinted(nearest::hint(near.into_iter().map(Option::flatten))))
        }
    }
}

/// Returns the namespace of the target region that is nearest to a missing one.
pub fn nearest_namespace(host: &dyn Host, target: &Target) -> Option<String> {
    let service = host.service_in(&target.region).ok()?;
    nearest::namespace(&service, target.namespace.as_str())
}

/// The regions that a service offers as targets, asked for once.
#[derive(Debug)]
pub struct OfferedRegions(Option<Vec<RegionInfo>>);

impl OfferedRegions {
    /// Reads the regions; a failure is an event.
    pub fn read(host: &dyn Host, source: &Service) -> OfferedRegions {
        match source.sync_regions() {
            Ok(Some(regions)) => OfferedRegions(Some(regions)),
            Ok(None) => {
                host.event(&Event::RegionNotChecked(None));
                OfferedRegions(None)
            }
            Err(error) => {
                host.event(&Event::RegionNotChecked(Some(&error)));
                OfferedRegions(None)
            }
        }
    }

    /// Returns the nearest region to one that is not among them.
    pub fn nearest(&self, region: &RegionId) -> Option<String> {
        match &self.0 {
            // A documented region that is not offered would not help.
            Some(offered) => {
                let ids = offered.iter().filter_map(|other| other.region_id.as_ref());
                nearest::of(region.as_str(), ids)
            }
            None => nearest::region(region.as_str()),
        }
    }

    /// Returns whether a region is among them.
    pub fn offer(&self, region: &RegionId) -> Offer {
        let is_region = |other: &RegionInfo| other.region_id.as_deref() == Some(region.as_str());
        match &self.0 {
            None => Offer::Unknown,
            Some(regions) if regions.iter().any(is_region) => Offer::Offered,
            Some(_) => Offer::NotOffered,
        }
    }
}

/// Returns whether the service offers a region as a target; a failure is an event.
pub fn check_region(host: &dyn Host, source: &Service, region: &RegionId) -> Offer {
    OfferedRegions::read(host, source).offer(region)
}

/// Returns whether the target namespace is there, in the target region; creates it where asked.
///
/// # Errors
/// Settings and credentials of the target region, and whatever its service refuses.
pub fn check_target(host: &dyn Host, target: &Target, create: bool) -> Result<Presence, Failure> {
    let service = host.service_in(&target.region)?;
    if create {
        return namespace::ensure(&service, &target.namespace);
    }
    Ok(match service.namespace(&target.namespace)? {
        Some(_) => Presence::Exists,
        None => Presence::Missing,
    })
}

/// Returns `true` if an error comes from a setting that is there and broken, which is never passed
/// over; that no credential is set at all is not.
pub fn is_broken(error: &Error) -> bool {
    match error.kind() {
        Kind::Config | Kind::Validation | Kind::Io => true,
        Kind::Auth => error.details().http_status.is_none() && error.place().is_some(),
        _ => false,
    }
}

impl Preflight {
    fn missing(&self, link: &Link) -> Option<Failure> {
        let Target { region, namespace } = &link.target;
        let mut missing = Vec::new();
        if self.target_region == Offer::NotOffered {
            let what = format!("the region '{region}' is not offered as a target");
            missing.push((what, Reason::RegionNotOffered));
        }
        if self.repository == Presence::Missing {
            let what = format!(
                "there is no repository '{}' in the namespace '{}'",
                link.repository, link.namespace
            );
            missing.push((what, Reason::RepositoryMissing));
        }
        if self.target_namespace == Presence::Missing {
            let what = format!("there is no namespace '{namespace}' in {region}");
            missing.push((what, Reason::NamespaceMissing));
        }
        let reason = missing.first()?.1;
        let what: Vec<String> = missing.into_iter().map(|(what, _)| what).collect();
        let error = Error::new(
            Kind::Unmet,
            format!("no task was created: {}", what.join("; ")),
        );
        Some(Failure::new(error, reason))
    }
}
