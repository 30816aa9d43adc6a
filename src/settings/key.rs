//! The table of the settings: names, default, and grammar of each.
//!
//! `layer` fills settings by it, `file` checks keys against it, `validate` checks values with it, the
//! command line gets its global options from it, and a test of `config.example.toml` asks that each
//! of its keys is explained.

use std::time::Duration;

use super::value::{
    Credential, CredentialSource, PlainAddress, ProjectId, RegistryHost, Retries, Targets, Text,
};
use crate::endpoint::Endpoint;
use crate::names::{Namespace, Parse, ParseError, ProjectName, RegionId};
use crate::output::{Color, Format};

/// A setting.
#[expect(
    clippy::enum_variant_names,
    reason = "an access key is not a kind of setting key"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The profile of the config file.
    Profile,
    /// The source region.
    Region,
    /// The address of SWR.
    Endpoint,
    /// The id of the project.
    ProjectId,
    /// The name of the project, for a sub-project's registry.
    ProjectName,
    /// The address of the registry that images are pulled from.
    Registry,
    /// The namespace of references without one.
    Namespace,
    /// The targets of verbs that name none.
    To,
    /// The output format.
    Output,
    /// The time limit of a request.
    Timeout,
    /// The time limit of connecting.
    ConnectTimeout,
    /// The number of retries of a request.
    Retries,
    /// CA certificates to trust in addition to the system's.
    CaFile,
    /// When color is used.
    Color,
    /// A token.
    Token,
    /// A file that holds a token.
    TokenFile,
    /// A program that prints a token.
    TokenCommand,
    /// The access key.
    AccessKey,
    /// The secret key.
    SecretKey,
    /// The security token of temporary keys.
    SecurityToken,
    /// The source of a credential that is not written down.
    CredentialSource,
    /// The address of IAM.
    IamEndpoint,
    /// The address of STS.
    StsEndpoint,
    /// The address of the metadata service.
    MetadataEndpoint,
}

/// Which tables of the file may hold a key; each one includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// None: the setting has no key.
    Nowhere,
    /// The top level.
    Top,
    /// Profiles.
    Profile,
    /// Regions.
    Region,
}

/// The type of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// Text that is a duration: `"30s"`.
    Duration,
    /// Text that is a path, relative to the file.
    Path,
    /// A whole number.
    Number,
    /// A list of texts: a program with its arguments.
    Words,
    /// A list of texts, written with commas in a variable.
    List,
}

/// How a setting is given on the command line.
#[derive(Debug, Clone, Copy)]
pub struct OptionText {
    /// The option as typed: `--region`.
    pub long: &'static str,
    /// Its short form.
    pub short: Option<char>,
    /// The name of its value in the help.
    pub value: &'static str,
    /// Its help.
    pub help: &'static str,
    /// The words that it accepts; empty where any text may be tried.
    pub words: &'static [&'static str],
}

/// What is fixed about a setting.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The setting.
    pub key: Key,
    /// Its name, which is its key in the file.
    pub name: &'static str,
    /// Its option.
    pub option: Option<OptionText>,
    /// Its own variable; see `REGIONAL` for those with `_<REGION>` behind it.
    pub variable: Option<&'static str>,
    /// The tables of the file that may hold it.
    pub scope: Scope,
    /// The type of its value.
    pub shape: Shape,
    /// Its default, as text.
    pub default: Option<&'static str>,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Checks a value against its grammar.
    pub check: fn(&str) -> Result<(), ParseError>,
}

const fn row<T: Parse>(key: Key, name: &'static str, scope: Scope, shape: Shape) -> Row {
    Row {
        key,
        name,
        option: None,
        variable: None,
        scope,
        shape,
        default: None,
        secret: false,
        check: check::<T>,
    }
}

fn check<T: Parse>(text: &str) -> Result<(), ParseError> {
    T::parse(text).map(drop)
}

impl Row {
    const fn option(mut self, long: &'static str, value: &'static str, help: &'static str) -> Row {
        self.option = Some(OptionText {
            long,
            short: None,
            value,
            help,
            words: &[],
        });
        self
    }

    const fn words(mut self, short: Option<char>, words: &'static [&'static str]) -> Row {
        if let Some(option) = &mut self.option {
            option.short = short;
            option.words = words;
        }
        self
    }

    const fn variable(mut self, variable: &'static str) -> Row {
        self.variable = Some(variable);
        self
    }

    const fn default(mut self, default: &'static str) -> Row {
        self.default = Some(default);
        self
    }

    const fn secret(mut self) -> Row {
        self.secret = true;
        self
    }
}

/// Every setting, in the order in which they are shown.
#[rustfmt::skip] // a table reads as a table
pub const ROWS: &[Row] = &[
    row::<Text>(Key::Profile, "profile", Scope::Top, Shape::Text).variable("SWR_PROFILE")
        .option("--profile", "NAME", "Use this profile of the config file"),
    row::<RegionId>(Key::Region, "region", Scope::Profile, Shape::Text).variable("SWR_REGION")
        .option("--region", "ID", "Region of the source"),
    row::<Endpoint>(Key::Endpoint, "endpoint", Scope::Region, Shape::Text).variable("SWR_ENDPOINT")
        .option("--endpoint", "URL", "Endpoint of the source region, if not the region's own"),
    row::<ProjectId>(Key::ProjectId, "project_id", Scope::Region, Shape::Text).variable("SWR_PROJECT_ID")
        .option("--project-id", "ID", "Project of the source region (for access keys)"),
    row::<ProjectName>(Key::ProjectName, "project_name", Scope::Region, Shape::Text).variable("SWR_PROJECT_NAME"),
    row::<RegistryHost>(Key::Registry, "registry", Scope::Region, Shape::Text).variable("SWR_REGISTRY"),
    row::<Namespace>(Key::Namespace, "namespace", Scope::Profile, Shape::Text).variable("SWR_NAMESPACE"),
    row::<Targets>(Key::To, "to", Scope::Profile, Shape::List).variable("SWR_TO"),
    row::<Format>(Key::Output, "output", Scope::Profile, Shape::Text).variable("SWR_OUTPUT").default("human")
        .option("--output", "FORMAT", "Format of results and errors").words(Some('o'), &["human", "json", "jsonl"]),
    row::<Duration>(Key::Timeout, "timeout", Scope::Profile, Shape::Duration).variable("SWR_TIMEOUT").default("30s")
        .option("--timeout", "DURATION", "Time limit of one request, like 30s"),
    row::<Duration>(Key::ConnectTimeout, "connect_timeout", Scope::Profile, Shape::Duration).variable("SWR_CONNECT_TIMEOUT").default("10s")
        .option("--connect-timeout", "DURATION", "Time limit of connecting, like 10s"),
    row::<Retries>(Key::Retries, "retries", Scope::Profile, Shape::Number).variable("SWR_RETRIES").default("3")
        .option("--retries", "N", "Maximum number of retries of a request"),
    row::<Text>(Key::CaFile, "ca_file", Scope::Profile, Shape::Path).variable("SWR_CA_FILE")
        .option("--ca-file", "FILE", "Also trust the CA certificates in this file"),
    row::<Color>(Key::Color, "color", Scope::Nowhere, Shape::Text)
        .option("--color", "WHEN", "When to use color").words(None, &["auto", "always", "never"]),
    row::<Credential>(Key::Token, "token", Scope::Region, Shape::Text).variable("SWR_TOKEN").secret(),
    row::<Text>(Key::TokenFile, "token_file", Scope::Region, Shape::Path).variable("SWR_TOKEN_FILE"),
    row::<Text>(Key::TokenCommand, "token_command", Scope::Region, Shape::Words),
    row::<Credential>(Key::AccessKey, "access_key", Scope::Region, Shape::Text).variable("SWR_ACCESS_KEY"),
    row::<Credential>(Key::SecretKey, "secret_key", Scope::Region, Shape::Text).variable("SWR_SECRET_KEY").secret(),
    row::<Credential>(Key::SecurityToken, "security_token", Scope::Region, Shape::Text).variable("SWR_SECURITY_TOKEN").secret(),
    row::<CredentialSource>(Key::CredentialSource, "credential_source", Scope::Profile, Shape::Text).variable("SWR_CREDENTIAL_SOURCE"),
    row::<Endpoint>(Key::IamEndpoint, "iam_endpoint", Scope::Profile, Shape::Text),
    row::<Endpoint>(Key::StsEndpoint, "sts_endpoint", Scope::Profile, Shape::Text),
    // The platform offers it without TLS, at this address (`reference/swr-api.md` 5.4).
    row::<PlainAddress>(Key::MetadataEndpoint, "metadata_endpoint", Scope::Nowhere, Shape::Text)
        .variable("SWR_METADATA_ENDPOINT").default("http://169.254.169.254"),
];

/// The own variables that also exist for a single region, with the suffix `_<REGION>`. A longer
/// prefix precedes a shorter one: `SWR_TOKEN_FILE_CN_EAST_3` is not the token of a region 'file-…'.
pub(super) const REGIONAL: &[(Key, &str)] = &[
    (Key::Endpoint, "SWR_ENDPOINT_"),
    (Key::ProjectId, "SWR_PROJECT_ID_"),
    (Key::ProjectName, "SWR_PROJECT_NAME_"),
    (Key::Registry, "SWR_REGISTRY_"),
    (Key::TokenFile, "SWR_TOKEN_FILE_"),
    (Key::Token, "SWR_TOKEN_"),
];

impl Key {
    /// Returns what is fixed about the setting.
    pub fn row(self) -> &'static Row {
        // The order of the table is free, so it is searched; it is short.
        ROWS.iter().find(|row| row.key == self).unwrap_or(&ROWS[0])
    }

    /// Returns the setting's name, which is its key in the file.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the setting's option as typed, if it has one.
    pub fn option(self) -> Option<&'static str> {
        self.row().option.map(|option| option.long)
    }
}

#[cfg(test)]
mod tests {
    use super::{REGIONAL, ROWS, Scope};
    use crate::settings::variables::VARIABLES;

    #[test]
    fn every_setting_finds_its_own_row() {
        for row in ROWS {
            assert_eq!(row.key.row().name, row.name);
        }
    }

    #[test]
    fn every_default_is_valid_and_the_words_of_an_option_are_those_of_the_check() {
        for row in ROWS {
            for text in row
                .default
                .iter()
                .chain(row.option.iter().flat_map(|o| o.words))
            {
                assert_eq!((row.check)(text), Ok(()), "{}", row.name);
            }
        }
    }

    #[test]
    fn the_variables_of_the_settings_are_documented_and_marked_alike() {
        for row in ROWS {
            let Some(name) = row.variable else { continue };
            let variable = VARIABLES.iter().find(|v| v.name == name).unwrap();
            assert_eq!(
                (variable.setting, variable.secret),
                (row.name, row.secret),
                "{name}"
            );
        }
        for (key, prefix) in REGIONAL {
            let name = format!("{prefix}<REGION>");
            let variable = VARIABLES.iter().find(|v| v.name == name).unwrap();
            assert_eq!(variable.setting, key.name());
            assert_eq!(key.row().scope, Scope::Region);
        }
    }
}
