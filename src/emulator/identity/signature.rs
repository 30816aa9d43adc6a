//! The signature SDK-HMAC-SHA256, read from the server's side: what a request must have signed,
//! checked by the request's own list of signed headers.
//!
//! `keys` asks; who may sign, and when, is not known here. Source: `reference/swr-api.md` section
//! 5.2.

use hmac::{Hmac, KeyInit, Mac};
use hyper::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};

use crate::emulator::request::Incoming;

/// The scheme, as the first word of `Authorization` and as the first line of what is signed.
pub(super) const ALGORITHM: &str = "SDK-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// `A-Z a-z 0-9 - _ . ~` stay, all else is `%XX`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What is in `Authorization`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) access_key: String,
    signed_headers: Vec<String>,
    digest: String,
}

impl Signature {
    /// Reads `SDK-HMAC-SHA256 Access={ak}, SignedHeaders={a;b}, Signature={hex}`.
    ///
    /// # Errors
    /// What is wrong with it, in the words of a gateway's text.
    pub(super) fn parse(authorization: &str) -> Result<Signature, String> {
        let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
        if scheme.starts_with("V11-") {
            return Err(format!(
                "{scheme} is not used by SWR, sign with {ALGORITHM}"
            ));
        }
        if scheme != ALGORITHM {
            return Err(format!("the scheme of Authorization is not {ALGORITHM}"));
        }
        let mut parts = rest.split(", ");
        let mut part = |name: &str| {
            parts
                .next()
                .and_then(|part| part.strip_prefix(name)?.strip_prefix('='))
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| format!("{name} is missing in Authorization"))
        };
        let access_key = part("Access")?;
        let mut signed_headers: Vec<String> = part("SignedHeaders")?
            .split(';')
            .map(str::to_ascii_lowercase)
            .collect();
        signed_headers.sort_unstable();
        Ok(Signature {
            access_key,
            signed_headers,
            digest: part("Signature")?,
        })
    }

    /// Validates the request by its signature.
    ///
    /// # Errors
    /// What is wrong, in the words of a gateway's text; where the signature is another than the
    /// expected one, the canonical request, as the service reports it.
    pub(super) fn verify(&self, incoming: &Incoming<'_>, secret_key: &str) -> Result<(), String> {
        let canonical = canonical_request(incoming, &self.signed_headers)?;
        let date = date_of(incoming.headers).ok_or("X-Sdk-Date is missing")?;
        if sign(&canonical, date, secret_key) == self.digest {
            Ok(())
        } else {
            let shown = String::from_utf8_lossy(&canonical).replace('\n', "|");
            Err(format!("canonicalRequest:{shown}"))
        }
    }
}

/// Returns the text of `X-Sdk-Date`.
pub(super) fn date_of(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-sdk-date")?.to_str().ok()
}

fn sign(canonical: &[u8], date: &str, secret_key: &str) -> String {
    let digest = hex::encode(Sha256::digest(canonical));
    let text = format!("{ALGORITHM}\n{date}\n{digest}");
    // A key of any length will do; the error exists for other algorithms.
    Hmac::<Sha256>::new_from_slice(secret_key.as_bytes())
        .map(|mac| hex::encode(mac.chain_update(text).finalize().into_bytes()))
        .unwrap_or_default()
}

fn canonical_request(incoming: &Incoming<'_>, signed: &[String]) -> Result<Vec<u8>, String> {
    let (path, query) = incoming
        .path_and_query
        .split_once('?')
        .unwrap_or((incoming.path_and_query, ""));
    let mut text = Vec::new();
    for line in [
        incoming.method.to_ascii_uppercase(),
        canonical_path(path),
        canonical_query(query),
    ] {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    for name in signed {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend_from_slice(&value_of(incoming.headers, name)?);
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(signed.join(";").as_bytes());
    text.push(b'\n');
    text.extend_from_slice(body_digest(incoming)?.as_bytes());
    Ok(text)
}

/// Decodes the whole path once, splits it, encodes its parts: `$` and `%24` come out alike, and an
/// encoded slash is a real one.
fn canonical_path(path: &str) -> String {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    let mut text: String = decoded
        .split(|byte| *byte == b'/')
        .map(|part| percent_encode(part, ENCODED).to_string())
        .collect::<Vec<String>>()
        .join("/");
    if !text.ends_with('/') {
        text.push('/');
    }
    text
}

/// Sorts the pairs as decoded text, by key, then by value, and encodes them afterwards.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| {
            (
                percent_decode_str(key).collect(),
                percent_decode_str(value).collect(),
            )
        })
        .collect();
    pairs.sort();
    pairs
        .iter()
        .map(|(key, value)| {
            format!(
                "{}={}",
                percent_encode(key, ENCODED),
                percent_encode(value, ENCODED)
            )
        })
        .collect::<Vec<String>>()
        .join("&")
}

fn value_of(headers: &HeaderMap, name: &str) -> Result<Vec<u8>, String> {
    let values: Vec<&[u8]> = headers
        .get_all(name)
        .iter()
        .map(|value| value.as_bytes().trim_ascii())
        .collect();
    if values.is_empty() {
        return Err(format!("the signed header '{name}' is missing"));
    }
    Ok(values.join(&b','))
}

/// Returns the last line: the digest of the body, or what `X-Sdk-Content-Sha256` says instead. That
/// it says the digest of another body is no way around the digest.
fn body_digest(incoming: &Incoming<'_>) -> Result<String, String> {
    let digest = hex::encode(Sha256::digest(incoming.body));
    match incoming.headers.get("x-sdk-content-sha256") {
        Some(given) if !incoming.body.is_empty() => {
            let given = given.to_str().unwrap_or_default().trim();
            if given == UNSIGNED || given == digest {
                Ok(given.to_owned())
            } else {
                Err("X-Sdk-Content-Sha256 is not the digest of the body".to_owned())
            }
        }
        _ => Ok(digest),
    }
}

/// Signs a request as a client would, for the tests of those who ask for a signature. The vectors
/// below hold it against the vendor's own SDK.
#[cfg(test)]
pub(in crate::emulator) fn authorization_of(
    incoming: &Incoming<'_>,
    signed_headers: &[&str],
    access_key: &str,
    secret_key: &str,
) -> String {
    let signed: Vec<String> = signed_headers.iter().map(ToString::to_string).collect();
    let canonical = canonical_request(incoming, &signed).unwrap();
    let digest = sign(&canonical, date_of(incoming.headers).unwrap(), secret_key);
    let list = signed.join(";");
    format!("{ALGORITHM} Access={access_key}, SignedHeaders={list}, Signature={digest}")
}

#[cfg(test)]
mod tests;
