//! The places where a credential may be, in their order, and what is found when one is opened.
//!
//! Spotting looks whether something is there; opening judges it. So what stands below the first
//! one that was found is listed and never judged (auth.md 2).

use jiff::Timestamp;

use super::asked;
use super::opening::{self, refuse_asked};
use super::source::{Kind, Source};
use super::store::{Login, Logins, Store};
use crate::error::{Error, Kind as ErrorKind};
use crate::names::RegionId;
use crate::origin::Origin;
use crate::settings::{
    CredentialSource, Entries, Given, HcloudProfile, Key, Layer, Place, SdkCredentials, Settings,
};

/// The ways to give a token; two of them in one place contradict each other.
pub(super) const TOKENS: [Key; 3] = [Key::Token, Key::TokenFile, Key::TokenCommand];
/// Keys are one setting of three parts.
pub(super) const KEYS: [Key; 3] = [Key::AccessKey, Key::SecretKey, Key::SecurityToken];

/// A place where a credential is.
pub(super) enum Spot<'a> {
    /// A token in a layer of the settings.
    Token(&'a Layer),
    /// Keys in a layer of the settings.
    Keys(&'a Layer),
    /// A source that a layer of the settings asks for.
    Asked(&'a Layer),
    /// A login.
    Login(Login, Origin),
    /// OIDC by STS, asked for by a variable.
    Sts(&'static str),
    /// OIDC by IAM, asked for by a variable.
    Federation(&'static str),
    /// The SDK's credentials file.
    SdkFile(Result<SdkCredentials, Error>),
    /// hcloud's config file.
    Hcloud(Result<HcloudProfile, Error>),
    /// Pod identity, asked for by a variable.
    Pod(&'static str),
}

/// Everything that spots are looked for in.
pub(super) struct Ground<'a> {
    pub(super) settings: &'a Settings,
    pub(super) logins: &'a Logins,
    pub(super) store: Option<&'a Store>,
    pub(super) now: Timestamp,
}

impl<'a> Ground<'a> {
    /// Returns the spots that count for the source region, strongest first.
    pub(super) fn spots(&self, region: Option<&RegionId>) -> Vec<Spot<'a>> {
        let layers: Vec<&Layer> = self.settings.layers(region).collect();
        let mut spots = Vec::new();
        let (variables, rest): (Vec<&Layer>, Vec<&Layer>) = layers
            .into_iter()
            .partition(|layer| layer.place <= Place::Variables);
        let (vendors, file): (Vec<&Layer>, Vec<&Layer>) =
            rest.into_iter().partition(|layer| layer.place.is_vendors());
        // SWR_TOKEN, then the region's own, then SWR_ACCESS_KEY (contract section 2).
        spots.extend(variables.iter().filter_map(|layer| token(layer)));
        spots.extend(variables.iter().filter_map(|layer| keys(layer)));
        spots.extend(variables.iter().filter_map(|layer| asked_in(layer)));
        for layer in file {
            spots.extend(
                [token(layer), keys(layer), asked_in(layer)]
                    .into_iter()
                    .flatten(),
            );
        }
        spots.extend(self.login(region));
        let environment = self.settings.environment();
        spots.extend(asked::sts_variable(environment).map(Spot::Sts));
        spots.extend(asked::federation_variable(environment).map(Spot::Federation));
        for layer in vendors {
            spots.extend([token(layer), keys(layer)].into_iter().flatten());
        }
        spots.extend(self.files());
        spots.extend(asked::pod_variable(environment).map(Spot::Pod));
        spots
    }

    /// Returns the spots that are another region's own.
    pub(super) fn spots_of(&self, region: &RegionId) -> Vec<Spot<'a>> {
        self.settings
            .layers_of(region)
            .flat_map(|layer| [token(layer), keys(layer)].into_iter().flatten())
            .collect()
    }

    /// Returns the login of the profile that counts in a region.
    pub(super) fn login(&self, region: Option<&RegionId>) -> Option<Spot<'a>> {
        let profile = self.settings.profile().map(|at| at.value.as_str());
        let login = self.logins.find(profile, region)?.clone();
        let origin = Origin::Login(self.store?.path().to_owned());
        Some(Spot::Login(login, origin))
    }

    /// Keys that look encrypted are none; the chain tells of them when nothing else is found.
    fn files(&self) -> impl Iterator<Item = Spot<'a>> {
        let sdk = match self.settings.sdk_credentials() {
            Ok(None) => None,
            Ok(Some(file)) => has_credential(&file).then_some(Spot::SdkFile(Ok(file))),
            Err(error) => Some(Spot::SdkFile(Err(error))),
        };
        let hcloud = match self.settings.hcloud_profile() {
            Ok(None) => None,
            Ok(Some(profile)) => (!profile.is_encrypted && has_any(&profile.entries, &KEYS))
                .then_some(Spot::Hcloud(Ok(profile))),
            Err(error) => Some(Spot::Hcloud(Err(error))),
        };
        sdk.into_iter().chain(hcloud)
    }
}

fn has_any(entries: &Entries, keys: &[Key]) -> bool {
    keys.iter().any(|key| entries.contains_key(key))
}

fn has_credential(file: &SdkCredentials) -> bool {
    has_any(&file.entries, &KEYS)
        || file.identity_provider.is_some() && file.id_token_file.is_some()
}

fn token(layer: &Layer) -> Option<Spot<'_>> {
    has_any(&layer.entries, &TOKENS).then_some(Spot::Token(layer))
}

fn keys(layer: &Layer) -> Option<Spot<'_>> {
    has_any(&layer.entries, &KEYS).then_some(Spot::Keys(layer))
}

fn asked_in(layer: &Layer) -> Option<Spot<'_>> {
    has_any(&layer.entries, &[Key::CredentialSource]).then_some(Spot::Asked(layer))
}

impl Spot<'_> {
    /// Returns the kind, unjudged: what a place asks for by a wrong word is taken as keys.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Spot::Token(_) | Spot::Login(Login::Token(_), _) => Kind::Token,
            Spot::Asked(layer) => match asked_source(layer) {
                Some(CredentialSource::Metadata) => Kind::Metadata,
                Some(CredentialSource::Pod) => Kind::Pod,
                Some(CredentialSource::Oidc) => Kind::Oidc,
                None => Kind::Keys,
            },
            Spot::Sts(_) | Spot::Federation(_) => Kind::Oidc,
            Spot::SdkFile(Ok(file)) if file.is_federation() => Kind::Oidc,
            Spot::Pod(_) => Kind::Pod,
            Spot::Keys(_) | Spot::Login(..) | Spot::SdkFile(_) | Spot::Hcloud(_) => Kind::Keys,
        }
    }

    /// Returns `true` if what is there signs requests; IAM gives a token for an id token, STS keys.
    pub(super) fn signs(&self, ground: &Ground<'_>) -> bool {
        match self {
            Spot::Federation(_) => false,
            Spot::SdkFile(Ok(file)) => !file.is_federation(),
            Spot::Asked(_) if self.kind() == Kind::Oidc => {
                let environment = ground.settings.environment();
                asked::sts_variable(environment).is_some()
                    || asked::federation_variable(environment).is_none()
            }
            _ => self.kind() != Kind::Token,
        }
    }

    /// Returns the place, unjudged.
    pub(super) fn origin(&self) -> Origin {
        match self {
            Spot::Token(layer) => first_origin(&layer.entries, &TOKENS),
            Spot::Keys(layer) => first_origin(&layer.entries, &KEYS),
            Spot::Asked(layer) => first_origin(&layer.entries, &[Key::CredentialSource]),
            Spot::Login(_, origin) => origin.clone(),
            Spot::Sts(name) | Spot::Federation(name) | Spot::Pod(name) => {
                Origin::Variable((*name).to_owned())
            }
            Spot::SdkFile(Ok(file)) => file.origin(),
            Spot::Hcloud(Ok(profile)) => profile.origin.clone(),
            Spot::SdkFile(Err(error)) | Spot::Hcloud(Err(error)) => {
                error.place().cloned().unwrap_or(Origin::Default)
            }
        }
    }

    /// Returns `true` if the place is the vendor's, whose project then goes with it.
    pub(super) fn own_project(&self) -> Option<&Given> {
        let entries = match self {
            Spot::Token(layer) | Spot::Keys(layer) if layer.place.is_vendors() => &layer.entries,
            Spot::SdkFile(Ok(file)) => &file.entries,
            Spot::Hcloud(Ok(profile)) => &profile.entries,
            _ => return None,
        };
        entries.get(&Key::ProjectId)
    }

    /// Returns `true` if the place is the vendor's.
    pub(super) fn is_vendors(&self) -> bool {
        match self {
            Spot::Token(layer) | Spot::Keys(layer) => layer.place.is_vendors(),
            Spot::SdkFile(_) | Spot::Hcloud(_) => true,
            _ => false,
        }
    }

    /// Judges what is there. `region` is the one that the credential is for; `None` is the source
    /// region, known or not.
    pub(super) fn open(
        self,
        ground: &Ground<'_>,
        region: Option<&RegionId>,
    ) -> Result<Source, Error> {
        let settings = ground.settings;
        match self {
            Spot::Token(layer) => opening::token(layer, settings),
            Spot::Keys(layer) => {
                refuse_asked(layer, &KEYS)?;
                opening::keys(&layer.entries, layer.place)
            }
            Spot::Asked(_) => match settings.credential_source()? {
                Some(asked) => asked::source(settings, asked.value, region),
                None => Err(nothing_found()),
            },
            Spot::Login(login, origin) => opening::login(login, &origin, ground.now),
            Spot::Sts(_) => asked::sts(settings, region),
            Spot::Federation(_) => asked::federation(settings, region),
            Spot::SdkFile(file) => opening::sdk_file(&file?, settings, region),
            Spot::Hcloud(profile) => opening::keys(&profile?.entries, Place::VendorFiles),
            Spot::Pod(_) => asked::pod(settings.environment()),
        }
    }
}

impl SdkCredentials {
    fn is_federation(&self) -> bool {
        self.identity_provider.is_some() && self.id_token_file.is_some()
    }

    fn origin(&self) -> Origin {
        match &self.identity_provider {
            Some(given) if self.is_federation() => given.origin.clone(),
            _ => first_origin(&self.entries, &KEYS),
        }
    }
}

/// Makes the error of a search that found nothing.
pub(super) fn nothing_found() -> Error {
    Error::new(ErrorKind::Auth, "no credential is set").hint(
        "log in with 'swr auth login', or set SWR_TOKEN, or SWR_ACCESS_KEY with SWR_SECRET_KEY; \
         'swr help environment' lists every way",
    )
}

fn first_origin(entries: &Entries, keys: &[Key]) -> Origin {
    keys.iter()
        .find_map(|key| entries.get(key))
        .map_or(Origin::Default, |given| given.origin.clone())
}

fn asked_source(layer: &Layer) -> Option<CredentialSource> {
    let given = layer.entries.get(&Key::CredentialSource)?;
    let shown = given.value.shown();
    CredentialSource::ALL
        .into_iter()
        .find(|(name, _)| *name == shown)
        .map(|(_, source)| source)
}
