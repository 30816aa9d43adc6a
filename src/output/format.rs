//! How results are written, and when color is used. `settings` parse both.

use serde::Serialize;

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

/// When color is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// Where the stream is a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Every choice, by its name.
    pub const ALL: [(&'static str, Color); 3] = [
        ("auto", Color::Auto),
        ("always", Color::Always),
        ("never", Color::Never),
    ];

    /// Returns the choice's name.
    pub fn name(self) -> &'static str {
        match self {
            Color::Auto => "auto",
            Color::Always => "always",
            Color::Never => "never",
        }
    }
}
