//! JSON as text: one document, or one line.

use serde::Serialize;

use super::text::is_deceptive;
use crate::error::{Error, Kind};

/// Returns a document with a final newline.
pub(super) fn document(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string_pretty(value)
        .map(|text| escaped(text) + "\n")
        .map_err(unwritable)
}

/// Returns a value on one line, with its newline.
pub(super) fn line(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value)
        .map(|text| escaped(text) + "\n")
        .map_err(unwritable)
}

/// JSON escapes C0 itself; other deceptive characters would still reach a terminal, and `##[` a CI
/// runner. They only occur inside strings, where an escape means the same.
pub(super) fn escaped(text: String) -> String {
    let mut text = if text.contains("##[") {
        text.replace("##[", "#\\u0023[")
    } else {
        text
    };
    if !text.is_ascii() || text.contains('\u{7f}') {
        let mut escaped = String::with_capacity(text.len() + 8);
        for character in text.chars() {
            // The line ends of a pretty document are its own.
            if character != '\n' && is_deceptive(character) {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            } else {
                escaped.push(character);
            }
        }
        text = escaped;
    }
    text
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::new(Kind::Io, "the result cannot be written as JSON").cause(error)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_document_hides_nothing_and_means_the_same() {
        let text = "a\u{1b}[2J\u{9b}\u{202e}\u{200b}\u{e0041}##[group]é镜";
        let line = line(&text).unwrap();
        assert_eq!(
            line,
            "\"a\\u001b[2J\\u009b\\u202e\\u200b\\udb40\\udc41#\\u0023[group]é镜\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
