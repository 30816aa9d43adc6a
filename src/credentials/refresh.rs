//! A credential that is obtained without a person: when it is first needed, again ahead of its
//! expiry, and once when it is refused.
//!
//! One `Refreshing` serves every region that its credential is valid for, so nothing is fetched or
//! run twice in a run.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Mutex;
use std::thread::{self, ThreadId};

use jiff::{SignedDuration, Timestamp};

use super::credential::Credential;
use crate::error::Error;
use crate::lock::lock;

/// How long before its end a credential is renewed, at the most.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// A way to obtain a credential without a person.
pub(super) trait Provider: Send + Sync + Debug {
    /// Gets a credential.
    fn fetch(&self) -> Result<Issued, Error>;
}

/// A credential that was just obtained.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    pub(super) credential: Credential,
    pub(super) expires_at: Option<Timestamp>,
}

/// Keeps a credential and refreshes it.
#[derive(Debug)]
pub(super) struct Refreshing {
    provider: Box<dyn Provider>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    /// The number of credentials obtained so far.
    count: u64,
    /// Which credential a thread used last: a refusal is about that one.
    used: HashMap<ThreadId, u64>,
}

#[derive(Debug)]
struct Current {
    issued: Issued,
    renew_at: Option<Timestamp>,
    /// Obtained because another one was refused; if it is refused, too, there is no third.
    after_refusal: bool,
}

impl Refreshing {
    pub(super) fn new(provider: Box<dyn Provider>) -> Refreshing {
        Refreshing {
            provider,
            state: Mutex::default(),
        }
    }

    /// Returns the credential, refreshed if it is about to expire.
    pub(super) fn current(&self, now: Timestamp) -> Result<Issued, Error> {
        let mut state = lock(&self.state);
        let is_due = match &state.current {
            None => true,
            Some(current) => current.renew_at.is_some_and(|time| time <= now),
        };
        if is_due {
            match self.provider.fetch() {
                Ok(issued) => state.take(issued, false, now),
                Err(error) if !state.is_alive(now) => return Err(error),
                // What is credential still counts; the next call tries again.
                Err(_) => {}
            }
        }
        let count = state.count;
        state.used.insert(thread::current().id(), count);
        match &state.current {
            Some(current) => Ok(current.issued.clone()),
            None => self.provider.fetch(),
        }
    }

    /// Returns when the credential expires; `None` before it was obtained, too.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        let state = lock(&self.state);
        state.current.as_ref()?.issued.expires_at
    }

    /// Obtains another credential after the one that this thread used was refused; returns `false`
    /// if that one had been obtained after a refusal already.
    pub(super) fn renew(&self, now: Timestamp) -> Result<bool, Error> {
        let mut state = lock(&self.state);
        let used = state.used.get(&thread::current().id()).copied();
        if used.is_some_and(|used| used < state.count) {
            return Ok(true); // another thread got a new one meanwhile
        }
        if state.current.as_ref().is_some_and(|it| it.after_refusal) {
            return Ok(false);
        }
        let issued = self.provider.fetch()?;
        state.take(issued, true, now);
        Ok(true)
    }
}

impl State {
    fn take(&mut self, issued: Issued, after_refusal: bool, now: Timestamp) {
        self.count += 1;
        self.current = Some(Current {
            renew_at: issued.expires_at.map(|end| end - ahead(end, now)),
            issued,
            after_refusal,
        });
    }

    fn is_alive(&self, now: Timestamp) -> bool {
        let end = self.current.as_ref().and_then(|it| it.issued.expires_at);
        end.is_some_and(|end| now < end)
    }
}

/// A short-lived credential must not be renewed at each request.
fn ahead(end: Timestamp, now: Timestamp) -> SignedDuration {
    AHEAD.min(end.duration_since(now) / 4)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    use jiff::{SignedDuration, Timestamp};

    use super::{Issued, Provider, Refreshing};
    use crate::credentials::credential::Credential;
    use crate::error::{Error, Kind};
    use crate::secret::Secret;

    /// Gives `token-1`, `token-2`, …, each for an hour, unless it is set to fail.
    #[derive(Debug, Default)]
    struct Counting {
        count: AtomicU64,
        fails: Mutex<bool>,
        now: Timestamp,
    }

    impl Provider for std::sync::Arc<Counting> {
        fn fetch(&self) -> Result<Issued, Error> {
            if *self.fails.lock().unwrap() {
                return Err(Error::new(Kind::Network, "no answer"));
            }
            let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(Issued {
                credential: Credential::Token(Secret::new(format!("token-{count}"))),
                expires_at: Some(self.now + SignedDuration::from_hours(1)),
            })
        }
    }

    fn refreshing() -> (std::sync::Arc<Counting>, Refreshing) {
        let counting = std::sync::Arc::new(Counting::default());
        (counting.clone(), Refreshing::new(Box::new(counting)))
    }

    fn token(refreshing: &Refreshing, minutes: i64) -> String {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        match refreshing.current(now).unwrap().credential {
            Credential::Token(token) => token.expose().to_owned(),
            Credential::Keys(_) => unreachable!("tokens only"),
        }
    }

    const EPOCH: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn it_is_got_once_and_renewed_ahead_of_its_end() {
        let (_, refreshing) = refreshing();
        assert_eq!(token(&refreshing, 0), "token-1");
        assert_eq!(token(&refreshing, 54), "token-1");
        assert_eq!(token(&refreshing, 55), "token-2");
    }

    #[test]
    fn what_is_held_counts_to_its_end_when_it_cannot_be_renewed() {
        let (counting, refreshing) = refreshing();
        assert_eq!(token(&refreshing, 0), "token-1");
        *counting.fails.lock().unwrap() = true;
        assert_eq!(token(&refreshing, 59), "token-1");
        let end = EPOCH + SignedDuration::from_hours(1);
        assert_eq!(refreshing.current(end).unwrap_err().what(), "no answer");
    }

    #[test]
    fn the_end_is_known_once_it_was_got() {
        let (_, refreshing) = refreshing();
        assert_eq!(refreshing.ends(), None);
        assert_eq!(token(&refreshing, 0), "token-1");
        assert_eq!(
            refreshing.ends(),
            Some(EPOCH + SignedDuration::from_hours(1))
        );
    }

    #[test]
    fn a_refused_one_is_renewed_once() {
        let (_, refreshing) = refreshing();
        assert_eq!(token(&refreshing, 0), "token-1");
        assert!(refreshing.renew(EPOCH).unwrap());
        assert_eq!(token(&refreshing, 0), "token-2");
        assert!(!refreshing.renew(EPOCH).unwrap());
    }

    #[test]
    fn many_that_were_refused_at_once_share_one_new_one() {
        let (counting, refreshing) = refreshing();
        let both = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    assert_eq!(token(&refreshing, 0), "token-1");
                    both.wait();
                    assert!(refreshing.renew(EPOCH).unwrap());
                    assert_eq!(token(&refreshing, 0), "token-2");
                });
            }
        });
        assert_eq!(counting.count.load(Ordering::SeqCst), 2);
    }
}
