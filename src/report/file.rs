//! Files of reports: opened before anything is sent, and replaced as a whole where readers look at
//! any time.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};
use crate::files::{Access, NewFile};

/// A report's file, which appears as a whole.
#[derive(Debug)]
pub(super) struct WholeFile {
    path: PathBuf,
    to: To,
}

#[derive(Debug)]
enum To {
    Replaced(NewFile),
    /// A pipe or a device cannot be replaced.
    Direct(File),
}

impl WholeFile {
    /// Prepares the file.
    ///
    /// # Errors
    /// Kind `io` when it cannot be written.
    pub(super) fn open(path: &Path) -> Result<WholeFile, Error> {
        let is_special = std::fs::metadata(path).is_ok_and(|found| !found.is_file());
        let to = if is_special {
            File::options().write(true).open(path).map(To::Direct)
        } else {
            // As any file that a program writes: a collector or a web server reads it.
            NewFile::begin(path, Access::Umask).map(To::Replaced)
        };
        Ok(WholeFile {
            path: path.to_owned(),
            to: to.map_err(|error| unwritable(path, error))?,
        })
    }

    /// Writes the text and puts the file in its place.
    ///
    /// # Errors
    /// Kind `io` when it cannot be written; then the old file stays.
    pub(super) fn write(self, text: &str) -> Result<(), Error> {
        let written = match self.to {
            To::Direct(mut file) => file.write_all(text.as_bytes()),
            To::Replaced(mut file) => file
                .write_all(text.as_bytes())
                .and_then(|()| file.persist()),
        };
        written.map_err(|error| unwritable(&self.path, error))
    }
}

/// Opens a file to add to its end: a job's page collects what several steps write.
pub(super) fn append(path: &Path) -> Result<File, Error> {
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| unwritable(path, error))
}

pub(super) fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Io, format!("'{}' cannot be written", path.display())).cause(error)
}
