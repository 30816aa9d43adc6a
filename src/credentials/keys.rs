//! Access keys, and the rules for any text that is a credential.

use std::borrow::Cow;

use crate::error::{Error, Kind};
use crate::origin::Origin;
use crate::secret::Secret;
use crate::settings::{Entry, Key, Value};

/// The ways to give a token; two of them in one place contradict each other.
pub(super) const TOKENS: [Key; 3] = [Key::Token, Key::TokenFile, Key::TokenCommand];
/// Keys are one setting of three parts.
pub(super) const KEYS: [Key; 3] = [Key::AccessKey, Key::SecretKey, Key::SecurityToken];

/// Returns the error of a search that found nothing.
pub(super) fn nothing_found() -> Error {
    Error::new(Kind::Auth, "no credential is set").hint(
        "log in with 'swr auth login', or set SWR_TOKEN, or SWR_ACCESS_KEY with SWR_SECRET_KEY; \
         'swr help environment' lists every way",
    )
}

/// A pair of keys; with a security token where they are temporary.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The access key (AK), which is no secret.
    pub access_key: String,
    /// The secret key (SK).
    pub secret_key: Secret,
    /// The security token of temporary keys.
    pub security_token: Option<Secret>,
}

/// Takes a credential's text as it can go into a header: trimmed, one line of ASCII. What is wrong
/// is said without the text.
///
/// # Errors
/// Kind `auth`, with the origin.
pub fn credential_text<'a>(noun: &str, text: &'a str, origin: &Origin) -> Result<&'a str, Error> {
    let text = text.trim();
    let flaw = if text.is_empty() {
        "is empty"
    } else if text.contains(['\n', '\r']) {
        "holds a line break"
    } else if text.contains(char::is_control) {
        "holds a control character"
    } else if !text.is_ascii() {
        "holds a character that is not ASCII"
    } else {
        return Ok(text);
    };
    Err(Error::new(Kind::Auth, format!("the {noun} {flaw}"))
        .origin(origin.clone())
        .hint("check that it was copied whole, and nothing else with it"))
}

/// Takes a setting's text as a credential.
pub(super) fn setting_text<'a>(noun: &str, given: &'a Entry) -> Result<Cow<'a, str>, Error> {
    let text = match &given.value {
        Value::Text(text) => text.as_str(),
        Value::Secret(secret) => secret.expose(),
        Value::Undecodable => "\u{fffd}",
        Value::Path(_) | Value::Words(_) => "",
    };
    credential_text(noun, text, &given.origin).map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::credential_text;
    use crate::origin::Origin;

    #[test]
    fn what_surrounds_a_credential_is_cut_and_what_breaks_a_header_is_refused_unseen() {
        let place = Origin::Variable("SWR_TOKEN".to_owned());
        assert_eq!(
            credential_text("token", " MIIabc \r\n", &place).unwrap(),
            "MIIabc"
        );
        for (text, flaw) in [
            ("", "is empty"),
            (" \n", "is empty"),
            ("MIIabc\nMIIabc", "holds a line break"),
            ("MIIabc\u{1b}", "holds a control character"),
            ("MIIabcé", "holds a character that is not ASCII"),
        ] {
            let error = credential_text("token", text, &place).unwrap_err();
            assert_eq!(error.what(), format!("the token {flaw}"));
            assert_eq!(error.place(), Some(&place));
            assert_eq!(error.exit_code().code(), 1);
        }
    }
}
