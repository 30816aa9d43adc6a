//! The file that keeps the world from one run to the next.

use std::io::{ErrorKind, Write};
use std::path::Path;

use super::world::World;
use crate::error::{Error, Kind};
use crate::origin::Origin;

/// Reads the world, if there is a file.
///
/// # Errors
/// Kind `config` when it cannot be read or was written by something else.
pub(super) fn load(path: &Path) -> Result<Option<World>, Error> {
    let wrong = |line, what: &str| {
        Error::new(Kind::Config, what).origin(Origin::File(path.to_owned(), line))
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(None, "the state cannot be read").cause(error)),
    };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        wrong(Some(error.line()), "the state cannot be understood")
            .cause(error)
            .hint("remove the file to begin anew")
    })
}

/// Writes the world beside the place and renames, so that nobody ever reads half of it.
///
/// # Errors
/// Kind `io` with the file.
pub(super) fn save(path: &Path, world: &World) -> Result<(), Error> {
    let unwritable = |error: std::io::Error| {
        Error::new(Kind::Io, "the state cannot be written")
            .origin(Origin::File(path.to_owned(), None))
            .cause(error)
    };
    let text = serde_json::to_string_pretty(world).map_err(|error| unwritable(error.into()))?;
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(unwritable)?;
    writeln!(file, "{text}").map_err(unwritable)?;
    file.persist(path)
        .map_err(|failed| unwritable(failed.error))?;
    Ok(())
}
