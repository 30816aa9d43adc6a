//! Where a fleet is: the services of its sources, and whether its targets can work.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use super::item::Origin;
use crate::api::Service;
use crate::api::sync::Target;
use crate::context::Context;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::fleet::{Fleet, Home};
use crate::lock::lock;
use crate::names::{Namespace, RegionId, Repository};
use crate::sync::namespace::Presence;
use crate::sync::preflight::{Offer, OfferedRegions, check_target, is_broken, nearest_namespace};
use crate::sync::task::Named;
use crate::sync::{Event, Host, nearest};

/// The contexts of the profiles that entries name, beside the run's own.
#[derive(Debug)]
pub(in crate::commands) struct Profiles<'a> {
    own: &'a Context,
    others: BTreeMap<String, Context>,
}

impl<'a> Profiles<'a> {
    /// Loads the profiles of a fleet.
    ///
    /// # Errors
    /// A profile that does not exist.
    pub(in crate::commands) fn load<'n>(
        own: &'a Context,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Profiles<'a>, Error> {
        let run = own.settings().profile().map(|setting| &setting.value);
        let mut others = BTreeMap::new();
        for name in names {
            if Some(name) != run.map(String::as_str) && !others.contains_key(name) {
                others.insert(name.to_owned(), own.with_profile(name)?);
            }
        }
        Ok(Profiles { own, others })
    }

    /// Loads the profiles that a fleet's entries name.
    ///
    /// # Errors
    /// As [`Profiles::load`].
    pub(in crate::commands) fn of_fleet(
        own: &'a Context,
        fleet: &Fleet,
    ) -> Result<Profiles<'a>, Error> {
        let names = fleet
            .sources
            .iter()
            .filter_map(|source| source.profile.as_deref());
        Profiles::load(own, names)
    }

    fn of(&self, name: Option<&str>) -> &Context {
        name.and_then(|name| self.others.get(name))
            .unwrap_or(self.own)
    }
}

/// A source region, seen by a profile: its service, and what was looked up for its targets.
#[derive(Debug)]
pub(in crate::commands) struct Region<'a> {
    /// Whom the service is asked for.
    pub(super) context: &'a Context,
    /// The service.
    pub(in crate::commands) service: Service,
    endpoint: Endpoint,
    home: Home,
    offered: OnceLock<OfferedRegions>,
    targets: Mutex<HashMap<Target, Arc<OnceLock<Checked>>>>,
    manner: Manner,
}

/// How a run treats what it finds.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::commands) struct Manner {
    /// Whether target namespaces that are missing are created.
    pub(in crate::commands) creates_namespaces: bool,
    /// Whether requests are shown, and only those sent that change nothing.
    pub(in crate::commands) is_dry: bool,
}

/// Whether tasks to a target can work.
#[derive(Debug)]
enum Checked {
    Works,
    /// Once the namespace is created, which a dry run only shows.
    WouldWork,
    Unmet {
        reason: String,
        hint: &'static str,
    },
    /// It cannot be looked at or made, and that must not be passed over.
    Failed(Error),
}

impl<'a> Region<'a> {
    /// Finds the service of a source region.
    ///
    /// # Errors
    /// Missing or wrong settings and credentials; nothing is sent.
    pub(in crate::commands) fn of(
        profiles: &'a Profiles<'_>,
        home: &Home,
        manner: Manner,
    ) -> Result<Region<'a>, Error> {
        let context = profiles.of(home.profile.as_deref());
        let (service, endpoint) = match &home.region {
            Some(region) if context.region().as_ref() != Some(region) => {
                (context.service_of(region)?, context.endpoint_of(region)?)
            }
            _ => (context.service()?, context.endpoint()?),
        };
        Ok(Region {
            context,
            service,
            endpoint,
            home: home.clone(),
            offered: OnceLock::new(),
            targets: Mutex::default(),
            manner,
        })
    }

    /// Returns `true` if requests are only shown.
    pub(super) fn is_dry(&self) -> bool {
        self.manner.is_dry
    }

    /// Returns `true` if a target namespace has to be created first, as a dry run found out.
    pub(super) fn lacks_namespace(&self, target: &Target) -> bool {
        let cell = lock(&self.targets).get(target).map(Arc::clone);
        cell.is_some_and(|cell| matches!(cell.get(), Some(Checked::WouldWork)))
    }

    /// Fails where a setting of a target region is there and broken; that none is set is found
    /// when the target is looked at.
    pub(super) fn check_settings<'t>(
        &self,
        targets: impl IntoIterator<Item = &'t RegionId>,
    ) -> Result<(), Error> {
        for region in targets {
            match self.context.service_of(region) {
                Err(error) if is_broken(&error) || self.manner.creates_namespaces => {
                    return Err(error);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns the address that is asked.
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns the source region, where it is known.
    pub(in crate::commands) fn id(&self) -> Option<&RegionId> {
        self.home.region.as_ref()
    }

    /// Returns the profile and the source region.
    pub(in crate::commands) fn home(&self) -> &Home {
        &self.home
    }

    /// Returns what a command has to name to reach it.
    pub(in crate::commands) fn named(&self) -> Named {
        let own = self.context.region();
        let other = self
            .home
            .region
            .clone()
            .filter(|region| own.as_ref() != Some(region));
        Named {
            profile: self.home.profile.clone(),
            region: other.or_else(|| self.context.named().region),
        }
    }

    /// Returns a repository of it, as items name it.
    pub(super) fn origin(&self, namespace: &Namespace, repository: &Repository) -> Origin {
        let mut origin = self.origin_of(namespace);
        origin.repository = repository.to_string();
        origin
    }

    /// Returns all repositories of a namespace of it, as an item names them.
    pub(super) fn origin_of(&self, namespace: &Namespace) -> Origin {
        Origin {
            profile: self.home.profile.clone(),
            region: self.home.region.as_ref().map(RegionId::to_string),
            endpoint: self.endpoint.to_string(),
            namespace: namespace.to_string(),
            repository: "*".to_owned(),
        }
    }

    /// Fails where tasks to a target cannot work. Each target is looked at once.
    ///
    /// # Errors
    /// Kind `unmet` when region or namespace are not there; a namespace that could not be created;
    /// broken settings.
    pub(super) fn check(&self, target: &Target) -> Result<(), Error> {
        let cell = Arc::clone(lock(&self.targets).entry(target.clone()).or_default());
        match cell.get_or_init(|| self.look(target)) {
            Checked::Works | Checked::WouldWork => Ok(()),
            Checked::Unmet { reason, hint } => {
                Err(Error::new(Kind::Unmet, reason.as_str()).hint(*hint))
            }
            Checked::Failed(error) => Err(error.summary()),
        }
    }

    /// Looks at a target that nobody has looked at or is looking at; waits for no one.
    pub(super) fn check_ahead(&self, target: &Target) {
        let is_known = lock(&self.targets).contains_key(target);
        if !is_known {
            let _ = self.check(target);
        }
    }

    fn look(&self, target: &Target) -> Checked {
        let Target { region, namespace } = target;
        let offered = self
            .offered
            .get_or_init(|| OfferedRegions::read(self.context, &self.service));
        if offered.offer(region) == Offer::NotOffered {
            return Checked::Unmet {
                reason: with_nearest(
                    format!("the region '{region}' is not offered as a target"),
                    offered.nearest(region),
                ),
                hint: "'swr sync regions' lists the regions that are offered",
            };
        }
        let Manner {
            creates_namespaces,
            is_dry,
        } = self.manner;
        match check_target(self.context, target, creates_namespaces && !is_dry) {
            Ok(Presence::Missing) if creates_namespaces => Checked::WouldWork,
            Ok(Presence::Missing) => Checked::Unmet {
                reason: with_nearest(
                    format!("there is no namespace '{namespace}' in {region}"),
                    nearest_namespace(self.context, target),
                ),
                hint: "--create-namespace creates it",
            },
            Ok(_) => Checked::Works,
            Err(failure) => {
                let error = failure.error;
                let passes =
                    !creates_namespaces && error.kind() != Kind::Interrupted && !is_broken(&error);
                if !passes {
                    return Checked::Failed(error);
                }
                self.context.event(&Event::NamespaceNotChecked(&error));
                Checked::Works
            }
        }
    }
}

/// Returns a reason with the name that is probably meant: each is told once, and has no hint then.
fn with_nearest(reason: String, near: Option<String>) -> String {
    match nearest::hint([near]) {
        Some(hint) => format!("{reason}; {hint}"),
        None => reason,
    }
}
