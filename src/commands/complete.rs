//! Completion of values: what the service and the config file know, or silently nothing.
//!
//! A shell asks through [`super::completions::VARIABLE`]; it has 300 ms before a person gets
//! impatient, and nothing may be printed but candidates.

use std::ffi::{OsStr, OsString};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use clap::CommandFactory;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::CompleteEnv;

use crate::api::Service;
use crate::api::regions::DOCUMENTED;
use crate::context::Context;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::names::{Namespace, Parse, RegionId, Repository};
use crate::settings::{Environment, Key, Options, Value};

/// A person waits no longer for candidates.
const LIMIT: Duration = Duration::from_millis(300);
/// So many candidates are of help.
const MOST: usize = 200;

/// Answers a shell that asks for completions; `false` when none asks.
pub fn answer(arguments: &[OsString], environment: &Environment) -> bool {
    if !environment.is_set(super::completions::VARIABLE) {
        return false;
    }
    let directory = std::env::current_dir().ok();
    CompleteEnv::with_factory(super::Arguments::command)
        .var(super::completions::VARIABLE)
        .try_complete(arguments, directory.as_deref())
        .unwrap_or(true)
}

/// Completes a region: those that are documented, those of the config file, those offered.
pub(super) fn regions() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let mut found: Vec<String> = DOCUMENTED.iter().map(|(id, _)| (*id).to_owned()).collect();
        found.extend(lookup(|line| {
            let offered = line
                .context()?
                .service()?
                .sync_regions()?
                .unwrap_or_default();
            Ok(offered
                .into_iter()
                .filter_map(|region| region.region_id)
                .collect())
        }));
        candidates(current, found)
    })
}

/// Completes a namespace of the source region.
pub(super) fn namespaces() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        candidates(
            current,
            lookup(|line| names_of(&line.context()?.service()?)),
        )
    })
}

/// Completes a namespace of the target region.
pub(super) fn target_namespaces() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        candidates(
            current,
            lookup(|line| match line.name::<RegionId>(&["--to-region"]) {
                Some(region) => names_of(&line.context()?.service_of(&region)?),
                None => Ok(Vec::new()),
            }),
        )
    })
}

/// Completes a repository of the namespace on the line.
pub(super) fn repositories() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        candidates(
            current,
            lookup(
                |line| match line.name::<Namespace>(&["--namespace", "-n"]) {
                    Some(namespace) => first(
                        line.context()?.service()?.repositories(Some(&namespace)),
                        |repository| repository.name,
                    ),
                    None => Ok(Vec::new()),
                },
            ),
        )
    })
}

/// Completes an image part by part: the namespace, the repository, the tag; without a slash also a tag
/// of the repository that the options name.
pub(super) fn images() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let typed = current.to_string_lossy().into_owned();
        candidates(
            current,
            lookup(move |line| {
                if let Some(repository) = line.name::<Repository>(&["--repo", "-r"]) {
                    return match line.name::<Namespace>(&["--namespace", "-n"]) {
                        Some(namespace) => {
                            let service = line.context()?.service()?;
                            first(service.tags(&namespace, &repository), |tag| tag.tag)
                        }
                        None => Ok(Vec::new()),
                    };
                }
                let service = line.context()?.service()?;
                let Some((namespace, rest)) = typed.split_once('/') else {
                    let names = names_of(&service)?;
                    return Ok(names.into_iter().map(|name| format!("{name}/")).collect());
                };
                let Ok(namespace) = Namespace::parse(namespace) else {
                    return Ok(Vec::new());
                };
                match rest
                    .split_once(':')
                    .map(|(name, _)| Repository::parse(name))
                {
                    None => first(service.repositories(Some(&namespace)), |repository| {
                        format!("{namespace}/{}", repository.name)
                    }),
                    Some(Ok(repository)) => first(service.tags(&namespace, &repository), |tag| {
                        format!("{namespace}/{repository}:{}", tag.tag)
                    }),
                    Some(Err(_)) => Ok(Vec::new()),
                }
            }),
        )
    })
}

/// Completes a profile of the config file.
pub(super) fn profiles() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        candidates(
            current,
            lookup(|line| {
                let mut options = line.options();
                options.unset(Key::Profile);
                Ok(crate::settings::profiles(
                    &options,
                    &Environment::of_process(),
                ))
            }),
        )
    })
}

fn names_of(service: &Service) -> Result<Vec<String>, Error> {
    Ok(service
        .namespaces()?
        .into_iter()
        .map(|namespace| namespace.name)
        .collect())
}

fn first<T>(
    rows: impl Iterator<Item = Result<T, Error>>,
    name: impl Fn(T) -> String,
) -> Result<Vec<String>, Error> {
    rows.take(MOST).map(|row| row.map(&name)).collect()
}

/// Looks values up within the time limit; an error yields no candidates and no message.
fn lookup(
    question: impl FnOnce(&Line) -> Result<Vec<String>, Error> + Send + 'static,
) -> Vec<String> {
    let (sender, receiver) = channel();
    let started = Instant::now();
    std::thread::spawn(move || {
        let _ = sender.send(question(&Line::of_process()).unwrap_or_default());
    });
    receiver
        .recv_timeout(LIMIT.saturating_sub(started.elapsed()))
        .unwrap_or_default()
}

fn candidates(current: &OsStr, mut found: Vec<String>) -> Vec<CompletionCandidate> {
    let current = current.to_str().unwrap_or_default();
    // A name that would mean something to the shell is none of ours.
    found.retain(|name| name.starts_with(current) && crate::names::is_harmless(name));
    found.sort();
    found.dedup();
    found.into_iter().map(CompletionCandidate::new).collect()
}

/// The command line so far.
struct Line(Vec<String>);

impl Line {
    /// The shell hands it over behind `--`.
    fn of_process() -> Line {
        let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
        Line(
            words
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
        )
    }

    /// Returns the value of an option on the line: `--name value`, `--name=value`, `-nvalue`.
    fn value(&self, spellings: &[&str]) -> Option<String> {
        self.0.iter().enumerate().find_map(|(index, word)| {
            spellings.iter().find_map(|spelling| {
                let rest = word.strip_prefix(spelling)?;
                match (rest, spelling.starts_with("--")) {
                    ("", _) => self.0.get(index + 1).cloned(),
                    (rest, true) => rest.strip_prefix('=').map(str::to_owned),
                    (rest, false) => Some(rest.trim_start_matches('=').to_owned()),
                }
            })
        })
    }

    fn name<T: Parse>(&self, spellings: &[&str]) -> Option<T> {
        T::parse(&self.value(spellings)?).ok()
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.config = self.value(&["--config"]).map(Into::into);
        options.quiet = true;
        let limit = || Some("300ms".to_owned());
        for (key, value) in [
            (Key::Profile, self.value(&["--profile"])),
            (Key::Region, self.value(&["--region"])),
            (Key::Endpoint, self.value(&["--endpoint"])),
            (Key::Timeout, limit()),
            (Key::ConnectTimeout, limit()),
            (Key::Retries, Some("0".to_owned())),
        ] {
            if let Some(text) = value {
                options.set(key, Value::Text(text));
            }
        }
        options
    }

    fn context(&self) -> Result<Context, Error> {
        Context::load(
            &self.options(),
            &Environment::of_process(),
            true,
            Interrupt::default(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn values_are_read_off_the_line_in_every_spelling() {
        let line = |words: &str| Line(words.split(' ').map(str::to_owned).collect());
        for words in [
            "swr -n team -r",
            "swr -nteam",
            "swr --namespace team",
            "swr --namespace=team",
        ] {
            assert_eq!(
                line(words).value(&["--namespace", "-n"]).as_deref(),
                Some("team"),
                "{words}"
            );
        }
        assert_eq!(line("swr -n").value(&["-n"]), None);
    }
}
