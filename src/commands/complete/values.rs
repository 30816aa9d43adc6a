//! The values that options and arguments are completed with: names of the service, of the config
//! file, of this program.

use std::ffi::OsStr;

use clap::CommandFactory;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::line;
use super::line::Line;
use super::lookup;
use super::question::Question;
use crate::api::regions::DOCUMENTED;
use crate::context::Context;
use crate::interrupt::Interrupt;
use crate::names::{Namespace, Parse, RegionId, Repository, is_harmless, registry_region};
use crate::settings::{Environment, Key};

const NAMESPACE: [&str; 2] = ["--namespace", "-n"];
const REPOSITORY: [&str; 2] = ["--repo", "-r"];

/// Completes a region: those that are documented, and those offered.
pub(in crate::commands) fn regions() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let ids = region_ids();
        candidates(current, ids)
    })
}

/// Completes a target: the region, and after a slash a namespace there.
pub(in crate::commands) fn targets() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let region = current.to_str().and_then(|text| text.split_once('/'));
        let found = match region.map(|(region, _)| RegionId::parse(region)) {
            None => region_ids(),
            Some(Ok(region)) => {
                let prefix = format!("{region}/");
                prefixed(
                    &prefix,
                    asked(|_, _| Some(Question::Namespaces(Some(region)))),
                )
            }
            Some(Err(_)) => Vec::new(),
        };
        candidates(current, found)
    })
}

/// Completes a namespace of the source region.
pub(in crate::commands) fn namespaces() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        candidates(current, asked(|_, _| Some(Question::Namespaces(None))))
    })
}

/// Completes a namespace of the target region.
pub(in crate::commands) fn target_namespaces() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let found = asked(|line, _| {
            let region: RegionId = line.name(&["--to-region"])?;
            Some(Question::Namespaces(Some(region)))
        });
        candidates(current, found)
    })
}

/// Completes a repository of the namespace that the line or the settings name.
pub(in crate::commands) fn repositories() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let found =
            asked(|line, context| Some(Question::Repositories(namespace_of(line, context)?)));
        candidates(current, found)
    })
}

/// Completes a repository as people write it, part by part: the namespace, the repository.
pub(in crate::commands) fn images() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| candidates(current, references(current, false)))
}

/// Completes an image part by part: the namespace, the repository, the tag; without a slash also a tag
/// of the repository that the options name.
pub(in crate::commands) fn tagged_images() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| candidates(current, references(current, true)))
}

/// Completes a profile of the config file.
pub(in crate::commands) fn profiles() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let found = lookup::in_time(|| {
            let mut options = line().options();
            options.unset(Key::Profile);
            let environment = Environment::of_process();
            Some(crate::settings::profiles(&options, &environment))
        });
        candidates(current, found)
    })
}

/// Completes what `swr help` takes: a command, one of its commands, or a topic.
pub(in crate::commands) fn help_words() -> ArgValueCompleter {
    command_or(crate::commands::help::topics)
}

/// Completes a command, or one of its commands.
pub(in crate::commands) fn command_words() -> ArgValueCompleter {
    command_or(std::iter::empty)
}

fn command_or<T: Iterator<Item = &'static str>>(
    topics: impl Fn() -> T + Send + Sync + 'static,
) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let line = line();
        let [_, _, parents @ .., _] = line.words() else {
            return Vec::new();
        };
        let mut command = crate::commands::Arguments::command();
        command.build();
        let mut at = &command;
        for parent in parents {
            let Some(next) = at.find_subcommand(parent) else {
                return Vec::new();
            };
            at = next;
        }
        let commands = at
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .map(|command| {
                CompletionCandidate::new(command.get_name()).help(command.get_about().cloned())
            });
        let topics = topics()
            .filter(|topic| parents.is_empty() && at.find_subcommand(topic).is_none())
            .map(|topic| CompletionCandidate::new(topic).help(Some("A topic".into())));
        let current = current.to_string_lossy();
        commands
            .chain(topics)
            .filter(|found| found.get_value().to_string_lossy().starts_with(&*current))
            .collect()
    })
}

fn region_ids() -> Vec<String> {
    let mut found: Vec<String> = DOCUMENTED.iter().map(|(id, _)| (*id).to_owned()).collect();
    found.extend(asked(|_, _| Some(Question::Regions)));
    found
}

/// Returns what the service answers to the question that the line leads to.
fn asked(
    question: impl FnOnce(&Line, &Context) -> Option<Question> + Send + 'static,
) -> Vec<String> {
    lookup::in_time(move || {
        let line = line();
        let context = line.context(Interrupt::default()).ok()?;
        let question = question(&line, &context)?;
        lookup::answer(&line, &context, &question)
    })
}

fn namespace_of(line: &Line, context: &Context) -> Option<Namespace> {
    line.name(&NAMESPACE)
        .or_else(|| Some(context.settings().namespace().ok()??.value))
}

/// Returns the references that begin with what is typed.
fn references(current: &OsStr, with_tags: bool) -> Vec<String> {
    let typed = current.to_string_lossy().into_owned();
    lookup::in_time(move || {
        let mut line = line();
        let context = line.context(Interrupt::default()).ok()?;
        if with_tags
            && !typed.contains('/')
            && let Some(repository) = line.name::<Repository>(&REPOSITORY)
        {
            let question = Question::Tags(namespace_of(&line, &context)?, repository);
            return lookup::answer(&line, &context, &question);
        }
        let (registry, rest) = registry(&typed, &context);
        if let Some(region) = registry.and_then(registry_region) {
            if context.settings().read_region_of_image(&region).is_some() {
                return None;
            }
            line = line.with("--region", region.as_str());
        }
        let registry = registry.map(|registry| format!("{registry}/"));
        let found = below_registry(&line, &context, rest, with_tags)?;
        Some(prefixed(&registry.unwrap_or_default(), found))
    })
}

/// Returns the registry that a reference begins with, and the rest.
fn registry<'a>(typed: &'a str, context: &Context) -> (Option<&'a str>, &'a str) {
    let own = context.settings().registry().ok();
    let is_own = |first: &str| own.as_ref().is_some_and(|own| own.value.as_str() == first);
    match typed.split_once('/') {
        Some((first, rest)) if registry_region(first).is_some() || is_own(first) => {
            (Some(first), rest)
        }
        _ => (None, typed),
    }
}

fn below_registry(
    line: &Line,
    context: &Context,
    typed: &str,
    with_tags: bool,
) -> Option<Vec<String>> {
    let ask = |question: &Question| lookup::answer(line, context, question);
    let Some((namespace, rest)) = typed.split_once('/') else {
        let names = ask(&Question::Namespaces(None))?;
        return Some(names.iter().map(|name| format!("{name}/")).collect());
    };
    let namespace = Namespace::parse(namespace).ok()?;
    let tags = |repository: &str| {
        let repository = Repository::parse(repository).ok()?;
        let tags = ask(&Question::Tags(namespace.clone(), repository.clone()))?;
        Some(prefixed(&format!("{namespace}/{repository}:"), tags))
    };
    if let Some((repository, _)) = rest.split_once(':') {
        return if with_tags { tags(repository) } else { None };
    }
    let mut names = ask(&Question::Repositories(namespace.clone()))?;
    names.retain(|name| name.starts_with(rest));
    let mut found = prefixed(&format!("{namespace}/"), names.clone());
    // The only one may go on with a tag, or be meant whole.
    if let [only] = names.as_slice()
        && with_tags
    {
        found.extend(tags(only).unwrap_or_default());
    }
    Some(found)
}

fn prefixed(prefix: &str, names: Vec<String>) -> Vec<String> {
    names
        .into_iter()
        .map(|name| format!("{prefix}{name}"))
        .collect()
}

fn candidates(current: &OsStr, mut found: Vec<String>) -> Vec<CompletionCandidate> {
    let current = current.to_str().unwrap_or_default();
    // A name that would mean something to the shell is none of ours.
    found.retain(|name| name.starts_with(current) && has_names_only(name));
    found.sort();
    found.dedup();
    found.into_iter().map(CompletionCandidate::new).collect()
}

/// Returns `true` if a candidate is made of harmless names, with `/` and `:` between them.
fn has_names_only(candidate: &str) -> bool {
    candidate
        .strip_suffix('/')
        .unwrap_or(candidate)
        .split(':')
        .all(is_harmless)
}
