//! Whether a repository is copied: the tasks that it has, and how the last copies of its tags ended.

use std::collections::HashMap;

use jiff::Timestamp;

use super::jobs::stuck_for;
use super::{Source, task};
use crate::api::Service;
use crate::api::sync::SyncJob;
use crate::error::Error;
use crate::settings::TargetName;

/// What is asked of a repository.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The targets that it has to be copied to; none: any.
    pub targets: &'a [TargetName],
    /// Whether to look at the last copies, too.
    pub copies: bool,
}

/// A target as the service names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListedTarget {
    /// The region.
    pub region: String,
    /// The namespace.
    pub namespace: String,
}

/// A tag whose last copy to a target did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailedCopy {
    /// The tag.
    pub tag: String,
    /// The target.
    pub target: ListedTarget,
    /// The job has not ended, and has not moved for so long that it will not.
    pub is_stuck: bool,
}

/// What is known about the copies of a repository.
#[derive(Debug, Default)]
pub struct Coverage {
    /// The targets that its tasks copy each push to.
    pub targets: Vec<ListedTarget>,
    /// The targets that were asked for and that no task copies to.
    pub lacking: Vec<TargetName>,
    /// Tags whose last copy did not succeed; `None` where nobody looked.
    pub failed: Option<Vec<FailedCopy>>,
    /// What the file says about it.
    pub declared: Declared,
}

/// What a file says about a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Declared {
    /// That it is copied; also where there is no file.
    #[default]
    Copied,
    /// That it is not copied: an entry wishes no target, or excludes it.
    Excluded,
    /// Nothing.
    Nowhere,
}

/// The one thing that is said about a repository, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoverageVerdict {
    /// The last copy of a tag did not succeed.
    Failing,
    /// No entry of the file selects it.
    Undeclared,
    /// The file says that it is not copied.
    Excluded,
    /// No task copies it, or none to a target that was asked for.
    Uncovered,
    /// It is copied.
    Covered,
}

impl Coverage {
    /// Returns the verdict: failing, then what the file says, then whether tasks are there.
    pub fn verdict(&self) -> CoverageVerdict {
        let has_failed = self
            .failed
            .as_ref()
            .is_some_and(|failed| !failed.is_empty());
        if has_failed {
            CoverageVerdict::Failing
        } else if self.declared == Declared::Nowhere {
            CoverageVerdict::Undeclared
        } else if self.declared == Declared::Excluded {
            CoverageVerdict::Excluded
        } else if self.targets.is_empty() || !self.lacking.is_empty() {
            CoverageVerdict::Uncovered
        } else {
            CoverageVerdict::Covered
        }
    }
}

/// Looks at a repository; `None` where it does not exist. `is_ours` leaves out targets that are
/// somebody else's.
///
/// # Errors
/// Whatever the service fails with; a list of tasks or of jobs that is not whole, for it proves
/// nothing.
pub fn look(
    service: &Service,
    source: &Source,
    question: Question<'_>,
    is_ours: &dyn Fn(&ListedTarget) -> bool,
) -> Result<Option<Coverage>, Error> {
    let Some(tasks) = task::all(service, &source.namespace, &source.repository)? else {
        return Ok(None);
    };
    let targets: Vec<ListedTarget> = tasks
        .into_iter()
        // One without copies nothing by itself.
        .filter(|task| task.sync_auto)
        .map(|task| ListedTarget {
            region: task.remote_region_id,
            namespace: task.remote_namespace,
        })
        .filter(is_ours)
        .collect();
    let lacks = |wanted: &&TargetName| {
        !targets
            .iter()
            .any(|target| wanted.includes(&target.region, &target.namespace))
    };
    let failed = if question.copies {
        Some(failed_copies(service, source, question.targets, is_ours)?)
    } else {
        None
    };
    Ok(Some(Coverage {
        lacking: question.targets.iter().filter(lacks).cloned().collect(),
        targets,
        failed,
        declared: Declared::default(),
    }))
}

/// Returns the tags whose last copy did not succeed, by tag and target.
fn failed_copies(
    service: &Service,
    source: &Source,
    wanted: &[TargetName],
    is_ours: &dyn Fn(&ListedTarget) -> bool,
) -> Result<Vec<FailedCopy>, Error> {
    let mut listed = service.jobs(&source.namespace, &source.repository);
    let mut latest: HashMap<(String, ListedTarget), SyncJob> = HashMap::new();
    for job in listed.by_ref() {
        let job = job?;
        let target = ListedTarget {
            region: job.remote_region_id.clone(),
            namespace: job.remote_namespace.clone(),
        };
        let is_wanted = wanted.is_empty()
            || wanted
                .iter()
                .any(|wanted| wanted.includes(&target.region, &target.namespace));
        if !is_wanted || !is_ours(&target) {
            continue;
        }
        // No order is assumed.
        let last = latest.entry((job.tag.clone(), target));
        last.and_modify(|last| {
            if job.id > last.id {
                *last = job.clone();
            }
        })
        .or_insert(job);
    }
    let now = listed.service_time().unwrap_or_else(Timestamp::now);
    let mut failed: Vec<FailedCopy> = latest
        .into_iter()
        .filter_map(|((tag, target), job)| {
            let is_stuck = stuck_for(&job, now).is_some();
            (is_stuck || job.state().is_bad()).then_some(FailedCopy {
                tag,
                target,
                is_stuck,
            })
        })
        .collect();
    failed.sort();
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::{Coverage, CoverageVerdict, Declared, FailedCopy, ListedTarget};
    use crate::names::Parse;
    use crate::settings::TargetName;

    #[test]
    fn the_worst_that_is_known_is_the_verdict() {
        let target = || ListedTarget {
            region: "cn-east-3".to_owned(),
            namespace: "team".to_owned(),
        };
        let failed = || FailedCopy {
            tag: "v1".to_owned(),
            target: target(),
            is_stuck: false,
        };
        for has_failed in [false, true] {
            for declared in [Declared::Copied, Declared::Excluded, Declared::Nowhere] {
                for has_task in [false, true] {
                    for lacks in [false, true] {
                        let coverage = Coverage {
                            targets: has_task.then(target).into_iter().collect(),
                            lacking: if lacks {
                                vec![TargetName::parse("cn-south-1").unwrap()]
                            } else {
                                Vec::new()
                            },
                            failed: Some(has_failed.then(failed).into_iter().collect()),
                            declared,
                        };
                        let expected = match (has_failed, declared, has_task && !lacks) {
                            (true, ..) => CoverageVerdict::Failing,
                            (_, Declared::Nowhere, _) => CoverageVerdict::Undeclared,
                            (_, Declared::Excluded, _) => CoverageVerdict::Excluded,
                            (.., false) => CoverageVerdict::Uncovered,
                            (.., true) => CoverageVerdict::Covered,
                        };
                        assert_eq!(coverage.verdict(), expected, "{coverage:?}");
                    }
                }
            }
        }
        assert_eq!(Coverage::default().verdict(), CoverageVerdict::Uncovered);
    }
}
