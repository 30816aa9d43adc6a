//! What every form of report does to text from outside before it escapes it for itself.

use crate::output::harmless;
use crate::secret::scrub;

/// So many characters of a reason or a hint are kept.
pub(super) const LONGEST: usize = 600;

/// Returns the text without secrets, on one line, without what is invisible, and not too long.
/// Secrets are taken out of the whole text, before it is cut.
pub(super) fn clean(text: &str) -> String {
    let text = scrub(text);
    let text = harmless(&text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// Returns a length of time as people read it: `340 ms`, `12.3 s`, `4 min 5 s`.
pub(super) fn in_words(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}
