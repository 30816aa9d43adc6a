//! The names of the service: parsed once, valid ever after.
//!
//! `commands` and `settings` parse what people type, `api` and `emulator` take what was parsed.
//! Knows the rules of `reference/swr-api.md` section 4 and nothing else. It is the one room that
//! client and emulator share.

mod digest;
mod grammar;
mod namespace;
mod nearest;
mod project;
mod reference;
mod region;
mod repository;
mod tag;
#[cfg(test)]
mod tests;

pub use digest::Digest;
pub use grammar::{ParseError, is_harmless};
pub use namespace::Namespace;
pub use nearest::nearest;
pub use project::ProjectName;
pub use reference::{Reference, registry_region};
pub use region::RegionId;
pub use repository::Repository;
pub use tag::Tag;

/// A kind of name: what it is called and how it is parsed. Names are cheap to clone.
pub trait Parse: Sized {
    /// What the name is called in messages: `namespace`.
    const NOUN: &'static str;

    /// Parses a name as a person types it.
    ///
    /// # Errors
    /// A [`ParseError`] with the first rule that the text breaks, and where.
    fn parse(text: &str) -> Result<Self, ParseError>;
}

/// Gives a name type what all of them have: text, order, JSON.
macro_rules! name {
    ($name:ident) => {
        impl $name {
            /// Returns the name as people write it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                String::json_schema(generator)
            }
        }
    };
}
use name;
