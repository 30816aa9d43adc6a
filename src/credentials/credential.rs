//! A token or keys, and the headers that carry them.

use jiff::Timestamp;

use super::keys::Keys;
use super::signature::{Request, sign};
use crate::api::{Draft, Header, HeaderText};
use crate::secret::{Secret, remember_briefly};

/// A token or keys.
#[derive(Debug, Clone)]
pub(super) enum Credential {
    /// A token.
    Token(Secret),
    /// Keys.
    Keys(Keys),
}

/// Returns the headers that carry a credential on a request.
pub(super) fn headers(
    credential: &Credential,
    project: Option<&str>,
    draft: &Draft<'_>,
    now: Timestamp,
) -> Vec<Header> {
    let keys = match credential {
        Credential::Token(token) => {
            return vec![("X-Auth-Token", HeaderText::Secret(token.clone()))];
        }
        Credential::Keys(keys) => keys,
    };
    let mut headers = Vec::new();
    if let Some(project) = project {
        headers.push(("X-Project-Id", HeaderText::Plain(project.to_owned())));
    }
    if let Some(token) = &keys.security_token {
        headers.push(("X-Security-Token", HeaderText::Secret(token.clone())));
    }
    // Host, date, content type, project and security token are signed (5.2, "Ours").
    let mut signed: Vec<(&str, &str)> = draft
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .copied()
        .collect();
    signed.extend(headers.iter().map(|(name, value)| (*name, value.expose())));
    let request = Request {
        method: draft.method,
        url: draft.url,
        headers: &signed,
        body: draft.body,
    };
    let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let added = sign(&request, &keys.access_key, &keys.secret_key, &date);
    // Of the authorization only the signature is a secret.
    if let Some((_, authorization)) = added.last()
        && let Some((_, signature)) = authorization.rsplit_once("Signature=")
    {
        remember_briefly(signature);
    }
    let added = added.into_iter();
    headers.extend(added.map(|(name, value)| (name, HeaderText::Plain(value))));
    headers
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Credential, headers};
    use crate::api::Draft;
    use crate::credentials::keys::Keys;
    use crate::secret::{Secret, scrub};

    fn sent(credential: &Credential, project: Option<&str>) -> Vec<(String, String)> {
        let draft = Draft {
            method: "POST",
            url: &Url::parse("https://swr-api.cn-north-4.myhuaweicloud.com/v2/x").unwrap(),
            headers: &[("Content-Type", "application/json"), ("User-Agent", "swr")],
            body: b"{}",
        };
        let now = "2026-03-01T10:11:12.9Z".parse().unwrap();
        headers(credential, project, &draft, now)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.expose().to_owned()))
            .collect()
    }

    #[test]
    fn a_token_is_one_header() {
        let credential = Credential::Token(Secret::new("MIIabc"));
        assert_eq!(
            sent(&credential, Some("ignored")),
            [("X-Auth-Token".to_owned(), "MIIabc".to_owned())]
        );
    }

    #[test]
    fn keys_sign_host_date_type_project_and_security_token_and_a_quoted_signature_is_redacted() {
        let credential = Credential::Keys(Keys {
            access_key: "AK".to_owned(),
            secret_key: Secret::new("secret-key"),
            security_token: Some(Secret::new("security-token")),
        });
        let headers = sent(&credential, Some("project"));
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "X-Project-Id",
                "X-Security-Token",
                "X-Sdk-Date",
                "Authorization"
            ]
        );
        assert_eq!(headers[2].1, "20260301T101112Z");
        let authorization = &headers[3].1;
        assert!(
            authorization.contains(
                "SignedHeaders=content-type;host;x-project-id;x-sdk-date;x-security-token,"
            )
        );
        let (_, signature) = authorization.rsplit_once('=').unwrap();
        assert_eq!(scrub(&format!("bad {signature}")), "bad [redacted]");
    }
}
