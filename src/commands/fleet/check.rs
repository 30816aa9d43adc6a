//! `swr check`: the file of a fleet, without asking the service.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use super::read::FileArgs;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::fleet::{Fleet, SCHEMA, Warning};
use crate::output::{Page, Report, plain, strong};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr check\n  \
    swr check -f fleet/ -o json\n  \
    swr check --schema > swr.schema.json")]
pub struct Check {
    #[command(flatten)]
    files: FileArgs,
    /// Print the JSON Schema of the file, for editors
    #[arg(long, conflicts_with = "files")]
    schema: bool,
}

/// What the files declare.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Checked {
    /// How many files were read.
    files: usize,
    /// How many `[[sync]]` they have.
    entries: usize,
    /// How many source namespaces they name.
    namespaces: usize,
    /// How many target namespaces they name.
    targets: usize,
    /// What is valid, and probably not meant.
    warnings: Vec<Warning>,
}

impl Checked {
    fn of(fleet: Fleet) -> Checked {
        let targets: BTreeSet<_> = fleet
            .entries()
            .flat_map(|entry| &entry.wishes)
            .map(|wish| (&wish.target.region, &wish.target.namespace))
            .collect();
        Checked {
            files: fleet.files.len(),
            entries: fleet.entries().count(),
            namespaces: fleet.sources.len(),
            targets: targets.len(),
            warnings: fleet.warnings,
        }
    }
}

impl Report for Checked {
    fn human(&self, page: &mut Page) {
        let counted = |count: usize, one: &str, many: &str| {
            format!("{count} {}", if count == 1 { one } else { many })
        };
        page.line(&[
            strong("valid: "),
            plain(format!(
                "{}, {}, {}, {}",
                counted(self.files, "file", "files"),
                counted(self.entries, "entry", "entries"),
                counted(self.namespaces, "source namespace", "source namespaces"),
                counted(self.targets, "target namespace", "target namespaces"),
            )),
        ]);
    }
}

impl Check {
    /// Reads the files.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        if self.schema {
            context.output().write(SCHEMA)?;
            return Ok(Exit::Done);
        }
        let fleet = self.files.read(context)?;
        for warning in &fleet.warnings {
            context.output().warn(&warning.to_string());
        }
        context.output().report(&Checked::of(fleet))?;
        Ok(Exit::Done)
    }
}
