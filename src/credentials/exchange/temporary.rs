//! Temporary keys, in the shapes that the vendor's services give them.

use jiff::Timestamp;
use serde_json::Value;

use crate::api::Answer;
use crate::credentials::credential::Credential;
use crate::credentials::keys::Keys;
use crate::credentials::refresh::Issued;
use crate::error::Error;
use crate::secret::Secret;

/// Reads temporary keys: `{"credential":{…}}`, `{"credentials":{…}}` or the bare object, each part
/// under one of its names (`reference/swr-api.md` 5.4).
pub(super) fn keys(answer: &Answer) -> Result<Issued, Error> {
    let unreadable = || hidden(answer, "temporary keys");
    let body: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    let keys = ["credential", "credentials"]
        .iter()
        .find_map(|name| body.get(name))
        .unwrap_or(&body);
    let part = |names: [&str; 3]| {
        let text = names.iter().find_map(|name| keys.get(name)?.as_str())?;
        Some(text.to_owned()).filter(|text| !text.is_empty())
    };
    let access_key = part(["access", "accessKeyId", "access_key_id"]);
    let secret_key = part(["secret", "secretAccessKey", "secret_access_key"]);
    let security_token = part(["securitytoken", "securityToken", "security_token"]);
    let (Some(access_key), Some(secret_key)) = (access_key, secret_key) else {
        return Err(unreadable());
    };
    let expires_at = part(["expires_at", "expiration", "expiresAt"]);
    Ok(Issued {
        credential: Credential::Keys(Keys {
            access_key,
            secret_key: Secret::new(secret_key),
            security_token: security_token.map(Secret::new),
        }),
        expires_at: match expires_at {
            Some(text) => Some(time(&text).ok_or_else(unreadable)?),
            None => None,
        },
    })
}

/// Reads a time of the vendor's: `2020-01-04T09:05:22.701000Z`.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Makes the error of an answer that cannot be read, without its body: it may hold a credential.
pub(super) fn hidden(answer: &Answer, documented: &str) -> Error {
    let mut empty = answer.clone();
    let size = empty.body.len();
    empty.body = format!("{size} bytes, not shown").into_bytes();
    empty
        .unreadable(documented, None)
        .hint("check the address that is asked, and that no proxy or portal answers in its place")
}

#[cfg(test)]
mod tests {
    use super::keys;
    use crate::api::{Answer, Call};
    use crate::credentials::credential::Credential;

    fn read(body: &str) -> Result<String, String> {
        let headers = reqwest::header::HeaderMap::new();
        let answer = Answer::new(Call::read("/"), 200, headers, body.as_bytes().to_vec());
        let issued = keys(&answer).map_err(|error| error.message())?;
        let Credential::Keys(keys) = issued.credential else {
            return Err("a token".to_owned());
        };
        let token = keys.security_token.map(|token| token.expose().to_owned());
        Ok(format!(
            "{} {} {} {}",
            keys.access_key,
            keys.secret_key.expose(),
            token.unwrap_or_default(),
            issued
                .expires_at
                .map(|at| at.to_string())
                .unwrap_or_default()
        ))
    }

    #[test]
    fn every_shape_of_the_vendors_is_read() {
        let expected = Ok("AK secret-key token-of-it 2026-03-01T10:11:12.701Z".to_owned());
        for body in [
            r#"{"credential":{"access":"AK","secret":"secret-key","securitytoken":"token-of-it","expires_at":"2026-03-01T10:11:12.701000Z"}}"#,
            r#"{"credentials":{"access_key_id":"AK","secret_access_key":"secret-key","security_token":"token-of-it","expiration":"2026-03-01T10:11:12.701Z"}}"#,
            r#"{"accessKeyId":"AK","secretAccessKey":"secret-key","securityToken":"token-of-it","expiration":"2026-03-01T10:11:12.701Z"}"#,
        ] {
            assert_eq!(read(body), expected, "{body}");
        }
    }

    #[test]
    fn another_shape_is_an_error_that_shows_nothing_of_it() {
        for body in [
            r#"{"credential":{"access":"AK","security_token":"never-shown"}}"#,
            r#"{"credential":{"access":"AK","secret":"never-shown","expires_at":"soon"}}"#,
            r#"{"secret": "never-shown""#,
        ] {
            let told = read(body).unwrap_err();
            assert!(!told.contains("never-shown"), "{told}");
            assert!(told.contains("temporary keys"), "{told}");
        }
    }
}
