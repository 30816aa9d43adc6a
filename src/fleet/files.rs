//! The files of a fleet: which, and what is in them.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::error::{Error, Kind};

/// The name of standard input among the files.
pub const STANDARD_INPUT: &str = "-";

/// The file that is read when none is named, in the working directory and nowhere else.
const DEFAULT: &str = "swr.toml";

/// A file may be this long; a longer one is not a fleet.
const LONGEST: u64 = 16 << 20;

/// A file of a fleet, as it was read.
#[derive(Debug, Clone)]
pub struct File {
    /// The path, as it was given.
    pub path: Arc<str>,
    /// Its bytes; one byte more than allowed where it is too long.
    pub(super) bytes: Vec<u8>,
}

impl File {
    /// Makes a file of text, for tests.
    #[cfg(test)]
    pub(super) fn of_text(path: &str, text: &str) -> File {
        File {
            path: path.into(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    /// Returns the SHA-256 of the contents, in hexadecimal.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.bytes.len() as u64 > LONGEST
    }
}

/// Reads the files: each path is a file, a directory (its `*.toml`, sorted, not below), or `-` for
/// standard input; without one it is `swr.toml`.
///
/// # Errors
/// Kind `config` for a path that does not exist or cannot be read, and a directory without
/// `*.toml`; kind `usage` when standard input is named twice.
pub fn read(paths: &[PathBuf]) -> Result<Vec<File>, Error> {
    let standard_input = Path::new(STANDARD_INPUT);
    if paths.iter().filter(|path| *path == standard_input).count() > 1 {
        let what = "standard input is named twice (-f -): it can be read once";
        return Err(Error::new(Kind::Usage, what));
    }
    if paths.is_empty() {
        return Ok(vec![read_file(Path::new(DEFAULT))?]);
    }
    let mut files = Vec::new();
    for path in paths {
        if path == standard_input {
            files.push(File {
                path: STANDARD_INPUT.into(),
                bytes: bytes_of(std::io::stdin().lock(), "standard input")?,
            });
        } else if path.is_dir() {
            for path in in_directory(path)? {
                files.push(read_file(&path)?);
            }
        } else {
            files.push(read_file(path)?);
        }
    }
    Ok(files)
}

fn in_directory(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let shown = directory.display();
    let unreadable = |error: std::io::Error| {
        let what = format!("the directory '{shown}' cannot be read");
        Error::new(Kind::Config, what).cause(error)
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
            && !path.is_dir()
        {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        let what = format!("no fleet here: the directory '{shown}' has no *.toml");
        return Err(Error::new(Kind::Config, what).hint("directories below it are not read"));
    }
    paths.sort();
    Ok(paths)
}

fn read_file(path: &Path) -> Result<File, Error> {
    let shown = path.display();
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Error::new(
            Kind::Config,
            format!("no fleet here: '{shown}' does not exist"),
        )
        .hint("name one with -f, or write what is there: swr export -n NAME > swr.toml"),
        _ => Error::new(Kind::Config, format!("'{shown}' cannot be read")).cause(error),
    })?;
    Ok(File {
        bytes: bytes_of(file, &format!("'{shown}'"))?,
        path: path.to_string_lossy().into(),
    })
}

fn bytes_of(reader: impl Read, shown: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    reader
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            Error::new(Kind::Config, format!("{shown} cannot be read")).cause(error)
        })?;
    Ok(bytes)
}
