//! Content by digest, on disk: one store for all regions. Which repository may see what is the
//! world's business; here are only bytes.
//!
//! An upload grows in a file of its own and becomes content by a rename, so that a killed client or
//! emulator leaves nothing half-written behind. What was under way at a kill is removed at the next
//! start.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256, Sha512};

use super::digest::Digest;
use crate::files::TemporaryDirectory;

/// The directory with all content.
#[derive(Debug)]
pub(in crate::emulator) struct Store {
    directory: PathBuf,
    /// Removes the directory in the end, where nothing is to be kept.
    _temporary: Option<TemporaryDirectory>,
}

/// Bytes on their way into the store.
#[derive(Debug)]
pub(in crate::emulator) struct Incomplete {
    file: PathBuf,
    /// How many bytes are there.
    pub(in crate::emulator) length: u64,
    sha256: Sha256,
}

impl Store {
    /// Opens a store that is kept, and removes what `linked` does not name; without a directory it
    /// is one that goes with the emulator.
    pub(in crate::emulator) fn open<'a>(
        directory: Option<PathBuf>,
        linked: impl Iterator<Item = &'a Digest>,
    ) -> io::Result<Store> {
        let Some(directory) = directory else {
            let temporary = TemporaryDirectory::new("swr-emulator-")?;
            return Ok(Store {
                directory: temporary.path().to_owned(),
                _temporary: Some(temporary),
            });
        };
        std::fs::create_dir_all(&directory)?;
        let linked: BTreeSet<String> = linked.map(Digest::file_name).collect();
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_content = name.to_str().is_some_and(|name| linked.contains(name));
            if !is_content && entry.file_type()?.is_file() {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(Store {
            directory,
            _temporary: None,
        })
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.directory.join(digest.file_name())
    }

    /// Stores bytes under their digest.
    pub(in crate::emulator) fn put(&self, digest: &Digest, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(digest);
        if path.exists() {
            return Ok(());
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes content that nothing links any more. What cannot be removed is swept at the next start.
    pub(in crate::emulator) fn remove(&self, digest: &Digest) {
        let _ = std::fs::remove_file(self.path(digest));
    }

    /// Opens content, and returns its length; `None` where its bytes are not here.
    pub(in crate::emulator) fn read(&self, digest: &Digest) -> io::Result<Option<(File, u64)>> {
        match File::open(self.path(digest)) {
            Ok(file) => {
                let length = file.metadata()?.len();
                Ok(Some((file, length)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the bytes of a manifest, which is small.
    pub(in crate::emulator) fn bytes(&self, digest: &Digest) -> io::Result<Option<Vec<u8>>> {
        let Some((mut file, _)) = self.read(digest)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Begins an upload; its file appears with its first bytes.
    pub(in crate::emulator) fn begin(&self, id: &str) -> Incomplete {
        Incomplete {
            file: self.directory.join(format!("upload-{id}")),
            length: 0,
            sha256: Sha256::new(),
        }
    }

    /// Makes an upload content, if it is what the digest names; else it is removed.
    pub(in crate::emulator) fn finish(
        &self,
        upload: Incomplete,
        digest: &Digest,
    ) -> io::Result<bool> {
        let Incomplete {
            file,
            length,
            sha256,
        } = upload;
        if length == 0 {
            let fits = digest.names(b"");
            return if fits {
                self.put(digest, b"").map(|()| true)
            } else {
                Ok(false)
            };
        }
        let found = if digest.is_sha512() {
            sha512_of(&file)?
        } else {
            Digest::from_sha256(sha256)
        };
        if found == *digest {
            std::fs::rename(&file, self.path(digest))?;
        } else {
            std::fs::remove_file(&file)?;
        }
        Ok(found == *digest)
    }
}

impl Incomplete {
    /// Opens the file to which [`Incomplete::append`] writes.
    pub(in crate::emulator) fn open(&self) -> io::Result<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)
    }

    /// Appends bytes.
    pub(in crate::emulator) fn append(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)?;
        self.sha256.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Removes what was uploaded so far.
    pub(in crate::emulator) fn discard(self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn sha512_of(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hash = Sha512::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut piece)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(Digest::from_sha512(hash));
        };
        hash.update(bytes);
    }
}
