//! Docker's config file, which podman, skopeo and others read, too: changed without losing anything
//! else that is in it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::RegistryPassword;
use crate::error::{Error, Kind};
use crate::files::{self, Access};
use crate::origin::Origin;
use crate::secret::Secret;
use crate::settings::Settings;

/// Larger than any config file, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The file, with all of its keys in their order.
pub(in crate::commands) struct DockerConfig {
    path: PathBuf,
    document: Map<String, Value>,
    is_changed: bool,
}

/// Where the login to a registry comes from.
pub(in crate::commands) enum LoginSource {
    /// The program `docker-credential-` of this name.
    Helper(String),
    /// It is written down.
    Written(RegistryPassword),
}

impl DockerConfig {
    /// Reads the named file, else `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; one
    /// that is not there has no keys.
    ///
    /// # Errors
    /// Kind `config` where there is no place for it, kind `io` when it cannot be read or is no JSON
    /// object.
    pub(in crate::commands) fn read(
        settings: &Settings,
        named: Option<PathBuf>,
    ) -> Result<DockerConfig, Error> {
        let environment = settings.environment();
        let default = || {
            let directory = environment.path("DOCKER_CONFIG");
            directory.or_else(|| Some(environment.home()?.join(".docker")))
        };
        let path = named.or_else(|| Some(default()?.join("config.json")));
        let Some(path) = path else {
            let what = "there is no home directory with docker's config file";
            return Err(Error::new(Kind::Config, what).hint("name the file: --file"));
        };
        let broken = |what: &str| {
            Error::new(Kind::Io, format!("docker's config file {what}"))
                .origin(Origin::File(path.clone(), None))
        };
        let text = match files::read_text(&path, LARGEST) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(broken("cannot be read").cause(error)),
        };
        let document = if text.trim().is_empty() {
            Map::new()
        } else {
            // The parser's error may quote a password of the file.
            serde_json::from_str(&text).map_err(|error| {
                let (line, column) = (error.line(), error.column());
                broken(&format!(
                    "is not a JSON object (line {line}, column {column})"
                ))
                .hint("repair it, or name another one: --file")
            })?
        };
        Ok(DockerConfig {
            path,
            document,
            is_changed: false,
        })
    }

    /// Returns the file.
    pub(in crate::commands) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns where the login to a registry comes from, in docker's order; `None` without one.
    pub(in crate::commands) fn login_to(&self, registry: &str) -> Option<LoginSource> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let of = |table: &str| self.document.get(table)?.get(registry);
        if let Some(helper) = of("credHelpers").and_then(text) {
            return Some(LoginSource::Helper(helper));
        }
        let written = of("auths");
        if let Some(login) = written.and_then(|entry| login_of(entry.get("auth")?.as_str()?)) {
            return Some(LoginSource::Written(login));
        }
        // A store of all logins has that of this registry where docker noted so, and swr's always.
        let store = self.document.get("credsStore").and_then(text)?;
        let is_in_it = written.is_some() || store == "swr" || store.starts_with("swr-");
        is_in_it.then_some(LoginSource::Helper(store))
    }

    /// Returns `true` if there is something to write.
    pub(in crate::commands) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Has a registry's password asked from a helper; a login that is written down there goes.
    pub(in crate::commands) fn set_helper(
        &mut self,
        registry: &str,
        helper: &str,
    ) -> Result<(), Error> {
        self.set("credHelpers", registry, helper.into())?;
        self.remove("auths", registry);
        Ok(())
    }

    /// Writes a login down; a helper, which would be asked before it, goes.
    pub(in crate::commands) fn set_login(
        &mut self,
        registry: &str,
        login: &RegistryPassword,
    ) -> Result<(), Error> {
        self.set("auths", registry, auth(login))?;
        self.remove("credHelpers", registry);
        Ok(())
    }

    /// Removes what is there of a registry; a helper of somebody else's stays.
    pub(in crate::commands) fn remove_registry(&mut self, registry: &str) {
        self.remove("auths", registry);
        let helper = self
            .document
            .get("credHelpers")
            .and_then(|it| it.get(registry));
        let is_ours = helper
            .and_then(Value::as_str)
            .is_some_and(|helper| helper == "swr" || helper.starts_with("swr-"));
        if is_ours {
            self.remove("credHelpers", registry);
        }
    }

    fn set(&mut self, table: &'static str, registry: &str, value: Value) -> Result<(), Error> {
        let entry = self.document.entry(table).or_insert_with(|| json!({}));
        let Some(entries) = entry.as_object_mut() else {
            let what = format!("'{table}' in docker's config file is not an object");
            return Err(Error::new(Kind::Io, what).origin(Origin::File(self.path.clone(), None)));
        };
        if entries.get(registry) != Some(&value) {
            entries.insert(registry.to_owned(), value);
            self.is_changed = true;
        }
        Ok(())
    }

    fn remove(&mut self, table: &str, registry: &str) {
        let entries = self.document.get_mut(table).and_then(Value::as_object_mut);
        if entries.is_some_and(|entries| entries.shift_remove(registry).is_some()) {
            self.is_changed = true;
        }
    }

    /// Writes the file whole, as docker does: indented with tabs.
    ///
    /// # Errors
    /// Kind `io`.
    pub(in crate::commands) fn write(&self) -> Result<(), Error> {
        let written = || {
            let mut text = Vec::new();
            let form = serde_json::ser::PrettyFormatter::with_indent(b"\t");
            let mut serializer = serde_json::Serializer::with_formatter(&mut text, form);
            self.document.serialize(&mut serializer)?;
            files::create_directory(files::directory_of(&self.path))?;
            files::replace(&self.path, &text, Access::AsBefore)
        };
        written().map_err(|error| {
            Error::new(Kind::Io, "docker's config file cannot be written")
                .cause(error)
                .origin(Origin::File(self.path.clone(), None))
        })
    }
}

/// Returns a login as the file holds it: `{"auth": base64 of user:password}`.
pub(in crate::commands) fn auth(login: &RegistryPassword) -> Value {
    let text = format!("{}:{}", login.username, login.password.expose());
    json!({"auth": STANDARD.encode(text)})
}

fn login_of(auth: &str) -> Option<RegistryPassword> {
    let text = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
    let (username, password) = text.split_once(':')?;
    Some(RegistryPassword {
        username: username.to_owned(),
        password: Secret::new(password.to_owned()),
        expires_at: None,
    })
}
