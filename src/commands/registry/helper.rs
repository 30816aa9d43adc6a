//! `docker-credential-swr`: this program under the name by which docker, podman, skopeo and others
//! ask for a registry's password.
//!
//! The protocol is theirs: a verb as argument, a server on standard input, the answer as JSON on
//! standard output, errors there, too, exit 0 or 1. It never asks a person. Docker swallows what is
//! on standard output, so that error and hint go to standard error as well.

use std::ffi::OsString;
use std::io::{BufRead, Read};
use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::{Life, computed, password_of};
use crate::context::Context;
use crate::credentials::{Chain, forget_registry_password};
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::names::{RegionId, registry_region};
use crate::output::{Manner, Output};
use crate::secret::Secret;
use crate::settings::{Environment, Key, Options, Settings, Value};

/// The name by which it is run, with `-PROFILE` behind it for another profile.
pub(super) const PROGRAM: &str = "docker-credential-swr";

/// By this text a client knows that there is no login, and goes on without.
const NOT_FOUND: &str = "credentials not found in native keychain";

/// How long a request may take: somebody waits for a push or pull.
const TIMEOUT: &str = "10s";

/// Longer than any server's name, in bytes.
const LONGEST: u64 = 4096;

/// A run under the helper's name.
#[derive(Debug)]
pub struct CredentialHelper {
    profile: Option<String>,
    verb: String,
}

impl CredentialHelper {
    /// Returns the helper if the program's name is the helper's.
    pub fn of(arguments: &[OsString]) -> Option<CredentialHelper> {
        let name = Path::new(arguments.first()?).file_name()?.to_str()?;
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let profile = match name.strip_prefix(PROGRAM)? {
            "" => None,
            rest => Some(rest.strip_prefix('-')?.to_owned()),
        };
        let verb = arguments.get(1).and_then(|verb| verb.to_str());
        Some(CredentialHelper {
            profile,
            verb: verb.unwrap_or_default().to_owned(),
        })
    }

    /// Answers; every error is told here.
    pub fn run(&self, environment: &Environment, interrupt: Interrupt) -> Exit {
        let output = Output::of_process(Manner::default());
        let outcome = match self.verb.as_str() {
            "get" => self.get(environment, interrupt),
            "list" => self.list(environment, interrupt),
            "store" => store(&output),
            "erase" => self.erase(environment, interrupt),
            "version" => Ok(Answer::Text(format!("swr {}", env!("CARGO_PKG_VERSION")))),
            _ => Ok(Answer::Failed("say get, store, erase, list or version")),
        };
        let (written, exit) = match outcome {
            Ok(Answer::Text(text)) => (output.write(&format!("{text}\n")), Exit::Done),
            Ok(Answer::Secret(text)) => (output.reveal(&text), Exit::Done),
            Ok(Answer::Nothing) => (Ok(()), Exit::Done),
            Ok(Answer::Failed(text)) => (output.write(&format!("{text}\n")), Exit::Local),
            Err(error) => {
                output.error(&error);
                let line = error.message().replace('\n', " ");
                (output.write(&format!("{line}\n")), Exit::Local)
            }
        };
        written.map_or(Exit::Local, |()| exit)
    }

    fn get(&self, environment: &Environment, interrupt: Interrupt) -> Result<Answer, Error> {
        let server = server()?;
        let host = host_of(&server);
        let vendors = region_of_vendor(&host);
        let context = match self.context(environment, interrupt) {
            Ok(context) => context,
            // Broken settings are no reason to stop a pull from elsewhere.
            Err(_) if vendors.is_none() && !names_a_registry(environment) => {
                return Ok(Answer::Failed(NOT_FOUND));
            }
            Err(error) => return Err(error),
        };
        let Some(region) = region_of(context.settings(), &host).or(vendors) else {
            return Ok(Answer::Failed(NOT_FOUND));
        };
        let (login, _) = password_of(&context, &region, Life::Any)?;
        let answer = json!({
            "ServerURL": server,
            "Username": login.username,
            "Secret": login.password.expose(),
        });
        Ok(Answer::Secret(Secret::new(answer.to_string())))
    }

    /// Lists the registry of the settings' region, where the user is known without a request.
    fn list(&self, environment: &Environment, interrupt: Interrupt) -> Result<Answer, Error> {
        let context = self.context(environment, interrupt)?;
        let settings = context.settings();
        let mut users = serde_json::Map::new();
        if let Ok(region) = settings.require_region()
            && let Ok(registry) = settings.registry()
            && let Ok(project) = settings.project_name_of(&region.value)
            && let Ok(found) = Chain::new(settings, Timestamp::now()).find()
            && let Some(login) =
                computed(&found, &region.value, project.map(|at| at.value).as_ref())
        {
            users.insert(registry.value.to_string(), login.username.into());
        }
        Ok(Answer::Text(json!(users).to_string()))
    }

    /// Drops the password that is kept for a server, which its client no longer wants.
    fn erase(&self, environment: &Environment, interrupt: Interrupt) -> Result<Answer, Error> {
        let host = host_of(&server()?);
        let Ok(context) = self.context(environment, interrupt) else {
            return Ok(Answer::Nothing);
        };
        let settings = context.settings();
        if let Some(region) = region_of(settings, &host).or_else(|| region_of_vendor(&host)) {
            forget_registry_password(settings, &region);
        }
        Ok(Answer::Nothing)
    }

    fn context(&self, environment: &Environment, interrupt: Interrupt) -> Result<Context, Error> {
        let mut options = Options::default();
        options.set(Key::Timeout, Value::Text(TIMEOUT.to_owned()));
        if let Some(profile) = &self.profile {
            options.set(Key::Profile, Value::Text(profile.clone()));
        }
        // The client reads the answer, whatever form the user's own results have.
        let environment = environment.without(&["SWR_OUTPUT"]);
        Context::load(&options, &environment, true, interrupt)
    }
}

enum Answer {
    Text(String),
    Secret(Secret),
    Nothing,
    Failed(&'static str),
}

/// Docker stores what was typed at `docker login`: it is accepted and dropped, for swr answers.
fn store(output: &Output) -> Result<Answer, Error> {
    let mut ignored = Vec::new();
    std::io::stdin()
        .lock()
        .take(1024 * 1024)
        .read_to_end(&mut ignored)
        .map_err(unreadable)?;
    output.note("nothing is stored: swr makes the password for this registry when it is needed");
    Ok(Answer::Nothing)
}

fn server() -> Result<String, Error> {
    let mut line = Vec::new();
    std::io::stdin()
        .lock()
        .take(LONGEST)
        .read_until(b'\n', &mut line)
        .map_err(unreadable)?;
    let line = String::from_utf8_lossy(&line).trim().to_owned();
    if line.is_empty() {
        let what = "no server is named on standard input";
        return Err(Error::new(Kind::Usage, what));
    }
    Ok(line)
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(Kind::Io, "standard input cannot be read").cause(error)
}

/// Returns host and port of a server as clients write it: with or without scheme and path.
fn host_of(server: &str) -> String {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    host.to_ascii_lowercase()
}

/// Returns the region whose registry the settings name so.
fn region_of(settings: &Settings, host: &str) -> Option<RegionId> {
    let is_it = |registry: &str| registry.eq_ignore_ascii_case(host);
    let own = settings.region().ok().flatten().map(|region| region.value);
    let is_own = settings
        .registry()
        .is_ok_and(|registry| is_it(registry.value.as_str()));
    let mut others = settings.regions().filter(|region| {
        let registry = settings.registry_of(region);
        registry.is_ok_and(|registry| is_it(registry.value.as_str()))
    });
    own.filter(|_| is_own).or_else(|| others.next().cloned())
}

/// Returns the region of a registry of the vendor's form, which may have a port.
fn region_of_vendor(host: &str) -> Option<RegionId> {
    registry_region(host.split(':').next().unwrap_or_default())
}

fn names_a_registry(environment: &Environment) -> bool {
    environment
        .names()
        .any(|name| name.starts_with("SWR_REGISTRY"))
}
