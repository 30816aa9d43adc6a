//! JSON as text: one document, or one line.

use serde::Serialize;

use crate::error::{Error, Kind};

/// Returns a document with a final newline.
pub(super) fn document(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string_pretty(value)
        .map(escaped)
        .map_err(unwritable)
}

/// Returns a value on one line, with its newline.
pub(super) fn line(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value)
        .map(escaped)
        .map_err(unwritable)
}

/// JSON escapes C0 itself; DEL and C1 would still reach a terminal. They only occur inside
/// strings, where an escape means the same.
fn escaped(text: String) -> String {
    let mut text = if !text.is_ascii() || text.contains('\u{7f}') {
        let mut escaped = String::with_capacity(text.len() + 8);
        for character in text.chars() {
            if ('\u{7f}'..='\u{9f}').contains(&character) {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            } else {
                escaped.push(character);
            }
        }
        escaped
    } else {
        text
    };
    text.push('\n');
    text
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::new(Kind::Io, "the result cannot be written as JSON").cause(error)
}
