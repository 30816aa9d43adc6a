//! The search: which credential counts in the source region, and which one in a target region.
//!
//! Source: contract section 2, "Which credential", and auth.md 2.

use jiff::Timestamp;

use super::candidates::{Candidate, Search, nothing_found};
use super::logins::{Login, Logins, TokenLogin};
use super::source::{Kind, Source};
use super::store::Store;
use crate::error::Error;
use crate::names::RegionId;
use crate::origin::Origin;
use crate::settings::{Key, Place, Setting, Settings, places};

/// A credential that counts, and why.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is, or how to get it.
    pub source: Source,
    /// Where it came from.
    pub origin: Origin,
    /// The region that it is used in; `None` where nobody says.
    pub region: Option<RegionId>,
    /// The project that it is used for; keys without one need a look-up.
    pub project: Option<Setting<String>>,
    /// The login that it came from, when it is a token of one.
    pub login: Option<TokenLogin>,
    /// What stands below it, strongest first, not validated.
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
        let store = places::logins_file(settings.environment())
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
    /// Kind `auth` when there is none, when the first one is dead, or is no credential; kind
    /// `config` when it is half a pair, or two in one place. Nothing is sent.
    pub fn find(&self) -> Result<Found, Error> {
        let region = self.own_region();
        let search = self.search();
        let mut candidates = search.candidates(region.as_ref()).into_iter();
        let Some(first) = candidates.next() else {
            return Err(self.nothing());
        };
        let overridden = candidates
            .map(|candidate| (candidate.kind(), candidate.origin()))
            .collect();
        let project = self.project_beside(&first)?;
        let warnings = self.warnings(&first);
        let found = opened(first, &search, None)?;
        Ok(Found {
            region,
            project,
            overridden,
            warnings,
            ..found
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
        let own_region = self.own_region();
        let keys = search
            .candidates(own_region.as_ref())
            .into_iter()
            .filter(|candidate| candidate.kind().serves_all_regions());
        let login = search
            .login(Some(region))
            .filter(|candidate| candidate.kind() == Kind::Token);
        let mut candidates = own.chain(keys).chain(login);
        let project = self.settings.project_of(region)?;
        if let Some(first) = candidates.next() {
            let overridden = candidates
                .map(|candidate| (candidate.kind(), candidate.origin()))
                .collect();
            let warnings = self.warnings(&first);
            let found = opened(first, &search, Some(region))?;
            let of_login = || {
                let project = found.login.as_ref()?.project_id.clone()?;
                Some(Setting::new(project, found.origin.clone()))
            };
            return Ok(Found {
                region: Some(region.clone()),
                project: project.or_else(of_login),
                overridden,
                warnings,
                ..found
            });
        }
        let borrowed = self.find()?;
        Ok(Found {
            region: Some(region.clone()),
            project,
            is_borrowed: true,
            ..borrowed
        })
    }

    /// Returns `true` if the first credential that is there signs requests; `None` when none is there.
    /// Nothing is validated.
    pub fn signs(&self) -> Option<bool> {
        let region = self.own_region();
        let search = self.search();
        let candidates = search.candidates(region.as_ref());
        candidates.first().map(|candidate| candidate.signs(&search))
    }

    /// A region that is wrong is told by whoever needs it; tokens need none.
    fn own_region(&self) -> Option<RegionId> {
        let region = self.settings.region().ok().flatten();
        region.map(|setting| setting.value)
    }

    /// The project that is set, unless a weaker place than the credential's set it: a vendor's
    /// project goes with the vendor's credential beside it and with no other vendor's.
    fn project_beside(&self, candidate: &Candidate<'_>) -> Result<Option<Setting<String>>, Error> {
        if let Candidate::Login(Login::Token(login), origin) = candidate
            && let Some(project) = &login.project_id
        {
            return Ok(Some(Setting::new(project.clone(), origin.clone())));
        }
        let region = self.own_region();
        let strong = self
            .settings
            .layers(region.as_ref())
            .any(|layer| !layer.place.is_vendors() && layer.entries.contains_key(&Key::ProjectId));
        if strong || !candidate.is_vendors() {
            return self.settings.project_id();
        }
        match candidate.own_project() {
            Some(given) => self.settings.project_of_file(given).map(Some),
            None => Ok(None),
        }
    }

    /// Tells when others can read the login that counts, and when another family of the vendor's
    /// variables names other keys than the one that counts: somebody may mean those.
    fn warnings(&self, first: &Candidate<'_>) -> Vec<String> {
        if let (Candidate::Login(..), Some(store)) = (first, &self.store)
            && store.is_open_to_others()
        {
            let file = store.path().display();
            return vec![format!(
                "others can read the logins in '{file}': run 'chmod 600' on it, and log in again \
                 where somebody may have"
            )];
        }
        let Candidate::Keys(chosen) = first else {
            return Vec::new();
        };
        if !chosen.place.is_vendors() {
            return Vec::new();
        }
        let access_key = |place: Place| {
            self.settings
                .layers(None)
                .find(|layer| layer.place == place)?
                .entries
                .get(&Key::AccessKey)
        };
        let Some(counts) = access_key(chosen.place) else {
            return Vec::new();
        };
        [Place::Sdk, Place::Action, Place::Terraform]
            .into_iter()
            .filter(|place| *place > chosen.place)
            .filter_map(access_key)
            .filter(|other| other.value.shown() != counts.value.shown())
            .map(|other| {
                format!(
                    "{} names another access key than {}, which counts",
                    other.origin, counts.origin
                )
            })
            .collect()
    }

    /// Nothing was found: says what was looked at and could not be used.
    fn nothing(&self) -> Error {
        let error = nothing_found();
        if self.logins.is_damaged
            && let Some(store) = &self.store
        {
            let file = store.path().display();
            return error.hint(format!(
                "the file of the logins, '{file}', cannot be read or is damaged; \
                 'swr auth login' mends it"
            ));
        }
        match self.settings.hcloud_profile() {
            Ok(Some(profile)) if profile.is_encrypted => error.hint(format!(
                "the keys in '{}' are encrypted, so only hcloud can use them: run \
                 'hcloud configure set --cli-auth-encrypt=false', or 'swr auth login'",
                profile.origin
            )),
            _ => error,
        }
    }
}

fn opened(
    candidate: Candidate<'_>,
    search: &Search<'_>,
    region: Option<&RegionId>,
) -> Result<Found, Error> {
    let origin = candidate.origin();
    let login = match &candidate {
        Candidate::Login(Login::Token(login), _) => Some(login.clone()),
        _ => None,
    };
    let source = candidate.open(search, region)?;
    let origin = match &source {
        Source::Command { .. } => Origin::Command(Box::new(origin)),
        _ => origin,
    };
    Ok(Found {
        source,
        origin,
        region: None,
        project: None,
        login,
        overridden: Vec::new(),
        warnings: Vec::new(),
        is_borrowed: false,
    })
}
