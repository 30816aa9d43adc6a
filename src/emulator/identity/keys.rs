//! Access keys, permanent and temporary: who signs with which, until when, and how often in a row
//! that failed.
//!
//! Source: `reference/swr-api.md` sections 5.2, 5.4 and 6.3.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::account;
use super::failures::Failures;
use super::signature::{Signature, date_of};
use super::time::later;
use crate::emulator::refusal::Refusal;
use crate::emulator::request::Incoming;

/// A clock that is off by more is refused.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(15);
/// A key with five failures in a row is locked for this long.
const LOCK: SignedDuration = SignedDuration::from_mins(5);
/// How long a temporary login to the registry lasts (section 3.12: sources differ).
const LOGIN: SignedDuration = SignedDuration::from_hours(6);

/// Temporary credentials, as they are passed out.
pub(super) struct Credentials {
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) security_token: String,
    pub(super) expires_at: Timestamp,
}

/// A temporary login to the registry.
#[derive(Debug, Clone)]
pub(in crate::emulator) struct Login {
    region: String,
    pub(in crate::emulator) user: String,
    pub(in crate::emulator) password: String,
    pub(in crate::emulator) expires_at: Timestamp,
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
    /// The temporary logins, by user.
    logins: HashMap<String, Login>,
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
            logins: HashMap::new(),
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

    /// Issues a temporary login to a region's registry, under a key of its own; its user begins
    /// with a project's name, or with what marks the new kind.
    pub(super) fn issue_login(&mut self, region: &str, user: &str, now: Timestamp) -> Login {
        self.logins.retain(|_, login| now < login.expires_at);
        self.issued += 1;
        let what = format!("login {}", self.issued);
        let login = Login {
            region: region.to_owned(),
            user: format!("{user}@{}", account::access_key_text(&what)),
            password: account::login_password_text(&what),
            expires_at: later(now, LOGIN),
        };
        self.logins.insert(login.user.clone(), login.clone());
        login
    }

    /// Returns `true` if a user, `{project}@{access key}`, and a password open the registry of a
    /// region. Wrong passwords of a key count like wrong signatures.
    pub(super) fn login(
        &mut self,
        region: &str,
        user: &str,
        password: &str,
        now: Timestamp,
    ) -> bool {
        if let Some(login) = self.logins.get(user) {
            return login.region == region && now < login.expires_at && password == login.password;
        }
        let Some((project, name)) = user.split_once('@') else {
            return false;
        };
        if !account::is_project_of(project, region) {
            return false;
        }
        // The password of a temporary key opens nothing: there is no way to send its token.
        let Some(key) = self.known.get(name).filter(|key| key.temporary.is_none()) else {
            return false;
        };
        if self.failures.is_locked(name, now) {
            return false;
        }
        let right = password == registry_password(name, &key.secret);
        if right {
            self.failures.reset(name);
        } else {
            self.failures.count(name, now);
        }
        right
    }

    /// Validates a signed request and returns the name of the user who signed it. Every refusal of
    /// a known key counts, and a success resets the count.
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

/// Returns the password of a key at the registry: hex HMAC-SHA256 of the access key, keyed by the
/// secret key (section 3.13).
pub(super) fn registry_password(access_key: &str, secret_key: &str) -> String {
    // A key of any length will do; the error exists for other algorithms.
    Hmac::<Sha256>::new_from_slice(secret_key.as_bytes())
        .map(|mac| hex::encode(mac.chain_update(access_key).finalize().into_bytes()))
        .unwrap_or_default()
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
