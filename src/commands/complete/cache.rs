//! The answers of the last minute: one file a question, for the user alone.
//!
//! A file's name is a hash of the endpoint, the credential and the question, so it tells nothing,
//! and another credential finds nothing. What is broken, old or somebody else's does not count.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::question::Question;
use crate::context::Context;
use crate::error::Error;
use crate::files::{self, Access, Lock};
use crate::settings::paths;

/// How long an answer counts.
const FRESH: Duration = Duration::from_secs(60);
/// So many files are kept at most, locks included.
const MOST_FILES: usize = 64;
/// The longest file: a thousand names of the longest kind fit.
const LONGEST: u64 = 512 * 1024;

/// The place of an answer.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    directory: PathBuf,
    name: String,
}

impl Cache {
    /// Returns the place for the answer to a question; `None` where the platform has no directory
    /// for such files.
    ///
    /// # Errors
    /// What is wrong with the settings or the credential: the question cannot be asked then.
    pub(super) fn of(context: &Context, question: &Question) -> Result<Option<Cache>, Error> {
        let region = question.region();
        let endpoint = match region {
            Some(region) => context.endpoint_of(region)?,
            None => context.endpoint()?,
        };
        let credential = crate::credentials::fingerprint(context.settings(), region)?;
        let mut hash = Sha256::new();
        hash.update(credential);
        for part in [endpoint.as_str()].into_iter().chain(question.words()) {
            hash.update(part);
            hash.update([0]);
        }
        let mut name = hex::encode(hash.finalize());
        name.truncate(NAME_LENGTH);
        let directory = paths::completion_cache(context.settings().environment());
        Ok(directory.map(|directory| Cache { directory, name }))
    }

    fn path(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    /// Returns the answer, if there is one of the last minute.
    pub(super) fn read(&self) -> Option<Vec<String>> {
        let path = self.path();
        let is_ours = |path: &Path| !files::is_writable_by_others(path);
        if !is_fresh(&path) || !is_ours(&self.directory) || !is_ours(&path) {
            return None;
        }
        serde_json::from_str(&files::read_text(&path, LONGEST).ok()?).ok()
    }

    /// Waits until no other process asks the same, but not long.
    ///
    /// # Errors
    /// Another one goes on asking, or there can be no cache.
    pub(super) fn lock(&self) -> io::Result<Lock> {
        const BRIEF: Duration = Duration::from_millis(200);
        files::create_private_directory(&self.directory)?;
        files::lock(&self.path().with_extension(LOCK), BRIEF)
    }

    /// Keeps an answer, and removes the old ones.
    ///
    /// # Errors
    /// Whatever writing gives.
    pub(super) fn keep(&self, names: &[String]) -> io::Result<()> {
        self.sweep();
        files::replace(&self.path(), &serde_json::to_vec(names)?, Access::Private)
    }

    /// Removes what does not count any more, and the oldest of too many.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return;
        };
        let mut kept: Vec<(SystemTime, PathBuf)> = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            let modified = fs::symlink_metadata(&path).and_then(|file| file.modified());
            match modified {
                _ if !is_named_by_us(&path) => {}
                Ok(modified) if is_fresh(&path) => kept.push((modified, path)),
                // One that cannot be removed does not count, either.
                _ => drop(fs::remove_file(&path)),
            }
        }
        kept.sort();
        let surplus = kept.len().saturating_sub(MOST_FILES - 2);
        for (_, path) in kept.into_iter().take(surplus) {
            let _ = fs::remove_file(path);
        }
    }
}

const NAME_LENGTH: usize = 32;
const LOCK: &str = "lock";

fn is_named_by_us(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_prefix('.').unwrap_or(&name);
    name.len() >= NAME_LENGTH
        && name
            .bytes()
            .take(NAME_LENGTH)
            .all(|c| c.is_ascii_hexdigit())
}

/// A time in the future is a wrong one.
fn is_fresh(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .and_then(|file| file.modified())
        .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age < FRESH))
}
