//! The stack of all places of settings, strongest first.
//!
//! `context` loads it once. What is on the stack is judged in `plain` and `region`, when somebody
//! asks.

use super::environment::Environment;
use super::file::{self, ConfigFile, Table};
use super::judge::wrong_options;
use super::key::Key;
use super::layer::{self, Given, Layer, Place};
use super::options::Options;
use super::places::{self, FilePlace};
use super::setting::Setting;
use super::value::{self, nearest};
use crate::error::{Error, Field, Kind};
use crate::names::RegionId;
use crate::output::Format;

/// Everything that the user has set.
#[derive(Debug, Clone)]
pub struct Settings {
    layers: Vec<Layer>,
    environment: Environment,
    file: Option<FilePlace>,
    profile: Option<Setting<String>>,
    warnings: Vec<String>,
}

/// Returns the names of the config file's profiles; none where there is no file, or a broken one.
pub fn profiles(options: &Options, environment: &Environment) -> Vec<String> {
    let place = places::config_file(options, environment);
    let file = place.and_then(|place| file::read(&place).ok().flatten());
    file.map(|file| file.profiles.into_keys().collect())
        .unwrap_or_default()
}

impl Settings {
    /// Collects the settings from options, environment and config file.
    ///
    /// # Errors
    /// Kind `config`: the file is broken, has an unknown key or a wrong type, was named and is
    /// missing, or has no such profile. Values are judged when they are asked for.
    pub fn load(options: &Options, environment: &Environment) -> Result<Settings, Error> {
        let mut settings = Settings::load_without_file(options, environment);
        let file = match &settings.file {
            Some(place) => file::read(place)?,
            None => None,
        };
        settings
            .warnings
            .extend(file.as_ref().and_then(file::warning));
        settings.stack_file(file)?;
        settings.layers.extend(layer::of_vendor(environment));
        settings.stack_hcloud();
        Ok(settings)
    }

    /// Collects the settings from options and variables alone, for a command that has to work
    /// while the config file is missing or broken. The file's place is known all the same.
    pub fn load_without_file(options: &Options, environment: &Environment) -> Settings {
        let mut settings = Settings {
            layers: vec![layer::of_options(options)],
            environment: environment.clone(),
            warnings: Vec::new(),
            file: places::config_file(options, environment),
            profile: None,
        };
        settings.layers.extend(layer::of_variables(environment));
        settings
    }

    /// Finds the profile, then puts it and the top level of the file on the stack. In the file a
    /// region's own table is stronger than the table that it stands in.
    fn stack_file(&mut self, file: Option<ConfigFile>) -> Result<(), Error> {
        let (top, mut profiles) = match file {
            Some(file) => (file.top, file.profiles),
            None => Default::default(),
        };
        let chosen = top.entries.get(&Key::Profile);
        let mut chain = self.chain(Key::Profile, None);
        chain.extend(chosen);
        self.profile = self.parsed(Key::Profile, &chain, value::not_empty)?;
        if let Some(profile) = &self.profile {
            let table = profiles
                .remove(&profile.value)
                .ok_or_else(|| self.unknown_profile(profile, profiles.keys()))?;
            self.stack_table(Place::Profile, table);
        }
        self.stack_table(Place::Top, top);
        Ok(())
    }

    /// Takes the region of hcloud's profile where nothing else gives one. A broken file is told
    /// when its keys are needed.
    fn stack_hcloud(&mut self) {
        if self.chain(Key::Region, None).is_empty()
            && let Ok(Some(mut profile)) = self.hcloud_profile()
            && let Some(region) = profile.entries.remove(&Key::Region)
        {
            let entries = [(Key::Region, region)].into();
            self.layers
                .push(Layer::new(Place::VendorFiles, None, entries));
        }
    }

    fn stack_table(&mut self, place: Place, table: Table) {
        for (region, entries) in table.regions {
            self.layers.push(Layer::new(place, Some(region), entries));
        }
        self.layers.push(Layer::new(place, None, table.entries));
    }

    fn unknown_profile<'a>(
        &self,
        profile: &Setting<String>,
        known: impl Iterator<Item = &'a String> + Clone,
    ) -> Error {
        let name = &profile.value;
        let file = self.file.as_ref().map_or_else(
            || "the config file".to_owned(),
            |file| format!("'{}'", file.path.display()),
        );
        let hint = match nearest(name, known.clone().map(String::as_str)) {
            Some(near) => format!("did you mean '{near}'?"),
            None if known.clone().next().is_none() => format!("{file} has no profiles"),
            None => {
                let names: Vec<&str> = known.map(String::as_str).collect();
                format!("{file} has the profiles {}", names.join(", "))
            }
        };
        Error::new(Kind::Config, format!("there is no profile '{name}'"))
            .origin(profile.origin.clone())
            .hint(hint)
    }

    /// Returns every wrong value among the options, for a command to add to its own.
    pub fn wrong_options(options: &Options) -> Vec<Field> {
        wrong_options(&layer::of_options(options))
    }

    /// Returns the format of the output, where the rest of the settings may be broken: option,
    /// else variable, else human. What cannot be understood counts as unset.
    pub fn format_at_hand(options: &Options, environment: &Environment) -> Format {
        let variable = || environment.text("SWR_OUTPUT").ok().flatten();
        options
            .output
            .as_deref()
            .or_else(variable)
            .and_then(|text| value::one_of(text, &Format::ALL).ok())
            .unwrap_or_default()
    }

    /// Returns the environment that the settings were read from.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns the place of the config file, whether it exists or not.
    pub fn config_file(&self) -> Option<&FilePlace> {
        self.file.as_ref()
    }

    /// Returns what a person should be told, though nothing is wrong.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns the chosen profile.
    pub fn profile(&self) -> Option<&Setting<String>> {
        self.profile.as_ref()
    }

    /// Returns the places of settings, strongest first: those that count for every region, and
    /// those for `region`.
    pub fn layers(&self, region: Option<&RegionId>) -> impl Iterator<Item = &Layer> {
        self.layers
            .iter()
            .filter(move |layer| layer.counts_for(region))
    }

    /// Returns the places that count for one region only, strongest first.
    pub fn layers_of<'a>(&'a self, region: &RegionId) -> impl Iterator<Item = &'a Layer> {
        self.layers
            .iter()
            .filter(move |layer| layer.region.as_ref() == Some(region))
    }

    /// Returns the regions that have places of their own.
    pub(super) fn regions(&self) -> impl Iterator<Item = &RegionId> {
        self.layers.iter().filter_map(|layer| layer.region.as_ref())
    }

    pub(super) fn chain(&self, key: Key, own: Option<&RegionId>) -> Vec<&Given> {
        self.layers(own)
            .filter_map(|layer| layer.entries.get(&key))
            .collect()
    }
}
