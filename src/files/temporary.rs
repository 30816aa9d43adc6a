//! Directories that go with the process, however it ends.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::TempDir;

use super::is_writable_by_others;

/// The file that a living process holds locked in its directory.
const LOCK: &str = "lock";

/// A temporary directory for the user alone; it goes with this value. What a killed process has
/// left is removed when the next one is made.
#[derive(Debug)]
pub struct TemporaryDirectory {
    // Dropped first: an open file would keep the directory on Windows.
    _lock: File,
    directory: TempDir,
}

impl TemporaryDirectory {
    /// Makes a directory, and removes those of this prefix whose processes are dead.
    ///
    /// # Errors
    /// Whatever creating it gives.
    pub fn new(prefix: &str) -> io::Result<TemporaryDirectory> {
        remove_abandoned(prefix);
        let directory = tempfile::Builder::new().prefix(prefix).tempdir()?;
        // Named only when it is locked: a lock that is free means that its process is dead.
        let lock = tempfile::NamedTempFile::new_in(directory.path())?;
        // Not every file system has locks; without them no directory is found free either.
        let _ = lock.as_file().try_lock();
        let lock = lock.persist(directory.path().join(LOCK))?;
        Ok(TemporaryDirectory {
            _lock: lock,
            directory,
        })
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Removes the user's directories of a prefix whose lock is free. What cannot be removed stays.
fn remove_abandoned(prefix: &str) {
    let Ok(entries) = fs::read_dir(tempfile::env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(prefix)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && !is_writable_by_others(&path);
        if is_ours && File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(path);
        }
    }
}
