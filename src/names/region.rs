//! The id of a region.

use std::sync::Arc;

use super::grammar::{ParseError, validate_characters};
use super::{Parse, name};

/// A region's id: `^[a-z]{2,}(?:-[a-z0-9]+)+$`. For form only, never held against a list: new
/// regions appear often.
///
/// Source: `reference/swr-api.md` sections 1 and 4.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(Arc<str>);

name!(RegionId);

impl Parse for RegionId {
    const NOUN: &'static str = "region";

    fn parse(text: &str) -> Result<RegionId, ParseError> {
        if text.is_empty() {
            return Err(ParseError::new(
                "must not be empty; a region looks like 'cn-north-4'",
            ));
        }
        validate_characters(
            text,
            (|c| c.is_ascii_lowercase(), "must be a lowercase letter"),
            (
                |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
                "must be a lowercase letter, a digit or '-'",
            ),
        )?;
        let mut parts = text.split('-');
        let area = parts.next().unwrap_or_default();
        let mut rest = parts.peekable();
        let formed = area.len() >= 2
            && area.chars().all(|c| c.is_ascii_lowercase())
            && rest.peek().is_some()
            && rest.all(|part| !part.is_empty());
        if formed {
            Ok(RegionId(text.into()))
        } else {
            Err(ParseError::new(
                "not a region id like 'cn-north-4': letters, then parts joined by '-'",
            ))
        }
    }
}

impl RegionId {
    /// Returns the id as it ends the name of a variable: `CN_EAST_3`.
    pub fn in_variable(&self) -> String {
        self.0.to_ascii_uppercase().replace('-', "_")
    }
}
