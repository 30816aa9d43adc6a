//! All settings at once, for `config show`: value, origin, what was beaten, what is wrong.

use std::collections::BTreeSet;

use serde::Serialize;

use super::judge::{beaten, judge};
use super::key::{Key, ROWS};
use super::layer::Given;
use super::load::Settings;
use super::plain;
use super::setting::Setting;
use crate::error::Error;
use crate::origin::Origin;

/// A setting as it is shown; secrets are `[redacted]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Shown {
    /// The setting's name; that of another region's is `regions.<region>.<name>`.
    pub setting: String,
    /// The value that counts, or that would if it were right.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Option<String>,
    /// What weaker places gave, strongest first.
    pub beaten: Vec<Beaten>,
    /// What is wrong with the value.
    pub error: Option<String>,
}

/// A value that lost against a stronger place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Beaten {
    /// The value.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}

impl Settings {
    /// Returns every setting as it may be shown. Nothing that is wrong stops it.
    pub fn show(&self) -> Vec<Shown> {
        let mut rows: Vec<Shown> = ROWS.iter().map(|row| self.shown(row.key)).collect();
        let own = self.region().ok().flatten().map(|setting| setting.value);
        let others: BTreeSet<_> = self
            .regions()
            .filter(|r| Some(*r) != own.as_ref())
            .collect();
        for region in others {
            for row in ROWS {
                let chain: Vec<&Given> = self
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

    fn shown(&self, key: Key) -> Shown {
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
            _ if chain.is_empty() => {
                let default = default_of(key).map(|text| Setting::new(text, Origin::Default));
                settled(name, default.as_ref(), |text| (*text).to_owned())
            }
            _ => given(name, key, &chain),
        }
    }
}

fn default_of(key: Key) -> Option<&'static str> {
    match key {
        Key::Output => Some("human"),
        Key::Timeout => Some(plain::TIMEOUT),
        Key::ConnectTimeout => Some(plain::CONNECT_TIMEOUT),
        Key::Retries => Some(plain::RETRIES),
        Key::MetadataEndpoint => Some(plain::METADATA_ENDPOINT),
        _ => None,
    }
}

fn settled<T>(setting: String, found: Option<&Setting<T>>, text: impl Fn(&T) -> String) -> Shown {
    Shown {
        setting,
        value: found.map(|found| text(&found.value)),
        origin: found.map(|found| found.origin.to_string()),
        beaten: found.map_or_else(Vec::new, |found| lost(&found.beaten)),
        error: None,
    }
}

fn unsettled<T: ToString>(
    name: String,
    key: Key,
    chain: &[&Given],
    found: Result<Option<Setting<T>>, Error>,
) -> Shown {
    match found {
        Ok(found) => settled(name, found.as_ref(), ToString::to_string),
        Err(error) => Shown {
            error: Some(error.message()),
            ..given(name, key, chain)
        },
    }
}

fn given(setting: String, key: Key, chain: &[&Given]) -> Shown {
    let first = chain.first();
    Shown {
        setting,
        value: first.map(|given| given.value.shown()),
        origin: first.map(|given| given.origin.to_string()),
        beaten: lost(&beaten(chain)),
        error: first.and_then(|given| Some(judge(key, given).err()?.rule)),
    }
}

fn lost(beaten: &[(Origin, String)]) -> Vec<Beaten> {
    beaten
        .iter()
        .map(|(origin, value)| Beaten {
            value: value.clone(),
            origin: origin.to_string(),
        })
        .collect()
}
