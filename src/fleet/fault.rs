//! Faults of a file, collected so that all of them are reported at once; and warnings.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::error::{Error, Field};

/// A line of a file of the fleet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The path, as it was given.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A value of a file: its key (`sync[2].to[1]`, from 0) and its line.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub(super) field: String,
    pub(super) place: Place,
}

/// Something in a file that is valid, and probably not meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Warning {
    /// The path, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What may be wrong.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.message, self.file, self.line)
    }
}

/// What is wrong in the files, and what may be.
#[derive(Debug, Default)]
pub(super) struct Faults {
    fields: Vec<Field>,
    pub(super) warnings: Vec<Warning>,
}

impl Faults {
    /// Notes what is wrong, and why: `what (file:line): why`.
    pub(super) fn note(
        &mut self,
        at: &At,
        value: &str,
        what: &str,
        why: &str,
        hint: Option<String>,
    ) {
        let place = (at.place.file.to_string(), Some(at.place.line));
        let why = match why {
            "" => String::new(),
            why => format!(": {why}"),
        };
        self.push(Field {
            field: at.field.clone().into(),
            value: value.to_owned(),
            message: format!("{what} ({}){why}", at.place),
            hint,
            file: Some(place),
        });
    }

    /// Notes what entries disagree about, whose text names both places.
    pub(super) fn note_conflict(&mut self, at: &At, value: &str, message: String) {
        self.push(Field {
            field: at.field.clone().into(),
            value: value.to_owned(),
            message,
            hint: None,
            file: Some((at.place.file.to_string(), Some(at.place.line))),
        });
    }

    /// Notes what is wrong with a whole file; `line` where it is known.
    pub(super) fn note_file(
        &mut self,
        file: &str,
        line: Option<usize>,
        message: String,
        hint: Option<&str>,
    ) {
        self.push(Field {
            field: "".into(),
            value: String::new(),
            message,
            hint: hint.map(str::to_owned),
            file: Some((file.to_owned(), line)),
        });
    }

    /// One mistake in `[defaults]` is met by every entry, and told once.
    pub(super) fn push(&mut self, field: Field) {
        if !self.fields.contains(&field) {
            self.fields.push(field);
        }
    }

    pub(super) fn warn(&mut self, place: &Place, message: String) {
        let warning = Warning {
            file: place.file.to_string(),
            line: place.line,
            message,
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Returns how many faults were noted.
    pub(super) fn count(&self) -> usize {
        self.fields.len()
    }

    /// Returns the warnings, or fails with all faults, in the order of files and lines.
    pub(super) fn end(mut self) -> Result<Vec<Warning>, Error> {
        if self.fields.is_empty() {
            return Ok(self.warnings);
        }
        // Stable: the files stay in their order, because each is read as a whole before the next.
        self.fields.sort_by(|a, b| match (&a.file, &b.file) {
            (Some((file, line)), Some((other, other_line))) if file == other => {
                line.cmp(other_line)
            }
            _ => std::cmp::Ordering::Equal,
        });
        Err(Error::faulty_files(self.fields))
    }
}
