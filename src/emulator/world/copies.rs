//! How copies move: a step each time that a client looks, so that no test waits and no clock is
//! read.
//!
//! A look at the jobs of a repository first shows what is and then lets time pass: a new job is
//! seen `waiting`, then `running`, then at its end. A look at the tags of a target counts, too,
//! else waiting for a digest would never end; there time passes first. Source:
//! `reference/swr-api.md` 2.1, 2.4, 2.5.

use super::{Job, Place, Status, Target, Task, World};
use crate::emulator::switches::{Switch, Switches};

/// How a copy ends when a fault says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum Ending {
    /// With this status.
    With(Status),
    /// Never: it stays as it is.
    Never,
    /// Not at this look.
    Later,
}

/// What decides how copies move.
pub(in crate::emulator) struct Rules<'a> {
    pub(in crate::emulator) switches: Switches,
    /// Asked once for each copy that is about to end, with its region and
    /// `namespace/repository:tag`.
    pub(in crate::emulator) fault: &'a dyn Fn(&str, &str) -> Option<Ending>,
}

impl World {
    /// Starts copies manually, one for each tag (section 2.4).
    pub(in crate::emulator) fn copy(
        &mut self,
        place: &Place,
        tags: &[String],
        target: &Target,
        replaces: bool,
        rules: &Rules,
    ) {
        for tag in tags {
            self.add_job(place, tag, target.clone(), replaces, rules);
        }
    }

    /// Starts the copy that a push causes.
    pub(super) fn add_pushed_job(&mut self, place: &Place, tag: &str, task: &Task, rules: &Rules) {
        let under_way = self.repository(place).is_some_and(|repository| {
            repository
                .jobs
                .iter()
                .any(|job| job.status.goes_on() && job.tag == tag && job.target == task.target)
        });
        if !(under_way && rules.switches.has(Switch::PushesAreAbsorbed)) {
            self.add_job(place, tag, task.target.clone(), task.replaces, rules);
        }
    }

    fn add_job(&mut self, place: &Place, tag: &str, target: Target, replaces: bool, rules: &Rules) {
        self.record_job(place, tag, target, replaces, Status::Waiting);
        if rules.switches.has(Switch::CopiesAreInstant) {
            // Seen, running, ended.
            for _ in 0..3 {
                self.move_jobs(place, rules, |job| job.tag == tag);
            }
        }
    }

    /// Stores a job of any status.
    pub(in crate::emulator) fn record_job(
        &mut self,
        place: &Place,
        tag: &str,
        target: Target,
        replaces: bool,
        status: Status,
    ) {
        let now = self.clock.tick();
        let id = self.clock.next_id();
        self.add_repository(place).jobs.push(Job {
            id,
            tag: tag.to_owned(),
            target,
            replaces,
            status,
            seen: false,
            stuck: false,
            created: now,
            updated: now,
        });
        if status.goes_on() {
            self.pending.insert(place.clone());
        }
    }

    /// Shows the jobs of a repository as they are, oldest first, and then lets time pass for them.
    pub(in crate::emulator) fn look_at_jobs<T>(
        &mut self,
        place: &Place,
        rules: &Rules,
        show: impl FnOnce(Vec<&Job>) -> T,
    ) -> T {
        let late = rules.switches.has(Switch::JobsAppearLate);
        let jobs = self.repository(place).map_or_else(Vec::new, |repository| {
            let shown = repository.jobs.iter();
            shown.filter(|job| job.seen || !late).collect()
        });
        let shown = show(jobs);
        self.move_jobs(place, rules, |_| true);
        shown
    }

    /// Lets time pass for the copies that are on their way to a repository.
    pub(in crate::emulator) fn look_at_target(&mut self, place: &Place, rules: &Rules) {
        let sources: Vec<Place> = self
            .pending
            .iter()
            .filter(|source| source.repository == place.repository)
            .cloned()
            .collect();
        let target = Target::new(&place.region, &place.namespace);
        for source in sources {
            self.move_jobs(&source, rules, |job| job.target == target);
        }
    }

    /// Moves the chosen jobs of a repository one step.
    fn move_jobs(&mut self, place: &Place, rules: &Rules, chosen: impl Fn(&Job) -> bool) {
        if !self.pending.contains(place) {
            return;
        }
        let late = rules.switches.has(Switch::JobsAppearLate);
        let mut jobs = match self.repository_mut(place) {
            Some(repository) => std::mem::take(&mut repository.jobs),
            None => return,
        };
        for job in &mut jobs {
            if !job.status.goes_on() || job.stuck || !chosen(job) {
                continue;
            }
            if late && !job.seen {
                job.seen = true;
                continue;
            }
            let next = match job.status {
                Status::Waiting => Status::Running,
                _ => match self.end_of(place, job, rules) {
                    Ending::With(status) => status,
                    Ending::Never => {
                        job.stuck = true;
                        continue;
                    }
                    Ending::Later => continue,
                },
            };
            if next != job.status {
                job.status = next;
                job.updated = self.clock.tick();
            }
        }
        if !jobs.iter().any(|job| job.status.goes_on()) {
            self.pending.remove(place);
        }
        if let Some(repository) = self.repository_mut(place) {
            repository.jobs = jobs;
        }
    }

    /// Ends a copy: the tag arrives, or the status says why not.
    fn end_of(&mut self, place: &Place, job: &Job, rules: &Rules) -> Ending {
        let name = format!("{}/{}:{}", place.namespace, place.repository, job.tag);
        let fault = (rules.fault)(&place.region, &name);
        fault.unwrap_or_else(|| Ending::With(self.arrive(place, job, rules)))
    }

    /// Brings the tag with its image to the target, whole or not at all.
    fn arrive(&mut self, place: &Place, job: &Job, rules: &Rules) -> Status {
        let Target { region, namespace } = &job.target;
        // Sync needs the agency (section 3.7); a missing target namespace is found out only here.
        let agency = self.regions.get(&place.region).is_some_and(|r| r.agency);
        if !agency || self.namespace(region, namespace).is_none() {
            return Status::Failed;
        }
        let digest_at = |world: &World, place: &Place| {
            let tag = world.repository(place)?.tags.get(&job.tag)?;
            Some(tag.digest.clone())
        };
        let Some(digest) = digest_at(self, place) else {
            return Status::Failed;
        };
        let arrival = Place::new(region, namespace, &place.repository);
        match digest_at(self, &arrival) {
            Some(found) if !job.replaces => {
                let same = found == digest;
                if same && rules.switches.has(Switch::SameDigestIsSuccess) {
                    Status::Success
                } else {
                    Status::Existed
                }
            }
            _ => {
                self.copy_content(place, &arrival, &digest);
                self.put_tag(&arrival, &job.tag, &digest);
                Status::Success
            }
        }
    }
}
