//! Whether a request is sent again after a response, and after which delay (contract 5).

use std::time::Duration;

use super::advice::Code;
use super::answer::Answer;
use super::call::Repeat;

/// A longer `Retry-After` is not waited for.
const LONGEST: Duration = Duration::from_secs(60);
/// What the vendor advises after throttling is 2 to 5 seconds.
const THROTTLED: Duration = Duration::from_secs(2);
const FIRST: Duration = Duration::from_millis(500);

/// A delay before the next try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delay {
    pub(super) length: Duration,
    /// The service throttles: all requests wait, because the others would be throttled, too.
    pub(super) for_all: bool,
    /// The service has named its window, and the delay lasts until that ends.
    pub(super) is_window: bool,
}

impl Delay {
    /// Returns the delay after a try that got no response.
    pub(super) fn after_no_response(tries: u32) -> Delay {
        Delay {
            length: backoff(FIRST, tries),
            for_all: false,
            is_window: false,
        }
    }
}

/// Returns the delay before the next try, if another try may succeed.
pub(super) fn retry_delay(answer: &Answer, repeat: Repeat, tries: u32) -> Option<Delay> {
    if answer.status < 400 {
        return None;
    }
    let throttled = match (answer.status, answer.code()) {
        // Both with a status that elsewhere is final (section 6.2).
        (429, _) | (403, Some(Code::TooManyRequests)) => true,
        (502..=504, _) | (409, Some(Code::Busy)) => false,
        (500, Some(Code::InternalError)) => return None,
        (500, _) if repeat == Repeat::Read => false,
        _ => return None,
    };
    let asked = answer.retry_after();
    let window = throttled
        .then(|| throttling_window(&String::from_utf8_lossy(&answer.body)))
        .flatten()
        .filter(|window| *window <= LONGEST);
    let length = match (asked, window) {
        (Some(asked), _) if asked > LONGEST => return None,
        (Some(asked), _) => asked,
        (None, Some(window)) => window,
        (None, None) if throttled => backoff(THROTTLED, tries),
        (None, None) => backoff(FIRST, tries),
    };
    Some(Delay {
        length,
        for_all: throttled,
        is_window: window.is_some(),
    })
}

/// Doubles with each try; adds up to a quarter at random, so that many do not return at once.
fn backoff(first: Duration, tries: u32) -> Duration {
    let length = first.saturating_mul(1 << (tries - 1).min(6)).min(LONGEST);
    length.mul_f64(1.0 + fastrand::f64() / 4.0).min(LONGEST)
}

/// Reads the window out of the text of the gateway, `… limit:100,time:1 minute`, or of IAM,
/// `… 5 times per 60 seconds` (sections 6.3 to 6.5).
fn throttling_window(text: &str) -> Option<Duration> {
    let (_, rest) = text
        .split_once("time:")
        .or_else(|| text.split_once("times per "))?;
    let mut words = rest
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let count: u64 = words.next()?.parse().ok()?;
    let unit = match words.next()?.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(count.saturating_mul(unit)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{backoff, throttling_window};

    #[test]
    fn the_window_is_read_out_of_the_gateways_text() {
        let text = "The throttling threshold has been reached: policy user over \
                    ratelimit,limit:100,time:1 minute";
        assert_eq!(throttling_window(text), Some(Duration::from_secs(60)));
        assert_eq!(
            throttling_window("limit:5,time:5 seconds\"}"),
            Some(Duration::from_secs(5))
        );
        assert_eq!(
            throttling_window("Threshold: 5 times per 60 seconds"),
            Some(Duration::from_secs(60))
        );
        assert_eq!(throttling_window("busy"), None);
    }

    #[test]
    fn delays_double_and_stay_below_a_minute() {
        for (tries, least) in [(1, 500), (2, 1000), (3, 2000), (9, 32000)] {
            let delay = backoff(Duration::from_millis(500), tries);
            assert!(delay >= Duration::from_millis(least), "{tries}: {delay:?}");
            assert!(delay <= Duration::from_mins(1), "{tries}: {delay:?}");
        }
    }
}
