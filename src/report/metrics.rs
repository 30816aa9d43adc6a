//! Prometheus' text format, for a node's textfile collector or a push gateway.
//!
//! No label holds a repository or a tag: their number has no bound.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::file::WholeFile;
use super::row::{Row, Subject};
use super::text::clean;
use super::{Ending, Writer};
use crate::error::Error;

/// What a row is counted under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Labels {
    profile: String,
    region: String,
    namespace: String,
    remote_region_id: String,
    status: String,
}

#[derive(Debug)]
pub(super) struct Metrics {
    file: WholeFile,
    counts: BTreeMap<(Subject, Labels), usize>,
}

impl Metrics {
    pub(super) fn open(path: &Path) -> Result<Metrics, Error> {
        Ok(Metrics {
            file: WholeFile::open(path)?,
            counts: BTreeMap::new(),
        })
    }
}

/// The families of counts: subject, name, help.
const FAMILIES: [(Subject, &str, &str); 3] = [
    (
        Subject::Task,
        "swr_tasks",
        "Synchronization tasks by status.",
    ),
    (
        Subject::Repository,
        "swr_repositories",
        "Repositories by status.",
    ),
    (
        Subject::Tag,
        "swr_tags",
        "Tags that were compared or copied, by status.",
    ),
];

impl Writer for Metrics {
    fn add(&mut self, row: &Row) -> Result<(), Error> {
        let text = |text: Option<&String>| text.map_or(String::new(), |text| clean(text));
        let labels = Labels {
            profile: text(row.profile.as_ref()),
            region: text(row.region.as_ref()),
            namespace: clean(&row.namespace),
            remote_region_id: text(row.target.as_ref().map(|target| &target.region)),
            status: clean(&row.status.word),
        };
        *self.counts.entry((row.subject, labels)).or_default() += 1;
        Ok(())
    }

    fn finish(self: Box<Self>, ending: &Ending<'_>) -> Result<(), Error> {
        let command = ending.run.command;
        let mut text = String::new();
        for (subject, name, help) in FAMILIES {
            let mut rows = self
                .counts
                .iter()
                .filter(|((other, _), _)| *other == subject)
                .peekable();
            if rows.peek().is_some() {
                family(&mut text, name, help);
            }
            for ((_, labels), count) in rows {
                let _ = writeln!(
                    text,
                    "{name}{{command=\"{command}\",profile=\"{}\",region=\"{}\",namespace=\"{}\",\
                     remote_region_id=\"{}\",status=\"{}\"}} {count}",
                    escaped(&labels.profile),
                    escaped(&labels.region),
                    escaped(&labels.namespace),
                    escaped(&labels.remote_region_id),
                    escaped(&labels.status),
                );
            }
        }
        let mut run = |name: &str, help: &str, value: String| {
            family(&mut text, name, help);
            let _ = writeln!(text, "{name}{{command=\"{command}\"}} {value}");
        };
        if let Some(exit) = ending.exit {
            run(
                "swr_run_exit_code",
                "Exit code of the last run.",
                exit.code().to_string(),
            );
        }
        run(
            "swr_run_complete",
            "Whether the last run looked at everything: 1, or 0 where it was cut short.",
            u8::from(!ending.cut_short).to_string(),
        );
        run(
            "swr_run_timestamp_seconds",
            "When the last run began, in seconds since the epoch.",
            format!("{:.3}", f64_of_millis(ending.at.as_millisecond())),
        );
        run(
            "swr_run_duration_seconds",
            "How long the last run took.",
            format!("{:.3}", ending.duration.as_secs_f64()),
        );
        self.file.write(&text)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of any year that a clock shows are exact in a double"
)]
fn f64_of_millis(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

fn family(text: &mut String, name: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

/// Escapes the value of a label, as the format's definition says.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
