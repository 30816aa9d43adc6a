//! Typed access to the settings; `region` has those that follow from each other.

use std::path::PathBuf;
use std::time::Duration;

use super::key::Key;
use super::layer::{Entry, Value};
use super::load::Settings;
use super::setting::Setting;
use super::validate::{empty, overridden, plain_address};
use super::value::{self, CredentialSource};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::names::ParseError;
use crate::origin::Origin;
use crate::output::{Color, Format};

/// The longest time of a request, unless something else is set (contract 1.3).
pub(super) const TIMEOUT: &str = "30s";
/// The longest time of connecting.
pub(super) const CONNECT_TIMEOUT: &str = "10s";
/// How often a request is tried again.
pub(super) const RETRIES: &str = "3";
/// The address of the metadata service (`reference/swr-api.md` 5.4).
pub(super) const METADATA_ENDPOINT: &str = "http://169.254.169.254";

impl Settings {
    /// Returns how results are written.
    pub fn output(&self) -> Result<Setting<Format>, Error> {
        self.with_default(Key::Output, Format::default().name(), |text| {
            value::one_of(text, &Format::ALL)
        })
    }

    /// Returns the longest time that a request may take.
    pub fn timeout(&self) -> Result<Setting<Duration>, Error> {
        self.with_default(Key::Timeout, TIMEOUT, crate::duration::parse)
    }

    /// Returns the longest time that connecting may take.
    pub fn connect_timeout(&self) -> Result<Setting<Duration>, Error> {
        self.with_default(Key::ConnectTimeout, CONNECT_TIMEOUT, crate::duration::parse)
    }

    /// Returns how often a request is tried again.
    pub fn retries(&self) -> Result<Setting<u32>, Error> {
        self.with_default(Key::Retries, RETRIES, value::retries)
    }

    /// Returns the file of certificates that are trusted besides the system's.
    pub fn ca_file(&self) -> Result<Option<Setting<PathBuf>>, Error> {
        let chain = self.chain(Key::CaFile, None);
        let Some((Value::Path(path), first)) = chain.first().map(|given| (&given.value, given))
        else {
            return Ok(None);
        };
        if path.as_os_str().is_empty() {
            return Err(self.invalid(Key::CaFile, first, empty()));
        }
        Ok(Some(Setting {
            value: path.clone(),
            origin: first.origin.clone(),
            overridden: overridden(&chain),
        }))
    }

    /// Returns when color is used: the option, unless it leaves the choice; `NO_COLOR`; what
    /// forces color; a dumb terminal.
    pub fn color(&self) -> Result<Setting<Color>, Error> {
        let option = self.parsed(Key::Color, &self.chain(Key::Color, None), |text| {
            value::one_of(text, &Color::ALL)
        })?;
        match option {
            Some(setting) if setting.value != Color::Auto => Ok(setting),
            _ => Ok(self.color_of_environment()),
        }
    }

    fn color_of_environment(&self) -> Setting<Color> {
        let value = |name| self.environment().raw(name);
        let forces = |name| value(name).is_some_and(|value| value != "0" && value != "false");
        let by = |color, name: &str| Setting::new(color, Origin::Variable(name.to_owned()));
        if self.environment().is_set("NO_COLOR") {
            return by(Color::Never, "NO_COLOR");
        }
        for name in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
            if forces(name) {
                return by(Color::Always, name);
            }
        }
        if value("TERM").is_some_and(|term| term == "dumb") {
            return by(Color::Never, "TERM");
        }
        Setting::new(Color::Auto, Origin::Default)
    }

    /// Returns the source of credentials that was asked for.
    pub fn credential_source(&self) -> Result<Option<Setting<CredentialSource>>, Error> {
        let chain = self.chain(Key::CredentialSource, None);
        self.parsed(Key::CredentialSource, &chain, |text| {
            value::one_of(text, &CredentialSource::ALL)
        })
    }

    /// Returns the address of the metadata service.
    pub fn metadata_endpoint(&self) -> Result<Setting<Endpoint>, Error> {
        self.with_default(Key::MetadataEndpoint, METADATA_ENDPOINT, plain_address)
    }

    fn with_default<T>(
        &self,
        key: Key,
        default: &str,
        parse: impl Fn(&str) -> Result<T, ParseError>,
    ) -> Result<Setting<T>, Error> {
        let default = Entry {
            value: Value::Text(default.to_owned()),
            origin: Origin::Default,
        };
        let chain = self.chain(key, None);
        let mut candidates = chain.clone();
        candidates.push(&default);
        let first = candidates[0];
        let value = self.parsed_entry(key, first, parse)?;
        Ok(Setting {
            value,
            origin: first.origin.clone(),
            overridden: overridden(&chain),
        })
    }
}
