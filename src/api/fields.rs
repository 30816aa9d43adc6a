//! The fields of a row as they really come: only what a verb needs is required. Any other field
//! may be missing, null, of another type, or there twice in two spellings, and costs no list.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The fields of a row, by the service's names.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Returns a text that the row is of no use without.
    ///
    /// # Errors
    /// The name of the field that is missing.
    pub(super) fn required(&self, names: &[&str]) -> Result<String, String> {
        let missing = || format!("missing field `{}`", names.first().unwrap_or(&""));
        self.text(names).ok_or_else(missing)
    }

    /// Returns a text; a number counts as one.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.find(names, |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    /// Returns a whole number, which may be written as text.
    pub(super) fn number(&self, names: &[&str]) -> Option<i64> {
        self.find(names, |value| match value {
            Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        })
    }

    /// Returns a yes or no, which may be written as a number or as text.
    pub(super) fn flag(&self, names: &[&str]) -> Option<bool> {
        self.find(names, |value| match value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// Returns a time, RFC 3339 with up to nine digits (`reference/swr-api.md` 3).
    pub(super) fn time(&self, names: &[&str]) -> Option<Timestamp> {
        self.find(names, |value| value.as_str()?.parse().ok())
    }

    /// Returns the first of these fields that can be read.
    fn find<T>(&self, names: &[&str], read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        names
            .iter()
            .find_map(|name| self.0.get(*name).and_then(&read))
    }
}

/// Returns a number without a fraction that a float holds exactly.
fn whole(number: f64) -> Option<i64> {
    let is_exact = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
    is_exact.then_some(number as i64)
}

/// Reads a list that may be null, but not missing: a response without it has another shape.
pub(super) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    input: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(input)?.unwrap_or_default())
}

/// Reads a yes or no that may be anything; what is neither is nothing.
pub(super) fn flag<'de, D: Deserializer<'de>>(input: D) -> Result<Option<bool>, D::Error> {
    Ok(Value::deserialize(input)?.as_bool())
}
