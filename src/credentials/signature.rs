//! The signature of the vendor's SDKs, SDK-HMAC-SHA256: a pure function over a request, a pair of
//! keys and a time.
//!
//! `authorize` calls it for each try. Source: `reference/swr-api.md` section 5.2, and the vectors
//! recorded from the SDK in `tests/data/signing-vectors.json`.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};
use url::{Position, Url};

use crate::secret::Secret;

const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// The name of the header that holds the time of a signature.
pub const DATE_HEADER: &str = "X-Sdk-Date";

const CONTENT_HASH_HEADER: &str = "X-Sdk-Content-Sha256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What stays as it is: letters, digits and `-_.~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A request to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The address; its host is signed unless the headers bring one.
    pub url: &'a Url,
    /// The headers to sign, in any order; names with `_` are left out, as the SDK does.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; empty when there is none.
    pub body: &'a [u8],
}

/// Signs a request: returns the headers to add, `Authorization` last. `Host` is signed and not
/// among them, because the sender of the request sets it.
///
/// `date` is the time as `YYYYMMDDTHHMMSSZ`, in UTC; a date among the headers wins.
pub fn sign(
    request: &Request<'_>,
    access_key: &str,
    secret_key: &Secret,
    date: &str,
) -> Vec<(&'static str, String)> {
    let (headers, mut added) = completed(request, date);
    let date = headers
        .get(&DATE_HEADER.to_ascii_lowercase())
        .map_or(date, String::as_str);
    let to_sign = string_to_sign(&canonical_request(request, &headers), date);
    let authorization = format!(
        "{ALGORITHM} Access={access_key}, SignedHeaders={}, Signature={}",
        names(&headers),
        hmac(secret_key, &to_sign)
    );
    added.push(("Authorization", authorization));
    added
}

type Headers = BTreeMap<String, String>;

/// Returns the headers to sign by their lowercase names, and those that the request lacked.
fn completed(request: &Request<'_>, date: &str) -> (Headers, Vec<(&'static str, String)>) {
    let mut headers: Headers = request
        .headers
        .iter()
        .filter(|(name, _)| !name.contains('_'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut added = Vec::new();
    if headers
        .get("content-type")
        .is_some_and(|kind| !is_hashed(kind))
    {
        added.push((CONTENT_HASH_HEADER, UNSIGNED.to_owned()));
    }
    added.push((DATE_HEADER, date.to_owned()));
    added.retain(|(name, _)| !headers.contains_key(&name.to_ascii_lowercase()));
    for (name, value) in &added {
        headers.insert(name.to_ascii_lowercase(), value.clone());
    }
    headers
        .entry("host".to_owned())
        .or_insert_with(|| request.url[Position::BeforeHost..Position::AfterPort].to_owned());
    (headers, added)
}

/// Returns `true` if a body of this type is hashed; others go unsigned.
fn is_hashed(content_type: &str) -> bool {
    let kind = content_type.to_ascii_lowercase();
    kind.starts_with("application/json") || kind.starts_with("application/bson")
}

fn canonical_request(request: &Request<'_>, headers: &Headers) -> String {
    let block: String = headers
        .iter()
        .flat_map(|(name, value)| [name, ":", value, "\n"])
        .collect();
    let hash = headers
        .get(&CONTENT_HASH_HEADER.to_ascii_lowercase())
        .filter(|_| !request.body.is_empty())
        .cloned()
        .unwrap_or_else(|| hash(request.body));
    [
        request.method.to_ascii_uppercase(),
        canonical_path(request.url.path()),
        canonical_query(request.url),
        block,
        names(headers),
        hash,
    ]
    .join("\n")
}

/// Decodes the whole path once, then encodes each part; an encoded slash is thus a real one.
fn canonical_path(path: &str) -> String {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    let mut canonical = decoded
        .split(|byte| *byte == b'/')
        .map(encoded)
        .collect::<Vec<_>>()
        .join("/");
    if !canonical.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// Sorts the pairs as decoded text, then encodes them.
fn canonical_query(url: &Url) -> String {
    let mut pairs: Vec<_> = url.query_pairs().collect();
    pairs.sort();
    pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encoded(key.as_bytes()), encoded(value.as_bytes())))
        .collect::<Vec<_>>()
        .join("&")
}

fn encoded(bytes: &[u8]) -> String {
    percent_encode(bytes, ENCODED).to_string()
}

fn names(headers: &Headers) -> String {
    headers.keys().cloned().collect::<Vec<_>>().join(";")
}

fn string_to_sign(canonical_request: &str, date: &str) -> String {
    format!(
        "{ALGORITHM}\n{date}\n{}",
        hash(canonical_request.as_bytes())
    )
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hmac(key: &Secret, text: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).expect("any key");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;
    use url::Url;

    use super::{Request, canonical_request, completed, names, sign, string_to_sign};
    use crate::secret::Secret;

    const VECTORS: &str = include_str!("../../tests/data/signing-vectors.json");

    /// A vector of the recorded ones: its text at a key, which may be missing.
    fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
        vector[key].as_str().unwrap_or_default()
    }

    fn check(vector: &Value) {
        let name = text(vector, "name");
        let url = Url::parse(text(vector, "url")).unwrap();
        let given = vector["headers_in"].as_object().unwrap();
        let given: Vec<(&str, &str)> = given
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let request = Request {
            method: text(vector, "method"),
            url: &url,
            headers: &given,
            body: text(vector, "body").as_bytes(),
        };
        let date = text(vector, "date");
        let (headers, _) = completed(&request, date);
        let canonical = canonical_request(&request, &headers);
        let to_sign = string_to_sign(&canonical, &headers["x-sdk-date"]);
        let steps = [
            ("canonical_request", canonical),
            ("signed_headers", names(&headers)),
            ("string_to_sign", to_sign),
        ];
        for (step, ours) in steps {
            if vector[step].is_string() {
                assert_eq!(ours, text(vector, step), "{step} of {name}");
            }
        }
        let secret_key = Secret::new(text(vector, "sk"));
        let mut added = sign(&request, text(vector, "ak"), &secret_key, date);
        let (_, authorization) = added.pop().unwrap();
        assert_eq!(authorization, text(vector, "authorization"), "{name}");
        let Some(mut expected) = vector["headers_added"].as_object().cloned() else {
            return;
        };
        expected.remove("Host");
        let added: serde_json::Map<String, Value> = added
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        assert_eq!(added, expected, "{name}");
    }

    #[test]
    fn every_recorded_signature_is_ours() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        assert!(!vectors.is_empty());
        for vector in &vectors {
            check(vector);
        }
    }

    fn signed(url: &str, headers: &[(&str, &str)], body: &str) -> String {
        let request = Request {
            method: "GET",
            url: &Url::parse(url).unwrap(),
            headers,
            body: body.as_bytes(),
        };
        let key = Secret::new("a-secret-key-for-tests");
        sign(&request, "AK", &key, "20260301T101112Z")
            .pop()
            .unwrap()
            .1
    }

    proptest! {
        #[test]
        fn the_order_of_headers_and_of_the_query_means_nothing(
            pairs in prop::collection::vec(("[a-z]{1,4}", "[ -~é]{0,6}"), 0..5)
        ) {
            let url = |pairs: &mut dyn Iterator<Item = &(String, String)>| {
                let mut url = Url::parse("https://h.example/p").unwrap();
                for (key, value) in pairs {
                    url.query_pairs_mut().append_pair(key, value);
                }
                url.to_string()
            };
            let forth = url(&mut pairs.iter());
            let back = url(&mut pairs.iter().rev());
            let headers = [("A", "1"), ("b", "2")];
            prop_assert_eq!(
                signed(&forth, &headers, ""),
                signed(&back, &[("B", " 2 "), ("a", "1")], "")
            );
        }

        #[test]
        fn a_path_may_be_encoded_or_not(part in "[a-z$!()*, éü组+~]{1,8}") {
            let plain = format!("https://h.example/v2/{part}/x");
            let encoded = percent_encoding::utf8_percent_encode(&part, percent_encoding::NON_ALPHANUMERIC);
            let encoded = format!("https://h.example/v2/{encoded}/x");
            prop_assert_eq!(signed(&plain, &[], ""), signed(&encoded, &[], ""));
        }

        #[test]
        fn another_body_has_another_signature(body in "[a-z]{1,8}") {
            let json = [("Content-Type", "application/json")];
            prop_assert_ne!(signed("https://h.example/", &json, &body), signed("https://h.example/", &json, ""));
        }
    }
}
