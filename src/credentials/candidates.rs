//! The credentials that may be used, in one list in their order of precedence.
//!
//! The chain takes the first one and resolves it. What is below the first is listed and never
//! validated (auth.md 2).

use std::path::PathBuf;

use jiff::Timestamp;

use super::ambient;
use super::keys::{KEYS, TOKENS};
use super::logins::{Login, Logins, TokenLogin};
use super::resolve;
use super::source::{Kind, Source};
use super::store::Store;
use crate::error::Error;
use crate::names::RegionId;
use crate::origin::Origin;
use crate::settings::{
    CredentialSource, Entries, Entry, HcloudProfile, Key, Layer, LayerKind, SdkCredentials,
    Settings, Value,
};

/// A place that holds or names a credential.
pub(super) struct Candidate<'a> {
    /// What it is, not validated: an unknown `credential_source` counts as keys.
    pub(super) kind: Kind,
    /// Where it is.
    pub(super) origin: Origin,
    /// Whether its requests are signed; otherwise they carry a token.
    pub(super) signs: bool,
    /// Which project goes with it.
    pub(super) project: Project,
    /// The login, where it is a token of one.
    pub(super) login: Option<TokenLogin>,
    /// The vendor's family of variables that it is from.
    pub(super) family: Option<LayerKind>,
    /// The file that holds nothing but the secret, or the vendor's file.
    pub(super) file: Option<PathBuf>,
    resolve: Box<Resolve<'a>>,
}

type Resolve<'a> = dyn FnOnce(Option<&RegionId>) -> Result<Source, Error> + 'a;

/// The project that a credential is used for.
pub(super) enum Project {
    /// The one of the settings.
    Settings,
    /// The login's own.
    Login(String),
    /// The vendor's, which goes with the credential beside it and with no other vendor's.
    Vendor(Option<Entry>),
}

/// Everything that candidates are looked for in.
pub(super) struct Search<'a> {
    pub(super) settings: &'a Settings,
    pub(super) logins: &'a Logins,
    pub(super) store: Option<&'a Store>,
    pub(super) now: Timestamp,
}

impl<'a> Search<'a> {
    /// Returns the candidates of the source region, strongest first.
    pub(super) fn candidates(&self, region: Option<&RegionId>) -> Vec<Candidate<'a>> {
        let environment = self.settings.environment();
        let layers: Vec<&Layer> = self.settings.layers(region).collect();
        let (variables, rest): (Vec<&Layer>, Vec<&Layer>) = layers
            .into_iter()
            .partition(|layer| layer.kind <= LayerKind::Variables);
        let (vendors, file): (Vec<&Layer>, Vec<&Layer>) =
            rest.into_iter().partition(|layer| layer.kind.is_vendors());
        let mut list = Vec::new();
        // SWR_TOKEN, then the region's own, then SWR_ACCESS_KEY (contract section 2).
        list.extend(variables.iter().filter_map(|layer| self.token(layer)));
        list.extend(variables.iter().filter_map(|layer| self.keys(layer)));
        list.extend(variables.iter().filter_map(|layer| self.ambient(layer)));
        for layer in file {
            list.extend(self.token(layer));
            list.extend(self.keys(layer));
            list.extend(self.ambient(layer));
        }
        list.extend(self.login(region));
        list.extend(ambient::sts_variable(environment).map(|name| self.sts(name)));
        list.extend(ambient::federation_variable(environment).map(|name| self.federation(name)));
        for layer in vendors {
            list.extend(self.token(layer));
            list.extend(self.keys(layer));
        }
        list.extend(self.sdk_file());
        list.extend(self.hcloud());
        list.extend(ambient::pod_variable(environment).map(|name| self.pod(name)));
        list
    }

    /// Returns the candidates that are another region's own.
    pub(super) fn candidates_of(&self, region: &RegionId) -> Vec<Candidate<'a>> {
        self.settings
            .layers_of(region)
            .flat_map(|layer| [self.token(layer), self.keys(layer)])
            .flatten()
            .collect()
    }

    /// Returns the login of the profile that counts in a region.
    pub(super) fn login(&self, region: Option<&RegionId>) -> Option<Candidate<'a>> {
        let profile = self.settings.profile().map(|at| at.value.as_str());
        let login = self.logins.find(profile, region)?.clone();
        let origin = Origin::Login(self.store?.path().to_owned());
        let (kind, token) = match &login {
            Login::Token(token) => (Kind::Token, Some(token.clone())),
            Login::Keys(_) => (Kind::Keys, None),
        };
        let (now, place) = (self.now, origin.clone());
        let candidate = Candidate::new(kind, origin, move |_| resolve::login(login, &place, now));
        let project = token.as_ref().and_then(|token| token.project_id.clone());
        Some(Candidate {
            project: project.map_or(Project::Settings, Project::Login),
            login: token,
            ..candidate
        })
    }

    fn token(&self, layer: &'a Layer) -> Option<Candidate<'a>> {
        let settings = self.settings;
        let origin = first_origin(&layer.entries, &TOKENS)?;
        let candidate = Candidate::new(Kind::Token, origin, move |_| {
            resolve::token(layer, settings)
        });
        let file = match layer.entries.get(&Key::TokenFile).map(|given| &given.value) {
            Some(Value::Path(path)) => Some(path.clone()),
            _ => None,
        };
        Some(Candidate { file, ..candidate }.of_layer(layer))
    }

    fn keys(&self, layer: &'a Layer) -> Option<Candidate<'a>> {
        let origin = first_origin(&layer.entries, &KEYS)?;
        let candidate = Candidate::new(Kind::Keys, origin, move |_| {
            resolve::refuse_second(layer, &KEYS)?;
            resolve::keys(&layer.entries, layer.kind)
        });
        Some(Candidate {
            family: layer.kind.is_vendors().then_some(layer.kind),
            ..candidate.of_layer(layer)
        })
    }

    /// Returns what `credential_source` names.
    fn ambient(&self, layer: &'a Layer) -> Option<Candidate<'a>> {
        let settings = self.settings;
        let given = layer.entries.get(&Key::CredentialSource)?;
        let named = given.value.shown();
        let source = CredentialSource::ALL
            .into_iter()
            .find_map(|(name, source)| (name == named).then_some(source));
        let kind = match source {
            Some(CredentialSource::Metadata) => Kind::Metadata,
            Some(CredentialSource::Pod) => Kind::Pod,
            Some(CredentialSource::Oidc) => Kind::Oidc,
            None => Kind::Keys,
        };
        let candidate = Candidate::new(kind, given.origin.clone(), move |region| {
            ambient::of_setting(settings, region)
        });
        let environment = settings.environment();
        Some(Candidate {
            // IAM gives a token for an id token, STS gives keys.
            signs: kind != Kind::Oidc
                || ambient::sts_variable(environment).is_some()
                || ambient::federation_variable(environment).is_none(),
            ..candidate
        })
    }

    fn sts(&self, name: &str) -> Candidate<'a> {
        let settings = self.settings;
        Candidate::new(Kind::Oidc, variable(name), move |region| {
            ambient::sts(settings, region)
        })
    }

    fn federation(&self, name: &str) -> Candidate<'a> {
        let settings = self.settings;
        let candidate = Candidate::new(Kind::Oidc, variable(name), move |region| {
            ambient::federation(settings, region)
        });
        Candidate {
            signs: false,
            ..candidate
        }
    }

    fn pod(&self, name: &str) -> Candidate<'a> {
        let environment = self.settings.environment();
        Candidate::new(Kind::Pod, variable(name), move |_| {
            ambient::pod(environment)
        })
    }

    /// The SDK takes OIDC before keys, where both of its values are there.
    fn sdk_file(&self) -> Option<Candidate<'a>> {
        let settings = self.settings;
        let file = match settings.sdk_credentials().transpose()? {
            Ok(file) => file,
            Err(error) => return Some(Candidate::broken(error)),
        };
        let project = file.entries.get(&Key::ProjectId).cloned();
        let SdkCredentials {
            entries,
            identity_provider,
            id_token_file,
        } = file;
        let candidate = if let (Some(provider), Some(token)) = (identity_provider, id_token_file) {
            let origin = provider.origin.clone();
            let candidate = Candidate::new(Kind::Oidc, origin, move |region| {
                let (id, path) = (provider.value.shown(), token.value.shown().into());
                ambient::federation_of(settings, region, &id, &provider.origin, path)
            });
            Candidate {
                signs: false,
                ..candidate
            }
        } else {
            let origin = first_origin(&entries, &KEYS)?;
            Candidate::new(Kind::Keys, origin, move |_| {
                resolve::keys(&entries, LayerKind::VendorFiles)
            })
        };
        Some(candidate.of_file(project))
    }

    /// Keys that look encrypted are none; the chain mentions them when nothing else is found.
    fn hcloud(&self) -> Option<Candidate<'a>> {
        let profile = match self.settings.hcloud_profile().transpose()? {
            Ok(profile) => profile,
            Err(error) => return Some(Candidate::broken(error)),
        };
        let HcloudProfile {
            entries,
            is_encrypted,
            origin,
        } = profile;
        if is_encrypted || first_origin(&entries, &KEYS).is_none() {
            return None;
        }
        let project = entries.get(&Key::ProjectId).cloned();
        let candidate = Candidate::new(Kind::Keys, origin, move |_| {
            resolve::keys(&entries, LayerKind::VendorFiles)
        });
        Some(candidate.of_file(project))
    }
}

impl<'a> Candidate<'a> {
    fn new(
        kind: Kind,
        origin: Origin,
        resolve: impl FnOnce(Option<&RegionId>) -> Result<Source, Error> + 'a,
    ) -> Candidate<'a> {
        Candidate {
            kind,
            origin,
            signs: kind != Kind::Token,
            project: Project::Settings,
            login: None,
            family: None,
            file: None,
            resolve: Box::new(resolve),
        }
    }

    /// A vendor's file that cannot be used: using it gives its error.
    fn broken(error: Error) -> Candidate<'a> {
        let origin = error.place().cloned().unwrap_or(Origin::Default);
        Candidate::new(Kind::Keys, origin, move |_| Err(error)).of_file(None)
    }

    fn of_layer(self, layer: &Layer) -> Candidate<'a> {
        if !layer.kind.is_vendors() {
            return self;
        }
        let project = layer.entries.get(&Key::ProjectId).cloned();
        Candidate {
            project: Project::Vendor(project),
            ..self
        }
    }

    fn of_file(self, project: Option<Entry>) -> Candidate<'a> {
        let file = match &self.origin {
            Origin::File(path, _) => Some(path.clone()),
            _ => None,
        };
        Candidate {
            project: Project::Vendor(project),
            file,
            ..self
        }
    }

    /// Validates what is there. `region` is the one that the credential is for; `None` is the
    /// source region, known or not.
    pub(super) fn resolve(self, region: Option<&RegionId>) -> Result<Source, Error> {
        (self.resolve)(region)
    }
}

fn first_origin(entries: &Entries, keys: &[Key]) -> Option<Origin> {
    let given = keys.iter().find_map(|key| entries.get(key))?;
    Some(given.origin.clone())
}

fn variable(name: &str) -> Origin {
    Origin::Variable(name.to_owned())
}
