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

/// A line may be this long; a change takes a few hundred bytes.
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
    /// The override that is wanted.
    #[serde(rename = "override")]
    pub override_: bool,
    /// What was found.
    pub found: Option<Found>,
    /// Where it is declared.
    pub declared: Option<String>,
}

impl PlannedChange {
    /// Returns `true` if every name can be sent in a request.
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

/// Reads a plan, one change after another, each with its line. Read it once to the end before
/// anything is sent: a plan that is cut off, or wrong in a line, is refused as a whole.
#[derive(Debug)]
pub struct PlanReader {
    shown: String,
    lines: BufReader<File>,
    /// The number of the last line.
    number: usize,
    changes: usize,
    state: Reading,
}

/// Where a reader is.
#[derive(Debug, PartialEq, Eq)]
enum Reading {
    Changes,
    /// Behind the foot: nothing may follow.
    Foot,
    /// Nothing is left, or an error was returned.
    Over,
}

impl PlanReader {
    /// Opens a plan.
    ///
    /// # Errors
    /// Kind `config` where the file cannot be read.
    pub fn open(path: &Path) -> Result<PlanReader, Error> {
        let shown = path.display().to_string();
        let file = File::open(path).map_err(|error| {
            Error::new(Kind::Config, format!("the plan '{shown}' cannot be read")).cause(error)
        })?;
        Ok(PlanReader {
            shown,
            lines: BufReader::new(file),
            number: 0,
            changes: 0,
            state: Reading::Changes,
        })
    }

    /// Returns the place of the last change.
    pub fn place(&self) -> String {
        // An empty file has no line: what is missing there is the first one.
        format!("{}:{}", self.shown, self.number.max(1))
    }

    fn wrong(&self, what: &str) -> Error {
        Error::new(Kind::Config, format!("{what} ({})", self.place()))
    }

    /// Returns the next change; `None` behind the foot of a whole plan.
    fn read(&mut self) -> Result<Option<PlannedChange>, Error> {
        let mut text = String::new();
        loop {
            text.clear();
            let mut line = self.lines.by_ref().take(LONGEST_LINE);
            let length = line.read_line(&mut text);
            if !matches!(length, Ok(0)) {
                self.number += 1;
            }
            let length =
                length.map_err(|error| self.wrong("the plan cannot be read").cause(error))?;
            let is_whole = self.state == Reading::Foot;
            if length == 0 && is_whole {
                return Ok(None);
            }
            if !text.ends_with('\n') {
                return Err(self.wrong("the plan is cut off"));
            }
            if self.number == 1 {
                let head: Head = serde_json::from_str(&text)
                    .map_err(|_| self.wrong("not a plan of 'swr plan --out'"))?;
                if head.swr_plan != VERSION {
                    return Err(self.wrong("a plan of another version of swr"));
                }
            } else if is_whole {
                return Err(self.wrong("a line after the end of the plan"));
            } else if let Ok(end) = serde_json::from_str::<Foot>(&text) {
                if end.changes != self.changes {
                    return Err(self.wrong("the plan has lost changes"));
                }
                self.state = Reading::Foot;
            } else {
                let change: PlannedChange =
                    serde_json::from_str(&text).map_err(|_| self.wrong("not a change"))?;
                if !change.is_sendable() {
                    return Err(self.wrong("a change that cannot be sent"));
                }
                self.changes += 1;
                return Ok(Some(change));
            }
        }
    }
}

impl Iterator for PlanReader {
    type Item = Result<PlannedChange, Error>;

    fn next(&mut self) -> Option<Result<PlannedChange, Error>> {
        if self.state == Reading::Over {
            return None;
        }
        let read = self.read().transpose();
        if !matches!(read, Some(Ok(_))) {
            self.state = Reading::Over;
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::LazyLock;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Action, FleetFile, Found, PlanReader, PlanWriter, PlannedChange};

    const FOUND: Found = Found {
        id: Some(7),
        override_: Some(false),
        sync_auto: true,
    };

    /// A plan with one change of each kind.
    static WHOLE: LazyLock<(Vec<u8>, Vec<PlannedChange>)> = LazyLock::new(|| {
        let change = |status: Action, found: Option<Found>| PlannedChange {
            status,
            profile: Some("prod".to_owned()),
            region: Some("cn-north-4".to_owned()),
            endpoint: "https://swr-api.cn-north-4.myhuaweicloud.com".to_owned(),
            namespace: "team".to_owned(),
            repository: "web/api".to_owned(),
            remote_region_id: "cn-east-3".to_owned(),
            remote_namespace: "team".to_owned(),
            override_: true,
            found,
            declared: Some("swr.toml:3".to_owned()),
        };
        let changes = vec![
            change(Action::Create, None),
            change(Action::Replace, Some(FOUND)),
            change(Action::Delete, Some(FOUND)),
        ];
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("plan");
        let files = [FleetFile::of_text("swr.toml", "x")];
        let mut plan = PlanWriter::create(&path, &files, true).unwrap();
        for change in &changes {
            plan.add(change).unwrap();
        }
        plan.finish().unwrap();
        (fs::read(path).unwrap(), changes)
    });

    /// Reads a plan to its end, or to the text of its error.
    fn read(bytes: &[u8]) -> Result<Vec<PlannedChange>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let changes = PlanReader::open(file.path())
            .unwrap()
            .collect::<Result<_, _>>();
        let shown = file.path().display().to_string();
        changes.map_err(|error| error.what().replace(&shown, "plan"))
    }

    /// Returns `true` if an error ends with a line of the plan.
    fn names_a_line(error: &str, plan: &[u8]) -> bool {
        let lines = plan.split(|byte| *byte == b'\n').count();
        let place = error
            .rsplit_once("(plan:")
            .and_then(|(_, rest)| rest.strip_suffix(')'));
        let line = place.and_then(|line| line.parse().ok());
        line.is_some_and(|line| (1..=lines).contains(&line))
    }

    #[test]
    fn only_the_whole_plan_is_read() {
        let (whole, changes) = &*WHOLE;
        assert_eq!(read(whole).as_ref(), Ok(changes));
        for length in 0..whole.len() {
            let error = read(&whole[..length]).unwrap_err();
            assert!(error.contains("cut off"), "{length}: {error}");
            assert!(names_a_line(&error, &whole[..length]), "{length}: {error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_done_to_a_plan_an_error_names_a_line_of_it(
            cuts in vec((0_usize..2_000, 0_usize..60, vec(any::<u8>(), 0..3)), 1..4)
        ) {
            let (mut bytes, changes) = WHOLE.clone();
            for (start, length, put) in cuts {
                let start = start.min(bytes.len());
                let end = (start + length).min(bytes.len());
                bytes.splice(start..end, put);
            }
            match read(&bytes) {
                Ok(found) => prop_assert_eq!(found.len(), changes.len()),
                Err(error) => prop_assert!(names_a_line(&error, &bytes), "{}", error),
            }
        }
    }
}
