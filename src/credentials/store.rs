//! The logins of `swr auth login`: one file for the user alone.
//!
//! `auth` writes, the chain of credentials reads. A reader never waits and never fails: a damaged
//! file is not a login, and the next login mends it. Source: auth.md 1, "Store".

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::login_format::{self, Wire};
use super::logins::{Entry, Login, Logins};
use crate::error::{Error, Kind};
use crate::files::{self, Access, Lock};
use crate::names::RegionId;
use crate::secret::Secret;

/// The file that keeps the logins.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    /// Makes a store of a file, which need not exist.
    pub fn new(path: PathBuf) -> Store {
        Store { path }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the logins.
    pub fn read(&self) -> Logins {
        match fs::read(&self.path) {
            Ok(bytes) => login_format::parse(&bytes).unwrap_or(Logins {
                entries: Vec::new(),
                is_damaged: true,
            }),
            Err(error) => Logins {
                entries: Vec::new(),
                is_damaged: error.kind() != std::io::ErrorKind::NotFound
                    && error.kind() != std::io::ErrorKind::NotADirectory,
            },
        }
    }

    /// Returns `true` if others than the user can read the file.
    pub(super) fn is_open_to_others(&self) -> bool {
        files::is_readable_by_others(&self.path)
    }

    /// Keeps logins of a profile.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be written, or another process does not release it.
    pub fn add(&self, profile: Option<&str>, logins: Vec<Login>) -> Result<(), Error> {
        self.change(|stored| {
            for login in logins {
                stored.add(profile, login);
            }
        })
        .map_err(|error| self.error("stored", error))
    }

    /// Removes the login of a profile in a region, keys included; returns `true` if there was one.
    ///
    /// # Errors
    /// As [`Store::add`].
    pub fn remove(&self, profile: Option<&str>, region: Option<&RegionId>) -> Result<bool, Error> {
        let was_there = self.read().find(profile, region).is_some();
        self.removed(was_there, |stored| {
            stored.entries.retain(|entry| {
                entry.profile.as_deref() != profile
                    || matches!(&entry.login, Login::Token(token) if Some(&token.region) != region)
            });
        })
    }

    /// Removes every login; returns `true` if there was one.
    ///
    /// # Errors
    /// As [`Store::add`].
    pub fn remove_all(&self) -> Result<bool, Error> {
        let stored = self.read();
        let was_there = !stored.entries.is_empty() || stored.is_damaged;
        self.removed(was_there, |stored| stored.entries.clear())
    }

    /// What a killed login left behind holds its token, so that a logout removes it, too.
    fn removed(&self, was_there: bool, remove: impl FnOnce(&mut Logins)) -> Result<bool, Error> {
        if was_there {
            self.change(remove)
                .map_err(|error| self.error("removed", error))?;
        } else if !files::leftovers(&self.path).is_empty() {
            self.locked()
                .map(|_lock| self.sweep())
                .map_err(|error| self.error("removed", error))?;
        }
        Ok(was_there)
    }

    /// Removes a token that the service refuses, unless another login has taken its place; returns
    /// `true` if it existed.
    ///
    /// # Errors
    /// As [`Store::add`].
    pub(super) fn forget(&self, token: &Secret) -> Result<bool, Error> {
        let is_dead = |entry: &Entry| matches!(&entry.login, Login::Token(login) if login.token.expose() == token.expose());
        if !self.read().entries.iter().any(is_dead) {
            return Ok(false);
        }
        self.change(|stored| stored.entries.retain(|entry| !is_dead(entry)))
            .map_err(|error| self.error("removed", error))?;
        Ok(true)
    }

    /// Makes sure that a login can be stored, before a password is typed for it.
    ///
    /// # Errors
    /// As [`Store::add`].
    pub fn prepare(&self) -> Result<(), Error> {
        self.locked()
            .and_then(|_lock| files::check_replaceable(&self.path))
            .map_err(|error| self.error("stored", error))
    }

    /// Reads, changes and writes while no other `swr` does.
    fn change(&self, change: impl FnOnce(&mut Logins)) -> io::Result<()> {
        let lock = self.locked()?;
        if lock.is_held {
            self.sweep();
        }
        let mut stored = self.read();
        change(&mut stored);
        let mut text = serde_json::to_vec_pretty(&Wire::of(&stored))?;
        text.push(b'\n');
        files::replace(&self.path, &text, Access::Private)
    }

    fn sweep(&self) {
        for leftover in files::leftovers(&self.path) {
            // One that cannot be removed will be tried again by the next writer.
            let _ = fs::remove_file(leftover);
        }
    }

    /// Waits until no other `swr` writes.
    fn locked(&self) -> io::Result<Lock> {
        files::create_private_directory(self.path.parent().unwrap_or(Path::new(".")))?;
        let real = files::resolved(&self.path);
        files::lock(&real.with_extension("lock"), files::LOCK_LIMIT)
    }

    fn error(&self, verb: &str, error: io::Error) -> Error {
        let hint = match (error.kind(), verb) {
            (io::ErrorKind::TimedOut, _) => "stop that process, or wait until it ends",
            (_, "removed") => {
                "it is still in the file: check the rights of the file and its directory"
            }
            _ => "check the rights of the directory and the space on the disk",
        };
        let preposition = if verb == "removed" { "from" } else { "in" };
        let path = self.path.display();
        let what = format!("the login cannot be {verb} {preposition} '{path}'");
        Error::new(Kind::Io, what).cause(error).hint(hint)
    }
}

#[cfg(test)]
mod tests;
