//! All settings at once, for `config show`: value, origin, what it overrides, what is wrong.

use std::collections::BTreeSet;

use serde::Serialize;

use super::key::{Key, ROWS};
use super::layer::Entry;
use super::load::Settings;
use super::setting::Setting;
use super::validate::{overridden, validate};
use crate::error::Error;
use crate::origin::Origin;

/// A setting as it is shown; secrets are `[redacted]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SettingRow {
    /// The setting's name; that of another region's is `regions.<region>.<name>`.
    pub setting: String,
    /// The value that counts, or that would if it were right.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Option<String>,
    /// What weaker layers gave, strongest first.
    #[serde(rename = "beaten")]
    pub overridden: Vec<Overridden>,
    /// What is wrong with the value.
    pub error: Option<String>,
}

/// A value that a stronger layer overrides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Overridden {
    /// The value.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}

impl Settings {
    /// Returns every setting as it may be shown. Nothing that is wrong stops it.
    pub fn show(&self) -> Vec<SettingRow> {
        let mut rows: Vec<SettingRow> = ROWS.iter().map(|row| self.shown(row.key)).collect();
        let own = self.region().ok().flatten().map(|setting| setting.value);
        let others: BTreeSet<_> = self
            .regions()
            .filter(|r| Some(*r) != own.as_ref())
            .collect();
        for region in others {
            for row in ROWS {
                let chain: Vec<&Entry> = self
                    .layers_of(region)
                    .filter_map(|layer| layer.entries.get(&row.key))
                    .collect();
                if !chain.is_empty() {
                    let name = format!("regions.{region}.{}", row.name);
                    rows.push(given(name, row.key, &chain));
                }
            }
        }
        rows
    }

    fn shown(&self, key: Key) -> SettingRow {
        let name = key.name().to_owned();
        let own = self.region().ok().flatten().map(|setting| setting.value);
        let chain = match key {
            Key::Profile => Vec::new(),
            _ => self.chain(key, own.as_ref()),
        };
        match (key, &own) {
            (Key::Profile, _) => settled(name, self.profile().cloned().as_ref(), Clone::clone),
            (Key::Region, _) => unsettled(name, key, &chain, self.region()),
            (Key::Endpoint, _) => unsettled(name, key, &chain, self.endpoint_if_known()),
            (Key::IamEndpoint, Some(region)) => {
                unsettled(name, key, &chain, self.iam_endpoint(region).map(Some))
            }
            (Key::StsEndpoint, Some(region)) => {
                unsettled(name, key, &chain, self.sts_endpoint(region).map(Some))
            }
            (Key::Color, _) => match self.color() {
                Ok(color) => settled(name, Some(&color), |color| color.name().to_owned()),
                Err(_) => given(name, key, &chain),
            },
            (Key::ProjectName, Some(region)) => {
                unsettled(name, key, &chain, self.project_name_of(region))
            }
            (Key::Registry, Some(_)) => unsettled(name, key, &chain, self.registry().map(Some)),
            _ => given(name, key, &chain),
        }
    }
}

fn settled<T>(
    setting: String,
    found: Option<&Setting<T>>,
    text: impl Fn(&T) -> String,
) -> SettingRow {
    SettingRow {
        setting,
        value: found.map(|found| text(&found.value)),
        origin: found.map(|found| found.origin.to_string()),
        overridden: found.map_or_else(Vec::new, |found| lost(&found.overridden)),
        error: None,
    }
}

fn unsettled<T: ToString>(
    name: String,
    key: Key,
    chain: &[&Entry],
    found: Result<Option<Setting<T>>, Error>,
) -> SettingRow {
    match found {
        Ok(found) => settled(name, found.as_ref(), ToString::to_string),
        Err(error) => SettingRow {
            error: Some(error.message()),
            ..given(name, key, chain)
        },
    }
}

fn given(setting: String, key: Key, chain: &[&Entry]) -> SettingRow {
    let first = chain.first();
    SettingRow {
        setting,
        value: first.map(|given| given.value.shown()),
        origin: first.map(|given| given.origin.to_string()),
        overridden: lost(&overridden(chain)),
        error: first.and_then(|given| Some(validate(key, given).err()?.rule)),
    }
}

fn lost(overridden: &[(Origin, String)]) -> Vec<Overridden> {
    overridden
        .iter()
        .map(|(origin, value)| Overridden {
            value: value.clone(),
            origin: origin.to_string(),
        })
        .collect()
}
