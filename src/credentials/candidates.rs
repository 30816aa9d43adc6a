//! The places where a credential may be, in their order, and what is found when one is opened.
//!
//! Spotting looks whether something is there; resolving validates it. So what stands below the first
//! one that was found is listed and never validated (auth.md 2).

use jiff::Timestamp;

use super::ambient;
use super::logins::{Login, Logins};
use super::resolve::{self, refuse_asked};
use super::source::{Kind, Source};
use super::store::Store;
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
pub(super) enum Candidate<'a> {
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

/// Everything that candidates are looked for in.
pub(super) struct Search<'a> {
    pub(super) settings: &'a Settings,
    pub(super) logins: &'a Logins,
    pub(super) store: Option<&'a Store>,
    pub(super) now: Timestamp,
}

impl<'a> Search<'a> {
    /// Returns the candidates that count for the source region, strongest first.
    pub(super) fn candidates(&self, region: Option<&RegionId>) -> Vec<Candidate<'a>> {
        let layers: Vec<&Layer> = self.settings.layers(region).collect();
        let mut candidates = Vec::new();
        let (variables, rest): (Vec<&Layer>, Vec<&Layer>) = layers
            .into_iter()
            .partition(|layer| layer.place <= Place::Variables);
        let (vendors, file): (Vec<&Layer>, Vec<&Layer>) =
            rest.into_iter().partition(|layer| layer.place.is_vendors());
        // SWR_TOKEN, then the region's own, then SWR_ACCESS_KEY (contract section 2).
        candidates.extend(variables.iter().filter_map(|layer| token(layer)));
        candidates.extend(variables.iter().filter_map(|layer| keys(layer)));
        candidates.extend(variables.iter().filter_map(|layer| asked_in(layer)));
        for layer in file {
            candidates.extend(
                [token(layer), keys(layer), asked_in(layer)]
                    .into_iter()
                    .flatten(),
            );
        }
        candidates.extend(self.login(region));
        let environment = self.settings.environment();
        candidates.extend(ambient::sts_variable(environment).map(Candidate::Sts));
        candidates.extend(ambient::federation_variable(environment).map(Candidate::Federation));
        for layer in vendors {
            candidates.extend([token(layer), keys(layer)].into_iter().flatten());
        }
        candidates.extend(self.files());
        candidates.extend(ambient::pod_variable(environment).map(Candidate::Pod));
        candidates
    }

    /// Returns the candidates that are another region's own.
    pub(super) fn candidates_of(&self, region: &RegionId) -> Vec<Candidate<'a>> {
        self.settings
            .layers_of(region)
            .flat_map(|layer| [token(layer), keys(layer)].into_iter().flatten())
            .collect()
    }

    /// Returns the login of the profile that counts in a region.
    pub(super) fn login(&self, region: Option<&RegionId>) -> Option<Candidate<'a>> {
        let profile = self.settings.profile().map(|at| at.value.as_str());
        let login = self.logins.find(profile, region)?.clone();
        let origin = Origin::Login(self.store?.path().to_owned());
        Some(Candidate::Login(login, origin))
    }

    /// Keys that look encrypted are none; the chain tells of them when nothing else is found.
    fn files(&self) -> impl Iterator<Item = Candidate<'a>> {
        let sdk = match self.settings.sdk_credentials() {
            Ok(None) => None,
            Ok(Some(file)) => has_credential(&file).then_some(Candidate::SdkFile(Ok(file))),
            Err(error) => Some(Candidate::SdkFile(Err(error))),
        };
        let hcloud = match self.settings.hcloud_profile() {
            Ok(None) => None,
            Ok(Some(profile)) => (!profile.is_encrypted && has_any(&profile.entries, &KEYS))
                .then_some(Candidate::Hcloud(Ok(profile))),
            Err(error) => Some(Candidate::Hcloud(Err(error))),
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

fn token(layer: &Layer) -> Option<Candidate<'_>> {
    has_any(&layer.entries, &TOKENS).then_some(Candidate::Token(layer))
}

fn keys(layer: &Layer) -> Option<Candidate<'_>> {
    has_any(&layer.entries, &KEYS).then_some(Candidate::Keys(layer))
}

fn asked_in(layer: &Layer) -> Option<Candidate<'_>> {
    has_any(&layer.entries, &[Key::CredentialSource]).then_some(Candidate::Asked(layer))
}

impl Candidate<'_> {
    /// Returns the kind, not validated: what a place asks for by a wrong word is taken as keys.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Candidate::Token(_) | Candidate::Login(Login::Token(_), _) => Kind::Token,
            Candidate::Asked(layer) => match asked_source(layer) {
                Some(CredentialSource::Metadata) => Kind::Metadata,
                Some(CredentialSource::Pod) => Kind::Pod,
                Some(CredentialSource::Oidc) => Kind::Oidc,
                None => Kind::Keys,
            },
            Candidate::Sts(_) | Candidate::Federation(_) => Kind::Oidc,
            Candidate::SdkFile(Ok(file)) if file.is_federation() => Kind::Oidc,
            Candidate::Pod(_) => Kind::Pod,
            Candidate::Keys(_)
            | Candidate::Login(..)
            | Candidate::SdkFile(_)
            | Candidate::Hcloud(_) => Kind::Keys,
        }
    }

    /// Returns `true` if what is there signs requests; IAM gives a token for an id token, STS keys.
    pub(super) fn signs(&self, search: &Search<'_>) -> bool {
        match self {
            Candidate::Federation(_) => false,
            Candidate::SdkFile(Ok(file)) => !file.is_federation(),
            Candidate::Asked(_) if self.kind() == Kind::Oidc => {
                let environment = search.settings.environment();
                ambient::sts_variable(environment).is_some()
                    || ambient::federation_variable(environment).is_none()
            }
            _ => self.kind() != Kind::Token,
        }
    }

    /// Returns the place, not validated.
    pub(super) fn origin(&self) -> Origin {
        match self {
            Candidate::Token(layer) => first_origin(&layer.entries, &TOKENS),
            Candidate::Keys(layer) => first_origin(&layer.entries, &KEYS),
            Candidate::Asked(layer) => first_origin(&layer.entries, &[Key::CredentialSource]),
            Candidate::Login(_, origin) => origin.clone(),
            Candidate::Sts(name) | Candidate::Federation(name) | Candidate::Pod(name) => {
                Origin::Variable((*name).to_owned())
            }
            Candidate::SdkFile(Ok(file)) => file.origin(),
            Candidate::Hcloud(Ok(profile)) => profile.origin.clone(),
            Candidate::SdkFile(Err(error)) | Candidate::Hcloud(Err(error)) => {
                error.place().cloned().unwrap_or(Origin::Default)
            }
        }
    }

    /// Returns `true` if the place is the vendor's, whose project then goes with it.
    pub(super) fn own_project(&self) -> Option<&Given> {
        let entries = match self {
            Candidate::Token(layer) | Candidate::Keys(layer) if layer.place.is_vendors() => {
                &layer.entries
            }
            Candidate::SdkFile(Ok(file)) => &file.entries,
            Candidate::Hcloud(Ok(profile)) => &profile.entries,
            _ => return None,
        };
        entries.get(&Key::ProjectId)
    }

    /// Returns `true` if the place is the vendor's.
    pub(super) fn is_vendors(&self) -> bool {
        match self {
            Candidate::Token(layer) | Candidate::Keys(layer) => layer.place.is_vendors(),
            Candidate::SdkFile(_) | Candidate::Hcloud(_) => true,
            _ => false,
        }
    }

    /// Validates what is there. `region` is the one that the credential is for; `None` is the source
    /// region, known or not.
    pub(super) fn open(
        self,
        search: &Search<'_>,
        region: Option<&RegionId>,
    ) -> Result<Source, Error> {
        let settings = search.settings;
        match self {
            Candidate::Token(layer) => resolve::token(layer, settings),
            Candidate::Keys(layer) => {
                refuse_asked(layer, &KEYS)?;
                resolve::keys(&layer.entries, layer.place)
            }
            Candidate::Asked(_) => match settings.credential_source()? {
                Some(asked) => ambient::source(settings, asked.value, region),
                None => Err(nothing_found()),
            },
            Candidate::Login(login, origin) => resolve::login(login, &origin, search.now),
            Candidate::Sts(_) => ambient::sts(settings, region),
            Candidate::Federation(_) => ambient::federation(settings, region),
            Candidate::SdkFile(file) => resolve::sdk_file(&file?, settings, region),
            Candidate::Hcloud(profile) => resolve::keys(&profile?.entries, Place::VendorFiles),
            Candidate::Pod(_) => ambient::pod(settings.environment()),
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
