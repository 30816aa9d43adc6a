//! The config file that `config init` writes: every key explained, all of them commented out.

/// The text of the file.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");
