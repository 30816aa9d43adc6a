//! A repository, which the vendor also calls image.

use std::borrow::Cow;
use std::sync::Arc;

use super::grammar::{ParseError, Separated, is_harmless, is_word};
use super::{Parse, name};

const GRAMMAR: Separated = Separated {
    longest: 128,
    separators: &['.', '_', '-', '/'],
    first: is_word,
    first_rule: "must be a lowercase letter or digit",
    other_rule: "must be a lowercase letter, a digit, '.', '_', '-' or '/'",
};

/// A repository: `^[a-z0-9]+(?:(?:\.|__?|-|/)[a-z0-9]+)*$`, at most 128 characters, slashes
/// counted.
///
/// Source: `reference/swr-api.md` section 4 (page `swr_02_0012`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository(Arc<str>);

name!(Repository);

impl Parse for Repository {
    const NOUN: &'static str = "repository";

    fn parse(text: &str) -> Result<Repository, ParseError> {
        GRAMMAR.validate(text)?;
        Ok(Repository(text.into()))
    }
}

impl Repository {
    /// Takes a name that the service listed, if it cannot steer a request.
    pub fn listed(text: &str) -> Option<Repository> {
        is_harmless(text).then(|| Repository(text.into()))
    }

    /// Reads a name out of a path, where `/` is written `$`.
    ///
    /// # Errors
    /// A [`ParseError`] when what comes out is not a repository; a `/` in the path is none.
    pub fn from_path(segment: &str) -> Result<Repository, ParseError> {
        if segment.contains('/') {
            return Err(ParseError::new("a slash is written '$' in a path"));
        }
        Repository::parse(&segment.replace('$', "/"))
    }

    /// Returns the name as it appears in a path: `web$api` (`swr_faq_2006`).
    pub fn in_path(&self) -> Cow<'_, str> {
        if self.0.contains('/') {
            Cow::Owned(self.0.replace('/', "$"))
        } else {
            Cow::Borrowed(&self.0)
        }
    }
}
