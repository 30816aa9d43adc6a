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
