//! Values that must never be seen: tokens, secret keys, passwords.
//!
//! A [`Secret`] is shown as `[redacted]`, cannot be compared or serialised, and is wiped when the
//! last copy goes. While one lives, [`scrub`] takes it out of any text, so that a value which a
//! server quotes back is not shown either. `output` passes everything through it.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a secret wherever one would be shown.
pub const REDACTED: &str = "[redacted]";

/// Shorter values would be found in innocent text; nothing that guards an account is that short.
const SHORTEST: usize = 6;

static LIVING: Mutex<Vec<Weak<Held>>> = Mutex::new(Vec::new());

/// A value that is handed on but never shown.
#[derive(Clone)]
pub struct Secret(Arc<Held>);

/// A value, and how else it may stand in a text; found out when a text is first looked through.
struct Held {
    value: SecretString,
    others: OnceLock<Vec<SecretString>>,
}

impl Held {
    fn spellings(&self) -> impl Iterator<Item = &str> {
        let value = self.value.expose_secret();
        let others = self.others.get_or_init(|| {
            let mut others = vec![in_json(value), in_url(value)];
            others.retain(|other| other != value);
            others.into_iter().map(SecretString::from).collect()
        });
        std::iter::once(value).chain(others.iter().map(ExposeSecret::expose_secret))
    }
}

impl Secret {
    /// Takes a value in; from here on [`scrub`] removes it from every text.
    pub fn new(value: impl Into<String>) -> Secret {
        let secret = Arc::new(Held {
            value: SecretString::from(value.into()),
            others: OnceLock::new(),
        });
        let mut living = LIVING.lock().unwrap_or_else(PoisonError::into_inner);
        living.retain(|other| other.strong_count() > 0);
        living.push(Arc::downgrade(&secret));
        Secret(secret)
    }

    /// Returns the value, for the one place that sends or stores it.
    pub fn expose(&self) -> &str {
        self.0.value.expose_secret()
    }

    /// Returns `true` if there is nothing in it.
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
    let living = LIVING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut text = Cow::Borrowed(text);
    for held in living.iter().filter_map(Weak::upgrade) {
        if held.value.expose_secret().len() < SHORTEST {
            continue;
        }
        for spelling in held.spellings() {
            if text.contains(spelling) {
                text = Cow::Owned(text.replace(spelling, REDACTED));
            }
        }
    }
    text
}

fn in_json(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', r#"\""#)
}

fn in_url(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
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
