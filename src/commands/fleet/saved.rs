//! `swr apply PLAN`: carries out a saved plan, where what is there is what the plan found.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use super::act::{Acting, ensure_all};
use super::backfill::{Begun, UnderWay};
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
use crate::fleet::{Action, Change, Found, Home, Place, PlanReader, PlannedChange};
use crate::lock::lock;
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
        let mut plan = PlanReader::open(path)?;
        while let Some(change) = plan.next().transpose()? {
            count += 1;
            let home = home_of(&change);
            let known = |(other, endpoint, _): &(Home, String, String)| {
                *other == home && *endpoint == change.endpoint
            };
            if !homes.iter().any(known) {
                homes.push((home, change.endpoint, plan.place()));
            }
        }
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
            return Err(Error::new(Kind::Config, what).hint("create a new plan"));
        }
        contradiction(context, home, place)?;
        let region = Arc::new(Region::of(&profiles, home, wanted.manner())?);
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
            return Err(Error::new(Kind::Config, what).hint("create a new plan"));
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
    let reports = wanted.open(reports, context, run)?;
    let steps = Steps {
        plans: plans.iter(),
        plan: None,
        left: count,
        regions: &regions,
        wanted,
        next: None,
    };
    let result = carry_out(plans.len(), context, wanted, steps, &reports);
    reports.finish(result)
}

/// Fails where an option names another profile or region than the plan.
fn contradiction(context: &Context, home: &Home, place: &str) -> Result<(), Error> {
    let settings = context.settings();
    let profile = settings.profile().filter(|one| one.origin.is_option());
    let region = settings.region()?.filter(|one| one.origin.is_option());
    let profiles = profile
        .map(|one| one.value.clone())
        .zip(home.profile.clone());
    let regions = region.map(|one| one.value.to_string());
    let regions = regions.zip(home.region.as_ref().map(RegionId::to_string));
    for (noun, pair) in [("profile", profiles), ("region", regions)] {
        if let Some((typed, own)) = pair
            && typed != own
        {
            let what = format!("the plan is for the {noun} {own}, not for {typed} ({place})");
            return Err(Error::new(Kind::Config, what).hint(format!("leave out --{noun}")));
        }
    }
    Ok(())
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

fn carry_out<'a>(
    plans: usize,
    context: &'a Context,
    wanted: &Wanted,
    steps: Steps<'_, 'a>,
    reports: &'a Reports,
) -> Result<Exit, Error> {
    // What was reached is told, also when a signal ends the wait.
    let _graceful = context.interrupt().graceful();
    let style = wanted.style(true);
    let progress = context.output().progress();
    let sheet = Mutex::new(Sheet::new(
        context,
        reports,
        &progress,
        style,
        wanted.scope.shard,
    ));
    let stopped = AtomicBool::new(false);
    let under_way = UnderWay::new(context, &sheet, &progress, &stopped);
    let mut deletes = Deletes::new(wanted.max_deletes);
    let mut selected = 0;
    let summary = for_each_ordered(
        context.interrupt(),
        wanted.concurrency,
        steps,
        |step| match step {
            Ok(step) => {
                let name = format!("{}/{}", step.namespace, step.repository);
                let _line = progress.line(name, "applying");
                step.work(wanted, &under_way, &stopped)
            }
            Err(error) => Err(error.summary()),
        },
        |step, result| {
            let step = step?;
            selected += 1;
            let (items, surplus) = match result {
                ItemResult::Done(done) => done,
                ItemResult::Failed(error) => (step.all(Status::Failed, &error), Vec::new()),
                ItemResult::Skipped => {
                    let error = not_tried(step.region.context);
                    (step.all(Status::Skipped, &error), Vec::new())
                }
            };
            let sheet = &mut *lock(&sheet);
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
                deletes.add(delete, true, sheet)?;
            }
            Ok(())
        },
    )?;
    let summary = under_way.finish(wanted.concurrency, summary)?;
    drop(under_way);
    let report = FleetReport {
        files: plans,
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
    let sheet = sheet.into_inner().unwrap_or_else(PoisonError::into_inner);
    finish(context, &approved, sheet, deletes, summary, &report)
}

/// The steps of plans, read while they are carried out, so that a long plan takes no memory.
struct Steps<'w, 'a> {
    plans: std::slice::Iter<'w, PathBuf>,
    /// The plan that is read now.
    plan: Option<PlanReader>,
    /// How many changes are still to come: what is skipped is told, too.
    left: usize,
    regions: &'w HashMap<Home, Arc<Region<'a>>>,
    wanted: &'w Wanted,
    /// The step whose changes are being read.
    next: Option<Step<'a>>,
}

impl<'a> Iterator for Steps<'_, 'a> {
    type Item = Result<Step<'a>, Error>;

    fn next(&mut self) -> Option<Result<Step<'a>, Error>> {
        loop {
            let read = match &mut self.plan {
                Some(plan) => plan.next(),
                None => None,
            };
            let step = match read {
                Some(Ok(change)) => {
                    self.left = self.left.saturating_sub(1);
                    self.step_of(&change).transpose()
                }
                Some(Err(error)) => Some(Err(error)),
                None => match self.plans.next() {
                    Some(path) => {
                        match PlanReader::open(path) {
                            Ok(plan) => self.plan = Some(plan),
                            Err(error) => return Some(Err(error)),
                        }
                        continue;
                    }
                    None => return self.next.take().map(Ok),
                },
            };
            match (step, &mut self.next) {
                (None, _) => {}
                (Some(Err(error)), _) => return Some(Err(error)),
                (Some(Ok(step)), Some(next)) if next.is_of(&step) => {
                    next.changes.extend(step.changes);
                }
                (Some(Ok(step)), next) => {
                    if let Some(before) = next.replace(step) {
                        return Some(Ok(before));
                    }
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left + 1))
    }
}

impl<'a> Steps<'_, 'a> {
    /// Returns the step of one change; `None` where it is outside of the scope.
    fn step_of(&self, planned: &PlannedChange) -> Result<Option<Step<'a>>, Error> {
        let wrong = || {
            let place = self.plan.as_ref().map(PlanReader::place);
            let place = place.unwrap_or_default();
            let what = format!("the plan changed while it was read ({place})");
            Error::new(Kind::Config, what)
        };
        let region = self.regions.get(&home_of(planned)).ok_or_else(wrong)?;
        let namespace = Namespace::listed(&planned.namespace).ok_or_else(wrong)?;
        let repository = Repository::listed(&planned.repository).ok_or_else(wrong)?;
        let target = Target {
            region: RegionId::parse(&planned.remote_region_id).map_err(|_| wrong())?,
            namespace: Namespace::listed(&planned.remote_namespace).ok_or_else(wrong)?,
        };
        if !self
            .wanted
            .scope
            .holds(region.id(), &namespace, &repository)
        {
            return Ok(None);
        }
        let change = Change {
            action: planned.status,
            target,
            override_: planned.override_,
            found: planned.found,
            declared: planned.declared.as_deref().and_then(place_of),
        };
        Ok(Some(Step {
            region: Arc::clone(region),
            namespace,
            repository,
            changes: vec![change],
        }))
    }
}

/// Returns the file and the line that a plan names.
fn place_of(text: &str) -> Option<Place> {
    let (file, line) = text.rsplit_once(':')?;
    Some(Place {
        file: file.into(),
        line: line.parse().ok()?,
    })
}

impl<'a> Step<'a> {
    /// Returns `true` if another step is about the same repository.
    fn is_of(&self, other: &Step<'a>) -> bool {
        Arc::ptr_eq(&self.region, &other.region)
            && self.namespace == other.namespace
            && self.repository == other.repository
    }

    /// Reads the repository's tasks, and does what still fits.
    fn work(
        &self,
        wanted: &Wanted,
        under_way: &UnderWay<'a, '_>,
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
        let mut surplus = Vec::new();
        let begin = || {
            let mut begun = Vec::new();
            for change in &self.changes {
                let now = tasks
                    .iter()
                    .find(|task| task.goes_to(&change.target))
                    .map(Found::of);
                let item = match (change.action, now) {
                    (Action::Delete, None) => acting.item(Status::Deleted, change),
                    (Action::Delete, now) if now == change.found => {
                        surplus.push(change.clone());
                        continue;
                    }
                    (Action::Create | Action::Replace | Action::Keep, Some(now))
                        if now.is(change.override_) =>
                    {
                        acting.item(Status::Exists, change)
                    }
                    (Action::Create | Action::Replace | Action::Keep, now)
                        if now == change.found =>
                    {
                        let change = std::slice::from_ref(change);
                        begun.extend(ensure_all(&acting, change, stopped));
                        continue;
                    }
                    (_, now) => stale(&acting, change, now),
                };
                begun.push(Begun::Ended(item));
            }
            begun
        };
        let items = under_way.follow(self.region.context, wanted.wait(), begin)?;
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

fn stale(acting: &Acting<'_, '_>, change: &Change, now: Option<Found>) -> Item {
    let what = match now {
        Some(_) => "the task is not the one that the plan found",
        None => "the task that the plan found is gone or hidden",
    };
    let error = Error::new(Kind::Unmet, what).hint("create a new plan");
    let mut item = acting.item(Status::Stale, change).because(&error);
    item.found = now;
    item
}
