//! Durations as people write and read them: one grammar and one form for every room.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

use crate::names::ParseError;

fn error(rule: impl Into<String>) -> ParseError {
    ParseError {
        rule: rule.into(),
        hint: None,
    }
}

/// The longest duration that makes sense; longer ones are slips, and overflow clocks.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Parses a duration as people write it: `30s`, `500ms`, `2m`, `1h30m`, `7d`.
///
/// # Errors
/// A [`ParseError`] when it is invalid, zero, or longer than a year; a plain number is refused,
/// because its unit is unknown.
pub fn parse(text: &str) -> Result<Duration, ParseError> {
    const LIKE: &str = "not a valid duration, like 30s, 500ms, 2m or 1h30m";
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseError {
            rule: "has no unit".to_owned(),
            hint: Some(format!("write '{text}s' for seconds")),
        });
    }
    // jiff accepts more than is documented here (ISO 8601, signs, words): refused first.
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
        return Err(error("must be longer than zero"));
    }
    if duration > LONGEST {
        return Err(error("must not be longer than a year"));
    }
    Ok(duration)
}

/// Returns a duration as a person reads it: `300ms`, `1.5s`, `12s`, `2m5s`, `3h`, `5d`. The two greatest
/// units are enough.
pub fn text(duration: Duration) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let seconds = duration.as_secs();
    if duration < Duration::from_secs(1) {
        return format!("{}ms", duration.as_millis());
    }
    if duration < Duration::from_secs(10) && duration.subsec_millis() >= 100 {
        return format!("{:.1}s", duration.as_secs_f64());
    }
    for (index, (size, unit)) in UNITS.into_iter().enumerate() {
        if seconds >= size {
            let (whole, rest) = (seconds / size, seconds % size);
            let (lower, name) = UNITS.get(index + 1).copied().unwrap_or((1, "s"));
            return match rest / lower {
                0 => format!("{whole}{unit}"),
                more => format!("{whole}{unit}{more}{name}"),
            };
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{parse, text};

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
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_number_without_unit_is_refused_with_advice() {
        let error = parse("30").unwrap_err();
        assert_eq!(error.rule, "has no unit");
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
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_read_in_its_two_greatest_units() {
        for (milliseconds, expected) in [
            (300, "300ms"),
            (1_000, "1s"),
            (1_500, "1.5s"),
            (12_600, "12s"),
            (125_000, "2m5s"),
            (1_800_000, "30m"),
            (10_800_000, "3h"),
            (439_200_000, "5d2h"),
        ] {
            assert_eq!(text(Duration::from_millis(milliseconds)), expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_duration_panic(text in "[0-9a-z.]{0,12}") {
            if let Ok(duration) = parse(&text) {
                prop_assert!(!duration.is_zero());
            }
        }
    }
}
