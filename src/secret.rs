//! Values that must never be seen: tokens, secret keys, passwords.
//!
//! A [`Secret`] is shown as `[redacted]`, cannot be compared or serialised, and is wiped when the
//! last copy goes. While one lives, [`scrub`] takes it out of any text, so that a value which a
//! server quotes back is not shown either. `output` passes everything through it.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a secret wherever one would be shown.
pub const REDACTED: &str = "[redacted]";

/// Shorter values would be found in innocent text; nothing that guards an account is that short.
const SHORTEST: usize = 6;

static LIVING: Mutex<Vec<Weak<SecretString>>> = Mutex::new(Vec::new());

/// A value that is handed on but never shown.
#[derive(Clone)]
pub struct Secret(Arc<SecretString>);

impl Secret {
    /// Takes a value in; from here on [`scrub`] removes it from every text.
    pub fn new(value: impl Into<String>) -> Secret {
        let secret = Arc::new(SecretString::from(value.into()));
        let mut living = LIVING.lock().unwrap_or_else(PoisonError::into_inner);
        living.retain(|other| other.strong_count() > 0);
        living.push(Arc::downgrade(&secret));
        Secret(secret)
    }

    /// Returns the value, for the one place that sends or stores it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Tells whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Returns the text with every living secret replaced by [`REDACTED`], also where the secret was
/// written as JSON text or percent-encoded.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let living: Vec<Secret> = LIVING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
        .filter_map(Weak::upgrade)
        .map(Secret)
        .collect();
    let mut text = Cow::Borrowed(text);
    for secret in &living {
        let value = secret.expose();
        if value.len() < SHORTEST {
            continue;
        }
        for spelling in [Cow::Borrowed(value), in_json(value), in_url(value)] {
            if text.contains(spelling.as_ref()) {
                text = Cow::Owned(text.replace(spelling.as_ref(), REDACTED));
            }
        }
    }
    text
}

fn in_json(value: &str) -> Cow<'_, str> {
    if value.bytes().any(|byte| byte == b'"' || byte == b'\\') {
        Cow::Owned(value.replace('\\', r"\\").replace('"', r#"\""#))
    } else {
        Cow::Borrowed(value)
    }
}

fn in_url(value: &str) -> Cow<'_, str> {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).into()
}

#[cfg(test)]
mod tests {
    use super::{REDACTED, Secret, scrub};

    #[test]
    fn a_secret_is_shown_by_no_formatter() {
        let secret = Secret::new("never-to-be-seen");
        assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
    }

    #[test]
    fn a_living_secret_is_scrubbed_in_every_spelling() {
        let secret = Secret::new("qu\"oted/secret+1");
        let text = format!(
            "{} {} {}",
            secret.expose(),
            serde_json::to_string(secret.expose()).unwrap(),
            "qu%22oted%2Fsecret%2B1"
        );
        assert_eq!(
            scrub(&text),
            format!("{REDACTED} \"{REDACTED}\" {REDACTED}")
        );
    }

    #[test]
    fn a_dropped_secret_is_forgotten() {
        drop(Secret::new("gone-for-good"));
        assert_eq!(scrub("gone-for-good"), "gone-for-good");
    }
}
