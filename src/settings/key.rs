//! The table of the settings: what each is called as option, variable and key of the file.
//!
//! `layer` fills settings by it, `file` checks keys against it, and the test of
//! `config.example.toml` asks that each key of it is explained.

/// A setting.
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
    /// A list of texts.
    Words,
}

/// What is fixed about a setting.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The setting.
    pub key: Key,
    /// Its name, which is its key in the file.
    pub name: &'static str,
    /// Its option, as typed.
    pub option: Option<&'static str>,
    /// Its own variable; see `REGIONAL` for those with `_<REGION>` behind it.
    pub variable: Option<&'static str>,
    /// The tables of the file that may hold it.
    pub scope: Scope,
    /// The type of its value.
    pub shape: Shape,
    /// Whether its value must never be shown.
    pub secret: bool,
}

const fn row(key: Key, name: &'static str, scope: Scope, shape: Shape) -> Row {
    Row {
        key,
        name,
        option: None,
        variable: None,
        scope,
        shape,
        secret: false,
    }
}

impl Row {
    const fn option(mut self, option: &'static str) -> Row {
        self.option = Some(option);
        self
    }

    const fn variable(mut self, variable: &'static str) -> Row {
        self.variable = Some(variable);
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
    row(Key::Profile, "profile", Scope::Top, Shape::Text).option("--profile").variable("SWR_PROFILE"),
    row(Key::Region, "region", Scope::Profile, Shape::Text).option("--region").variable("SWR_REGION"),
    row(Key::Endpoint, "endpoint", Scope::Region, Shape::Text).option("--endpoint").variable("SWR_ENDPOINT"),
    row(Key::ProjectId, "project_id", Scope::Region, Shape::Text).option("--project-id").variable("SWR_PROJECT_ID"),
    row(Key::Output, "output", Scope::Profile, Shape::Text).option("--output").variable("SWR_OUTPUT"),
    row(Key::Timeout, "timeout", Scope::Profile, Shape::Duration).option("--timeout").variable("SWR_TIMEOUT"),
    row(Key::ConnectTimeout, "connect_timeout", Scope::Profile, Shape::Duration).option("--connect-timeout").variable("SWR_CONNECT_TIMEOUT"),
    row(Key::Retries, "retries", Scope::Profile, Shape::Number).option("--retries").variable("SWR_RETRIES"),
    row(Key::CaFile, "ca_file", Scope::Profile, Shape::Path).option("--ca-file").variable("SWR_CA_FILE"),
    row(Key::Color, "color", Scope::Nowhere, Shape::Text).option("--color"),
    row(Key::Token, "token", Scope::Region, Shape::Text).variable("SWR_TOKEN").secret(),
    row(Key::TokenFile, "token_file", Scope::Region, Shape::Path).variable("SWR_TOKEN_FILE"),
    row(Key::TokenCommand, "token_command", Scope::Region, Shape::Words),
    row(Key::AccessKey, "access_key", Scope::Region, Shape::Text).variable("SWR_ACCESS_KEY"),
    row(Key::SecretKey, "secret_key", Scope::Region, Shape::Text).variable("SWR_SECRET_KEY").secret(),
    row(Key::SecurityToken, "security_token", Scope::Region, Shape::Text).variable("SWR_SECURITY_TOKEN").secret(),
    row(Key::CredentialSource, "credential_source", Scope::Profile, Shape::Text).variable("SWR_CREDENTIAL_SOURCE"),
    row(Key::IamEndpoint, "iam_endpoint", Scope::Profile, Shape::Text),
    row(Key::StsEndpoint, "sts_endpoint", Scope::Profile, Shape::Text),
    row(Key::MetadataEndpoint, "metadata_endpoint", Scope::Nowhere, Shape::Text).variable("SWR_METADATA_ENDPOINT"),
];

/// The own variables that also exist for a single region, with the suffix `_<REGION>`. A longer
/// prefix precedes a shorter one: `SWR_TOKEN_FILE_CN_EAST_3` is not the token of a region 'file-…'.
pub(super) const REGIONAL: &[(Key, &str)] = &[
    (Key::Endpoint, "SWR_ENDPOINT_"),
    (Key::ProjectId, "SWR_PROJECT_ID_"),
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
