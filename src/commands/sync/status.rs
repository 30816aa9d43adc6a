//! `swr sync status`: which repositories are copied, and how their last copies ended.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};

use super::copied::not_tried;
use super::coverage_report::{About, CoverageStatus, Covered, failing};
use super::hints;
use super::link_report::AsRow;
use super::part::{Part, UpdatedWithin};
use super::watch::Ends;
use crate::api::repositories::{Repositories, RepositoryInfo};
use crate::commands::fleet::{Manner, Profiles, Region, ScopeArgs, read_files};
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::report_args::ReportArgs;
use crate::commands::shell_word::shell_word;
use crate::commands::targets::{To, refuse_circle, target_of};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::fleet::{self, Fleet, Home, Pattern};
use crate::names::{Namespace, Repository};
use crate::parallel::{ItemResult, for_each_ordered};
use crate::report::{Reports, Run};
use crate::settings::TargetName;
use crate::sync::Source;
use crate::sync::coverage::{Coverage, CoverageVerdict, Declared, Question, look};

#[derive(Debug, Args)]
#[command(
    after_help = "Without -n and -f it looks at every repository that you can see. Nothing is \
    changed.\n\n\
    Examples:\n  \
    swr sync status -n team --to cn-east-3\n  \
    swr sync status -f swr.toml --copies --html status.html --metrics swr.prom"
)]
pub struct Status {
    /// Source namespace; may be given several times
    #[arg(short, long, value_name = "NAME", alias = "organization", conflicts_with = "files",
          add = crate::commands::complete::namespaces())]
    namespace: Vec<Raw<Namespace>>,
    /// The namespaces of a fleet; what no entry mentions is undeclared. A file, a directory, or -
    #[arg(short, long = "file", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    to: To,
    /// Also look at how the last copy of each tag ended
    #[arg(long)]
    copies: bool,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    updated_within: UpdatedWithin,
    /// Succeed when there is no repository to look at
    #[arg(long)]
    allow_empty: bool,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What this verb is called in its reports.
const COMMAND: &str = "sync status";

/// What was asked for, validated.
struct Request {
    namespaces: Vec<Namespace>,
    fleet: Option<Fleet>,
    /// The files as they were named, for a command.
    files: Vec<PathBuf>,
    targets: Vec<TargetName>,
    copies: bool,
    part: Part,
    concurrency: usize,
    allow_empty: bool,
}

impl Status {
    /// Looks.
    ///
    /// # Errors
    /// Wrong values, files and settings, what the service fails with, and the worst of what was
    /// found: kind `incomplete` (exit 9), kind `unmet` (exit 8), also where nothing was looked at.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let reports = self.reports.clone();
        let request = self.validate(context)?;
        let profiles = match &request.fleet {
            Some(fleet) => Profiles::of_fleet(context, fleet)?,
            None => Profiles::load(context, [])?,
        };
        let places = request.places(context, &profiles)?;
        let run = Run {
            command: COMMAND,
            scope: request.in_words(context),
        };
        let reports = reports.open(context, run)?;
        let result = request.run(context, &places, &reports);
        reports.finish(result)
    }

    fn validate(self, context: &Context) -> Result<Request, Error> {
        let scope = self.scope.validate(context)?;
        let mut problems = Problems::default();
        let namespaces = problems.take_all("--namespace", self.namespace);
        let targets = self.to.filter(&mut problems);
        let since = self.updated_within.validate(&mut problems);
        for target in targets.iter().filter(|target| target.namespace.is_some()) {
            for namespace in &namespaces {
                refuse_circle(
                    context,
                    namespace,
                    &target_of(target, namespace),
                    &mut problems,
                );
            }
        }
        problems.end()?;
        let fleet = if self.files.is_empty() {
            None
        } else {
            Some(read_files(context, &self.files)?)
        };
        for warning in fleet.iter().flat_map(|fleet| &fleet.warnings) {
            context.output().warn(&warning.to_string());
        }
        Ok(Request {
            namespaces,
            fleet,
            files: self.files,
            targets,
            copies: self.copies,
            concurrency: self.scope.concurrency(),
            part: Part { scope, since },
            allow_empty: self.allow_empty,
        })
    }
}

/// A namespace whose repositories are looked at, or all of a region.
struct Place<'a> {
    region: Arc<Region<'a>>,
    namespace: Option<&'a Namespace>,
    /// What a file declares for the namespace.
    declared: Option<&'a fleet::Source>,
}

/// A repository to look at.
struct Item {
    /// The number of its place.
    place: usize,
    found: Found,
}

enum Found {
    /// A repository that was listed.
    Repository(Source),
    /// A repository that a file names, and where, and that was not listed.
    NotListed(Source, String),
    /// What was listed and cannot be asked about, and why; also a list that broke off.
    Broken {
        namespace: String,
        name: String,
        error: Error,
    },
}

/// What the lists have shown so far.
#[derive(Default)]
struct Seen {
    listed: Cell<usize>,
    left_out: Cell<usize>,
}

impl Request {
    fn places<'a>(
        &'a self,
        context: &Context,
        profiles: &'a Profiles<'_>,
    ) -> Result<Vec<Place<'a>>, Error> {
        if let Some(fleet) = &self.fleet {
            let mut places: Vec<Place<'a>> = Vec::new();
            for source in &fleet.sources {
                let known = places
                    .iter()
                    .find(|place| *place.region.home() == source.home);
                places.push(Place {
                    region: match known {
                        Some(known) => Arc::clone(&known.region),
                        None => Arc::new(Region::of(profiles, &source.home, Manner::default())?),
                    },
                    namespace: Some(&source.namespace),
                    declared: Some(source),
                });
            }
            let scope = &self.part.scope;
            places.retain(|place| place.namespace.is_none_or(|name| scope.reaches_into(name)));
            return Ok(places);
        }
        let home = Home {
            profile: context
                .settings()
                .profile()
                .map(|setting| setting.value.clone()),
            region: context.region(),
        };
        let region = Arc::new(Region::of(profiles, &home, Manner::default())?);
        let place = |namespace| Place {
            region: Arc::clone(&region),
            namespace,
            declared: None,
        };
        Ok(match self.namespaces.as_slice() {
            [] => vec![place(None)],
            names => names.iter().map(|name| place(Some(name))).collect(),
        })
    }

    fn in_words(&self, context: &Context) -> String {
        let region = context.region().map(|region| format!(" ({region})"));
        let region = region.unwrap_or_default();
        let mut words = match (&self.fleet, self.namespaces.as_slice()) {
            (Some(fleet), _) => {
                let files: Vec<&str> = fleet.files.iter().map(|file| file.path.as_ref()).collect();
                files.join(", ")
            }
            (None, []) => format!("all repositories{region}"),
            (None, names) => {
                let names: Vec<&str> = names.iter().map(Namespace::as_str).collect();
                format!("{}{region}", names.join(", "))
            }
        };
        if !self.targets.is_empty() {
            let targets: Vec<String> = self.targets.iter().map(ToString::to_string).collect();
            words = format!("{words} → {}", targets.join(", "));
        }
        match self.part.scope.shard {
            Some(shard) => format!("{words}, shard {shard}"),
            None => words,
        }
    }

    fn run(
        &self,
        context: &Context,
        places: &[Place<'_>],
        reports: &Reports,
    ) -> Result<Exit, Error> {
        let output = context.output();
        let mut items = output
            .items()
            .of_command(
                COMMAND,
                self.part.scope.shard.map(|shard| shard.to_string()),
            )
            .summing(CoverageStatus::ALL.map(CoverageStatus::word));
        let progress = output.progress();
        let mut ends = Ends::default();
        let seen = Seen::default();
        let mut done = 0_u64;
        let summary = for_each_ordered(
            context.interrupt(),
            self.concurrency,
            places
                .iter()
                .enumerate()
                .flat_map(|place| Walk::new(&self.part, place, &seen)),
            |item| {
                let found = &item.found;
                let name = format!("{}/{}", found.namespace(), found.name());
                let _line = progress.line(name, "reading");
                self.look(&places[item.place], found)
            },
            |item, result| {
                done += 1;
                let (row, error) = self.covered(context, &places[item.place], &item.found, result);
                match error {
                    Some(error) => ends.fail(error),
                    None => ends.succeed(),
                }
                progress.at(&format!("repositories: {done}"));
                reports.add(&row.as_row());
                items.item(row.status.word(), &row)
            },
        )?;
        drop(progress);
        if let Some(error) = summary.error {
            ends.stop(error);
        }
        let nothing = done == 0 && ends.exit() == Exit::Done;
        let is_part = self.part.scope.shard.is_some() || self.part.since.is_some();
        let exit = if nothing && !self.allow_empty && !(is_part && seen.left_out.get() > 0) {
            Exit::Different
        } else {
            ends.exit()
        };
        items.finish_with(exit)?;
        output.note("tasks without syncAuto are not seen: the service does not list them");
        if !nothing {
            return ends.into_result("repositories did not pass");
        }
        let what = match seen.listed.get() {
            0 => "nothing was looked at: there is no repository".to_owned(),
            listed => {
                format!("nothing was looked at: none of the {listed} repositories is in this part")
            }
        };
        if exit == Exit::Done {
            output.note(&what);
            return Ok(exit);
        }
        Err(Error::new(Kind::Unmet, what).hint("--allow-empty makes this a success"))
    }

    /// Looks at one repository; `None` where it does not exist.
    fn look(&self, place: &Place<'_>, found: &Found) -> Result<Option<Coverage>, Error> {
        let source = match found {
            Found::Repository(source) => source,
            Found::NotListed(..) => return Ok(None),
            Found::Broken { error, .. } => return Err(error.summary()),
        };
        let name = source.repository.as_str();
        let entries = place.declared.and_then(|declared| declared.select(name));
        let question = Question {
            targets: &self.targets,
            copies: self.copies,
        };
        let coverage = look(&place.region.service, source, question, &|target| {
            let ignores =
                |entries: &fleet::Selection<'_>| entries.ignores(&target.region, &target.namespace);
            !entries.as_ref().is_some_and(ignores)
        })?;
        Ok(coverage.map(|coverage| Coverage {
            declared: place
                .declared
                .map_or(Declared::Copied, |declared| match &entries {
                    Some(entries) if entries.wishes_nothing() => Declared::Excluded,
                    Some(_) => Declared::Copied,
                    None if declared.excludes(name) => Declared::Excluded,
                    None => Declared::Nowhere,
                }),
            ..coverage
        }))
    }

    /// Returns the report of a repository, and the error that it counts with.
    fn covered(
        &self,
        context: &Context,
        place: &Place<'_>,
        found: &Found,
        result: ItemResult<Option<Coverage>>,
    ) -> (Covered, Option<Error>) {
        let home = place.region.home();
        let about = About {
            profile: home.profile.clone(),
            region: home.region.as_ref().map(ToString::to_string),
            namespace: found.namespace().to_owned(),
            repository: found.name().to_owned(),
        };
        let name = format!("{}/{}", about.namespace, about.repository);
        let whole = |status, error: Error| {
            let row = Covered::whole(about.clone(), status, Some(&error));
            (row, Some(error.about(&name)))
        };
        match (result, found) {
            (ItemResult::Done(Some(coverage)), Found::Repository(source)) => {
                let error = self.fault(place, source, &coverage);
                let row = Covered::new(about, coverage, error.as_ref());
                (row, error.map(|error| error.about(&name)))
            }
            (ItemResult::Done(_), found) => {
                let declared = match found {
                    Found::NotListed(_, declared) => format!(" ({declared})"),
                    _ => String::new(),
                };
                let what = format!("there is no such repository{declared}");
                whole(CoverageStatus::Missing, Error::new(Kind::Unmet, what))
            }
            (ItemResult::Failed(error), _) => whole(CoverageStatus::Failed, error),
            (ItemResult::Skipped, _) => whole(CoverageStatus::Skipped, not_tried(context)),
        }
    }

    /// Returns why a repository is not as it should be; `None` when it is covered.
    fn fault(&self, place: &Place<'_>, source: &Source, coverage: &Coverage) -> Option<Error> {
        let named = place.region.named();
        let error = |what: String, hint: String| Some(Error::new(Kind::Unmet, what).hint(hint));
        let files = || {
            let files = self.files.iter().map(|file| file.display().to_string());
            files.collect::<Vec<_>>()
        };
        match coverage.verdict() {
            CoverageVerdict::Covered | CoverageVerdict::Excluded => None,
            CoverageVerdict::Failing => Some(failing(
                source,
                &named,
                coverage.failed.as_deref().unwrap_or_default(),
            )),
            CoverageVerdict::Undeclared => error(
                "no entry of the file selects it".to_owned(),
                format!("add it to a [[sync]] of {}", files().join(", ")),
            ),
            CoverageVerdict::Uncovered => {
                let lacking: Vec<String> =
                    coverage.lacking.iter().map(ToString::to_string).collect();
                let lacking = lacking.join(",");
                let what = match lacking.as_str() {
                    "" => "no task copies it".to_owned(),
                    lacking => format!("no task copies it to {lacking}"),
                };
                if self.fleet.is_some() {
                    let files = files().into_iter().map(|file| shell_word(&file));
                    let files = files.collect::<Vec<_>>().join(" -f ");
                    let hint = format!(
                        "'swr plan -f {files} --only {source}' shows what the file wishes for it"
                    );
                    return error(what, hint);
                }
                let target = match lacking.as_str() {
                    "" => "REGION",
                    lacking => lacking,
                };
                error(
                    what,
                    format!(
                        "swr sync create {source} --to {target} --auto{}",
                        hints::named(&named)
                    ),
                )
            }
        }
    }
}

impl Found {
    fn namespace(&self) -> &str {
        match self {
            Found::Repository(source) | Found::NotListed(source, _) => source.namespace.as_str(),
            Found::Broken { namespace, .. } => namespace,
        }
    }

    fn name(&self) -> &str {
        match self {
            Found::Repository(source) | Found::NotListed(source, _) => source.repository.as_str(),
            Found::Broken { name, .. } => name,
        }
    }
}

/// The repositories of a place: first as they are listed, then the names that the list lacks.
struct Walk<'a> {
    part: &'a Part,
    place: &'a Place<'a>,
    number: usize,
    seen: &'a Seen,
    /// The list, until it has ended.
    list: Option<Repositories>,
    found: usize,
    /// Names that a file declares and that were not listed so far, and where.
    unlisted: BTreeMap<&'a str, (&'a Repository, &'a Pattern)>,
}

impl<'a> Walk<'a> {
    fn new(part: &'a Part, (number, place): (usize, &'a Place<'a>), seen: &'a Seen) -> Walk<'a> {
        let names = place.declared.map(fleet::Source::names).unwrap_or_default();
        Walk {
            part,
            place,
            number,
            seen,
            list: Some(place.region.service.repositories(place.namespace)),
            found: 0,
            unlisted: names
                .into_iter()
                .map(|(name, pattern)| (name.as_str(), (name, pattern)))
                .collect(),
        }
    }

    /// Returns a repository that was listed; `None` where it is not in the part.
    fn listed(&mut self, info: &RepositoryInfo) -> Option<Found> {
        self.found += 1;
        self.seen.listed.set(self.seen.listed.get() + 1);
        self.unlisted.remove(info.name.as_str());
        let own = self.place.namespace.map(Namespace::as_str);
        let namespace = info.namespace.as_deref().or(own).unwrap_or("?");
        if !self.part.holds(self.place.region.id(), namespace, info) {
            self.seen.left_out.set(self.seen.left_out.get() + 1);
            return None;
        }
        let source = Namespace::listed(namespace)
            .zip(Repository::listed(&info.name))
            .map(|(namespace, repository)| Source {
                namespace,
                repository,
            });
        Some(match source {
            Some(source) => Found::Repository(source),
            None => Found::Broken {
                namespace: namespace.to_owned(),
                name: info.name.clone(),
                error: Error::new(Kind::Unmet, "its name cannot be sent in a request"),
            },
        })
    }

    /// Ends the list with an error; what it lacks is not known then.
    fn broken(&mut self, error: Error) -> Found {
        self.list = None;
        self.unlisted.clear();
        Found::Broken {
            namespace: self
                .place
                .namespace
                .map_or("*", Namespace::as_str)
                .to_owned(),
            name: "*".to_owned(),
            error,
        }
    }

    fn next_found(&mut self) -> Option<Found> {
        while let Some(list) = &mut self.list {
            match list.next() {
                Some(Ok(info)) => {
                    if let Some(found) = self.listed(&info) {
                        return Some(found);
                    }
                }
                Some(Err(error)) => return Some(self.broken(error)),
                None => {
                    self.list = None;
                    // The list of a namespace that does not exist may be empty.
                    if self.found == 0
                        && let Some(namespace) = self.place.namespace
                        && let Err(error) = self.place.region.service.require_namespace(namespace)
                    {
                        return Some(self.broken(error));
                    }
                }
            }
        }
        let namespace = self.place.namespace?;
        loop {
            let (_, (name, pattern)) = self.unlisted.pop_first()?;
            let region = self.place.region.id();
            if self.part.scope.holds(region, namespace, name) {
                let source = Source {
                    namespace: namespace.clone(),
                    repository: name.clone(),
                };
                return Some(Found::NotListed(source, pattern.place.to_string()));
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let place = self.number;
        self.next_found().map(|found| Item { place, found })
    }
}
