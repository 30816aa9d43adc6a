//! The logins of `swr auth login`: one file for the user alone.
//!
//! `auth` writes, the chain of credentials reads. A reader never waits and never fails: a damaged
//! file is no login, and the next login mends it. Source: auth.md 1, "Store".

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::login_format::{self, Wire};
use super::logins::{Entry, Login, Logins};
use crate::error::{Error, Kind};
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
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::metadata(&self.path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
        }
        #[cfg(not(unix))]
        false
    }

    /// Keeps logins of a profile.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be written.
    pub fn add(&self, profile: Option<&str>, logins: Vec<Login>) -> Result<(), Error> {
        self.change(|stored| {
            for login in logins {
                stored.add(profile, login);
            }
        })
    }

    /// Forgets the login of a profile in a region, keys included; returns `true` if there was one.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be written.
    pub fn remove(&self, profile: Option<&str>, region: Option<&RegionId>) -> Result<bool, Error> {
        if self.read().find(profile, region).is_none() {
            return Ok(false);
        }
        self.change(|stored| {
            stored.entries.retain(|entry| {
                entry.profile.as_deref() != profile
                    || matches!(&entry.login, Login::Token(token) if Some(&token.region) != region)
            });
        })?;
        Ok(true)
    }

    /// Forgets every login; returns `true` if there was one.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be removed.
    pub fn remove_all(&self) -> Result<bool, Error> {
        let stored = self.read();
        if stored.entries.is_empty() && !stored.is_damaged {
            return Ok(false);
        }
        self.change(|stored| stored.entries.clear())?;
        Ok(true)
    }

    /// Forgets a token that the service calls dead, unless another login has taken its place;
    /// returns `true` if it was there.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be written.
    pub(super) fn forget(&self, token: &Secret) -> Result<bool, Error> {
        let is_dead = |entry: &Entry| matches!(&entry.login, Login::Token(login) if login.token.expose() == token.expose());
        if !self.read().entries.iter().any(is_dead) {
            return Ok(false);
        }
        self.change(|stored| stored.entries.retain(|entry| !is_dead(entry)))?;
        Ok(true)
    }

    /// Makes sure that a login can be kept, before somebody types a password for it.
    ///
    /// # Errors
    /// Kind `io` when it cannot.
    pub fn prepare(&self) -> Result<(), Error> {
        self.locked().map(drop)
    }

    /// Reads, changes and writes while no other `swr` does.
    fn change(&self, change: impl FnOnce(&mut Logins)) -> Result<(), Error> {
        let _lock = self.locked()?; // it goes with the file handle
        let mut stored = self.read();
        change(&mut stored);
        self.write(&stored).map_err(|error| self.unwritable(error))
    }

    /// Waits until no other `swr` writes.
    fn locked(&self) -> Result<File, Error> {
        let failed = |error| self.unwritable(error);
        make_private(self.directory()).map_err(failed)?;
        let lock = File::create(self.path.with_extension("lock")).map_err(failed)?;
        restrict(&lock).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(lock)
    }

    fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn unwritable(&self, error: std::io::Error) -> Error {
        let what = format!("the login cannot be kept in '{}'", self.path.display());
        Error::new(Kind::Io, what)
            .cause(error)
            .hint("check the directory's rights and the space on the disk")
    }

    /// Writes beside the file, then renames, so that a reader sees the old or the new one whole.
    fn write(&self, logins: &Logins) -> std::io::Result<()> {
        let mut beside = tempfile::NamedTempFile::new_in(self.directory())?;
        restrict(beside.as_file())?;
        serde_json::to_writer_pretty(&mut beside, &Wire::of(logins))?;
        beside.write_all(b"\n")?;
        beside.as_file().sync_all()?;
        beside.persist(&self.path)?;
        Ok(())
    }
}

/// Makes the directory, for the user alone, whatever the umask says.
fn make_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(unix)]
fn restrict(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_file: &File) -> std::io::Result<()> {
    Ok(()) // the user's own directory is closed to others there
}

#[cfg(test)]
mod tests;
