//! Region, endpoint and project: each follows from the others where one is missing.
//!
//! Source: contract section 2, `reference/swr-api.md` section 1.

use super::key::Key;
use super::layer::{Entry, Layer, LayerKind};
use super::load::Settings;
use super::regions_file;
use super::setting::Setting;
use super::value::{ProjectId, RegistryHost};
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::names::{ProjectName, RegionId};
use crate::origin::Origin;

impl Settings {
    /// Returns the source region: as set, else read off an endpoint of the vendor's form.
    ///
    /// # Errors
    /// Kind `config` (exit 2 where an option brought it): it is invalid, or it contradicts an
    /// endpoint that is not stronger.
    pub fn region(&self) -> Result<Option<Setting<RegionId>>, Error> {
        let chain = self.chain(Key::Region, None);
        let set = self.parsed(Key::Region, &chain)?;
        let Some(set) = set else {
            let region = self.winner(None).and_then(region_of);
            let by_endpoint =
                region.map(|region| Setting::new(region, Origin::Derived("endpoint")));
            return Ok(by_endpoint.or_else(|| self.region_of_image()));
        };
        let Some((layer, given)) = self.winner(Some(&set.value)) else {
            return Ok(Some(set));
        };
        match region_of((layer, given)) {
            Some(other) if other != set.value => {
                if layer.region.is_some() || self.kind_of_the_region() <= layer.kind {
                    return Err(contradiction(&set, given, &other));
                }
                Ok(Some(Setting {
                    value: other,
                    origin: Origin::Derived("endpoint"),
                    overridden: chain
                        .iter()
                        .map(|given| (given.origin.clone(), given.value.shown()))
                        .collect(),
                }))
            }
            _ => Ok(Some(set)),
        }
    }

    /// Takes the region of an image on the command line as the source region, where nothing else
    /// gives one. Returns the region that contradicts it.
    pub fn read_region_of_image(&self, region: &RegionId) -> Option<Setting<RegionId>> {
        let known = match self.region() {
            Ok(None) => return self.image_region.set(region.clone()).err().and(None),
            Ok(known) => known,
            // Told where the region is needed.
            Err(_) => None,
        };
        known.filter(|known| known.value != *region)
    }

    fn region_of_image(&self) -> Option<Setting<RegionId>> {
        let region = self.image_region.get()?;
        Some(Setting::new(region.clone(), Origin::Option("IMAGE")))
    }

    /// Returns the source region, which has to be known.
    ///
    /// # Errors
    /// As [`Settings::region`]; kind `config` where nothing sets the region.
    pub fn require_region(&self) -> Result<Setting<RegionId>, Error> {
        self.region()?.ok_or_else(|| {
            Error::new(Kind::Config, "no region is set").hint(
                "set it with --region, SWR_REGION, or 'region' in the config file, \
                 like cn-north-4",
            )
        })
    }

    /// Returns the endpoint in the source region: as set, else derived from the region.
    ///
    /// # Errors
    /// As [`Settings::region`]; kind `config` where it is invalid, or nothing sets it.
    pub fn endpoint(&self) -> Result<Setting<Endpoint>, Error> {
        self.endpoint_if_known()?.ok_or_else(|| {
            Error::new(Kind::Config, "neither a region nor an endpoint is set").hint(
                "set the region with --region, SWR_REGION, or 'region' in the config file, \
                 like cn-north-4",
            )
        })
    }

    pub(super) fn endpoint_if_known(&self) -> Result<Option<Setting<Endpoint>>, Error> {
        let region = self.region()?.map(|setting| setting.value);
        let chain = self.chain(Key::Endpoint, region.as_ref());
        match region {
            None => self.parsed(Key::Endpoint, &chain),
            Some(region) => self.endpoint_by(chain, &region).map(Some),
        }
    }

    /// Returns the endpoint in a region: the source region's, or another one's own.
    ///
    /// # Errors
    /// Kind `config` where it is invalid, or names another region.
    pub fn endpoint_of(&self, region: &RegionId) -> Result<Setting<Endpoint>, Error> {
        if self.is_own(region)? {
            return self.endpoint();
        }
        let chain = self.chain_of(Key::Endpoint, region);
        if let Some(first) = chain.first() {
            let named = address_of(first).and_then(|endpoint| endpoint.region());
            if let Some(other) = named.filter(|other| other != region) {
                let set = Setting::new(region.clone(), first.origin.clone());
                return Err(contradiction(&set, first, &other));
            }
        }
        self.endpoint_by(chain, region)
    }

    /// The SDK's file of endpoints is weaker than its variables; it is read only when it counts.
    fn endpoint_by(
        &self,
        chain: Vec<&Entry>,
        region: &RegionId,
    ) -> Result<Setting<Endpoint>, Error> {
        let listed = match regions_file::endpoint(self.environment(), region) {
            Err(error) if chain.is_empty() => return Err(error),
            listed => listed.ok().flatten(),
        };
        let chain: Vec<&Entry> = chain.into_iter().chain(&listed).collect();
        let set = self.parsed(Key::Endpoint, &chain)?;
        Ok(set.unwrap_or_else(|| {
            Setting::new(Endpoint::of_region(region), Origin::Derived("region"))
        }))
    }

    /// Returns the id of the source region's project.
    ///
    /// # Errors
    /// As [`Settings::region`]; kind `config` where it is invalid.
    pub fn project_id(&self) -> Result<Option<Setting<String>>, Error> {
        let region = self.region()?.map(|setting| setting.value);
        let chain = self.chain(Key::ProjectId, region.as_ref());
        self.parsed_project(&chain)
    }

    /// Returns the id of a region's project. What is set without a region holds for the source
    /// region only.
    ///
    /// # Errors
    /// As [`Settings::project_id`].
    pub fn project_of(&self, region: &RegionId) -> Result<Option<Setting<String>>, Error> {
        if self.is_own(region)? {
            return self.project_id();
        }
        let chain = self.chain_of(Key::ProjectId, region);
        self.parsed_project(&chain)
    }

    /// Parses the project that a vendor's layer gives beside its keys.
    ///
    /// # Errors
    /// Kind `config` where it is invalid.
    pub fn project_of_file(&self, given: &Entry) -> Result<Setting<String>, Error> {
        let ProjectId(value) = self.parsed_entry(Key::ProjectId, given)?;
        Ok(Setting::new(value, given.origin.clone()))
    }

    fn parsed_project(&self, chain: &[&Entry]) -> Result<Option<Setting<String>>, Error> {
        let project = self.parsed(Key::ProjectId, chain)?;
        Ok(project.map(|project| project.map(|ProjectId(id)| id)))
    }

    /// Returns the name of the project whose registry is meant in a region; `None` for the default
    /// project. What is set without a region holds for the source region only.
    ///
    /// # Errors
    /// As [`Settings::region`]; kind `config` where it is invalid, or is another region's.
    pub fn project_name_of(
        &self,
        region: &RegionId,
    ) -> Result<Option<Setting<ProjectName>>, Error> {
        let chain = if self.is_own(region)? {
            self.chain(Key::ProjectName, Some(region))
        } else {
            self.chain_of(Key::ProjectName, region)
        };
        let project: Option<Setting<ProjectName>> = self.parsed(Key::ProjectName, &chain)?;
        if let Some(project) = project
            .as_ref()
            .filter(|project| !project.value.is_in(region))
        {
            let what = format!(
                "the project '{}' is not in the region {region}",
                project.value
            );
            return Err(Error::new(Kind::Config, what)
                .origin(project.origin.clone())
                .hint("name a project of this region, or leave it out for the default project"));
        }
        Ok(project)
    }

    /// Returns the registry of the source region: as set, else the vendor's.
    ///
    /// # Errors
    /// As [`Settings::require_region`]; kind `config` where it is invalid.
    pub fn registry(&self) -> Result<Setting<RegistryHost>, Error> {
        let own = self.region()?.map(|setting| setting.value);
        match self.parsed(Key::Registry, &self.chain(Key::Registry, own.as_ref()))? {
            Some(registry) => Ok(registry),
            None => Ok(derived_registry(&self.require_region()?.value)),
        }
    }

    /// Returns the registry of a region: the source region's, or another one's own.
    ///
    /// # Errors
    /// As [`Settings::registry`].
    pub fn registry_of(&self, region: &RegionId) -> Result<Setting<RegistryHost>, Error> {
        if self.is_own(region)? {
            return self.registry();
        }
        let set = self.parsed(Key::Registry, &self.chain_of(Key::Registry, region))?;
        Ok(set.unwrap_or_else(|| derived_registry(region)))
    }

    /// Returns the address of IAM for a region: as set, which then holds for all, else derived.
    ///
    /// # Errors
    /// Kind `config` where it is invalid.
    pub fn iam_endpoint(&self, region: &RegionId) -> Result<Setting<Endpoint>, Error> {
        self.service_endpoint(Key::IamEndpoint, "iam", region)
    }

    /// Returns the address of STS for a region, as [`Settings::iam_endpoint`].
    ///
    /// # Errors
    /// Kind `config` where it is invalid.
    pub fn sts_endpoint(&self, region: &RegionId) -> Result<Setting<Endpoint>, Error> {
        self.service_endpoint(Key::StsEndpoint, "sts", region)
    }

    fn service_endpoint(
        &self,
        key: Key,
        service: &str,
        region: &RegionId,
    ) -> Result<Setting<Endpoint>, Error> {
        // The SDK's file is weaker than its variables; a broken file is an error when its keys are needed.
        let file = match self.sdk_credentials() {
            Ok(Some(file)) if key == Key::IamEndpoint => file.entries.get(&key).cloned(),
            _ => None,
        };
        let mut chain = self.chain(key, None);
        chain.extend(&file);
        let set = self.parsed(key, &chain)?;
        Ok(set.unwrap_or_else(|| {
            let derived = Endpoint::of_service(service, region);
            Setting::new(derived, Origin::Derived("region"))
        }))
    }

    /// Returns `true` if a region is the source region.
    ///
    /// # Errors
    /// As [`Settings::region`].
    pub fn is_own(&self, region: &RegionId) -> Result<bool, Error> {
        Ok(self.region()?.is_some_and(|own| own.value == *region))
    }

    fn chain_of(&self, key: Key, region: &RegionId) -> Vec<&Entry> {
        self.layers_of(region)
            .filter_map(|layer| layer.entries.get(&key))
            .collect()
    }

    /// Returns the endpoint that counts for a source region, with its layer.
    fn winner(&self, region: Option<&RegionId>) -> Option<(&Layer, &Entry)> {
        self.layers(region)
            .find_map(|layer| Some((layer, layer.entries.get(&Key::Endpoint)?)))
    }

    fn kind_of_the_region(&self) -> LayerKind {
        self.layers(None)
            .find(|layer| layer.entries.contains_key(&Key::Region))
            .map_or(LayerKind::VendorFiles, |layer| layer.kind)
    }
}

/// Reads the region off an endpoint; an invalid endpoint names none; it is an error when it is used.
fn region_of((_, given): (&Layer, &Entry)) -> Option<RegionId> {
    address_of(given)?.region()
}

fn address_of(given: &Entry) -> Option<Endpoint> {
    Endpoint::parse(&given.text().ok()?).ok()
}

fn derived_registry(region: &RegionId) -> Setting<RegistryHost> {
    Setting::new(RegistryHost::of_region(region), Origin::Derived("region"))
}

fn contradiction(region: &Setting<RegionId>, endpoint: &Entry, other: &RegionId) -> Error {
    let what = format!(
        "region '{}' contradicts the endpoint '{}' ({}), which is that of '{other}'",
        region.value,
        endpoint.value.shown(),
        endpoint.origin
    );
    Error::new(Kind::Config, what)
        .origin(region.origin.clone())
        .hint("leave out one of the two: without an endpoint it is derived from the region")
}
