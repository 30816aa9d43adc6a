//! A layer is one source of settings: the options, the variables, a table of the file, a family of
//! the vendor's variables.
//!
//! `load` stacks them, strongest first; a setting is looked up through the stack. A layer holds the
//! values as given: an invalid one matters only when it is used.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::key::{Key, REGIONAL, ROWS, Shape};
use crate::names::RegionId;
use crate::origin::Origin;
use crate::secret::{REDACTED, Secret, without_password};

/// The kind of a layer, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerKind {
    /// The command line.
    Options,
    /// The variables `SWR_*`.
    Variables,
    /// The chosen profile of the config file.
    Profile,
    /// The top level of the config file.
    Top,
    /// The variables of the vendor's SDK.
    Sdk,
    /// The variables of the vendor's CI action.
    Action,
    /// The variables of the vendor's Terraform provider.
    Terraform,
    /// The files of the vendor's tools.
    VendorFiles,
    /// The built-in defaults.
    Defaults,
}

/// A value as it was given.
#[derive(Debug, Clone)]
pub enum Value {
    /// Text that may be shown.
    Text(String),
    /// Text that must never be shown.
    Secret(Secret),
    /// A path.
    Path(PathBuf),
    /// A list of texts: a program with its arguments.
    Words(Vec<String>),
    /// A program that must not be run, because someone else can write the file that names it.
    Untrusted(Vec<String>),
    /// Bytes that are not UTF-8.
    Undecodable,
}

/// A value with its origin.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The value, not validated yet.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// The values of one table or one set of variables.
pub type Entries = BTreeMap<Key, Entry>;

/// One source of settings; with a region: what counts for that region only.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The kind of source.
    pub kind: LayerKind,
    /// The region that it is for; `None` for all.
    pub region: Option<RegionId>,
    /// What was given there.
    pub entries: Entries,
}

impl Layer {
    pub(super) fn new(kind: LayerKind, region: Option<RegionId>, entries: Entries) -> Layer {
        Layer {
            kind,
            region,
            entries,
        }
    }

    /// Returns `true` if the layer counts for the region that requests go to.
    pub(super) fn counts_for(&self, own: Option<&RegionId>) -> bool {
        self.region.is_none() || self.region.as_ref() == own
    }
}

impl Value {
    pub(super) fn of_variable(environment: &Environment, key: Key, value: &OsStr) -> Value {
        if key.row().shape == Shape::Path {
            return Value::Path(environment.expanded(Path::new(value)));
        }
        match value.to_str() {
            None => Value::Undecodable,
            Some(text) => Value::of_text(key, text),
        }
    }

    pub(super) fn of_text(key: Key, text: &str) -> Value {
        if key.row().secret {
            Value::Secret(Secret::new(text))
        } else {
            Value::Text(text.to_owned())
        }
    }

    /// Returns the value as it may be shown: a secret is not.
    pub fn shown(&self) -> String {
        match self {
            Value::Text(text) => escaped(&without_password(text)),
            Value::Secret(_) => REDACTED.to_owned(),
            Value::Path(path) => escaped(&path.to_string_lossy()),
            Value::Words(words) | Value::Untrusted(words) => escaped(&words.join(" ")),
            Value::Undecodable => "(not UTF-8)".to_owned(),
        }
    }
}

/// Writes control characters visibly, so that a value stays in its line.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

impl LayerKind {
    /// Returns the variable that gives a setting in this layer, if there is one.
    pub fn variable(self, key: Key) -> Option<&'static str> {
        if self == LayerKind::Variables {
            return key.row().variable;
        }
        let (_, names) = VENDOR.iter().find(|(kind, _)| *kind == self)?;
        let (_, name) = names.iter().find(|(other, _)| *other == key)?;
        Some(*name)
    }

    /// Returns `true` if the layer is the vendor's: its variables and files.
    pub fn is_vendors(self) -> bool {
        (LayerKind::Sdk..=LayerKind::VendorFiles).contains(&self)
    }
}

/// Returns the layer of the defaults.
pub(super) fn of_defaults() -> Layer {
    let defaults = ROWS.iter().filter_map(|row| {
        let value = Value::Text(row.default?.to_owned());
        let origin = Origin::Default;
        Some((row.key, Entry { value, origin }))
    });
    Layer::new(LayerKind::Defaults, None, defaults.collect())
}

/// Returns the layers of the own variables: the general one, then one for each region named.
pub(super) fn of_variables(environment: &Environment) -> Vec<Layer> {
    let general = ROWS
        .iter()
        .filter_map(|row| Some((row.key, row.variable?)))
        .collect::<Vec<_>>();
    let mut layers = vec![of_family(environment, LayerKind::Variables, &general)];
    let mut regions: BTreeMap<RegionId, Entries> = BTreeMap::new();
    let mut taken = Vec::new();
    for &(key, prefix) in REGIONAL {
        for (region, name, value) in environment.regional(prefix) {
            if taken.contains(&name) {
                continue;
            }
            taken.push(name);
            let entries = regions.entry(region).or_default();
            entries.insert(key, given(environment, key, name, value));
        }
    }
    layers.extend(
        regions
            .into_iter()
            .map(|(region, entries)| Layer::new(LayerKind::Variables, Some(region), entries)),
    );
    layers
}

/// The vendor's variables, family by family; of two names for one setting the first counts.
const VENDOR: &[(LayerKind, &[(Key, &str)])] = &[
    (
        LayerKind::Sdk,
        &[
            (Key::AccessKey, "HUAWEICLOUD_SDK_AK"),
            (Key::SecretKey, "HUAWEICLOUD_SDK_SK"),
            (Key::SecurityToken, "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
            (Key::ProjectId, "HUAWEICLOUD_SDK_PROJECT_ID"),
            (Key::IamEndpoint, "HUAWEICLOUD_SDK_IAM_ENDPOINT"),
            (Key::StsEndpoint, "HUAWEICLOUD_SDK_STS_ENDPOINT"),
        ],
    ),
    (
        LayerKind::Action,
        &[
            (Key::AccessKey, "HUAWEI_CLOUD_ACCESS_KEY_ID"),
            (Key::AccessKey, "HUAWEI_CLOUD_AK"),
            (Key::SecretKey, "HUAWEI_CLOUD_SECRET_ACCESS_KEY"),
            (Key::SecretKey, "HUAWEI_CLOUD_SK"),
            (Key::SecurityToken, "HUAWEI_CLOUD_SECURITY_TOKEN"),
            (Key::Region, "HUAWEI_CLOUD_REGION"),
            (Key::ProjectId, "HUAWEI_CLOUD_PROJECT_ID"),
        ],
    ),
    (
        LayerKind::Terraform,
        &[
            (Key::AccessKey, "HW_ACCESS_KEY"),
            (Key::SecretKey, "HW_SECRET_KEY"),
            (Key::SecurityToken, "HW_SECURITY_TOKEN"),
            (Key::Token, "HW_AUTH_TOKEN"),
            (Key::Region, "HW_REGION_NAME"),
            (Key::ProjectId, "HW_PROJECT_ID"),
        ],
    ),
];

const VENDOR_REGIONAL: &str = "HUAWEICLOUD_SDK_REGION_SWR_";

/// Returns the layers of the vendor's variables, one a family, and the SDK's endpoints by region.
pub(super) fn of_vendor(environment: &Environment) -> Vec<Layer> {
    let mut layers: Vec<Layer> = VENDOR
        .iter()
        .map(|(kind, names)| of_family(environment, *kind, names))
        .collect();
    for (region, name, value) in environment.regional(VENDOR_REGIONAL) {
        let value = match value.to_str() {
            None => Value::Undecodable,
            Some(text) => Value::Text(first_of_several(text)),
        };
        let origin = Origin::Variable(name.to_owned());
        let entries = Entries::from([(Key::Endpoint, Entry { value, origin })]);
        layers.push(Layer::new(LayerKind::Sdk, Some(region), entries));
    }
    layers
}

/// The SDK tries the next of several endpoints when a host is unreachable; here the first counts.
fn first_of_several(text: &str) -> String {
    text.split(',')
        .map(str::trim)
        .find(|part| !part.is_empty())
        .unwrap_or(text)
        .to_owned()
}

fn of_family(environment: &Environment, kind: LayerKind, names: &[(Key, &str)]) -> Layer {
    let mut entries = Entries::new();
    for &(key, name) in names {
        if let Some(value) = environment.raw(name) {
            entries
                .entry(key)
                .or_insert_with(|| given(environment, key, name, value));
        }
    }
    Layer::new(kind, None, entries)
}

fn given(environment: &Environment, key: Key, name: &str, value: &OsStr) -> Entry {
    Entry {
        value: Value::of_variable(environment, key, value),
        origin: Origin::Variable(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{LayerKind, Value, of_variables, of_vendor};
    use crate::settings::environment::Environment;
    use crate::settings::key::Key;

    fn shown(layers: &[super::Layer]) -> Vec<(String, Key, String, String)> {
        let mut rows = Vec::new();
        for layer in layers {
            let region = layer.region.as_ref().map_or("", |r| r.as_str()).to_owned();
            for (key, given) in &layer.entries {
                let origin = given.origin.to_string();
                rows.push((region.clone(), *key, given.value.shown(), origin));
            }
        }
        rows
    }

    #[test]
    fn a_regions_token_file_is_not_the_token_of_a_region_file() {
        let environment = Environment::of([
            ("SWR_TOKEN_FILE_CN_EAST_3", "/token"),
            ("SWR_TOKEN_CN_EAST_3", "a-token"),
            ("SWR_TOKEN_FILE", "/other"),
        ]);
        let row = |region: &str, key, value: &str, origin: &str| {
            (region.to_owned(), key, value.to_owned(), origin.to_owned())
        };
        assert_eq!(
            shown(&of_variables(&environment)),
            [
                row("", Key::TokenFile, "/other", "SWR_TOKEN_FILE"),
                row("cn-east-3", Key::Token, "[redacted]", "SWR_TOKEN_CN_EAST_3"),
                row(
                    "cn-east-3",
                    Key::TokenFile,
                    "/token",
                    "SWR_TOKEN_FILE_CN_EAST_3"
                ),
            ]
        );
    }

    #[test]
    fn of_several_endpoints_of_the_sdk_the_first_counts() {
        let environment = Environment::of([(
            "HUAWEICLOUD_SDK_REGION_SWR_CN_EAST_3",
            " , https://a.example ,https://b.example",
        )]);
        let layers = of_vendor(&environment);
        let last = layers.last().unwrap();
        assert_eq!(last.kind, LayerKind::Sdk);
        assert_eq!(
            last.entries[&Key::Endpoint].value.shown(),
            "https://a.example"
        );
    }

    #[test]
    fn of_two_names_for_one_setting_the_documented_one_of_the_action_counts() {
        let environment = Environment::of([
            ("HUAWEI_CLOUD_AK", "SECOND"),
            ("HUAWEI_CLOUD_ACCESS_KEY_ID", "FIRST"),
        ]);
        let layers = of_vendor(&environment);
        assert_eq!(layers[1].entries[&Key::AccessKey].value.shown(), "FIRST");
    }

    #[test]
    fn a_layer_names_its_variable() {
        let name = |kind: LayerKind| kind.variable(Key::SecretKey);
        assert_eq!(name(LayerKind::Variables), Some("SWR_SECRET_KEY"));
        assert_eq!(
            name(LayerKind::Action),
            Some("HUAWEI_CLOUD_SECRET_ACCESS_KEY")
        );
        assert_eq!(name(LayerKind::Profile), None);
    }

    #[test]
    fn a_list_is_shown_as_its_words() {
        let words = Value::Words(vec!["vault".to_owned(), "read".to_owned()]);
        assert_eq!(words.shown(), "vault read");
    }
}
