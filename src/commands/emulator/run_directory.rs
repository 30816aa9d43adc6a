//! The directory of one run of the emulator: what its commands keep, and what leads the tools of
//! containers to its registries.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::{Map, json};

use crate::context::Context;
use crate::emulator::Emulator;
use crate::error::{Error, Kind};
use crate::files::TemporaryDirectory;

/// The program that docker, podman, skopeo and others ask for a login.
const HELPER: &str = "docker-credential-swr";

/// A directory that goes with the run.
#[derive(Debug)]
pub(super) struct RunDirectory(TemporaryDirectory);

impl RunDirectory {
    /// Makes the directory.
    ///
    /// # Errors
    /// Kind `io`.
    pub(super) fn new() -> Result<RunDirectory, Error> {
        let made = TemporaryDirectory::new("swr-run-");
        made.map(RunDirectory).map_err(|error| {
            Error::new(Kind::Io, "no temporary directory can be created")
                .cause(error)
                .hint("set TMPDIR to a directory that you can write to")
        })
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the variable that keeps config file and logins of the run in the directory.
    pub(super) fn home(&self) -> (String, String) {
        let home = self.path().join("home").to_string_lossy().into_owned();
        ("SWR_EMULATOR_HOME".to_owned(), home)
    }

    /// Returns the variables with which docker, podman, buildah and skopeo find the registries and
    /// log in to them, and writes the files that those name. What the user has set stays, with a
    /// note.
    ///
    /// # Errors
    /// Kind `io`.
    pub(super) fn container_tools(
        &self,
        emulator: &Emulator,
        context: &Context,
    ) -> Result<Vec<(&'static str, OsString)>, Error> {
        let wrong = |error: std::io::Error| {
            Error::new(Kind::Io, "the files of the run cannot be written").cause(error)
        };
        let environment = context.settings().environment();
        let mut variables = Vec::new();
        let nested = environment.raw("SWR_EMULATOR").is_some();
        let mut set = |name: &'static str, path: PathBuf| {
            if environment.raw(name).is_some() && !nested {
                context.output().note(&format!(
                    "{name} is set and stays: the emulator's registries are not in it"
                ));
            } else {
                variables.push((name, path.into_os_string()));
            }
        };
        let docker = self.path().join("docker");
        self.write_docker_config(&docker, emulator, environment.home())
            .map_err(wrong)?;
        set("DOCKER_CONFIG", docker);
        let registries = self.path().join("registries.conf");
        let mut text = String::new();
        for served in emulator.regions() {
            let address = served.address;
            text.push_str(&format!(
                "[[registry]]\nlocation = \"{address}\"\ninsecure = true\n\n"
            ));
        }
        std::fs::write(&registries, text).map_err(wrong)?;
        set("CONTAINERS_REGISTRIES_CONF", registries);
        if let Some(path) = self.search_path(environment.raw("PATH")).map_err(wrong)? {
            variables.push(("PATH", path));
        }
        Ok(variables)
    }

    fn write_docker_config(
        &self,
        directory: &Path,
        emulator: &Emulator,
        home: Option<&PathBuf>,
    ) -> std::io::Result<()> {
        std::fs::create_dir(directory)?;
        let mut helpers = Map::new();
        for served in emulator.regions() {
            helpers.insert(served.address.to_string(), "swr".into());
        }
        let config = json!({"credHelpers": helpers});
        std::fs::write(directory.join("config.json"), config.to_string())?;
        let plugins = home.map(|home| home.join(".docker/cli-plugins"));
        match plugins.filter(|plugins| plugins.is_dir()) {
            Some(plugins) => link(&plugins, &directory.join("cli-plugins")),
            None => Ok(()),
        }
    }

    /// Returns a PATH that finds this binary under its own name and as the helper.
    fn search_path(&self, path: Option<&std::ffi::OsStr>) -> std::io::Result<Option<OsString>> {
        // Without /proc the program does not know its own file; the PATH then stays as it is.
        let Ok(binary) = std::env::current_exe() else {
            return Ok(path.map(ToOwned::to_owned));
        };
        let programs = self.path().join("bin");
        std::fs::create_dir(&programs)?;
        let suffix = std::env::consts::EXE_SUFFIX;
        for name in ["swr", HELPER] {
            link(&binary, &programs.join(format!("{name}{suffix}")))?;
        }
        let mut directories = vec![programs];
        directories.extend(std::env::split_paths(path.unwrap_or_default()));
        Ok(std::env::join_paths(directories).ok())
    }
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn link(target: &Path, link: &Path) -> std::io::Result<()> {
    // A link needs a privilege there; plugins are left out.
    if target.is_file() {
        std::fs::copy(target, link)?;
    }
    Ok(())
}
