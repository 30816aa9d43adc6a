//! Deserializers that are more lenient than the type of a field.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads a time, RFC 3339 with up to nine digits (`reference/swr-api.md` 3); an invalid one must not
/// cost the row that contains it.
pub(super) fn time<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Timestamp>, D::Error> {
    let value = Option::<Value>::deserialize(input)?;
    Ok(value
        .as_ref()
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok()))
}

/// Reads a list that may be null, but not missing: a response without it has another shape.
pub(super) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    input: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(input)?.unwrap_or_default())
}
