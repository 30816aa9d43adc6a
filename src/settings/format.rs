//! How results are written.
//!
//! `settings` parse it, `output` obeys. Source: contract section 4.

use serde::Serialize;

use crate::names::Flaw;

/// A way to write results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// One JSON object a line, as they come.
    #[serde(rename = "jsonl")]
    JsonLines,
}

impl Format {
    /// Every format, by its name.
    pub const ALL: [(&'static str, Format); 3] = [
        ("human", Format::Human),
        ("json", Format::Json),
        ("jsonl", Format::JsonLines),
    ];

    /// Parses a format's name.
    ///
    /// # Errors
    /// The [`Flaw`] names the formats that there are.
    pub fn parse(text: &str) -> Result<Format, Flaw> {
        super::value::one_of(text, &Format::ALL)
    }

    /// Returns the format's name.
    pub fn name(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Json => "json",
            Format::JsonLines => "jsonl",
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
