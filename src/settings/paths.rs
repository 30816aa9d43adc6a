//! Where files are: the config file, the logins, the files of the vendor's tools.
//!
//! `settings`, `credentials` and `config path` ask. Nothing is read here.

use std::path::PathBuf;

use super::environment::Environment;
use super::options::Options;
use super::setting::Setting;
use crate::error::{Error, Kind};
use crate::origin::Origin;

/// Returns the path of the config file: `--config`, else `SWR_CONFIG`, else `swr/config.toml` in
/// the platform's directory for settings; `None` where there is no such directory.
pub fn config_file(options: &Options, environment: &Environment) -> Option<Setting<PathBuf>> {
    let option = || {
        let path = options.config.clone()?;
        Some(Setting::new(path, Origin::Option("--config")))
    };
    let default = || environment.config().map(|at| at.join("swr/config.toml"));
    option().or_else(|| named_or(environment, "SWR_CONFIG", default))
}

/// Returns the file that keeps the logins.
///
/// # Errors
/// Kind `config` where there is no directory for it.
pub fn logins_file(environment: &Environment) -> Result<PathBuf, Error> {
    environment
        .data()
        .map(|at| at.join("swr/logins.json"))
        .ok_or_else(|| {
            Error::new(Kind::Config, "no home directory to keep a login in")
                .hint("set HOME, or pass the credential in a variable: 'swr help environment'")
        })
}

/// Returns the directory of the names that completion keeps for a minute.
pub fn completion_cache(environment: &Environment) -> Option<PathBuf> {
    environment.cache().map(|at| at.join("swr/completion"))
}

/// Returns the path of the SDK's credentials file (`reference/swr-api.md` 5.5).
pub fn sdk_credentials(environment: &Environment) -> Option<Setting<PathBuf>> {
    let variable = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
    named_or(environment, variable, || {
        below_home(environment, ".huaweicloud/credentials")
    })
}

/// Returns the path of the SDK's file of endpoints (`reference/swr-api.md` 1).
pub fn sdk_regions(environment: &Environment) -> Option<Setting<PathBuf>> {
    let variable = "HUAWEICLOUD_SDK_REGIONS_FILE";
    named_or(environment, variable, || {
        below_home(environment, ".huaweicloud/regions.yaml")
    })
}

/// Returns the path of hcloud's config file (`reference/swr-api.md` 5.5).
pub fn hcloud_config(environment: &Environment) -> Option<Setting<PathBuf>> {
    let variable = "HW_SHARED_CONFIG_FILE";
    named_or(environment, variable, || {
        below_home(environment, ".hcloud/config.json")
    })
}

fn below_home(environment: &Environment, part: &str) -> Option<PathBuf> {
    environment.home().map(|home| home.join(part))
}

/// Returns the path that the variable names, else the default one.
fn named_or(
    environment: &Environment,
    variable: &str,
    default: impl FnOnce() -> Option<PathBuf>,
) -> Option<Setting<PathBuf>> {
    match environment.path(variable) {
        Some(path) => Some(Setting::new(path, Origin::Variable(variable.to_owned()))),
        None => default().map(|path| Setting::new(path, Origin::Default)),
    }
}

#[cfg(test)]
mod tests {
    use super::{config_file, logins_file, sdk_credentials};
    use crate::settings::environment::Environment;
    use crate::settings::options::Options;

    fn config(option: Option<&str>, pairs: &[(&str, &str)]) -> Option<String> {
        let mut options = Options::default();
        options.config = option.map(Into::into);
        let environment = Environment::of(pairs.iter().copied());
        config_file(&options, &environment)
            .map(|at| format!("{} {}", at.value.display(), at.origin))
    }

    #[test]
    fn the_config_file_is_the_named_one_or_the_platforms() {
        let home = ("HOME", "/home/u");
        let variable = ("SWR_CONFIG", "/v.toml");
        let directory = ("XDG_CONFIG_HOME", "/c");
        assert_eq!(
            config(Some("/o.toml"), &[variable]).as_deref(),
            Some("/o.toml --config")
        );
        assert_eq!(
            config(None, &[variable, home]).as_deref(),
            Some("/v.toml SWR_CONFIG")
        );
        assert_eq!(
            config(None, &[home, directory]).as_deref(),
            Some("/c/swr/config.toml default")
        );
        assert_eq!(
            config(None, &[home]).as_deref(),
            Some("/home/u/.config/swr/config.toml default")
        );
        assert_eq!(config(None, &[]), None);
    }

    #[test]
    fn without_a_home_there_are_no_default_files() {
        let environment = Environment::of([("CI", "1")]);
        assert_eq!(sdk_credentials(&environment), None);
        assert!(logins_file(&environment).is_err());
    }
}
