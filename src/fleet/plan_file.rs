//! A saved plan: JSON Lines with a head, a line for each change, and a foot. Only a plan with its
//! foot is whole.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::File as FleetFile;
use super::plan::{Action, Found};
use crate::error::{Error, Kind};
use crate::names::{Namespace, RegionId, Repository};

/// The version of the form.
const VERSION: u32 = 1;

/// A line may be so long; a change takes a few hundred bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// The first line: what the plan was made of.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    swr_plan: u32,
    swr: String,
    created_at: String,
    files: Vec<PlannedFile>,
    prune: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct PlannedFile {
    path: String,
    sha256: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foot {
    changes: usize,
}

/// A change of a plan, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedChange {
    /// What to do: create, replace or delete.
    pub status: Action,
    /// The profile, by its resolved name.
    pub profile: Option<String>,
    /// The source region.
    pub region: Option<String>,
    /// The endpoint that was asked.
    pub endpoint: String,
    /// The source namespace.
    pub namespace: String,
    /// The source repository.
    pub repository: String,
    /// The target region.
    pub remote_region_id: String,
    /// The target namespace.
    pub remote_namespace: String,
    /// The override that is wished.
    #[serde(rename = "override")]
    pub override_: bool,
    /// What was found.
    pub found: Option<Found>,
    /// Where it is declared.
    pub declared: Option<String>,
}

impl PlannedChange {
    /// Returns `true` if every name can stand in a request.
    fn is_sendable(&self) -> bool {
        use crate::names::Parse;
        let region = |text: &str| RegionId::parse(text).is_ok();
        Namespace::listed(&self.namespace).is_some()
            && Repository::listed(&self.repository).is_some()
            && Namespace::listed(&self.remote_namespace).is_some()
            && region(&self.remote_region_id)
            && self.region.as_deref().is_none_or(region)
            && self.status != Action::Keep
            && (self.found.is_none() == (self.status == Action::Create))
    }
}

/// A plan that is being written.
#[derive(Debug)]
pub struct PlanWriter {
    path: PathBuf,
    file: BufWriter<File>,
    changes: usize,
}

impl PlanWriter {
    /// Begins a plan; the file is only the user's to read.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be written.
    pub fn create(path: &Path, files: &[FleetFile], prune: bool) -> Result<PlanWriter, Error> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options
            .open(path)
            .map_err(|error| unwritable(path, error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // One that was there keeps its mode otherwise; a device has none to keep.
            if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                file.set_permissions(std::fs::Permissions::from_mode(0o600))
                    .map_err(|error| unwritable(path, error))?;
            }
        }
        let mut writer = PlanWriter {
            path: path.to_owned(),
            file: BufWriter::new(file),
            changes: 0,
        };
        writer.line(&Head {
            swr_plan: VERSION,
            swr: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: jiff::Timestamp::now().to_string(),
            files: files
                .iter()
                .map(|file| PlannedFile {
                    path: file.path.to_string(),
                    sha256: file.sha256(),
                })
                .collect(),
            prune,
        })?;
        Ok(writer)
    }

    /// Writes a change.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be written.
    pub fn add(&mut self, change: &PlannedChange) -> Result<(), Error> {
        self.changes += 1;
        self.line(change)
    }

    /// Writes the foot: from now on the plan is whole.
    ///
    /// # Errors
    /// Kind `io` when the file cannot be written.
    pub fn finish(mut self) -> Result<(), Error> {
        let changes = self.changes;
        self.line(&Foot { changes })?;
        self.file
            .flush()
            .map_err(|error| unwritable(&self.path, error))
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), Error> {
        serde_json::to_writer(&mut self.file, value)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|error| unwritable(&self.path, error))
    }
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    let what = format!("the plan '{}' cannot be written", path.display());
    Error::new(Kind::Io, what).cause(error)
}

/// Reads a plan through, and hands over each change. Read it once to the end before anything is
/// sent: a plan that is cut off, or wrong in a line, is refused as a whole.
///
/// # Errors
/// Kind `config` for a file that is no whole plan, with its line; what `each` fails with.
pub fn read_plan(
    path: &Path,
    each: &mut dyn FnMut(PlannedChange, usize) -> Result<(), Error>,
) -> Result<(), Error> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| {
        Error::new(Kind::Config, format!("the plan '{shown}' cannot be read")).cause(error)
    })?;
    let mut reader = BufReader::new(file);
    let mut text = String::new();
    let (mut number, mut changes, mut foot) = (0, 0, None);
    let wrong =
        |what: &str, number: usize| Error::new(Kind::Config, format!("{what} ({shown}:{number})"));
    loop {
        text.clear();
        let length = reader
            .by_ref()
            .take(LONGEST_LINE)
            .read_line(&mut text)
            .map_err(|error| wrong("the plan cannot be read", number + 1).cause(error))?;
        if length == 0 {
            break;
        }
        number += 1;
        if !text.ends_with('\n') {
            return Err(wrong("the plan is cut off", number));
        }
        if number == 1 {
            let head: Head = serde_json::from_str(&text)
                .map_err(|_| wrong("not a plan of 'swr plan --out'", number))?;
            if head.swr_plan != VERSION {
                return Err(wrong("a plan of another version of swr", number));
            }
        } else if foot.is_some() {
            return Err(wrong("a line after the end of the plan", number));
        } else if let Ok(end) = serde_json::from_str::<Foot>(&text) {
            if end.changes != changes {
                return Err(wrong("the plan has lost changes", number));
            }
            foot = Some(());
        } else {
            let change: PlannedChange =
                serde_json::from_str(&text).map_err(|_| wrong("not a change", number))?;
            if !change.is_sendable() {
                return Err(wrong("a change that cannot be sent", number));
            }
            changes += 1;
            each(change, number)?;
        }
    }
    match foot {
        Some(()) => Ok(()),
        None => Err(wrong("the plan is cut off", number)),
    }
}
