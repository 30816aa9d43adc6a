//! Times as the service writes them: RFC 3339 with up to nine digits (`reference/swr-api.md` 3).

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads a time; what is none is no reason to lose the row that it stands in.
pub(super) fn lenient<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Timestamp>, D::Error> {
    let value = Option::<Value>::deserialize(input)?;
    Ok(value
        .as_ref()
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok()))
}
