//! The grammars of the settings: text in, typed value or error out.
//!
//! `settings` and `commands` (for durations of their own) call them. They know neither where a
//! value came from nor what it is called.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use serde::Serialize;

use crate::names::ParseError;

/// The longest duration that makes sense; longer ones are slips, and overflow clocks.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The highest number of retries; the wait between them doubles each time.
const MOST_RETRIES: u32 = 10;

/// Where a credential is had that is written down nowhere.
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
    let mut error = error(format!("it must be one of {}", names.join(", ")));
    error.hint = nearest(text, names).map(|name| format!("did you mean '{name}'?"));
    Err(error)
}

/// Returns the candidate that a person probably meant, if one is near.
pub(super) fn nearest<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
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

/// Parses a duration as people write it: `30s`, `500ms`, `2m`, `1h30m`, `7d`.
///
/// # Errors
/// A [`ParseError`] when it is none, is not longer than nothing, or is longer than a year; a plain
/// number is refused, for nobody knows its unit.
pub fn duration(text: &str) -> Result<Duration, ParseError> {
    const LIKE: &str = "a duration is written like 30s, 500ms, 2m or 1h30m";
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseError {
            rule: "it has no unit".to_owned(),
            hint: Some(format!("write '{text}s' for seconds")),
        });
    }
    // jiff takes more than people are told of (ISO 8601, signs, words): that is refused first.
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_ascii_lowercase() || c == '.');
    let span: Span = Some(text)
        .filter(|text| plain && text.starts_with(|c: char| c.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| error(LIKE))?;
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .ok()
        .and_then(|signed| Duration::try_from(signed).ok())
        .ok_or_else(|| error(LIKE))?;
    if duration.is_zero() {
        return Err(error("it must be longer than nothing"));
    }
    if duration > LONGEST {
        return Err(error("it is longer than a year"));
    }
    Ok(duration)
}

/// Parses a number of retries.
///
/// # Errors
/// A [`ParseError`] when it is no whole number from 0 to 10.
pub(super) fn retries(text: &str) -> Result<u32, ParseError> {
    text.parse()
        .ok()
        .filter(|count| *count <= MOST_RETRIES && text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| {
            error(format!(
                "it must be a whole number from 0 to {MOST_RETRIES}"
            ))
        })
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
            "a project's id is 32 digits and letters; the console shows it under 'My Credentials'",
        ))
    }
}

/// Takes any text that is not empty.
///
/// # Errors
/// A [`ParseError`] when it is empty.
pub(super) fn not_empty(text: &str) -> Result<String, ParseError> {
    if text.is_empty() {
        Err(error("it is empty"))
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{duration, nearest, project_id, retries};

    #[test]
    fn a_duration_is_a_number_with_its_unit() {
        for (text, expected) in [
            ("30s", Duration::from_secs(30)),
            ("500ms", Duration::from_millis(500)),
            ("2m", Duration::from_secs(120)),
            ("1h30m", Duration::from_secs(5400)),
            ("1.5s", Duration::from_millis(1500)),
            ("7d", Duration::from_secs(7 * 86400)),
        ] {
            assert_eq!(duration(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_number_without_unit_is_refused_with_advice() {
        let error = duration("30").unwrap_err();
        assert_eq!(error.rule, "it has no unit");
        assert_eq!(error.hint.as_deref(), Some("write '30s' for seconds"));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "s",
            "-3s",
            "+3s",
            "0s",
            "30 s",
            "30S",
            "PT30S",
            "3s ago",
            "1e3s",
            "10y",
            "٣s",
            "99999999999999999999h",
            "3",
            "1h 30m",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

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

    proptest! {
        #[test]
        fn no_text_makes_the_duration_panic(text in "[0-9a-z.]{0,12}") {
            if let Ok(duration) = duration(&text) {
                prop_assert!(!duration.is_zero());
            }
        }
    }
}
