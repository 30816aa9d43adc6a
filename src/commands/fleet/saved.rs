//! `swr apply PLAN`: carries out a saved plan, where what is there is what the plan found.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::act::{Acting, ensure_all};
use super::deletes::{Delete, Deletes, finish};
use super::item::{FleetReport, Item, Status};
use super::reach::{Profiles, Region};
use super::sheet::Sheet;
use super::wanted::Wanted;
use crate::api::sync::Target;
use crate::commands::report_args::ReportArgs;
use crate::commands::sync::not_tried;
use crate::context::Context;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::fleet::{Action, Change, Found, Home, Place, PlannedChange, read_plan};
use crate::names::{Namespace, Parse, RegionId, Repository};
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{Reports, Run};
use crate::sync::task;

/// The changes of one repository, one behind another in the plan.
struct Step<'a> {
    region: Arc<Region<'a>>,
    namespace: Namespace,
    repository: Repository,
    changes: Vec<Change>,
}

/// Carries out saved plans.
///
/// # Errors
/// A plan that is not whole, or for another endpoint or profile: nothing is sent then.
pub(super) fn apply(
    plans: &[PathBuf],
    reports: &ReportArgs,
    context: &Context,
    wanted: &Wanted,
) -> Result<Exit, Error> {
    // Read to the end before anything is sent; kept are the places, not the changes.
    let mut homes: Vec<(Home, String, String)> = Vec::new();
    let mut count = 0;
    for path in plans {
        read_plan(path, &mut |change, line| {
            count += 1;
            let home = home_of(&change);
            let known = |(other, endpoint, _): &(Home, String, String)| {
                *other == home && *endpoint == change.endpoint
            };
            if !homes.iter().any(known) {
                homes.push((home, change.endpoint, format!("{}:{line}", path.display())));
            }
            Ok(())
        })?;
    }
    let names = homes
        .iter()
        .filter_map(|(home, ..)| home.profile.as_deref());
    let profiles = Profiles::load(context, names)?;
    let mut regions: HashMap<Home, Arc<Region<'_>>> = HashMap::new();
    for (home, endpoint, place) in &homes {
        let own = context
            .settings()
            .profile()
            .map(|setting| setting.value.as_str());
        if home.profile.is_none() && own.is_some() {
            let what = format!(
                "the plan is for {endpoint} (no profile), not for the profile {} ({place})",
                own.unwrap_or_default()
            );
            return Err(Error::new(Kind::Config, what).hint("make the plan anew"));
        }
        let region = Arc::new(Region::of(&profiles, home, false)?);
        if Endpoint::parse(endpoint).ok().as_ref() != Some(region.endpoint())
            && endpoint.as_str() != region.endpoint().as_str()
        {
            let profile = match &home.profile {
                Some(profile) => format!("profile {profile}"),
                None => "no profile".to_owned(),
            };
            let what = format!(
                "the plan is for {endpoint} ({profile}), not for {} ({place})",
                region.endpoint()
            );
            return Err(Error::new(Kind::Config, what).hint("make the plan anew"));
        }
        regions.insert(home.clone(), region);
    }
    let shown: Vec<String> = plans
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let run = Run {
        command: "apply",
        scope: shown.join(", "),
    };
    let reports = reports.open(context, run)?;
    let result = carry_out(plans, context, wanted, &regions, &reports);
    reports.finish(result)
}

fn home_of(change: &PlannedChange) -> Home {
    Home {
        profile: change.profile.clone(),
        region: change
            .region
            .as_deref()
            .and_then(|region| RegionId::parse(region).ok()),
    }
}

fn carry_out(
    plans: &[PathBuf],
    context: &Context,
    wanted: &Wanted,
    regions: &HashMap<Home, Arc<Region<'_>>>,
    reports: &Reports,
) -> Result<Exit, Error> {
    let mut steps = Vec::new();
    for path in plans {
        read_steps(path, regions, wanted, &mut steps)?;
    }
    let selected = steps.len();
    let mut sheet = Sheet::new(context, reports, wanted.style(true), wanted.scope.shard);
    let mut deletes = Deletes::new(wanted.max_deletes);
    let stopped = AtomicBool::new(false);
    let summary = for_each_ordered(
        context.interrupt(),
        wanted.concurrency,
        steps.into_iter(),
        |step| step.work(wanted, &stopped),
        |step, result| {
            let (items, surplus) = match result {
                ItemResult::Done(done) => done,
                ItemResult::Failed(error) => (step.all(Status::Failed, &error), Vec::new()),
                ItemResult::Skipped => {
                    let error = not_tried(step.region.context);
                    (step.all(Status::Skipped, &error), Vec::new())
                }
            };
            for item in items {
                sheet.add(item)?;
            }
            for change in surplus {
                let delete = Delete {
                    region: Arc::clone(&step.region),
                    namespace: step.namespace.clone(),
                    repository: step.repository.clone(),
                    change,
                };
                deletes.add(delete, true, &mut sheet)?;
            }
            Ok(())
        },
    )?;
    let report = FleetReport {
        files: plans.len(),
        repositories: selected,
        selected,
        shard: wanted.scope.shard.map(|shard| shard.to_string()),
        prune: true,
        ..FleetReport::default()
    };
    // Its deletes were approved with the plan.
    let approved = Wanted {
        scope: wanted.scope.clone(),
        yes: true,
        ..*wanted
    };
    finish(context, &approved, sheet, deletes, summary, &report)
}

fn read_steps<'a>(
    path: &Path,
    regions: &HashMap<Home, Arc<Region<'a>>>,
    wanted: &Wanted,
    steps: &mut Vec<Step<'a>>,
) -> Result<(), Error> {
    read_plan(path, &mut |planned, line| {
        let wrong = || {
            let what = format!(
                "the plan changed while it was read ({}:{line})",
                path.display()
            );
            Error::new(Kind::Config, what)
        };
        let region = regions.get(&home_of(&planned)).ok_or_else(wrong)?;
        let namespace = Namespace::listed(&planned.namespace).ok_or_else(wrong)?;
        let repository = Repository::listed(&planned.repository).ok_or_else(wrong)?;
        let target = Target {
            region: RegionId::parse(&planned.remote_region_id).map_err(|_| wrong())?,
            namespace: Namespace::listed(&planned.remote_namespace).ok_or_else(wrong)?,
        };
        if !wanted.scope.holds(region.id(), &namespace, &repository) {
            return Ok(());
        }
        let change = Change {
            action: planned.status,
            target,
            override_: planned.override_,
            found: planned.found,
            declared: planned.declared.as_deref().and_then(place_of),
        };
        match steps.last_mut() {
            Some(step)
                if Arc::ptr_eq(&step.region, region)
                    && step.namespace == namespace
                    && step.repository == repository =>
            {
                step.changes.push(change);
            }
            _ => steps.push(Step {
                region: Arc::clone(region),
                namespace,
                repository,
                changes: vec![change],
            }),
        }
        Ok(())
    })
}

/// Returns the file and the line that a plan names.
fn place_of(text: &str) -> Option<Place> {
    let (file, line) = text.rsplit_once(':')?;
    Some(Place {
        file: file.into(),
        line: line.parse().ok()?,
    })
}

impl Step<'_> {
    /// Reads the repository's tasks, and does what still fits.
    fn work(
        &self,
        wanted: &Wanted,
        stopped: &AtomicBool,
    ) -> Result<(Vec<Item>, Vec<Change>), Error> {
        let service = &self.region.service;
        let acting = Acting {
            region: &self.region,
            namespace: &self.namespace,
            repository: &self.repository,
            backfill: wanted.backfill,
        };
        let Some(tasks) = task::all(service, &self.namespace, &self.repository)? else {
            let what = format!(
                "there is no repository '{}' in '{}'",
                self.repository, self.namespace
            );
            let error = Error::new(Kind::Unmet, what);
            return Ok((self.all(Status::Missing, &error), Vec::new()));
        };
        let (mut items, mut surplus) = (Vec::new(), Vec::new());
        for change in &self.changes {
            let now = tasks
                .iter()
                .find(|task| task.goes_to(&change.target))
                .map(Found::of);
            match (change.action, now) {
                (Action::Delete, None) => items.push(acting.item(Status::Deleted, change)),
                (Action::Delete, now) if now == change.found => surplus.push(change.clone()),
                (Action::Create | Action::Replace | Action::Keep, Some(now))
                    if now.is(change.override_) =>
                {
                    items.push(acting.item(Status::Exists, change));
                }
                (Action::Create | Action::Replace | Action::Keep, now) if now == change.found => {
                    let is_stopped = || stopped.load(Ordering::SeqCst);
                    let stop = || stopped.store(true, Ordering::SeqCst);
                    let changes = std::slice::from_ref(change);
                    items.extend(ensure_all(&acting, changes, is_stopped, stop));
                }
                (_, now) => items.push(stale(&acting, change, now)),
            }
        }
        Ok((items, surplus))
    }

    fn all(&self, status: Status, error: &Error) -> Vec<Item> {
        let item = |change: &Change| {
            let origin = self.region.origin(&self.namespace, &self.repository);
            Item::of_change(origin, status, change).because(error)
        };
        self.changes.iter().map(item).collect()
    }
}

fn stale(acting: &Acting<'_>, change: &Change, now: Option<Found>) -> Item {
    let what = match now {
        Some(_) => "the task is not the one that the plan found",
        None => "the task that the plan found is gone or hidden",
    };
    let error = Error::new(Kind::Unmet, what).hint("make the plan anew");
    let mut item = acting.item(Status::Stale, change).because(&error);
    item.found = now;
    item
}
