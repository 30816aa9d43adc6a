//! `swr report`: one report out of the documents that the shards of a run left behind.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::report_args::ReportArgs;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::output::{self, Page, bad, dim, plain, strong, uneasy};
use crate::report::{Place, Reports, Row, Run, Status, Subject};
use crate::verdict::Verdict;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync verify -n team --to-region cn-east-3 --to-namespace team --shard 3/8 -o json > parts/3.json\n  \
    swr report parts/*.json --html verify.html --junit verify.xml")]
pub struct Report {
    /// Documents that one verb wrote with -o json, one a shard
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportArgs,
}

/// The verbs whose documents can be merged.
const COMMANDS: [&str; 7] = [
    "sync create",
    "sync run",
    "sync wait",
    "sync verify",
    "sync status",
    "plan",
    "apply",
];

/// What a fleet counts and writes only where it was asked to.
const UNCHANGED: &str = "unchanged";

/// What a document says beside its items.
#[derive(Debug, Deserialize)]
struct Head {
    command: Option<String>,
    shard: Option<String>,
    exit_code: Option<u8>,
    items: Option<Vec<IgnoredAny>>,
}

/// A document's items, as they appear in the file.
#[derive(Debug, Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    /// The exit of its run.
    exit_code: Option<u8>,
    /// The statuses of the verb, also those that no item ended with.
    #[serde(default)]
    summary: BTreeMap<String, usize>,
}

/// What a report needs of an item of any verb.
#[derive(Debug, Deserialize)]
struct Item {
    status: String,
    profile: Option<String>,
    region: Option<String>,
    namespace: Option<String>,
    repository: Option<String>,
    tag: Option<String>,
    remote_region_id: Option<String>,
    remote_namespace: Option<String>,
    digest: Option<String>,
    remote_digest: Option<String>,
    duration_seconds: Option<f64>,
    exit_code: Option<u8>,
    error: Option<ItemError>,
    hint: Option<String>,
    /// Of a repository whose coverage was looked at: the targets of its tasks.
    targets: Option<Vec<ItemTarget>>,
}

#[derive(Debug, Deserialize)]
struct ItemTarget {
    remote_region_id: String,
    remote_namespace: String,
}

#[derive(Debug, Deserialize)]
struct ItemError {
    message: Option<String>,
    hint: Option<String>,
}

/// A part of a shard: which one, of how many.
type Part = (u64, u64);

impl Report {
    /// Merges.
    ///
    /// # Errors
    /// Kind `io` for a file that cannot be read or is cut off; kind `usage` for documents that do
    /// not belong together.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let (command, exit) = check(&self.files)?;
        let scope = match self.files.len() {
            1 => self.files[0].display().to_string(),
            count => format!("{count} files"),
        };
        let reports = self.reports.open(context, Run { command, scope })?;
        let result = merge(context, &reports, command, &self.files, exit);
        reports.finish(result)
    }
}

/// Reads every file to its end before anything is written: returns the verb of all, and the worst
/// exit of their runs.
fn check(files: &[PathBuf]) -> Result<(&'static str, Exit), Error> {
    let mut found: Option<(&'static str, &Path)> = None;
    let mut exit = Exit::Done;
    let mut parts: Vec<(Part, &Path)> = Vec::new();
    let mut whole: Option<&Path> = None;
    for path in files {
        let text = read(path)?;
        let head: Head = parse(path, &text)?;
        let (Some(command), Some(_)) = (head.command, head.items) else {
            return Err(no_document(path));
        };
        let code = head.exit_code.ok_or_else(|| {
            let what = format!("'{}' is from a run that did not finish", path.display());
            Error::new(Kind::Io, what).hint("run that part again")
        })?;
        let known = COMMANDS.iter().find(|known| **known == command);
        let command: &'static str = known.copied().ok_or_else(|| {
            let what = format!("'{command}' writes nothing that can be merged");
            Error::new(Kind::Usage, what).hint(format!("it is the command of {}", path.display()))
        })?;
        match found {
            Some((other, first)) if other != command => {
                let what = format!(
                    "'{}' is of 'swr {other}', '{}' of 'swr {command}'",
                    first.display(),
                    path.display()
                );
                return Err(Error::new(Kind::Usage, what).hint("merge the parts of one command"));
            }
            Some(_) => {}
            None => found = Some((command, path)),
        }
        exit = exit.worse(exit_of(Some(code)));
        match head.shard.as_deref() {
            Some(shard) => parts.push((part(path, shard)?, path)),
            None => whole = Some(path),
        }
    }
    are_all_there(&parts, whole)?;
    let (command, _) = found.ok_or_else(|| Error::new(Kind::Usage, "no file is named"))?;
    Ok((command, exit))
}

/// Fails where shards are missing, given twice, or of different counts.
fn are_all_there(parts: &[(Part, &Path)], whole: Option<&Path>) -> Result<(), Error> {
    let Some(((_, count), first)) = parts.first() else {
        return Ok(());
    };
    if let Some(path) = whole {
        let what = format!(
            "'{}' is a shard, '{}' is not",
            first.display(),
            path.display()
        );
        return Err(Error::new(Kind::Usage, what));
    }
    let mut seen = BTreeSet::new();
    for ((index, other), path) in parts {
        if other != count {
            let what = format!(
                "'{}' is one of {count} shards, '{}' one of {other}",
                first.display(),
                path.display()
            );
            return Err(Error::new(Kind::Usage, what).hint("merge the shards of one run"));
        }
        if !seen.insert(*index) {
            let what = format!("shard {index}/{count} is given twice ({})", path.display());
            return Err(Error::new(Kind::Usage, what));
        }
    }
    let missing: Vec<String> = (1..=*count)
        .filter(|index| !seen.contains(index))
        .map(|index| format!("{index}/{count}"))
        .take(20)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let what = format!(
        "{} of {count} shards are here: {} {} missing",
        seen.len(),
        missing.join(", "),
        if missing.len() == 1 { "is" } else { "are" }
    );
    Err(Error::new(Kind::Io, what).hint("run the missing shards, or find their files"))
}

fn part(path: &Path, shard: &str) -> Result<Part, Error> {
    shard
        .split_once('/')
        .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)))
        // A file of many shards would be a list as long as its number.
        .filter(|(index, count)| (1..=*count).contains(index) && *count <= 1_000_000)
        .ok_or_else(|| {
            let what = format!("invalid shard '{shard}' in '{}'", path.display());
            Error::new(Kind::Io, what)
        })
}

fn merge(
    context: &Context,
    reports: &Reports,
    command: &'static str,
    files: &[PathBuf],
    mut exit: Exit,
) -> Result<Exit, Error> {
    let mut items = context.output().items().of_command(command, None);
    for path in files {
        let text = read(path)?;
        let body: Body = parse(path, &text)?;
        items = items.summing(body.summary.keys().cloned());
        let mut unchanged = body.summary.get(UNCHANGED).copied().unwrap_or_default();
        for raw in body.items {
            let item: Item = serde_json::from_str(raw.get()).map_err(|error| {
                let what = format!("'{}' has an item that swr did not write", path.display());
                Error::new(Kind::Io, what).cause(error)
            })?;
            exit = exit.worse(exit_of(item.exit_code));
            let row = item.into_row(command, exit_of(body.exit_code));
            reports.add(&row);
            let status = row.status.word.clone();
            unchanged = unchanged.saturating_sub(usize::from(status == UNCHANGED));
            items.item(status, &Passed { raw, row })?;
        }
        if unchanged > 0 {
            items.count_silently(UNCHANGED, unchanged);
            reports.count(&Status::new(Verdict::Good, UNCHANGED), unchanged);
        }
    }
    items.finish_with(exit)?;
    Ok(exit)
}

/// An item as it was written, and as a row for a person.
struct Passed<'a> {
    raw: &'a RawValue,
    row: Row,
}

impl Serialize for Passed<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

impl output::Report for Passed<'_> {
    /// Good items are only counted: there are shards because there are many.
    fn human(&self, page: &mut Page) {
        let word = self.row.status.word.clone();
        let status = match self.row.status.verdict {
            Verdict::Good => return,
            Verdict::Skipped => uneasy(word),
            Verdict::Different | Verdict::Bad => bad(word),
        };
        let mut line = vec![status, plain(": "), strong(self.row.name())];
        if let Some(target) = &self.row.target {
            line.push(plain(format!(" → {target}")));
        }
        page.line(&line);
        let details = self.row.details();
        if !details.is_empty() {
            page.line(&[dim(format!("  {details}"))]);
        }
    }
}

impl Item {
    /// Returns the row of an item; `run` is how the run of its part ended.
    fn into_row(self, command: &str, run: Exit) -> Row {
        let is_change = match self.status.as_str() {
            "create" | "replace" | "delete" => true,
            // It counts where the run was told to end with 8 for it.
            "surplus" => run == Exit::Different,
            _ => false,
        };
        let verdict = match self.exit_code {
            Some(0) if command == "plan" && is_change => Verdict::Different,
            Some(code) => Verdict::of(&self.status, code),
            None => Verdict::Skipped,
        };
        let subject = if self.tag.is_some() {
            Subject::Tag
        } else if matches!(command, "sync create" | "plan" | "apply")
            && self.remote_region_id.is_some()
        {
            Subject::Task
        } else {
            Subject::Repository
        };
        let target = match (self.remote_namespace, self.remote_region_id) {
            (Some(namespace), Some(region)) => Some(Place { namespace, region }),
            _ => None,
        };
        let (reason, hint) = match self.error {
            Some(error) => (error.message, error.hint.or(self.hint)),
            None => (None, self.hint),
        };
        let namespace = self.namespace.unwrap_or_default();
        let status = Status::new(verdict, self.status);
        // Of another status it is not known which target it is about.
        let covered = self.targets.filter(|_| verdict == Verdict::Good);
        let cell = |target: ItemTarget| {
            let place = Place::new(&target.remote_namespace, &target.remote_region_id);
            (place, status.clone())
        };
        Row {
            cells: covered.into_iter().flatten().map(cell).collect(),
            profile: self.profile,
            region: self.region,
            repository: self.repository,
            tag: self.tag,
            target,
            digest: self.digest,
            remote_digest: self.remote_digest,
            reason,
            hint,
            duration: self
                .duration_seconds
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            ..Row::new(subject, status, &namespace)
        }
    }
}

fn exit_of(code: Option<u8>) -> Exit {
    let Some(code) = code else {
        return Exit::Done;
    };
    Exit::ALL
        .into_iter()
        .find(|exit| exit.code() == code)
        .unwrap_or(Exit::Passed(code))
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::new(Kind::Io, format!("'{}' cannot be read", path.display())).cause(error)
    })
}

fn parse<'a, T: Deserialize<'a>>(path: &Path, text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            let what = format!("'{}' is cut off (byte {})", path.display(), text.len());
            return Error::new(Kind::Io, what).hint("run that part again");
        }
        if text.trim_start().starts_with("{\"status\"") {
            let what = format!(
                "'{}' is JSON Lines, whose end cannot be recognized",
                path.display()
            );
            return Error::new(Kind::Io, what).hint("write the parts with -o json");
        }
        no_document(path).cause(error)
    })
}

fn no_document(path: &Path) -> Error {
    let what = format!(
        "'{}' is not a document of a command that works on many",
        path.display()
    );
    Error::new(Kind::Io, what).hint("write the parts with -o json")
}
