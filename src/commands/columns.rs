//! How single values are shown to a person and written for a program, alike in every list.

use jiff::Timestamp;

use crate::output::{Page, Span, dim, plain};

/// Returns a time as JSON has it: RFC 3339 in UTC.
pub(super) fn moment(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

/// Returns the cell of a time in JSON's form, without its fraction; a terminal shows how long ago
/// it was.
pub(super) fn time(moment: Option<&String>) -> Span {
    let Some(moment) = moment else {
        return absent();
    };
    let whole = match moment.split_once('.') {
        Some((whole, _)) => format!("{whole}Z"),
        None => moment.clone(),
    };
    match moment.parse::<Timestamp>() {
        Ok(time) => plain(whole).shortened(relative(time, Timestamp::now())),
        Err(_) => plain(whole),
    }
}

/// Returns a time as seen from now: `12 s ago`, `3 h ago`, `in 2 d`; a date where that is far.
pub(super) fn relative(time: Timestamp, now: Timestamp) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let seconds = now.as_second() - time.as_second();
    let span = match seconds.abs() {
        distance if distance < MINUTE => format!("{distance} s"),
        distance if distance < HOUR => format!("{} min", distance / MINUTE),
        distance if distance < DAY => format!("{} h", distance / HOUR),
        distance if distance < 60 * DAY => format!("{} d", distance / DAY),
        _ => return time.strftime("%Y-%m-%d").to_string(),
    };
    if seconds < 0 {
        format!("in {span}")
    } else {
        format!("{span} ago")
    }
}

/// Returns the cell of a digest; a terminal shows as much of it as distinguishes digests.
pub(super) fn digest(value: Option<&String>) -> Span {
    const TOLD_APART: usize = 12;
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return absent();
    };
    match value.split_once(':') {
        Some((_, hex)) => plain(value).shortened(hex.chars().take(TOLD_APART).collect::<String>()),
        None => plain(value),
    }
}

/// Returns the cell of a text that may be absent.
pub(super) fn text(value: Option<&String>) -> Span {
    match value {
        Some(value) if !value.is_empty() => plain(value),
        _ => absent(),
    }
}

/// Returns the cell of a number that may be absent.
pub(super) fn number(value: Option<i64>) -> Span {
    value.map_or_else(absent, |value| plain(value.to_string()))
}

/// Returns the cell of a size in bytes.
pub(super) fn size(bytes: Option<i64>) -> Span {
    match bytes.and_then(|bytes| u64::try_from(bytes).ok()) {
        Some(bytes) => plain(indicatif::HumanBytes(bytes).to_string()),
        None => absent(),
    }
}

/// Returns the cell of a switch that may be absent.
pub(super) fn yes_or_no(value: Option<bool>) -> Span {
    match value {
        Some(true) => plain("yes"),
        Some(false) => plain("no"),
        None => absent(),
    }
}

/// Writes one thing, a line for each of its values.
pub(super) fn card<const N: usize>(page: &mut Page, values: [(&str, Span); N]) {
    let rows: Vec<Vec<Span>> = values
        .into_iter()
        .map(|(name, value)| vec![dim(name), value])
        .collect();
    page.table(&[], &rows);
}

fn absent() -> Span {
    dim("-")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::relative;

    #[test]
    fn a_time_is_told_as_seen_from_now() {
        let now: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
        for (time, expected) in [
            ("2026-06-01T12:00:00Z", "0 s ago"),
            ("2026-06-01T11:59:01Z", "59 s ago"),
            ("2026-06-01T11:01:00Z", "59 min ago"),
            ("2026-06-01T00:00:01Z", "11 h ago"),
            ("2026-05-30T12:00:00Z", "2 d ago"),
            ("2026-06-01T12:05:00Z", "in 5 min"),
            ("2026-01-01T00:00:00Z", "2026-01-01"),
            ("2027-01-01T00:00:00Z", "2027-01-01"),
        ] {
            assert_eq!(relative(time.parse().unwrap(), now), expected, "{time}");
        }
    }
}
