//! What the user has set: options, variables, the config file and the vendor's variables, each
//! value with its origin.
//!
//! `context` loads them once, `credentials` and `commands` read them. This room knows names and
//! precedence (contract section 2) and no more: not what a setting is for, and nothing of HTTP.
//! A value is validated when it is asked for, so an invalid one stops only the commands that need it.

mod certificates;
mod environment;
pub mod example;
mod file;
mod getters;
mod ini;
mod key;
mod layer;
mod load;
mod options;
pub mod paths;
mod proxies;
mod region;
mod regions_file;
mod setting;
mod show;
#[cfg(test)]
mod tests;
pub mod toml_text;
mod validate;
mod value;
mod variables;
mod vendor_files;

pub use certificates::Certificates;
pub use environment::Environment;
#[cfg(test)]
pub use key::Scope;
pub use key::{Key, OptionText, ROWS, Row, Shape};
pub use layer::{Entries, Entry, Layer, LayerKind, Value};
pub use load::{Settings, profiles};
pub use options::Options;
pub use proxies::{Proxies, Route};
pub use setting::Setting;
#[cfg(test)]
pub use show::{Overridden, SettingRow};
pub use value::{Credential, CredentialSource, RegistryHost, TargetName};
pub use variables::{Family, VARIABLES, Variable, leads_somewhere};
pub use vendor_files::{HcloudProfile, SdkCredentials};
