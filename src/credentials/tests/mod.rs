//! The search for credentials, seen through the room's door.

mod exchanges;
mod order;
mod refused;
mod service;
mod targets;

use jiff::Timestamp;

use super::{Chain, Found, Kind, Login, Source, Store, TokenLogin};
use crate::error::Error;
use crate::names::{Parse, RegionId};
use crate::secret::Secret;
use crate::settings::{Environment, Options, Settings};

pub(super) const NOW: &str = "2026-03-01T10:11:12Z";

pub(super) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(super) fn region(id: &str) -> RegionId {
    RegionId::parse(id).unwrap()
}

/// A home of its own, with what a test puts into it.
pub(super) struct Home {
    directory: tempfile::TempDir,
    pairs: Vec<(String, String)>,
}

impl Home {
    pub(super) fn new() -> Home {
        Home {
            directory: tempfile::tempdir().unwrap(),
            pairs: vec![("SWR_REGION".to_owned(), "cn-north-4".to_owned())],
        }
    }

    pub(super) fn write(self, path: &str, text: &str) -> Home {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        self
    }

    pub(super) fn config(self, toml: &str) -> Home {
        self.write(".config/swr/config.toml", toml)
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Home {
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn path(&self, part: &str) -> String {
        let path = self.directory.path().join(part);
        path.to_str().unwrap().to_owned()
    }

    /// Keeps a token login that ends at a time.
    pub(super) fn login(self, id: &str, token: &str, expires_at: &str) -> Home {
        let login = TokenLogin {
            region: region(id),
            token: Secret::new(token),
            project_id: Some("login-project".to_owned()),
            account: None,
            user: None,
            expires_at: Some(expires_at.parse().unwrap()),
        };
        self.store().add(None, vec![Login::Token(login)]).unwrap();
        self
    }

    pub(super) fn store(&self) -> Store {
        Store::new(self.path(".local/share/swr/logins.json").into())
    }

    pub(super) fn settings(&self) -> Settings {
        let home = ("HOME".to_owned(), self.path(""));
        let environment = Environment::of(self.pairs.iter().cloned().chain([home]));
        Settings::load(&Options::default(), &environment).unwrap()
    }

    pub(super) fn find(&self) -> Result<Found, Error> {
        Chain::new(&self.settings(), now()).find()
    }

    pub(super) fn find_for(&self, id: &str) -> Result<Found, Error> {
        Chain::new(&self.settings(), now()).find_for(&region(id))
    }

    /// Returns a text with the home's path written `~`.
    pub(super) fn plain(&self, text: &str) -> String {
        let home = self.path("");
        text.replace(home.trim_end_matches('/'), "~")
    }

    /// Returns what was found, in a line: value, origin, project.
    pub(super) fn short(&self, found: &Found) -> String {
        let value = match &found.source {
            Source::Token(token) => token.expose().to_owned(),
            Source::Command { words, .. } => words.join(" "),
            Source::Keys(keys) => keys.access_key.clone(),
            other => other.kind().name().to_owned(),
        };
        let project = found.project.as_ref().map_or("-", |at| at.value.as_str());
        self.plain(&format!("{value} | {} | {project}", found.origin))
    }

    pub(super) fn found(&self) -> String {
        self.short(&self.find().unwrap())
    }

    pub(super) fn overridden(&self) -> Vec<String> {
        let found = self.find().unwrap();
        let row = |(kind, origin): &(Kind, _)| self.plain(&format!("{} {origin}", kind.name()));
        found.overridden.iter().map(row).collect()
    }

    /// Returns an error as a person reads it.
    pub(super) fn told<T: std::fmt::Debug>(&self, result: Result<T, Error>) -> String {
        let error = result.unwrap_err();
        let place = error.place().map(ToString::to_string).unwrap_or_default();
        self.plain(&format!(
            "{} | {place} | {}",
            error.message(),
            error.exit_code().code()
        ))
    }
}
