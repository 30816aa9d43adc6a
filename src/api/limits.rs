//! How long a request may take, and how often it is sent.

use std::time::Duration;

/// Time limits and retries of a request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one request, from connecting to the last byte.
    pub timeout: Duration,
    /// For connecting.
    pub connect_timeout: Duration,
    /// How often a request is sent again at most.
    pub retries: u32,
}

impl Limits {
    /// Returns the limit for connecting: below that for the whole request, so that it is known of
    /// a request that ran out of time whether it was sent.
    pub(super) fn for_connecting(&self) -> Duration {
        self.connect_timeout.min(self.timeout.mul_f64(0.9))
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Limits};

    #[test]
    fn connecting_ends_well_before_the_request() {
        let times = [1, 300, 2_000, 60_000, 86_400_000].map(Duration::from_millis);
        for timeout in times {
            for connect_timeout in times {
                let limits = Limits {
                    timeout,
                    connect_timeout,
                    retries: 0,
                };
                let connecting = limits.for_connecting();
                assert!(connecting <= connect_timeout, "{limits:?}");
                assert!(connecting <= timeout.mul_f64(0.9), "{limits:?}");
            }
        }
    }
}
