//! Signed calls: which keys open, which fail, and when a key is locked.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use super::super::account::{ACCESS_KEY, SECRET_KEY};
use super::super::signature::authorization_of;
use super::{Credentials, Keys, Refusal};
use crate::emulator::request::Incoming;

const DATE: &str = "20260301T101112Z";

/// A request that a test signs.
#[derive(Clone)]
struct Signed(HeaderMap);

fn call() -> Signed {
    Signed(HeaderMap::new())
        .with("host", "127.0.0.1:8080")
        .with("content-type", "application/json")
        .with("x-sdk-date", DATE)
}

fn minute(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-03-01T10:11:12Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

impl Signed {
    fn with(mut self, name: &str, value: &str) -> Signed {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.0.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    fn incoming(&self) -> Incoming<'_> {
        Incoming {
            region: "cn-north-4",
            method: "POST",
            path_and_query: "/v2/manage/namespaces/demo/repos/web$api/sync_repo",
            headers: &self.0,
            body: br#"{"remoteRegionId":"cn-east-3"}"#,
        }
    }

    fn by(self, access_key: &str, secret_key: &str) -> Signed {
        self.over(
            &["content-type", "host", "x-sdk-date"],
            access_key,
            secret_key,
        )
    }

    /// Signs these headers.
    fn over(self, headers: &[&str], access_key: &str, secret_key: &str) -> Signed {
        let text = authorization_of(&self.incoming(), headers, access_key, secret_key);
        self.with("authorization", &text)
    }

    fn validate(&self, keys: &mut Keys, now: Timestamp) -> Result<String, Refusal> {
        let incoming = self.incoming();
        keys.validate(&incoming, incoming.header("authorization").unwrap(), now)
    }

    /// Returns what a refusal says, on keys that saw nothing before.
    fn refused(&self, now: Timestamp) -> Refusal {
        self.validate(&mut Keys::new(), now).unwrap_err()
    }
}

fn unverified(why: &str) -> Refusal {
    Refusal::incorrect(&format!("verify aksk signature fail, {why}"))
}

/// Issues temporary keys for a quarter of an hour.
fn issue(keys: &mut Keys) -> Credentials {
    keys.issue("agency", minute(0), SignedDuration::from_mins(15))
}

fn signed_by(credentials: &Credentials, security_token: &str) -> Signed {
    call().with("x-security-token", security_token).over(
        &["host", "x-sdk-date", "x-security-token"],
        &credentials.access_key,
        &credentials.secret_key,
    )
}

#[test]
fn a_signature_over_other_headers_is_accepted_too() {
    let headers = ["accept", "content-type", "user-agent", "x-sdk-date"];
    let signed = call()
        .with("accept", "application/json")
        .with("user-agent", "terraform")
        .over(&headers, ACCESS_KEY, SECRET_KEY);
    let user = signed.validate(&mut Keys::new(), minute(0));
    assert_eq!(user, Ok("alice".to_owned()));
}

#[test]
fn what_is_wrong_with_a_signature_is_named() {
    let good = || call().by(ACCESS_KEY, SECRET_KEY);
    for (signed, expected) in [
        (
            call().by("NOBODYSKEY0000000001", SECRET_KEY),
            Refusal::incorrect("Get secretKey failed,ak:NOBODYSKEY0000000001,err:ak not exist"),
        ),
        (
            call().with("authorization", "V11-HMAC-SHA256 Credential=A"),
            unverified("V11-HMAC-SHA256 is not used by SWR, sign with SDK-HMAC-SHA256"),
        ),
        (
            call()
                .with("x-security-token", "left over")
                .by(ACCESS_KEY, SECRET_KEY),
            unverified("a permanent ak has no security token"),
        ),
    ] {
        assert_eq!(signed.refused(minute(0)), expected);
    }
    let mut undated = good();
    undated.0.remove("x-sdk-date");
    assert_eq!(
        undated.refused(minute(0)),
        unverified("X-Sdk-Date is missing")
    );
    for date in [
        "2026-03-01T10:11:12Z",
        "20260301T101112",
        "20260301T10112Z",
        "20261301T101112Z",
    ] {
        let signed = call().with("x-sdk-date", date).by(ACCESS_KEY, SECRET_KEY);
        let expected = unverified("X-Sdk-Date is not of the form YYYYMMDDTHHMMSSZ");
        assert_eq!(signed.refused(minute(0)), expected, "{date}");
    }
    let Refusal::Gateway { text, .. } = call().by(ACCESS_KEY, "wrong").refused(minute(0)) else {
        panic!("not the gateway's");
    };
    let start = "Incorrect IAM authentication information: verify aksk signature fail, \
                 canonicalRequest:POST|";
    assert!(text.starts_with(start), "{text}");
}

#[test]
fn a_clock_may_be_off_by_a_quarter_of_an_hour() {
    let signed = call().by(ACCESS_KEY, SECRET_KEY);
    let second = SignedDuration::from_secs(1);
    for (now, accepted) in [
        (minute(15), true),
        (minute(-15), true),
        (minute(15) + second, false),
        (minute(-15) - second, false),
    ] {
        let found = signed.validate(&mut Keys::new(), now);
        assert_eq!(found.is_ok(), accepted, "{now}");
    }
    let text = "Incorrect app authentication information: the date 20260301T101112Z of the \
                signature is more than 15 minutes off, the time here is 20260301T102712Z";
    let expected = Refusal::gateway(401, "APIGW.0303", text);
    assert_eq!(signed.refused(minute(16)), expected);
}

#[test]
fn a_key_is_locked_after_five_failures_for_five_minutes_and_no_other_key_is() {
    let mut keys = Keys::new();
    let temporary = issue(&mut keys);
    let (good, bad) = (
        call().by(ACCESS_KEY, SECRET_KEY),
        call().by(ACCESS_KEY, "wrong"),
    );
    let locked = Err(Refusal::incorrect(
        "AK access failed to reach the limit,forbidden.",
    ));
    for _ in 0..5 {
        assert_ne!(bad.validate(&mut keys, minute(0)), locked);
    }
    assert_eq!(good.validate(&mut keys, minute(0)), locked);
    let signed = signed_by(&temporary, &temporary.security_token);
    assert!(signed.validate(&mut keys, minute(0)).is_ok());
    assert_eq!(good.validate(&mut keys, minute(4)), locked);
    assert!(good.validate(&mut keys, minute(5)).is_ok());
    assert_ne!(bad.validate(&mut keys, minute(5)), locked);
}

#[test]
fn a_success_resets_the_failures() {
    let mut keys = Keys::new();
    for _ in 0..3 {
        for _ in 0..4 {
            let bad = call().by(ACCESS_KEY, "wrong");
            assert!(bad.validate(&mut keys, minute(0)).is_err());
        }
        let good = call().by(ACCESS_KEY, SECRET_KEY);
        assert!(good.validate(&mut keys, minute(0)).is_ok());
    }
}

#[test]
fn a_temporary_key_needs_its_own_security_token_while_it_lives() {
    let mut keys = Keys::new();
    let (first, second) = (issue(&mut keys), issue(&mut keys));
    let own = signed_by(&first, &first.security_token);
    assert_eq!(own.validate(&mut keys, minute(0)), Ok("agency".to_owned()));
    let crossed = signed_by(&first, &second.security_token);
    assert_eq!(
        crossed.validate(&mut keys, minute(0)),
        Err(unverified("the security token is not the one of this ak"))
    );
    let bare = call().by(&first.access_key, &first.secret_key);
    assert_eq!(
        bare.validate(&mut keys, minute(0)),
        Err(unverified("X-Security-Token is missing"))
    );
    let unsigned = bare.with("x-security-token", &first.security_token);
    assert!(unsigned.validate(&mut keys, minute(0)).is_ok());
    let access = &first.access_key;
    let why = format!("Get secretKey failed,ak:{access},err:security token expired");
    assert_eq!(
        own.validate(&mut keys, minute(15)),
        Err(Refusal::incorrect(&why))
    );
}
