//! A namespace, which the vendor also calls organization.

use std::sync::Arc;

use super::grammar::{ParseError, Separated, is_harmless};
use super::{Parse, name};

const GRAMMAR: Separated = Separated {
    longest: 64,
    separators: &['.', '_', '-'],
    first: |character| character.is_ascii_lowercase(),
    first_rule: "must be a lowercase letter",
    other_rule: "must be a lowercase letter, a digit, '.', '_' or '-'",
};

/// A namespace: `^[a-z][a-z0-9]*(?:(?:\.|__?|-)[a-z0-9]+)*$`, at most 64 characters.
///
/// Source: `reference/swr-api.md` section 4 (page `swr_02_0012`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(Arc<str>);

name!(Namespace);

impl Parse for Namespace {
    const NOUN: &'static str = "namespace";

    fn parse(text: &str) -> Result<Namespace, ParseError> {
        GRAMMAR.validate(text)?;
        Ok(Namespace(text.into()))
    }
}

impl Namespace {
    /// Takes a name that the service listed, if it cannot steer a request.
    pub fn listed(text: &str) -> Option<Namespace> {
        (is_harmless(text) && !text.contains('/')).then(|| Namespace(text.into()))
    }
}
