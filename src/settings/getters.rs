//! Typed access to the settings; `region` has those that follow from each other.

use std::path::PathBuf;
use std::time::Duration;

use super::key::Key;
use super::load::Settings;
use super::setting::Setting;
use super::value::{CredentialSource, PlainAddress, Retries, TargetName, Targets, Text};
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::names::{Namespace, Parse};
use crate::origin::Origin;
use crate::output::{Color, Format};

impl Settings {
    /// Returns the output format.
    pub fn output(&self) -> Result<Setting<Format>, Error> {
        self.required(Key::Output)
    }

    /// Returns the time limit of a request.
    pub fn timeout(&self) -> Result<Setting<Duration>, Error> {
        self.required(Key::Timeout)
    }

    /// Returns the time limit of connecting.
    pub fn connect_timeout(&self) -> Result<Setting<Duration>, Error> {
        self.required(Key::ConnectTimeout)
    }

    /// Returns the maximum number of retries of a request.
    pub fn retries(&self) -> Result<Setting<u32>, Error> {
        let retries = self.required(Key::Retries)?;
        Ok(retries.map(|Retries(count)| count))
    }

    /// Returns the file of CA certificates to trust in addition to the others.
    pub fn ca_file(&self) -> Result<Option<Setting<PathBuf>>, Error> {
        let file = self.get(Key::CaFile)?;
        Ok(file.map(|file| file.map(|Text(path)| path.into())))
    }

    /// Returns the default source namespace of references and verbs.
    pub fn namespace(&self) -> Result<Option<Setting<Namespace>>, Error> {
        self.get(Key::Namespace)
    }

    /// Returns the default targets; `None` where none are set.
    pub fn targets(&self) -> Result<Option<Setting<Vec<TargetName>>>, Error> {
        let targets = self.get(Key::To)?;
        Ok(targets.map(|targets| targets.map(|Targets(list)| list)))
    }

    /// Returns when to use color: the option, unless it leaves the choice; `NO_COLOR`; what
    /// forces color; a dumb terminal.
    pub fn color(&self) -> Result<Setting<Color>, Error> {
        match self.get::<Color>(Key::Color)? {
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

    /// Returns the source of credentials, where one is named.
    pub fn credential_source(&self) -> Result<Option<Setting<CredentialSource>>, Error> {
        self.get(Key::CredentialSource)
    }

    /// Returns the address of the metadata service.
    pub fn metadata_endpoint(&self) -> Result<Setting<Endpoint>, Error> {
        let address = self.required(Key::MetadataEndpoint)?;
        Ok(address.map(|PlainAddress(endpoint)| endpoint))
    }

    /// Returns a setting that has a default in the table.
    fn required<T: Parse>(&self, key: Key) -> Result<Setting<T>, Error> {
        self.get(key)?
            .ok_or_else(|| Error::new(Kind::Config, format!("no {} is set", key.name())))
    }
}
