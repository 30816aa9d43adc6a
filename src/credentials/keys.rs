//! Access keys, and the rules for any text that is a credential.

use std::borrow::Cow;

use crate::error::{Error, Kind};
use crate::names::Parse;
use crate::origin::Origin;
use crate::secret::Secret;
use crate::settings::{Credential, Entry, Key, Value};

/// Longer than any token, in bytes; a device file must not be read without end.
pub(super) const LARGEST: u64 = 1024 * 1024;

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
    /// The access key (AK), which is not a secret.
    pub access_key: String,
    /// The secret key (SK).
    pub secret_key: Secret,
    /// The security token of temporary keys.
    pub security_token: Option<Secret>,
}

/// Returns a credential's text without the blanks around it, if it can be one: a wrong try counts
/// towards the service's lock, so what surely is none is never sent. The error does not show it.
///
/// # Errors
/// Kind `auth`, with the origin.
pub fn credential_text<'a>(noun: &str, text: &'a str, origin: &Origin) -> Result<&'a str, Error> {
    let text = text.trim();
    Credential::parse(text).map_err(|error| {
        let invalid = Error::new(Kind::Auth, format!("the {noun} {}", error.rule));
        let invalid = invalid.origin(origin.clone());
        match error.hint {
            Some(hint) => invalid.hint(hint),
            None => invalid,
        }
    })?;
    Ok(text)
}

/// Takes a setting's text as a credential.
pub(super) fn setting_text<'a>(noun: &str, given: &'a Entry) -> Result<Cow<'a, str>, Error> {
    let text = match &given.value {
        Value::Text(text) => text.as_str(),
        Value::Secret(secret) => secret.expose(),
        Value::Undecodable => "\u{fffd}",
        Value::Path(_) | Value::Words(_) | Value::Untrusted(_) => "",
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
            ("MIIabc\nMIIabc", "contains a line break"),
            ("MIIabc\u{1b}", "contains a control character"),
            ("MIIabcé", "contains a character that is not ASCII"),
            ("'MIIabc'", "contains a quotation mark"),
            ("\"MIIabc\"", "contains a quotation mark"),
            ("bearer MIIabc", "begins with 'Bearer '"),
            ("MIIabc # mine", "contains '#'"),
            ("MIIabc MIIabc", "contains a blank"),
        ] {
            let error = credential_text("token", text, &place).unwrap_err();
            assert_eq!(error.what(), format!("the token {flaw}"));
            assert_eq!(error.place(), Some(&place));
            assert_eq!(error.exit_code().code(), 1);
        }
    }
}
