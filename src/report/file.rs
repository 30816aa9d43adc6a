//! Files of reports: opened before anything is sent, and replaced as a whole where readers look at
//! any time.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Kind};

/// A file that appears as a whole, by a rename; until then the old one stays.
#[derive(Debug)]
pub(super) struct WholeFile {
    path: PathBuf,
    to: To,
}

#[derive(Debug)]
enum To {
    Rename(NamedTempFile),
    /// A pipe or a device cannot be replaced.
    Direct(File),
}

impl WholeFile {
    /// Prepares the file.
    ///
    /// # Errors
    /// Kind `io` when it cannot be written.
    pub(super) fn open(path: &Path) -> Result<WholeFile, Error> {
        // A link stays one: what it points to is replaced.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let is_there = std::fs::metadata(&target);
        let to = match &is_there {
            Ok(found) if !found.is_file() => To::Direct(
                File::options()
                    .write(true)
                    .open(&target)
                    .map_err(|error| unwritable(path, error))?,
            ),
            _ => {
                let directory = match target.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent,
                    _ => Path::new("."),
                };
                let mut builder = tempfile::Builder::new();
                builder.prefix(".swr-");
                // As any file that a program writes: a collector or a web server reads it.
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt;
                    let mode = is_there.map_or(0o666, |found| found.permissions().mode() & 0o777);
                    builder.permissions(std::fs::Permissions::from_mode(mode));
                }
                To::Rename(
                    builder
                        .tempfile_in(directory)
                        .map_err(|error| unwritable(path, error))?,
                )
            }
        };
        Ok(WholeFile { path: target, to })
    }

    /// Writes the text and puts the file in its place.
    ///
    /// # Errors
    /// Kind `io` when it cannot be written; then the old file stays.
    pub(super) fn write(self, text: &str) -> Result<(), Error> {
        let path = self.path;
        match self.to {
            To::Direct(mut file) => file
                .write_all(text.as_bytes())
                .map_err(|error| unwritable(&path, error)),
            To::Rename(mut file) => {
                file.write_all(text.as_bytes())
                    .map_err(|error| unwritable(&path, error))?;
                file.persist(&path)
                    .map(|_| ())
                    .map_err(|error| unwritable(&path, error.error))
            }
        }
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
