//! A tag, which the vendor also calls version.

use std::sync::Arc;

use super::grammar::{ParseError, is_harmless, validate_characters, validate_length};
use super::{Parse, name};

/// A tag: `^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`, docker's rule, because the vendor prints none.
///
/// Source: `reference/swr-api.md` section 4.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Arc<str>);

name!(Tag);

impl Parse for Tag {
    const NOUN: &'static str = "tag";

    fn parse(text: &str) -> Result<Tag, ParseError> {
        validate_length(text, 128)?;
        validate_characters(
            text,
            (
                |c| c.is_ascii_alphanumeric() || c == '_',
                "must be a letter, a digit or '_'",
            ),
            (
                |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'),
                "must be a letter, a digit, '.', '_' or '-'",
            ),
        )?;
        Ok(Tag(text.into()))
    }
}

impl Tag {
    /// Takes a tag that the service listed, if it cannot steer a request.
    pub fn listed(text: &str) -> Option<Tag> {
        (is_harmless(text) && !text.contains('/')).then(|| Tag(text.into()))
    }
}
