//! What `status` found out about one repository.

use serde::Serialize;

use super::hints::{Subject, advise};
use super::link_report::AsRow;
use crate::api::sync::Target;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{Namespace, Parse, RegionId, Tag};
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain, strong, uneasy};
use crate::report::{self, Row};
use crate::sync::coverage::{Coverage, CoverageVerdict, FailedCopy, ListedTarget};
use crate::sync::task::Named;
use crate::sync::{Failure, Link, Reason, Source};
use crate::verdict::Verdict;

/// So many tags are named in a message.
const NAMED: usize = 3;

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::commands) enum CoverageStatus {
    /// A task copies it, to every target that was asked for.
    Covered,
    /// No task copies it, or none to a target that was asked for.
    Uncovered,
    /// No entry of the file selects it.
    Undeclared,
    /// The file says that it is not copied: `to = []`, or a `!` pattern.
    Excluded,
    /// The last copy of a tag did not succeed.
    Failing,
    /// The file names it, or it was listed, and it does not exist.
    Missing,
    /// It could not be looked at.
    Failed,
    /// It was not looked at.
    Skipped,
}

impl CoverageStatus {
    /// Every status, in the order of the summary.
    pub(super) const ALL: [CoverageStatus; 8] = [
        CoverageStatus::Covered,
        CoverageStatus::Uncovered,
        CoverageStatus::Undeclared,
        CoverageStatus::Excluded,
        CoverageStatus::Failing,
        CoverageStatus::Missing,
        CoverageStatus::Failed,
        CoverageStatus::Skipped,
    ];

    /// Returns the word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            CoverageStatus::Covered => "covered",
            CoverageStatus::Uncovered => "uncovered",
            CoverageStatus::Undeclared => "undeclared",
            CoverageStatus::Excluded => "excluded",
            CoverageStatus::Failing => "failing",
            CoverageStatus::Missing => "missing",
            CoverageStatus::Failed => "failed",
            CoverageStatus::Skipped => "skipped",
        }
    }
}

impl From<CoverageVerdict> for CoverageStatus {
    fn from(verdict: CoverageVerdict) -> CoverageStatus {
        match verdict {
            CoverageVerdict::Covered => CoverageStatus::Covered,
            CoverageVerdict::Uncovered => CoverageStatus::Uncovered,
            CoverageVerdict::Undeclared => CoverageStatus::Undeclared,
            CoverageVerdict::Excluded => CoverageStatus::Excluded,
            CoverageVerdict::Failing => CoverageStatus::Failing,
        }
    }
}

/// A target that a task copies to.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct CoveredTarget {
    /// The target region.
    remote_region_id: String,
    /// The target namespace.
    remote_namespace: String,
}

/// One repository, and whether it is copied.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Covered {
    /// What was found out.
    pub(super) status: CoverageStatus,
    /// The profile of the source, where one is in use.
    profile: Option<String>,
    /// The source region, where it is known.
    region: Option<String>,
    /// The source namespace.
    namespace: String,
    /// The source repository; `*` where the list of repositories failed.
    repository: String,
    /// The targets that tasks copy each push to; null where nobody looked.
    targets: Option<Vec<CoveredTarget>>,
    /// Tags whose last copy did not succeed; null where nobody looked.
    failed_tags: Option<Vec<String>>,
    /// The exit code of this one.
    exit_code: u8,
    /// Why it is not as it should be; never null when it is not.
    error: Option<ErrorReport>,
    /// How it is at each target.
    #[serde(skip)]
    #[cfg_attr(test, schemars(skip))]
    cells: Vec<(report::Place, report::Status)>,
}

/// A repository, as its item names it.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) profile: Option<String>,
    pub(super) region: Option<String>,
    pub(super) namespace: String,
    pub(super) repository: String,
}

impl Covered {
    /// Returns the report of a repository that was looked at.
    pub(super) fn new(about: About, coverage: Coverage, error: Option<&Error>) -> Covered {
        let status = coverage.verdict().into();
        let cells = cells_of(&coverage);
        let targets = coverage.targets.into_iter().map(|target| CoveredTarget {
            remote_region_id: target.region,
            remote_namespace: target.namespace,
        });
        let failed_tags = coverage.failed.map(|failed| {
            let mut tags: Vec<String> = failed.into_iter().map(|copy| copy.tag).collect();
            // They are sorted.
            tags.dedup();
            tags
        });
        Covered {
            targets: Some(targets.collect()),
            failed_tags,
            cells,
            ..Covered::whole(about, status, error)
        }
    }

    /// Returns the report of a repository that was not looked at.
    pub(super) fn whole(about: About, status: CoverageStatus, error: Option<&Error>) -> Covered {
        Covered {
            status,
            profile: about.profile,
            region: about.region,
            namespace: about.namespace,
            repository: about.repository,
            targets: None,
            failed_tags: None,
            exit_code: error.map_or(Exit::Done, Error::exit_code).code(),
            error: error.map(ErrorReport::of),
            cells: Vec::new(),
        }
    }

    fn targets_in_words(&self) -> String {
        let target = |target: &CoveredTarget| {
            format!("{} ({})", target.remote_namespace, target.remote_region_id)
        };
        let targets: Vec<String> = self.targets.iter().flatten().map(target).collect();
        targets.join(", ")
    }
}

/// Returns how a repository is at each target: at those of its tasks, of its failed copies, and at
/// those that were asked for by their whole name.
fn cells_of(coverage: &Coverage) -> Vec<(report::Place, report::Status)> {
    let place = |target: &ListedTarget| report::Place::new(&target.namespace, &target.region);
    let status = |verdict, status: CoverageStatus| report::Status::new(verdict, status.word());
    let mut failing: Vec<report::Place> = Vec::new();
    for copy in coverage.failed.iter().flatten() {
        let place = place(&copy.target);
        if !failing.contains(&place) {
            failing.push(place);
        }
    }
    let covered = coverage.targets.iter().map(place);
    let covered = covered.filter(|place| !failing.contains(place));
    let lacking = coverage.lacking.iter().filter_map(|target| {
        let namespace = target.namespace.as_ref()?;
        Some(report::Place::new(
            namespace.as_str(),
            target.region.as_str(),
        ))
    });
    let lacking = lacking.filter(|place| !failing.contains(place));
    covered
        .map(|place| (place, status(Verdict::Good, CoverageStatus::Covered)))
        .chain(lacking.map(|place| (place, status(Verdict::Different, CoverageStatus::Uncovered))))
        .chain(failing.iter().map(|place| {
            let failing = status(Verdict::Bad, CoverageStatus::Failing);
            (place.clone(), failing)
        }))
        .collect()
}

/// Returns the error of a repository whose last copies failed, with the command that repeats them.
pub(super) fn failing(source: &Source, named: &Named, failed: &[FailedCopy]) -> Error {
    let tags: Vec<String> = failed
        .iter()
        .take(NAMED)
        .map(|copy| {
            let ListedTarget { region, namespace } = &copy.target;
            let end = if copy.is_stuck { "is stuck" } else { "failed" };
            format!("'{}' to {namespace} ({region}) {end}", copy.tag)
        })
        .collect();
    let more = match failed.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let what = format!("the last copy of {}{more}", tags.join(", of "));
    let error = Error::new(Kind::Incomplete, what).exit(Exit::Incomplete);
    // '--failed' asks for no copy that has not ended, so that tags are named then.
    let reason = if failed.iter().any(|copy| copy.is_stuck) {
        Reason::CopyUnseen
    } else {
        Reason::CopyFailed
    };
    let mut subject = Subject::default();
    for copy in failed {
        // What the service lists need not be a name that a command can be written with.
        if let (Ok(region), Some(namespace), Some(tag)) = (
            RegionId::parse(&copy.target.region),
            Namespace::listed(&copy.target.namespace),
            Tag::listed(&copy.tag),
        ) {
            let link = Link {
                namespace: source.namespace.clone(),
                repository: source.repository.clone(),
                target: Target { region, namespace },
                named: named.clone(),
            };
            subject.add(&link, Some(tag.as_str()));
        }
    }
    if subject.is_empty() {
        return error;
    }
    advise(Failure::new(error, reason), &subject)
}

impl AsRow for Covered {
    fn as_row(&self) -> Row {
        let word = self.status.word();
        let targets = self.targets_in_words();
        let reason = match &self.error {
            Some(error) => Some(error.message.clone()),
            None => (!targets.is_empty()).then_some(targets),
        };
        Row {
            profile: self.profile.clone(),
            region: self.region.clone(),
            repository: Some(self.repository.clone()),
            reason,
            hint: self.error.as_ref().and_then(|error| error.hint.clone()),
            cells: self.cells.clone(),
            ..Row::new(
                report::Subject::Repository,
                report::Status::new(Verdict::of(word, self.exit_code), word),
                &self.namespace,
            )
        }
    }
}

impl Report for Covered {
    fn human(&self, page: &mut Page) {
        let word = self.status.word();
        let status = match self.status {
            CoverageStatus::Covered => good(word),
            CoverageStatus::Excluded => dim(word),
            CoverageStatus::Skipped => uneasy(word),
            _ => bad(word),
        };
        let name = format!("{}/{}", self.namespace, self.repository);
        let mut line = vec![status, plain(": "), strong(name)];
        let targets = self.targets_in_words();
        if !targets.is_empty() {
            line.push(plain(format!(" → {targets}")));
        }
        page.line(&line);
        let Some(error) = &self.error else { return };
        page.line(&[plain("  "), plain(&error.message)]);
        if let (CoverageStatus::Failing, Some(hint)) = (self.status, &error.hint) {
            page.line(&[plain("  "), dim(hint)]);
        }
    }
}
