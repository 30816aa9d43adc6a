//! The stack of all layers of settings, strongest first.
//!
//! `context` loads it once. Values on the stack are validated in `getters` and `region`, on demand.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::environment::Environment;
use super::file::{self, ConfigFile, Table};
use super::key::Key;
use super::layer::{self, Entry, Layer, LayerKind};
use super::options::Options;
use super::paths;
use super::setting::Setting;
use super::validate::{invalid, invalid_options, overridden};
use super::value::Text;
use crate::error::{Error, Field, Kind};
use crate::names::{Parse, ParseError, RegionId, nearest};
use crate::output::Format;

/// Everything that the user has set.
#[derive(Debug, Clone)]
pub struct Settings {
    layers: Vec<Layer>,
    environment: Environment,
    file: Option<Setting<PathBuf>>,
    profile: Option<Setting<String>>,
    warnings: Vec<String>,
    /// The region of an image on the command line, where nothing else gives one.
    pub(super) image_region: OnceLock<RegionId>,
}

/// Returns the names of the config file's profiles; none where the file is missing or broken.
pub fn profiles(options: &Options, environment: &Environment) -> Vec<String> {
    let place = paths::config_file(options, environment);
    let file = place.and_then(|place| file::read(&place, environment).ok().flatten());
    file.map(|file| file.profiles.into_keys().collect())
        .unwrap_or_default()
}

/// Inside the emulator every region has an address of its own: a `--region` that is not the first
/// one leads there, and not to the first one under another name.
fn of_named_region(options: &Options, environment: &Environment) -> Environment {
    let first = environment.raw("SWR_REGION");
    let is_another = options
        .text(Key::Region)
        .is_some_and(|region| first != Some(std::ffi::OsStr::new(region)));
    if is_another && environment.raw("SWR_EMULATOR").is_some() {
        environment.without(&[
            "SWR_ENDPOINT",
            "SWR_TOKEN",
            "SWR_PROJECT_NAME",
            "SWR_REGISTRY",
        ])
    } else {
        environment.clone()
    }
}

impl Settings {
    /// Collects the settings from options, environment and config file.
    ///
    /// # Errors
    /// Kind `config`: the file is broken, has an unknown key or a wrong type, was named and is
    /// missing, or lacks the profile. Values are validated when they are asked for.
    pub fn load(options: &Options, environment: &Environment) -> Result<Settings, Error> {
        let mut settings = Settings::load_without_file(options, environment);
        let file = match &settings.file {
            // Another user's home is no reason not to use what the variables say.
            Some(file) if !file.is_named() && file::is_out_of_reach(&file.value) => {
                settings.warnings.push(format!(
                    "the config file '{}' is out of reach (permission denied), and not used",
                    file.value.display()
                ));
                None
            }
            Some(file) => file::read(file, environment)?,
            None => None,
        };
        settings
            .warnings
            .extend(file.as_ref().and_then(file::warning));
        let defaults = settings.layers.pop();
        settings.stack_file(file)?;
        settings.layers.extend(layer::of_vendor(environment));
        settings.stack_hcloud();
        settings.layers.extend(defaults);
        Ok(settings)
    }

    /// Collects the settings from options and variables alone, for a command that has to work
    /// while the config file is missing or broken. The file's path is known all the same.
    pub fn load_without_file(options: &Options, environment: &Environment) -> Settings {
        let environment = &of_named_region(options, environment);
        let mut settings = Settings {
            layers: vec![options.layer()],
            environment: environment.clone(),
            warnings: Vec::new(),
            file: paths::config_file(options, environment),
            profile: None,
            image_region: OnceLock::new(),
        };
        settings.layers.extend(layer::of_variables(environment));
        settings.layers.push(layer::of_defaults());
        settings
    }

    /// Finds the profile, then puts it and the top level of the file on the stack. In the file a
    /// region's own table is stronger than the table around it.
    fn stack_file(&mut self, file: Option<ConfigFile>) -> Result<(), Error> {
        let (top, mut profiles) = match file {
            Some(file) => (file.top, file.profiles),
            None => Default::default(),
        };
        let chosen = top.entries.get(&Key::Profile);
        let mut chain = self.chain(Key::Profile, None);
        chain.extend(chosen);
        self.profile = self
            .parsed::<Text>(Key::Profile, &chain)?
            .map(|setting| setting.map(|Text(name)| name));
        if let Some(profile) = &self.profile {
            let table = profiles
                .remove(&profile.value)
                .ok_or_else(|| self.unknown_profile(profile, profiles.keys()))?;
            self.stack_table(LayerKind::Profile, table);
        }
        self.stack_table(LayerKind::Top, top);
        Ok(())
    }

    /// Takes the region of hcloud's profile where nothing else gives one. A broken file is an error
    /// only when its keys are needed.
    fn stack_hcloud(&mut self) {
        if self.chain(Key::Region, None).is_empty()
            && let Ok(Some(mut profile)) = self.hcloud_profile()
            && let Some(region) = profile.entries.remove(&Key::Region)
        {
            let entries = [(Key::Region, region)].into();
            self.layers
                .push(Layer::new(LayerKind::VendorFiles, None, entries));
        }
    }

    fn stack_table(&mut self, kind: LayerKind, table: Table) {
        for (region, entries) in table.regions {
            self.layers.push(Layer::new(kind, Some(region), entries));
        }
        self.layers.push(Layer::new(kind, None, table.entries));
    }

    fn unknown_profile<'a>(
        &self,
        profile: &Setting<String>,
        known: impl Iterator<Item = &'a String> + Clone,
    ) -> Error {
        let name = &profile.value;
        let file = self.file.as_ref().map_or_else(
            || "the config file".to_owned(),
            |file| format!("'{}'", file.value.display()),
        );
        let hint = match nearest(name, known.clone().map(String::as_str)) {
            Some(near) => format!("did you mean '{near}'?"),
            None if known.clone().next().is_none() => format!("{file} has no profiles"),
            None => {
                let names: Vec<&str> = known.map(String::as_str).collect();
                format!("{file} has the profiles {}", names.join(", "))
            }
        };
        Error::new(Kind::Config, format!("no profile '{name}'"))
            .origin(profile.origin.clone())
            .hint(hint)
    }

    /// Returns every invalid option, for a command to add to its own.
    pub fn wrong_options(options: &Options) -> Vec<Field> {
        invalid_options(&options.layer())
    }

    /// Returns the format of the output, where the rest of the settings may be broken: option,
    /// else variable, else human. An invalid value counts as unset.
    pub fn format_at_hand(options: &Options, environment: &Environment) -> Format {
        let variable = || environment.text("SWR_OUTPUT").ok().flatten();
        options
            .text(Key::Output)
            .or_else(variable)
            .and_then(|text| Format::parse(text).ok())
            .unwrap_or_default()
    }

    /// Returns the environment that the settings were read from.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns the path of the config file, whether it exists or not.
    pub fn config_file(&self) -> Option<&Setting<PathBuf>> {
        self.file.as_ref()
    }

    /// Returns the warnings: what a person should know, though nothing failed.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns the chosen profile.
    pub fn profile(&self) -> Option<&Setting<String>> {
        self.profile.as_ref()
    }

    /// Returns the layers, strongest first: those of every region, and those of `region`.
    pub fn layers(&self, region: Option<&RegionId>) -> impl Iterator<Item = &Layer> {
        self.layers
            .iter()
            .filter(move |layer| layer.counts_for(region))
    }

    /// Returns the layers of one region only, strongest first.
    pub fn layers_of<'a>(&'a self, region: &RegionId) -> impl Iterator<Item = &'a Layer> {
        self.layers
            .iter()
            .filter(move |layer| layer.region.as_ref() == Some(region))
    }

    /// Returns the regions that have layers of their own.
    pub fn regions(&self) -> impl Iterator<Item = &RegionId> {
        self.layers.iter().filter_map(|layer| layer.region.as_ref())
    }

    /// Returns what the layers give for a setting, strongest first.
    pub(super) fn chain(&self, key: Key, region: Option<&RegionId>) -> Vec<&Entry> {
        self.layers(region)
            .filter_map(|layer| layer.entries.get(&key))
            .collect()
    }

    /// Returns a setting that has no region of its own.
    pub(super) fn get<T: Parse>(&self, key: Key) -> Result<Option<Setting<T>>, Error> {
        self.parsed(key, &self.chain(key, None))
    }

    /// Parses the first of a chain; it overrides the others, which are not validated.
    pub(super) fn parsed<T: Parse>(
        &self,
        key: Key,
        chain: &[&Entry],
    ) -> Result<Option<Setting<T>>, Error> {
        let Some(first) = chain.first() else {
            return Ok(None);
        };
        Ok(Some(Setting {
            value: self.parsed_entry(key, first)?,
            origin: first.origin.clone(),
            overridden: overridden(chain),
        }))
    }

    /// Parses a single value.
    pub(super) fn parsed_entry<T: Parse>(&self, key: Key, entry: &Entry) -> Result<T, Error> {
        entry
            .text()
            .and_then(|text| T::parse(&text))
            .map_err(|error| self.invalid(key, entry, error))
    }

    /// Makes the error of an invalid value: of all invalid options, or of the one layer.
    pub(super) fn invalid(&self, key: Key, entry: &Entry, error: ParseError) -> Error {
        if entry.origin.is_option() {
            let options = self.layers(None).filter(|at| at.kind == LayerKind::Options);
            return Error::wrong_values(options.flat_map(invalid_options).collect());
        }
        invalid(key, entry, error)
    }
}
