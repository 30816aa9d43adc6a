//! The grammars of the settings: text in, typed value or error out.
//!
//! `settings` calls them. They know neither the origin of a value nor its name.

use serde::Serialize;

use crate::names::ParseError;

/// The highest number of retries; the wait between them doubles each time.
const MOST_RETRIES: u32 = 10;

/// The source of a credential that is not written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialSource {
    /// The metadata service of the machine.
    Metadata,
    /// The identity of the pod.
    Pod,
    /// An id token of an identity provider.
    Oidc,
}

impl CredentialSource {
    /// Every source, by its name.
    pub const ALL: [(&'static str, CredentialSource); 3] = [
        ("metadata", CredentialSource::Metadata),
        ("pod", CredentialSource::Pod),
        ("oidc", CredentialSource::Oidc),
    ];
}

fn error(rule: impl Into<String>) -> ParseError {
    ParseError {
        rule: rule.into(),
        hint: None,
    }
}

/// Parses one of several words.
///
/// # Errors
/// The error lists the words; its hint is the one that was probably meant.
pub(super) fn one_of<T: Copy>(text: &str, choices: &[(&'static str, T)]) -> Result<T, ParseError> {
    if let Some((_, found)) = choices.iter().find(|(name, _)| *name == text) {
        return Ok(*found);
    }
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let mut error = error(format!("must be one of {}", names.join(", ")));
    error.hint = nearest(text, names).map(|name| format!("did you mean '{name}'?"));
    Err(error)
}

/// Returns the candidate nearest to what was typed, if one is near.
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = text.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&typed, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= 1.max(candidate.chars().count() / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Parses a number of retries.
///
/// # Errors
/// A [`ParseError`] when it is not a whole number from 0 to 10.
pub(super) fn retries(text: &str) -> Result<u32, ParseError> {
    text.parse()
        .ok()
        .filter(|count| *count <= MOST_RETRIES && text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| error(format!("must be a whole number from 0 to {MOST_RETRIES}")))
}

/// Parses a project's id, which goes into a header and into paths.
///
/// # Errors
/// A [`ParseError`] when it holds anything but letters, digits, `-` and `_`, or is longer than 64.
pub(super) fn project_id(text: &str) -> Result<String, ParseError> {
    let formed = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if formed {
        Ok(text.to_owned())
    } else {
        Err(error(
            "not a valid project id: 32 digits and letters, shown in the console under 'My Credentials'",
        ))
    }
}

/// Accepts any text that is not empty.
///
/// # Errors
/// A [`ParseError`] when must not be empty.
pub(super) fn not_empty(text: &str) -> Result<String, ParseError> {
    if text.is_empty() {
        Err(error("must not be empty"))
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{nearest, project_id, retries};

    #[test]
    fn retries_are_counted_from_0_to_10() {
        assert_eq!((retries("0"), retries("10")), (Ok(0), Ok(10)));
        for text in ["11", "-1", "+1", "1.0", "", "three", " 1"] {
            assert!(retries(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_project_id_cannot_steer_a_request() {
        assert!(project_id("0a1b2c3d4e5f60718293a4b5c6d7e8f9").is_ok());
        for text in ["", "a/b", "a b", "..", "a\n", "é", &"a".repeat(65)] {
            assert!(project_id(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_near_name_is_proposed() {
        let names = ["region", "endpoint", "token_file"];
        assert_eq!(nearest("regoin", names), Some("region"));
        assert_eq!(nearest("Token-File", names), Some("token_file"));
        assert_eq!(nearest("password", names), None);
    }
}
