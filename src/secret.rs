//! Values that must never be shown: tokens, secret keys, passwords.
//!
//! A [`Secret`] is displayed as `[redacted]` and cannot be compared or serialized. The run keeps
//! every secret that it ever had until its last word, so that [`scrub`] can take it out of any
//! text, in whatever spelling a server quotes it back. `output` passes everything through it; who
//! cuts or joins a text scrubs it before.

mod decoded;
mod patterns;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use url::Url;

use self::patterns::{Patterns, SHORTEST};
use crate::lock::lock;

/// What is shown in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// The secrets of this run. They are kept to its end, so wiping memory would protect nothing.
static KEEPER: Mutex<Keeper> = Mutex::new(Keeper {
    secrets: Vec::new(),
    passing: VecDeque::new(),
    patterns: None,
});

/// How many passing secrets are kept; more than requests are ever on the way at once.
const PASSING: usize = 64;

struct Keeper {
    secrets: Vec<Arc<str>>,
    passing: VecDeque<String>,
    /// Made when a text is first searched after a change.
    patterns: Option<Arc<Patterns>>,
}

impl Keeper {
    fn patterns(&mut self) -> Arc<Patterns> {
        let secrets = || {
            let kept = self.secrets.iter().map(AsRef::as_ref);
            kept.chain(self.passing.iter().map(String::as_str))
        };
        let made = self.patterns.take();
        let made = made.unwrap_or_else(|| Arc::new(Patterns::new(secrets())));
        self.patterns = Some(Arc::clone(&made));
        made
    }
}

/// A value that is passed on but never shown.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes a value in; from here on [`scrub`] removes it from every text.
    pub fn new(value: impl Into<String>) -> Secret {
        let value = value.into();
        let mut keeper = lock(&KEEPER);
        if let Some(kept) = keeper.secrets.iter().find(|kept| ***kept == *value) {
            return Secret(Arc::clone(kept));
        }
        let value: Arc<str> = value.into();
        if value.len() >= SHORTEST {
            keeper.secrets.push(Arc::clone(&value));
            keeper.patterns = None;
        }
        Secret(value)
    }

    /// Returns the value, for the one place that sends or stores it.
    pub fn expose(&self) -> &str {
        &self.0
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

/// Has [`scrub`] remove a value that serves one request only, like a signature: the last ones are
/// kept, so that a run of many requests does not grow.
pub fn remember_briefly(value: &str) {
    let mut keeper = lock(&KEEPER);
    if keeper.passing.len() == PASSING {
        keeper.passing.pop_front();
    }
    keeper.passing.push_back(value.to_owned());
    keeper.patterns = None;
}

/// Returns the text with every secret of this run replaced by [`REDACTED`]: as it is, escaped for
/// JSON, URLs or HTML in any nesting, or in base64.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let patterns = lock(&KEEPER).patterns();
    let found = patterns.find(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut end = 0;
    for range in found {
        // Ranges begin and end with characters; a defect in that must not show a secret.
        clean.push_str(text.get(end..range.start).unwrap_or_default());
        clean.push_str(REDACTED);
        end = range.end;
    }
    clean.push_str(text.get(end..).unwrap_or_default());
    Cow::Owned(clean)
}

/// Returns an address without the user and password that it carries or seems to carry, also where
/// it is no valid URL.
pub fn without_password(address: &str) -> Cow<'_, str> {
    let is_clean =
        |url: Url| url.has_host() && url.username().is_empty() && url.password().is_none();
    match address.rfind('@') {
        Some(at) if !Url::parse(address).is_ok_and(is_clean) => {
            let start = address.find("://").map_or(0, |scheme| scheme + 3).min(at);
            format!("{}{REDACTED}{}", &address[..start], &address[at..]).into()
        }
        _ => address.into(),
    }
}

#[cfg(test)]
mod tests;
