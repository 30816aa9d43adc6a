//! How the identity services reckon and write time.

use jiff::{SignedDuration, Timestamp};

/// Returns the instant `by` after `start`, at the end of time at the latest.
pub(super) fn later(start: Timestamp, by: SignedDuration) -> Timestamp {
    start.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Writes a time as IAM and STS do, with microseconds: `2020-01-04T09:05:22.701000Z`.
///
/// Source: `reference/swr-api.md` sections 5.1 and 5.4.
pub(super) fn written(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn times_are_written_with_six_digits_whatever_the_fraction() {
        for (instant, expected) in [
            ("2020-01-04T09:05:22Z", "2020-01-04T09:05:22.000000Z"),
            (
                "2020-01-04T09:05:22.701000999Z",
                "2020-01-04T09:05:22.701000Z",
            ),
        ] {
            assert_eq!(written(instant.parse().unwrap()), expected);
        }
    }
}
