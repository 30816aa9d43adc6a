//! What the next steps of a job read: digests and counts, in the file that GitHub Actions names in
//! `GITHUB_OUTPUT`, a name and a value a line.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::file::{append, unwritable};
use super::row::Row;
use super::text::clean;
use super::{Ending, Writer};
use crate::error::Error;

/// So many images are named with their digests; an output holds a megabyte.
const IMAGES: usize = 1000;

#[derive(Debug)]
pub(super) struct Outputs {
    path: PathBuf,
    digests: Map<String, Value>,
}

impl Outputs {
    pub(super) fn open(path: &Path) -> Result<Outputs, Error> {
        append(path)?;
        Ok(Outputs {
            path: path.to_owned(),
            digests: Map::new(),
        })
    }
}

impl Writer for Outputs {
    fn add(&mut self, row: &Row) -> Result<(), Error> {
        if let Some(digest) = &row.digest
            && self.digests.len() < IMAGES
        {
            self.digests
                .insert(clean(&row.name()), clean(digest).into());
        }
        Ok(())
    }

    fn finish(self: Box<Self>, ending: &Ending<'_>) -> Result<(), Error> {
        let mut lines = Vec::new();
        let mut digests = self.digests.values();
        if let (Some(Value::String(only)), None) = (digests.next(), digests.next()) {
            lines.push(format!("digest={only}"));
        }
        lines.push(format!("digests={}", Value::Object(self.digests)));
        let counts: Map<String, Value> = ending
            .totals
            .iter()
            .map(|(status, count)| (clean(&status.word), count.into()))
            .collect();
        lines.push(format!("summary={}", Value::Object(counts)));
        lines.push(format!("total={}", ending.totals.all()));
        if let Some(exit) = ending.exit {
            lines.push(format!("exit-code={}", exit.code()));
        }
        lines.push(String::new());
        append(&self.path)?
            .write_all(lines.join("\n").as_bytes())
            .map_err(|error| unwritable(&self.path, error))
    }
}
