//! Globs over whole names, the same for repositories, tags and scopes.
//!
//! `fleet` and `commands` match with them. Knows the grammar (design of a fleet, sections 2.2 and
//! 9) and nothing of what is matched.

use glob::{MatchOptions, Pattern};

use crate::names::{Parse, ParseError};

/// The number of alternatives that a glob may expand to; more are a slip, and cost time per name.
const MOST_ALTERNATIVES: usize = 1024;

/// Wildcards stay within a part of the name, names are compared exactly.
const WHOLE_PARTS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// A glob: `*` and `?` stay within a part (between slashes), `**` is any number of whole parts,
/// `[a-z]` and `[!a]` one character, `{a,b}` either. It matches the whole name.
#[derive(Debug, Clone)]
pub struct Glob {
    text: String,
    /// One for each way to choose among the braces.
    alternatives: Vec<Pattern>,
}

impl Parse for Glob {
    const NOUN: &'static str = "glob";

    fn parse(text: &str) -> Result<Glob, ParseError> {
        if text.is_empty() {
            return Err(error("must not be empty"));
        }
        if let Some(index) = text.chars().position(|c| c == '\\') {
            return Err(error(format!(
                "'\\' at position {} is not allowed: names hold nothing that needs an escape",
                index + 1
            )));
        }
        let characters: Vec<char> = text.chars().collect();
        let mut alternatives = Vec::new();
        for alternative in expand(&characters)? {
            let pattern = Pattern::new(&alternative).map_err(|broken| {
                error(match broken.msg {
                    "invalid range pattern" => {
                        format!("the '[' in '{alternative}' is not closed")
                    }
                    _ => "'**' must be a whole part, between slashes".to_owned(),
                })
            })?;
            alternatives.push(pattern);
        }
        Ok(Glob {
            text: text.to_owned(),
            alternatives,
        })
    }
}

impl Glob {
    /// Returns `true` if a text has a character that makes it a glob rather than a name.
    pub fn is_glob(text: &str) -> bool {
        text.contains(['*', '?', '[', '{'])
    }

    /// Returns `true` if the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.alternatives
            .iter()
            .any(|pattern| pattern.matches_with(name, WHOLE_PARTS))
    }

    /// Returns `true` if a name whose first part is `first`, with others behind it, could match.
    pub fn reaches_into(&self, first: &str) -> bool {
        self.alternatives.iter().any(|pattern| {
            match pattern.as_str().split_once('/') {
                None => pattern.as_str() == "**",
                Some(("**", _)) => true,
                // A part of a valid pattern is valid: classes cannot hold a slash that matters.
                Some((part, _)) => {
                    Pattern::new(part).is_ok_and(|pattern| pattern.matches_with(first, WHOLE_PARTS))
                }
            }
        })
    }

    /// Returns the glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Glob) -> bool {
        self.text == other.text
    }
}

fn error(rule: impl Into<String>) -> ParseError {
    ParseError {
        rule: rule.into(),
        hint: None,
    }
}

/// Returns every text that the braces expand to; braces may be nested, alternatives empty.
fn expand(text: &[char]) -> Result<Vec<String>, ParseError> {
    let mut results = vec![String::new()];
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        let (choices, length) = match first {
            '{' => choices(rest)?,
            '}' => return Err(error("a '}' has no '{' before it")),
            '[' => {
                let length = class_length(rest);
                (vec![rest[..length].iter().collect()], length)
            }
            _ => {
                for result in &mut results {
                    result.push(first);
                }
                rest = tail;
                continue;
            }
        };
        if results.len() * choices.len() > MOST_ALTERNATIVES {
            return Err(error(format!(
                "stands for more than {MOST_ALTERNATIVES} alternatives"
            )));
        }
        results = results
            .iter()
            .flat_map(|before| {
                choices
                    .iter()
                    .map(move |choice| format!("{before}{choice}"))
            })
            .collect();
        rest = &rest[length..];
    }
    Ok(results)
}

/// Returns what a group of braces at the start expands to, and its length.
fn choices(text: &[char]) -> Result<(Vec<String>, usize), ParseError> {
    let mut choices = Vec::new();
    let (mut depth, mut from, mut at) = (0_usize, 1, 0);
    while let Some(&character) = text.get(at) {
        match character {
            '[' => {
                at += class_length(&text[at..]);
                continue;
            }
            '{' => depth += 1,
            ',' if depth == 1 => {
                choices.extend(expand(&text[from..at])?);
                from = at + 1;
            }
            '}' => {
                depth -= 1;
                if depth == 0 {
                    choices.extend(expand(&text[from..at])?);
                    return Ok((choices, at + 1));
                }
            }
            _ => {}
        }
        if choices.len() > MOST_ALTERNATIVES {
            break;
        }
        at += 1;
    }
    Err(error("a '{' is not closed"))
}

/// Returns the length of the class at the start; one that is not closed is a single `[`, which the
/// pattern's parser refuses.
fn class_length(text: &[char]) -> usize {
    // Directly behind '[' or '[!' a ']' is a member of the class.
    let first = if text.get(1) == Some(&'!') { 3 } else { 2 };
    text.iter()
        .skip(first)
        .position(|c| *c == ']')
        .map_or(1, |index| first + index + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Glob;
    use crate::names::Parse;

    #[test]
    fn a_glob_matches_the_whole_name() {
        #[rustfmt::skip] // a table reads as a table
        let table: [(&str, &[&str], &[&str]); 20] = [
            ("web", &["web"], &["web/api", "webx", "we"]),
            ("web*", &["web", "web-1"], &["web/api"]),
            ("w?b", &["web"], &["wb", "w/b", "weeb"]),
            ("*", &["a", "a.b"], &["a/b"]),
            ("*/*", &["a/b"], &["a", "a/b/c"]),
            ("**", &["a", "a/b", "a/b/c"], &[]),
            ("web/**", &["web/a", "web/a/b"], &["web", "webx/a"]),
            ("**/api", &["api", "a/api", "a/b/api"], &["xapi", "api/x", "a/xapi"]),
            ("a/**/z", &["a/z", "a/b/z", "a/b/c/z"], &["az", "a/bz", "a/z/b"]),
            ("v[0-9]", &["v1"], &["va", "v"]),
            ("v[!0-9]", &["va"], &["v1", "v/", "v"]),
            ("v[!/]x", &["vax"], &["v/x"]),
            ("[]a]", &["]", "a"], &["b"]),
            ("[a,b]", &["a", ",", "b"], &["a,b"]),
            ("{a,b}c", &["ac", "bc"], &["c", "abc"]),
            ("{a,{b,c}d}e", &["ae", "bde", "cde"], &["be", "de"]),
            ("web{/**,}", &["web", "web/a"], &["webx"]),
            ("{**/a,b}", &["a", "x/a", "b"], &["x/b"]),
            ("{a}", &["a"], &["{a}"]),
            ("{[},]x,y}", &["}x", ",x", "y"], &["x"]),
        ];
        for (text, matching, others) in table {
            let glob = Glob::parse(text).unwrap();
            for name in matching {
                assert!(glob.matches(name), "{text} must match {name}");
            }
            for name in others {
                assert!(!glob.matches(name), "{text} must not match {name}");
            }
        }
    }

    #[test]
    fn what_cannot_be_understood_is_refused_with_its_reason() {
        for (text, rule) in [
            ("", "must not be empty"),
            ("a\\*", "'\\' at position 2"),
            ("a**", "'**' must be a whole part"),
            ("a/**b", "'**' must be a whole part"),
            ("***", "'**' must be a whole part"),
            ("{a,**b}", "'**' must be a whole part"),
            ("[a", "is not closed"),
            ("{a,b", "a '{' is not closed"),
            ("{a,{b}", "a '{' is not closed"),
            ("a}", "a '}' has no '{'"),
            (&"{a,b}".repeat(11), "more than 1024 alternatives"),
        ] {
            let error = Glob::parse(text).unwrap_err();
            assert!(error.rule.contains(rule), "{text}: {}", error.rule);
        }
    }

    #[test]
    fn the_first_part_decides_whether_a_namespace_can_match() {
        for (text, reached, others) in [
            ("team/web", "team", "teams"),
            ("{team,prod}/**", "prod", "dev"),
            ("{team/a,prod/b}", "prod", "dev"),
            ("t*/x", "team", "prod"),
        ] {
            let glob = Glob::parse(text).unwrap();
            assert!(glob.reaches_into(reached), "{text}");
            assert!(!glob.reaches_into(others), "{text}");
        }
        assert!(Glob::parse("**").unwrap().reaches_into("any"));
        assert!(Glob::parse("**/web").unwrap().reaches_into("any"));
        assert!(!Glob::parse("team").unwrap().reaches_into("team"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-c/*?!{},\\[\\]-]{0,24}", name in "[a-c/]{0,12}") {
            if let Ok(glob) = Glob::parse(&text) {
                let _ = (glob.matches(&name), glob.reaches_into(&name));
            }
        }

        #[test]
        fn a_name_matches_itself_and_nothing_else(name in "[a-z0-9._-]{1,5}(/[a-z0-9._-]{1,5}){0,3}", other in "[a-z/]{0,12}") {
            let glob = Glob::parse(&name).unwrap();
            prop_assert!(glob.matches(&name));
            prop_assert_eq!(glob.matches(&other), other == name);
        }
    }
}
