//! Recorded requests of the vendor's own SDK, as they are and altered.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;

use super::{Signature, canonical_request};
use crate::emulator::request::Incoming;

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    sent_uri: String,
    headers_in: BTreeMap<String, String>,
    headers_added: BTreeMap<String, String>,
    body: String,
    sk: String,
    canonical_request: String,
    authorization: String,
}

/// One recorded request, which a test may alter before it is verified.
#[derive(Clone)]
struct Recorded {
    method: String,
    uri: String,
    headers: HeaderMap,
    body: Vec<u8>,
    secret_key: String,
    authorization: String,
}

impl Recorded {
    fn incoming(&self) -> Incoming<'_> {
        Incoming {
            region: "cn-north-4",
            method: &self.method,
            path_and_query: &self.uri,
            headers: &self.headers,
            body: &self.body,
        }
    }

    fn verified(&self) -> Result<(), String> {
        Signature::parse(&self.authorization)?.verify(&self.incoming(), &self.secret_key)
    }

    fn altered(&self, alter: impl FnOnce(&mut Recorded)) -> Result<(), String> {
        let mut copy = self.clone();
        alter(&mut copy);
        copy.verified()
    }

    fn set(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.headers.insert(name, value);
    }
}

fn vectors() -> Vec<(Vector, Recorded)> {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/signing-vectors.json"
    );
    let text = std::fs::read_to_string(file).unwrap();
    let vectors: Vec<Vector> = serde_json::from_str(&text).unwrap();
    assert!(!vectors.is_empty());
    let recorded = |vector: &Vector| {
        let mut recorded = Recorded {
            method: vector.method.clone(),
            uri: vector.sent_uri.clone(),
            headers: HeaderMap::new(),
            body: vector.body.clone().into_bytes(),
            secret_key: vector.sk.clone(),
            authorization: vector.authorization.clone(),
        };
        for (name, value) in vector.headers_in.iter().chain(&vector.headers_added) {
            recorded.set(name, value);
        }
        recorded
    };
    vectors
        .into_iter()
        .map(|vector| {
            let recorded = recorded(&vector);
            (vector, recorded)
        })
        .collect()
}

fn plain() -> Recorded {
    let mut all = vectors();
    all.remove(0).1
}

#[test]
fn every_recorded_signature_verifies() {
    for (vector, recorded) in vectors() {
        let signature = Signature::parse(&recorded.authorization).unwrap();
        let canonical = canonical_request(&recorded.incoming(), &signature.signed_headers)
            .map(|text| String::from_utf8(text).unwrap());
        assert_eq!(canonical, Ok(vector.canonical_request), "{}", vector.name);
        assert_eq!(recorded.verified(), Ok(()), "{}", vector.name);
    }
}

#[test]
fn no_recorded_signature_verifies_once_a_signed_part_is_altered() {
    for (Vector { name, .. }, recorded) in vectors() {
        let fails = |what: &str, alter: &dyn Fn(&mut Recorded)| {
            assert!(recorded.altered(alter).is_err(), "{name}: {what}");
        };
        fails("method", &|it| it.method = "OPTIONS".to_owned());
        fails("path", &|it| it.uri.insert(1, 'x'));
        fails("query", &|it| {
            let mark = if it.uri.contains('?') { '&' } else { '?' };
            it.uri.push(mark);
            it.uri.push_str("added=1");
        });
        fails("key", &|it| it.secret_key.push('x'));
        fails("digest", &|it| {
            let last = it.authorization.pop();
            it.authorization
                .push(if last == Some('0') { '1' } else { '0' });
        });
        if !recorded.headers.contains_key("x-sdk-content-sha256") {
            fails("body", &|it| it.body.push(b' '));
        }
        let signed = Signature::parse(&recorded.authorization)
            .unwrap()
            .signed_headers;
        for header in signed {
            fails(&header, &|it| it.set(&header, "altered"));
            fails(&header, &|it| {
                it.headers.remove(header.as_str());
            });
        }
    }
}

#[test]
fn what_is_not_signed_may_change() {
    let recorded = plain();
    assert_eq!(recorded.altered(|it| it.set("x-project-id", "p")), Ok(()));
    assert_eq!(recorded.altered(|it| it.set("user-agent", "x")), Ok(()));
}

#[test]
fn a_dollar_and_its_encoded_form_are_one() {
    let encoded: Vec<Recorded> = vectors()
        .into_iter()
        .map(|(_, recorded)| recorded)
        .filter(|recorded| recorded.uri.contains('$'))
        .collect();
    assert!(!encoded.is_empty());
    for recorded in encoded {
        let altered = recorded.altered(|it| it.uri = it.uri.replace('$', "%24"));
        assert_eq!(altered, Ok(()));
    }
}

#[test]
fn a_query_verifies_in_any_order() {
    let (_, recorded) = vectors()
        .into_iter()
        .find(|(_, recorded)| recorded.uri.matches('&').count() == 2)
        .unwrap();
    let reversed = recorded.altered(|it| {
        let (path, query) = it.uri.split_once('?').unwrap();
        let pairs: Vec<&str> = query.rsplit('&').collect();
        it.uri = format!("{path}?{}", pairs.join("&"));
    });
    assert_eq!(reversed, Ok(()));
}

#[test]
fn a_digest_of_another_body_is_no_way_around_the_body() {
    let recorded = plain();
    let refused = recorded.altered(|it| it.set("x-sdk-content-sha256", "e3b0c442"));
    let text = "X-Sdk-Content-Sha256 is not the digest of the body";
    assert_eq!(refused, Err(text.to_owned()));
}

#[test]
fn a_wrong_signature_is_answered_with_the_canonical_request() {
    let refused = plain().altered(|it| {
        it.secret_key.clear();
        it.body.clear();
        it.uri = "/v2/x".to_owned();
    });
    let text = "canonicalRequest:POST|/v2/x/||content-type:application/json|\
                host:swr-api.cn-north-4.myhuaweicloud.com|x-sdk-date:20260301T101112Z||\
                content-type;host;x-sdk-date|\
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(refused, Err(text.to_owned()));
}

#[test]
fn what_is_no_signature_of_this_kind_is_told_apart() {
    let refused = |authorization: &str| Signature::parse(authorization).unwrap_err();
    assert_eq!(
        refused(
            "V11-HMAC-SHA256 Credential=A/20260301/cn-north-4/swr, SignedHeaders=a, Signature=0"
        ),
        "V11-HMAC-SHA256 is not used by SWR, sign with SDK-HMAC-SHA256"
    );
    assert_eq!(
        refused("Bearer abc"),
        "the scheme of Authorization is not SDK-HMAC-SHA256"
    );
    for (authorization, missing) in [
        ("SDK-HMAC-SHA256", "Access"),
        (
            "SDK-HMAC-SHA256 Access=, SignedHeaders=host, Signature=0",
            "Access",
        ),
        ("SDK-HMAC-SHA256 Access=A, Signature=0", "SignedHeaders"),
        ("SDK-HMAC-SHA256 Access=A, SignedHeaders=host", "Signature"),
    ] {
        let text = format!("{missing} is missing in Authorization");
        assert_eq!(refused(authorization), text, "{authorization}");
    }
}
