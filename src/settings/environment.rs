//! The environment of the process, read once, and the one table of the variables that count.
//!
//! `settings` and `credentials` ask; nothing else in the program reads a variable. It does not
//! know what a variable is for beyond its row in the table, from which `docs/environment.md`
//! and `swr help environment` are made.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::variables::VARIABLES;
use crate::error::{Error, Kind};
use crate::names::{Parse, RegionId};
use crate::origin::Origin;

/// A snapshot of the environment, with the directories that the platform derives from it.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, OsString>,
    home: Option<PathBuf>,
    config: Option<PathBuf>,
    data: Option<PathBuf>,
    cache: Option<PathBuf>,
}

/// The files that GitHub Actions reads when a step has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubJob {
    /// The step's part of the job's page, in Markdown.
    pub summary: Option<PathBuf>,
    /// The step's outputs.
    pub outputs: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one reader of the environment and of the platform's directories"
    )]
    pub fn of_process() -> Environment {
        let environment = Environment {
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, trimmed(value))))
                .collect(),
            home: absolute(dirs::home_dir()),
            config: absolute(dirs::config_dir()),
            data: absolute(dirs::data_dir()),
            cache: absolute(dirs::cache_dir()),
        };
        environment.sandboxed()
    }

    /// Keeps config file, logins and caches in the emulator's directory, where one is set.
    fn sandboxed(mut self) -> Environment {
        let directory = absolute(self.path("SWR_EMULATOR_HOME"));
        if directory.is_some() {
            self.config.clone_from(&directory);
            self.cache = directory.as_ref().map(|directory| directory.join("cache"));
            self.data = directory;
        }
        self
    }

    /// Makes an environment of pairs, for tests; `HOME` and the `XDG_*` variables among them place
    /// its directories.
    #[cfg(test)]
    pub fn of<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Environment
    where
        N: Into<String>,
        V: Into<OsString>,
    {
        let variables: BTreeMap<String, OsString> = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), trimmed(value.into())))
            .collect();
        let directory = |name: &str| variables.get(name).map(PathBuf::from);
        let home = directory("HOME");
        let below = |part: &str| home.as_ref().map(|home| home.join(part));
        let environment = Environment {
            config: directory("XDG_CONFIG_HOME").or_else(|| below(".config")),
            data: directory("XDG_DATA_HOME").or_else(|| below(".local/share")),
            cache: directory("XDG_CACHE_HOME").or_else(|| below(".cache")),
            home,
            variables,
        };
        environment.sandboxed()
    }

    /// Returns the environment without some of its variables.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Environment {
        let mut environment = self.clone();
        environment
            .variables
            .retain(|name, _| !names.contains(&name.as_str()));
        environment
    }

    /// Returns a variable's value; an empty one counts as unset.
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        debug_assert!(is_listed(name), "{name} is missing in VARIABLES");
        self.variables
            .get(name)
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// Returns `true` if a variable has a value.
    pub fn is_set(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Returns a variable's value as text.
    ///
    /// # Errors
    /// Kind `config` when the value is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        value.to_str().map(Some).ok_or_else(|| {
            Error::new(Kind::Config, format!("the value of {name} is not UTF-8"))
                .origin(Origin::Variable(name.to_owned()))
        })
    }

    /// Returns a variable's value as a path; `~/` at its beginning is the home directory.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).map(|value| self.expanded(Path::new(value)))
    }

    /// Returns the paths that a variable lists as `PATH` does.
    pub fn paths(&self, name: &str) -> Vec<PathBuf> {
        let paths = self.raw(name).map(std::env::split_paths);
        paths
            .into_iter()
            .flatten()
            .filter(|path| !path.as_os_str().is_empty())
            .map(|path| self.expanded(&path))
            .collect()
    }

    /// Returns a path with `~/` at its beginning replaced by the home directory.
    pub(super) fn expanded(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_owned(),
        }
    }

    /// Returns the names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// Returns `true` on a CI system, where prompts have no answer.
    pub fn is_ci(&self) -> bool {
        self.is_set("CI")
    }

    /// Returns what GitHub Actions offers to the job that this run is a part of; `None` elsewhere,
    /// and with `SWR_CI=off`.
    ///
    /// # Errors
    /// Kind `config` for another value of `SWR_CI`.
    pub fn github_job(&self) -> Result<Option<GitHubJob>, Error> {
        match self.text("SWR_CI")? {
            None | Some("auto") => {}
            Some("off") => return Ok(None),
            Some(other) => {
                return Err(Error::new(
                    Kind::Config,
                    format!("invalid value '{other}': not auto or off"),
                )
                .origin(Origin::Variable("SWR_CI".to_owned())));
            }
        }
        Ok(
            (self.text("GITHUB_ACTIONS")? == Some("true")).then(|| GitHubJob {
                summary: self.path("GITHUB_STEP_SUMMARY"),
                outputs: self.path("GITHUB_OUTPUT"),
            }),
        )
    }

    /// Returns `true` in a job of GitHub Actions, unless that is turned off or wrongly set.
    pub fn is_github_job(&self) -> bool {
        self.github_job().is_ok_and(|job| job.is_some())
    }

    /// Returns the variables `PREFIX<REGION>` with the regions that they name.
    pub(super) fn regional(
        &self,
        prefix: &'static str,
    ) -> impl Iterator<Item = (RegionId, &str, &OsStr)> {
        self.variables.iter().filter_map(move |(name, value)| {
            let region = name.strip_prefix(prefix)?;
            // The ids have lowercase letters, digits and '-' only, so this loses nothing.
            if region.contains(|c: char| c.is_ascii_lowercase() || c == '-') || value.is_empty() {
                return None;
            }
            let region = RegionId::parse(&region.to_ascii_lowercase().replace('_', "-")).ok()?;
            Some((region, name.as_str(), value.as_os_str()))
        })
    }

    /// Returns the user's home directory.
    pub fn home(&self) -> Option<&PathBuf> {
        self.home.as_ref()
    }

    /// Returns the platform's directory for settings.
    pub(super) fn config(&self) -> Option<&PathBuf> {
        self.config.as_ref()
    }

    /// Returns the platform's directory for what a program keeps.
    pub(super) fn data(&self) -> Option<&PathBuf> {
        self.data.as_ref()
    }

    /// Returns the platform's directory for what can be obtained again.
    pub(super) fn cache(&self) -> Option<&PathBuf> {
        self.cache.as_ref()
    }
}

impl std::fmt::Debug for Environment {
    /// Shows names only: values may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Removes white space at the end of a value: the line end of what was pasted or read from a file.
fn trimmed(value: OsString) -> OsString {
    match value.to_str() {
        Some(text) if text.ends_with(char::is_whitespace) => text.trim_end().into(),
        _ => value,
    }
}

/// A relative home would put secrets below whatever directory the program is run in.
fn absolute(directory: Option<PathBuf>) -> Option<PathBuf> {
    directory.filter(|path| path.is_absolute())
}

fn is_listed(name: &str) -> bool {
    VARIABLES.iter().any(|variable| variable.means(name))
}

#[cfg(test)]
mod tests {
    use super::{Environment, is_listed};
    use crate::origin::Origin;

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let environment = Environment::of([("SWR_REGION", ""), ("CI", "true")]);
        assert!(!environment.is_set("SWR_REGION"));
        assert_eq!(environment.text("SWR_REGION").unwrap(), None);
        assert!(environment.is_ci());
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_utf8_is_an_error_with_its_variable() {
        use std::os::unix::ffi::OsStringExt;
        let value = std::ffi::OsString::from_vec(vec![0xff, b'a']);
        let environment = Environment::of([("SWR_REGION", value)]);
        let error = environment.text("SWR_REGION").unwrap_err();
        assert_eq!(error.what(), "the value of SWR_REGION is not UTF-8");
        assert_eq!(
            error.place(),
            Some(&Origin::Variable("SWR_REGION".to_owned()))
        );
    }

    #[test]
    fn the_region_is_read_off_a_variables_name() {
        let environment = Environment::of([
            ("SWR_TOKEN_CN_EAST_3", "a"),
            ("SWR_TOKEN_cn_north_4", "lower case names none"),
            ("SWR_TOKEN_X", "no region"),
            ("SWR_TOKEN_AP_SOUTHEAST_1", ""),
        ]);
        let found: Vec<_> = environment
            .regional("SWR_TOKEN_")
            .map(|(region, name, _)| (region.to_string(), name.to_owned()))
            .collect();
        assert_eq!(
            found,
            [("cn-east-3".to_owned(), "SWR_TOKEN_CN_EAST_3".to_owned())]
        );
    }

    #[test]
    fn no_value_is_shown_by_debug() {
        let environment = Environment::of([("SWR_TOKEN", "never-seen")]);
        assert_eq!(format!("{environment:?}"), r#"{"SWR_TOKEN"}"#);
    }

    #[test]
    fn a_pattern_lists_the_variable_of_each_region() {
        assert!(is_listed("SWR_TOKEN_CN_EAST_3"));
        assert!(!is_listed("SWR_NONSENSE"));
    }
}
