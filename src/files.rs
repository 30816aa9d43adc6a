//! Files, as every room handles them: read as text, replaced whole, locked, kept private.

mod temporary;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::duration;

pub use temporary::TemporaryDirectory;

/// How long a writer waits for another one.
pub const LOCK_LIMIT: Duration = Duration::from_secs(5);

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The user alone, whatever the umask is.
    Private,
    /// Who could read the file that it replaces; the user alone where there is none.
    AsBefore,
    /// Who could read the file that it replaces; whomever the umask allows where there is none.
    Umask,
}

/// Reads a text file without the byte order mark that editors put before it.
///
/// # Errors
/// Whatever reading gives; kind `InvalidData` when it is longer than `limit` bytes or not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    read_limited(File::open(path)?, limit)
}

/// Reads a stream as [`read_text`] reads a file.
///
/// # Errors
/// As [`read_text`].
pub fn read_limited(stream: impl Read, limit: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    stream.take(limit + 1).read_to_end(&mut bytes)?;
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    if bytes.len() as u64 > limit {
        return Err(invalid(format!("it is longer than {limit} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| invalid("it is not UTF-8".to_owned()))?;
    Ok(without_mark(text))
}

/// Takes a byte order mark from the beginning of a text.
pub fn without_mark(text: String) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// A file on its way: it is written beside the place that it takes at once, so that a reader sees
/// the old or the new one. Dropped, it leaves the old one.
#[derive(Debug)]
pub struct NewFile {
    beside: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file; a symbolic link stays, and the file that it names is replaced.
    ///
    /// # Errors
    /// Whatever creating it gives.
    pub fn begin(path: &Path, access: Access) -> io::Result<NewFile> {
        let path = resolved(path);
        let mut builder = tempfile::Builder::new();
        let beginning = beginning_of(&path);
        builder.prefix(&beginning).suffix(END);
        #[cfg(unix)]
        if access == Access::Umask {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        let beside = builder.tempfile_in(directory_of(&path))?;
        if access != Access::Umask {
            restrict(beside.as_file())?;
        }
        if access != Access::Private
            && let Ok(before) = fs::metadata(&path)
        {
            beside.as_file().set_permissions(before.permissions())?;
        }
        Ok(NewFile { beside, path })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// Whatever renaming gives.
    pub fn persist(self) -> io::Result<()> {
        self.beside.persist(&self.path)?;
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.beside.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.beside.flush()
    }
}

/// Replaces a file whole, and durably.
///
/// # Errors
/// Whatever creating, writing or renaming gives; the old file is then as it was.
pub fn replace(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    written(path, bytes, access)?.persist()
}

/// Creates a file whole, for the user alone.
///
/// # Errors
/// As [`replace`]; kind `AlreadyExists` when it is there.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = written(path, bytes, Access::Private)?.beside;
    beside.persist_noclobber(path)?;
    Ok(())
}

/// Makes sure that a file can be replaced.
///
/// # Errors
/// As [`replace`].
pub fn check_replaceable(path: &Path) -> io::Result<()> {
    NewFile::begin(path, Access::Private).map(drop)
}

fn written(path: &Path, bytes: &[u8], access: Access) -> io::Result<NewFile> {
    let mut file = NewFile::begin(path, access)?;
    file.write_all(bytes)?;
    file.beside.as_file().sync_all()?;
    Ok(file)
}

/// The end of a temporary file's name.
const END: &str = ".tmp";

fn beginning_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.")
}

/// Returns the temporary files that killed writers of a file left behind.
pub fn leftovers(path: &Path) -> Vec<PathBuf> {
    let path = resolved(path);
    let beginning = beginning_of(&path);
    let Ok(entries) = fs::read_dir(directory_of(&path)) else {
        return Vec::new();
    };
    let is_leftover = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&beginning) && name.ends_with(END)
            // Those of the first version.
            || name.strip_prefix(END).is_some_and(|rest| {
                rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
    };
    let entries = entries.filter_map(|entry| Some(entry.ok()?.path()));
    entries.filter(is_leftover).collect()
}

/// Returns the file that a symbolic link names in the end, which need not exist.
pub fn resolved(path: &Path) -> PathBuf {
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = directory_of(&path).join(target),
            Err(_) => break,
        }
    }
    path
}

/// Returns the directory of a file.
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    }
}

/// A lock on a file; it ends with this value, or with the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    /// Whether other processes respect it: not every file system has locks.
    pub is_held: bool,
}

/// Locks a file, which is created where it is missing, and waits until another process has
/// released it, but not longer than `limit`. Without locks in the file system, there is no wait.
///
/// # Errors
/// Kind `TimedOut` at the end of the wait; whatever opening gives, also where it is a link, which
/// another user may have put there.
pub fn lock(path: &Path, limit: Duration) -> io::Result<Lock> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW.bits();
        options.mode(0o600).custom_flags(flags.cast_signed());
    }
    let file = options.open(path)?;
    if file.try_lock().is_ok() {
        return Ok(Lock {
            _file: file,
            is_held: true,
        });
    }
    let (sender, locked) = channel();
    let work = std::thread::Builder::new().spawn(move || {
        let outcome = file.lock();
        let _ = sender.send((file, outcome));
    });
    work?;
    match locked.recv_timeout(limit) {
        Ok((file, outcome)) => match outcome {
            Ok(()) => Ok(Lock {
                _file: file,
                is_held: true,
            }),
            Err(error) if has_no_locks(&error) => Ok(Lock {
                _file: file,
                is_held: false,
            }),
            Err(error) => Err(error),
        },
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!(
                "another process has held '{}' for {}",
                path.display(),
                duration::text(limit)
            ),
        )),
    }
}

fn has_no_locks(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error()) {
        return true;
    }
    error.kind() == io::ErrorKind::Unsupported
}

/// Creates a directory, with those above it that are missing, for the user alone, whatever the
/// umask is.
///
/// # Errors
/// Whatever creating it gives.
pub fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Creates a directory as [`create_directory`] does; one that is there is closed to others.
///
/// # Errors
/// As [`create_directory`].
pub fn create_private_directory(directory: &Path) -> io::Result<()> {
    create_directory(directory)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::metadata(directory)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn restrict(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_file: &File) -> io::Result<()> {
    Ok(()) // the user's own directory is closed to others there
}

/// Returns `true` if someone other than the user or root decides what is in a file: they own it, or
/// its group or everybody can write it.
#[cfg(unix)]
pub fn is_writable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    fs::metadata(path)
        .is_ok_and(|metadata| metadata.mode() & 0o022 != 0 || ![0, user].contains(&metadata.uid()))
}

/// Returns `false`: rights are lists there, and the platform's directory is the user's own.
#[cfg(not(unix))]
pub fn is_writable_by_others(_path: &Path) -> bool {
    false
}

/// Returns `true` if a file can be read by its group or by everybody.
#[cfg(unix)]
pub fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o044 != 0)
}

/// Returns `true` if a file can be read by others; where rights are lists, the user's own
/// directory keeps them out.
#[cfg(not(unix))]
pub fn is_readable_by_others(_path: &Path) -> bool {
    false
}
