//! The state file of `--state`: one emulator's at a time, read at the start, replaced whole.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::world::World;
use crate::error::{Error, Kind};
use crate::files::{Access, NewFile};

/// The state file, and the lock on it, which ends with this value.
pub(super) struct StateFile {
    path: PathBuf,
    _lock: File,
}

impl StateFile {
    /// Takes the state file for this emulator alone, by a lock file beside it.
    pub(super) fn open(path: PathBuf) -> Result<StateFile, Error> {
        let lock = beside(&path, "lock");
        let unusable = |error: io::Error| {
            let shown = lock.display();
            Error::new(Kind::Io, format!("the lock file '{shown}' cannot be used")).cause(error)
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(StateFile { path, _lock: file }),
            Err(TryLockError::WouldBlock) => {
                let shown = path.display();
                let what = format!("the state file '{shown}' is in use by another emulator");
                Err(Error::new(Kind::Io, what)
                    .hint("stop the other emulator, or give another --state"))
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Returns the world that was kept; `None` where the file does not exist yet.
    pub(super) fn read(&self) -> Result<Option<World>, Error> {
        if !self.path.exists() {
            return Ok(None);
        }
        let read = || anyhow::Ok(serde_json::from_str(&std::fs::read_to_string(&self.path)?)?);
        read().map(Some).map_err(|error| {
            self.error("read", error)
                .hint("give another --state, or delete it to start over")
        })
    }

    /// Replaces the file by this world.
    pub(super) fn write(&self, world: &World) -> Result<(), Error> {
        let write = || {
            let mut file = NewFile::begin(&self.path, Access::Private)?;
            file.write_all(&serde_json::to_vec(world)?)?;
            anyhow::Ok(file.persist()?)
        };
        write().map_err(|error| self.error("written", error))
    }

    /// Returns the directory of the content, beside the file.
    pub(super) fn blobs(&self) -> PathBuf {
        beside(&self.path, "blobs")
    }

    fn error(&self, done: &str, cause: anyhow::Error) -> Error {
        let shown = self.path.display();
        Error::new(
            Kind::Io,
            format!("the state file '{shown}' cannot be {done}"),
        )
        .cause(cause)
    }
}

/// Returns a path beside a file: its name with another ending added.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
