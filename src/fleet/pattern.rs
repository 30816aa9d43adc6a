//! What an entry selects: names and globs, and what it leaves out with `!`.

use super::fault::{At, Place};
use crate::glob::Glob;
use crate::names::{Parse, ParseError, Repository};

/// A pattern of `repositories`.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As it was written, without `!`.
    pub text: String,
    /// Whether it leaves out what it matches.
    pub excludes: bool,
    /// Its line.
    pub place: Place,
    shape: Shape,
}

#[derive(Debug, Clone)]
enum Shape {
    Name(Repository),
    Glob(Glob),
}

impl Pattern {
    /// Parses a pattern. The second is what the rule for typed names says against a name that the
    /// service may have all the same.
    pub(super) fn parse(text: &str, at: &At) -> Result<(Pattern, Option<ParseError>), ParseError> {
        let (excludes, name) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (shape, warning) = if Glob::is_glob(name) {
            (Shape::Glob(Glob::parse(name)?), None)
        } else {
            match Repository::parse(name) {
                Ok(repository) => (Shape::Name(repository), None),
                Err(rule) => match Repository::listed(name) {
                    Some(repository) => (Shape::Name(repository), Some(rule)),
                    None => return Err(rule),
                },
            }
        };
        let pattern = Pattern {
            text: name.to_owned(),
            excludes,
            place: at.place.clone(),
            shape,
        };
        Ok((pattern, warning))
    }

    /// Returns the name, if it is one and no glob.
    pub fn name(&self) -> Option<&Repository> {
        match &self.shape {
            Shape::Name(name) => Some(name),
            Shape::Glob(_) => None,
        }
    }

    /// Returns the glob, if it is one and no name.
    pub fn glob(&self) -> Option<&Glob> {
        match &self.shape {
            Shape::Name(_) => None,
            Shape::Glob(glob) => Some(glob),
        }
    }

    /// Returns `true` if the whole name of a repository matches.
    pub fn matches(&self, repository: &str) -> bool {
        match &self.shape {
            Shape::Name(name) => name.as_str() == repository,
            Shape::Glob(glob) => glob.matches(repository),
        }
    }
}
