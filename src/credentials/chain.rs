//! The search: which credential counts in the source region, and which one in a target region.
//!
//! Source: contract section 2, "Which credential", and auth.md 2.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::candidates::{Candidate, Project, Search};
use super::keys::nothing_found;
use super::logins::{Logins, TokenLogin};
use super::source::{Kind, Source};
use super::store::Store;
use crate::error::Error;
use crate::files;
use crate::names::RegionId;
use crate::origin::Origin;
use crate::settings::{Key, LayerKind, Setting, Settings, paths};

/// A credential that counts, and why.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is, or how to get it.
    pub source: Source,
    /// Where it came from.
    pub origin: Origin,
    /// The region that it is used in; `None` where it is not known.
    pub region: Option<RegionId>,
    /// The project that it is used for; keys without one need a look-up.
    pub project: Option<Setting<String>>,
    /// The login that it came from, when it is a token of one.
    pub login: Option<TokenLogin>,
    /// What is below it, strongest first, not validated.
    pub overridden: Vec<(Kind, Origin)>,
    /// What a person should know though nothing is wrong.
    pub warnings: Vec<String>,
    /// Whether it is the source region's token, tried in another region for want of a better one.
    pub is_borrowed: bool,
}

/// The search for credentials over everything that was set.
#[derive(Debug)]
pub struct Chain<'a> {
    settings: &'a Settings,
    store: Option<Store>,
    logins: Logins,
    now: Timestamp,
}

impl<'a> Chain<'a> {
    /// Makes the search over settings and logins; `now` decides which login has ended.
    pub fn new(settings: &'a Settings, now: Timestamp) -> Chain<'a> {
        let store = paths::logins_file(settings.environment())
            .ok()
            .map(Store::new);
        let logins = store.as_ref().map(Store::read).unwrap_or_default();
        Chain {
            settings,
            store,
            logins,
            now,
        }
    }

    fn search(&self) -> Search<'_> {
        Search {
            settings: self.settings,
            logins: &self.logins,
            store: self.store.as_ref(),
            now: self.now,
        }
    }

    /// Returns the credential of the source region: the first one that is there.
    ///
    /// # Errors
    /// Kind `auth` when there is none, or when the first one has expired or cannot be a credential;
    /// kind `config` when it is half a pair, or two in one place. Nothing is sent.
    pub fn find(&self) -> Result<Found, Error> {
        let region = self.own_region();
        let mut candidates = self.search().candidates(region.as_ref()).into_iter();
        let Some(first) = candidates.next() else {
            return Err(self.nothing());
        };
        let project = self.project_of(&first)?;
        Ok(Found {
            region,
            project,
            ..self.resolved(first, candidates, None)?
        })
    }

    /// Returns the credential of a target region: one of its own, else keys, which serve every
    /// region, else a login of that region, else the source region's token, which the service may
    /// refuse there.
    ///
    /// # Errors
    /// As [`Chain::find`].
    pub fn find_for(&self, region: &RegionId) -> Result<Found, Error> {
        if self.settings.is_own(region)? {
            return self.find();
        }
        let search = self.search();
        let own = search.candidates_of(region).into_iter();
        let keys = search
            .candidates(self.own_region().as_ref())
            .into_iter()
            .filter(|candidate| candidate.kind.serves_all_regions());
        let login = search
            .login(Some(region))
            .filter(|candidate| candidate.kind == Kind::Token);
        let mut candidates = own.chain(keys).chain(login);
        let project = self.settings.project_of(region)?;
        let Some(first) = candidates.next() else {
            return Ok(Found {
                region: Some(region.clone()),
                project,
                is_borrowed: true,
                ..self.find()?
            });
        };
        let of_login = match &first.project {
            Project::Login(id) => Some(Setting::new(id.clone(), first.origin.clone())),
            Project::Settings | Project::Vendor(_) => None,
        };
        Ok(Found {
            region: Some(region.clone()),
            project: project.or(of_login),
            ..self.resolved(first, candidates, Some(region))?
        })
    }

    /// Returns `true` if the first credential that is there signs requests; `None` when none is
    /// there. Nothing is validated.
    pub fn signs(&self) -> Option<bool> {
        let candidates = self.search().candidates(self.own_region().as_ref());
        candidates.first().map(|candidate| candidate.signs)
    }

    /// An invalid region is reported by what needs one; tokens do not.
    fn own_region(&self) -> Option<RegionId> {
        let region = self.settings.region().ok().flatten();
        region.map(|setting| setting.value)
    }

    fn resolved<'c>(
        &self,
        first: Candidate<'c>,
        others: impl Iterator<Item = Candidate<'c>>,
        region: Option<&RegionId>,
    ) -> Result<Found, Error> {
        let mut warnings = self.warnings(&first);
        let (origin, login) = (first.origin.clone(), first.login.clone());
        let file = first.file.clone();
        let source = first.resolve(region)?;
        let files = file
            .iter()
            .map(PathBuf::as_path)
            .chain(source.secret_file());
        warnings.extend(files.filter_map(|path| self.open_file(path)));
        Ok(Found {
            origin: match &source {
                Source::Command { .. } => Origin::Command(Box::new(origin)),
                _ => origin,
            },
            source,
            region: None,
            project: None,
            login,
            overridden: others.map(|other| (other.kind, other.origin)).collect(),
            warnings,
            is_borrowed: false,
        })
    }

    /// The project that is set, unless a weaker place than the credential's set it.
    fn project_of(&self, candidate: &Candidate<'_>) -> Result<Option<Setting<String>>, Error> {
        let vendors = match &candidate.project {
            Project::Login(id) => {
                return Ok(Some(Setting::new(id.clone(), candidate.origin.clone())));
            }
            Project::Settings => return self.settings.project_id(),
            Project::Vendor(given) => given,
        };
        let is_set = self
            .settings
            .layers(self.own_region().as_ref())
            .any(|layer| !layer.kind.is_vendors() && layer.entries.contains_key(&Key::ProjectId));
        match vendors {
            _ if is_set => self.settings.project_id(),
            Some(given) => self.settings.project_of_file(given).map(Some),
            None => Ok(None),
        }
    }

    fn warnings(&self, first: &Candidate<'_>) -> Vec<String> {
        let mut warnings: Vec<String> = self.open_login(first).into_iter().collect();
        warnings.extend(self.other_keys(first));
        warnings
    }

    fn open_login(&self, first: &Candidate<'_>) -> Option<String> {
        let store = self.store.as_ref()?;
        if !matches!(first.origin, Origin::Login(_)) || !store.is_open_to_others() {
            return None;
        }
        Some(format!(
            "others can read the logins in '{}': run 'chmod 600' on it, and log in again \
             where somebody may have",
            store.path().display()
        ))
    }

    /// Files elsewhere are mounted by the machine's administrator, whose rights are no mistake.
    fn open_file(&self, path: &Path) -> Option<String> {
        let home = self.settings.environment().home()?;
        (path.starts_with(home) && files::is_readable_by_others(path)).then(|| {
            let path = path.display();
            format!("'{path}' holds a secret, and others can read it: run 'chmod 600 {path}'")
        })
    }

    /// Warns where a weaker family of the vendor's variables names other keys than the one that is
    /// used: the user may mean those.
    fn other_keys(&self, first: &Candidate<'_>) -> Vec<String> {
        let access_key = |kind: LayerKind| {
            self.settings
                .layers(None)
                .find(|layer| layer.kind == kind)?
                .entries
                .get(&Key::AccessKey)
        };
        let Some((chosen, used)) = first.family.and_then(|it| Some((it, access_key(it)?))) else {
            return Vec::new();
        };
        [LayerKind::Sdk, LayerKind::Action, LayerKind::Terraform]
            .into_iter()
            .filter(|kind| *kind > chosen)
            .filter_map(access_key)
            .filter(|other| other.value.shown() != used.value.shown())
            .map(|other| {
                format!(
                    "{} names another access key than {}, which counts",
                    other.origin, used.origin
                )
            })
            .collect()
    }

    /// Returns the error of a search that found nothing, with what was there and cannot be used.
    fn nothing(&self) -> Error {
        let error = || Error::new(crate::error::Kind::Auth, "no credential is set");
        if self.logins.is_damaged
            && let Some(store) = &self.store
        {
            let file = store.path().display();
            return error().hint(format!(
                "the file of the logins, '{file}', cannot be read or is damaged; \
                 'swr auth login' repairs it"
            ));
        }
        match self.settings.hcloud_profile() {
            Ok(Some(profile)) if profile.is_encrypted => error().hint(format!(
                "the keys in '{}' are encrypted, so only hcloud can use them: run \
                 'hcloud configure set --cli-auth-encrypt=false', or 'swr auth login'",
                profile.origin
            )),
            _ => nothing_found(),
        }
    }
}
