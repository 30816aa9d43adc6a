//! The JSON Schema of a fleet's file, for editors.

/// The schema, draft 4: what editors' TOML servers know.
pub const SCHEMA: &str = include_str!("../../docs/schemas/fleet.json");
