//! Values of response headers: dates, `Retry-After`, `Content-Range`.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime;

/// Parses a date in any of the three forms that RFC 9110 section 5.6.7 obliges a recipient to
/// accept; all of them are UTC.
pub(super) fn http_date(value: &str) -> Option<Timestamp> {
    let value = value.trim();
    if let Ok(date) = jiff::fmt::rfc2822::parse(value) {
        return Some(date.timestamp());
    }
    // RFC 850 and asctime; the weekday is not needed, and a wrong one is no reason to fail.
    let (weekday, rest) = value.split_once(' ')?;
    let format = if weekday.ends_with(',') {
        "%d-%b-%y %H:%M:%S GMT"
    } else {
        "%b %e %H:%M:%S %Y"
    };
    let date = strtime::parse(format, rest.trim_start())
        .ok()?
        .to_datetime();
    jiff::tz::Offset::UTC.to_timestamp(date.ok()?).ok()
}

/// Parses `Retry-After`: seconds (a fraction is rounded up), or a date.
pub(super) fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds.ceil()).ok();
    }
    let left = http_date(value)?.duration_since(Timestamp::now());
    Some(Duration::try_from(left).unwrap_or_default())
}

/// Parses the total out of `Content-Range: {offset}-{count}/{total}`.
pub(super) fn total(value: &str) -> Option<usize> {
    value.rsplit('/').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{http_date, retry_after, total};

    #[test]
    fn the_three_forms_of_a_date_are_read() {
        let expected = "1994-11-06T08:49:37Z".parse().unwrap();
        for form in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            " Sun Nov 06 08:49:37 1994 ",
        ] {
            assert_eq!(http_date(form), Some(expected), "{form}");
        }
        for other in ["", "soon", "Sunday,", "Sun, ", "06-Nov-94"] {
            assert_eq!(http_date(other), None, "{other}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("0.2"), Some(Duration::from_secs(1)));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Duration::ZERO)
        );
        for other in ["soon", "", "-1.5", "inf", "NaN", "99999999999999999999"] {
            assert!(
                retry_after(other).is_none_or(|it| it > Duration::from_hours(24)),
                "{other}"
            );
        }
    }

    #[test]
    fn a_total_is_the_last_number() {
        assert_eq!(total("0-7/49"), Some(49));
        assert_eq!(total("0-7/*"), None);
        assert_eq!(total(""), None);
    }
}
