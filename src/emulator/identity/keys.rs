//! Access keys, permanent and temporary: who signs with which, until when, and how often in a row
//! that failed.
//!
//! Source: `reference/swr-api.md` sections 5.2, 5.4 and 6.3.

use std::collections::HashMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::account;
use super::failures::Failures;
use super::signature::{Signature, date_of};
use super::time::later;
use crate::emulator::refusal::Refusal;
use crate::emulator::request::Incoming;

/// A clock that is off by more is refused.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(15);
/// A key with five failures in a row is locked for so long.
const LOCK: SignedDuration = SignedDuration::from_mins(5);

/// Temporary credentials, as they are handed out.
pub(super) struct Credentials {
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) security_token: String,
    pub(super) expires_at: Timestamp,
}

struct Key {
    secret: String,
    user: String,
    temporary: Option<Temporary>,
}

struct Temporary {
    security_token: String,
    expires_at: Timestamp,
}

/// The keys of the account.
pub(super) struct Keys {
    known: HashMap<String, Key>,
    failures: Failures,
    issued: u64,
}

impl Keys {
    pub(super) fn new() -> Keys {
        let permanent = Key {
            secret: account::SECRET_KEY.to_owned(),
            user: account::ALICE.name.to_owned(),
            temporary: None,
        };
        Keys {
            known: HashMap::from([(account::ACCESS_KEY.to_owned(), permanent)]),
            failures: Failures::locking_for(LOCK),
            issued: 0,
        }
    }

    /// Makes a temporary key.
    pub(super) fn issue(
        &mut self,
        user: &str,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Credentials {
        self.issued += 1;
        let what = format!("credentials {}", self.issued);
        let credentials = Credentials {
            access_key: account::access_key_text(&what),
            secret_key: account::secret_key_text(&what),
            security_token: account::security_token_text(&what),
            expires_at: later(now, lifetime),
        };
        let key = Key {
            secret: credentials.secret_key.clone(),
            user: user.to_owned(),
            temporary: Some(Temporary {
                security_token: credentials.security_token.clone(),
                expires_at: credentials.expires_at,
            }),
        };
        self.known.insert(credentials.access_key.clone(), key);
        credentials
    }

    /// Validates a signed request and returns the name of the user who signed it. Every refusal of a
    /// known key counts, and a success resets the count.
    pub(super) fn validate(
        &mut self,
        incoming: &Incoming<'_>,
        authorization: &str,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let signature = Signature::parse(authorization).map_err(|why| unverified(&why))?;
        let name = &signature.access_key;
        let Some(key) = self.known.get(name) else {
            return Err(Refusal::incorrect(&format!(
                "Get secretKey failed,ak:{name},err:ak not exist"
            )));
        };
        if self.failures.is_locked(name, now) {
            return Err(Refusal::incorrect(
                "AK access failed to reach the limit,forbidden.",
            ));
        }
        let verdict = validate_date(incoming, now)
            .and_then(|()| key.validate_security_token(name, incoming, now))
            .and_then(|()| {
                signature
                    .verify(incoming, &key.secret)
                    .map_err(|why| unverified(&why))
            });
        match verdict {
            Ok(()) => {
                self.failures.reset(name);
                Ok(key.user.clone())
            }
            Err(refusal) => {
                self.failures.count(name, now);
                Err(refusal)
            }
        }
    }
}

impl Key {
    /// A temporary key is worth nothing without its token. A permanent one has none: one that is
    /// sent all the same comes from another place than the key.
    fn validate_security_token(
        &self,
        name: &str,
        incoming: &Incoming<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let sent = incoming
            .headers
            .get("x-security-token")
            .map(|value| value.as_bytes().trim_ascii());
        let Some(temporary) = &self.temporary else {
            return match sent {
                Some(_) => Err(unverified("a permanent ak has no security token")),
                None => Ok(()),
            };
        };
        let sent = sent.ok_or_else(|| unverified("X-Security-Token is missing"))?;
        if sent != temporary.security_token.as_bytes() {
            return Err(unverified("the security token is not the one of this ak"));
        }
        if now >= temporary.expires_at {
            return Err(Refusal::incorrect(&format!(
                "Get secretKey failed,ak:{name},err:security token expired"
            )));
        }
        Ok(())
    }
}

fn validate_date(incoming: &Incoming<'_>, now: Timestamp) -> Result<(), Refusal> {
    let text = date_of(incoming.headers).ok_or_else(|| unverified("X-Sdk-Date is missing"))?;
    let date = parsed_date(text)
        .ok_or_else(|| unverified("X-Sdk-Date is not of the form YYYYMMDDTHHMMSSZ"))?;
    if now.duration_since(date).abs() > CLOCK_TOLERANCE {
        return Err(Refusal::gateway(
            401,
            "APIGW.0303",
            format!(
                "Incorrect app authentication information: the date {text} of the signature is \
                 more than 15 minutes off, the time here is {}",
                now.strftime("%Y%m%dT%H%M%SZ")
            ),
        ));
    }
    Ok(())
}

/// Reads `YYYYMMDDTHHMMSSZ`; the length rules out what a lenient parser takes besides.
fn parsed_date(text: &str) -> Option<Timestamp> {
    let date = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let instant = TimeZone::UTC.to_timestamp(date).ok()?;
    (text.len() == "YYYYMMDDTHHMMSSZ".len()).then_some(instant)
}

fn unverified(why: &str) -> Refusal {
    Refusal::incorrect(&format!("verify aksk signature fail, {why}"))
}

#[cfg(test)]
mod tests;
