//! Signed calls: which keys open, which fail, and when a key is locked.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::account::{ACCESS_KEY, SECRET_KEY};
use super::super::support::{Played, Signed, north};
use super::super::{Caller, Refusal};
use super::{Credentials, LARGEST_BODY};

const CALL: &str = "/v2/manage/namespaces/demo/repos/web$api/sync_repo";

fn call() -> Signed {
    Signed::new("POST", CALL, r#"{"remoteRegionId":"cn-east-3"}"#)
}

fn judged(played: &Played, signed: &Signed) -> Result<Caller, Refusal> {
    played.identity.authenticate(&north(), &signed.incoming())
}

/// Returns the end of the text of a refusal, and its code.
fn refused(played: &Played, signed: &Signed) -> (String, String) {
    let refusal = judged(played, signed).unwrap_err();
    assert_eq!(refusal.status, 401);
    let text = refusal.text;
    let text = text.strip_prefix("Incorrect IAM authentication information: ");
    (refusal.code, text.unwrap_or_default().to_owned())
}

fn incorrect(text: &str) -> (String, String) {
    ("APIGW.0301".to_owned(), text.to_owned())
}

#[test]
fn a_signature_like_terraforms_is_taken() {
    let played = Played::start();
    let headers = ["accept", "content-type", "user-agent", "x-sdk-date"];
    let project = played.identity.project_id(&north());
    let signed = call()
        .with("accept", "application/json")
        .with("user-agent", "terraform")
        .over(&headers, ACCESS_KEY, SECRET_KEY)
        .with("x-project-id", &project);
    assert_eq!(
        judged(&played, &signed).map(|it| it.user),
        Ok("alice".to_owned())
    );
}

#[test]
fn an_unknown_key_is_told_by_its_name() {
    let played = Played::start();
    let signed = call().by("NOBODYSKEY0000000001", SECRET_KEY);
    let text = "Get secretKey failed,ak:NOBODYSKEY0000000001,err:ak not exist";
    assert_eq!(refused(&played, &signed), incorrect(text));
}

#[test]
fn a_wrong_secret_key_fails() {
    let played = Played::start();
    let (code, text) = refused(&played, &call().by(ACCESS_KEY, "wrong"));
    assert_eq!(code, "APIGW.0301");
    assert!(
        text.starts_with("verify aksk signature fail, canonicalRequest:POST|"),
        "{text}"
    );
}

#[test]
fn the_derived_signature_is_refused() {
    let played = Played::start();
    let text = "V11-HMAC-SHA256 Credential=A/20260301/cn-north-4/swr, SignedHeaders=host, \
                Signature=00";
    let signed = call().with("authorization", text);
    let text = "verify aksk signature fail, V11-HMAC-SHA256 is not used by SWR, sign with \
                SDK-HMAC-SHA256";
    assert_eq!(refused(&played, &signed), incorrect(text));
}

#[test]
fn a_clock_may_be_off_by_a_quarter_of_an_hour() {
    for (seconds, taken) in [(900, true), (-900, true), (901, false), (-901, false)] {
        let played = Played::start();
        let signed = call().by(ACCESS_KEY, SECRET_KEY);
        played
            .identity
            .move_clock(SignedDuration::from_secs(seconds));
        let code = judged(&played, &signed).map_err(|refusal| refusal.code);
        let expected = if taken {
            None
        } else {
            Some("APIGW.0303".to_owned())
        };
        assert_eq!(code.err(), expected, "{seconds}");
    }
}

#[test]
fn the_refusal_of_a_clock_tells_both_times() {
    let played = Played::start();
    played.identity.move_clock(SignedDuration::from_mins(16));
    let refusal = judged(&played, &call().by(ACCESS_KEY, SECRET_KEY)).unwrap_err();
    assert_eq!(
        refusal.text,
        "Incorrect app authentication information: the date 20260301T101112Z of the signature is \
         more than 15 minutes off, the time here is 20260301T102712Z"
    );
}

#[test]
fn a_date_must_be_there_and_in_its_form() {
    let played = Played::start();
    let text = "verify aksk signature fail, X-Sdk-Date is not of the form YYYYMMDDTHHMMSSZ";
    for date in [
        "2026-03-01T10:11:12Z",
        "20260301T101112",
        "20260301T10112Z",
        "20261301T101112Z",
    ] {
        let played = Played::start();
        let signed = call().with("x-sdk-date", date).by(ACCESS_KEY, SECRET_KEY);
        assert_eq!(refused(&played, &signed), incorrect(text), "{date}");
    }
    let mut signed = call().by(ACCESS_KEY, SECRET_KEY);
    signed.headers.remove("x-sdk-date");
    let text = "verify aksk signature fail, X-Sdk-Date is missing";
    assert_eq!(refused(&played, &signed), incorrect(text));
}

#[test]
fn a_key_is_locked_after_five_failures_for_five_minutes() {
    let played = Played::start();
    let (good, bad) = (
        call().by(ACCESS_KEY, SECRET_KEY),
        call().by(ACCESS_KEY, "wrong"),
    );
    let locked = incorrect("AK access failed to reach the limit,forbidden.");
    for _ in 0..5 {
        assert_ne!(refused(&played, &bad), locked);
    }
    assert_eq!(refused(&played, &good), locked);
    played.identity.move_clock(SignedDuration::from_secs(299));
    assert_eq!(refused(&played, &good), locked);
    played.identity.move_clock(SignedDuration::from_secs(1));
    assert!(judged(&played, &good).is_ok());
    assert_ne!(refused(&played, &bad), locked);
}

#[test]
fn a_success_resets_the_failures() {
    let played = Played::start();
    let (good, bad) = (
        call().by(ACCESS_KEY, SECRET_KEY),
        call().by(ACCESS_KEY, "wrong"),
    );
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(judged(&played, &bad).is_err());
        }
        assert!(judged(&played, &good).is_ok());
    }
}

#[test]
fn a_locked_key_locks_no_other() {
    let played = Played::start();
    let keys = issued(&played);
    for _ in 0..5 {
        assert!(judged(&played, &call().by(ACCESS_KEY, "wrong")).is_err());
    }
    assert!(played.with_keys(&keys, &north()).is_ok());
}

/// Temporary keys for a quarter of an hour, as `credential` has them.
fn issued(played: &Played) -> Value {
    let Credentials {
        access_key,
        secret_key,
        security_token,
        ..
    } = played
        .identity
        .issue_credentials("agency", SignedDuration::from_mins(15));
    json!({"access": access_key, "secret": secret_key, "securitytoken": security_token})
}

#[test]
fn a_temporary_key_needs_its_own_security_token() {
    let played = Played::start();
    let (first, second) = (issued(&played), issued(&played));
    let caller = played.with_keys(&first, &north());
    assert_eq!(caller.map(|it| it.user), Ok("agency".to_owned()));
    let text = |keys: &Value| {
        let refusal = played.with_keys(keys, &north()).unwrap_err();
        refusal.text
    };
    let mut crossed = first.clone();
    crossed["securitytoken"] = second["securitytoken"].clone();
    assert_eq!(
        text(&crossed),
        "Incorrect IAM authentication information: verify aksk signature fail, the security token \
         is not the one of this ak"
    );
    let of = |field: &str| first[field].as_str().unwrap();
    let signed = call().by(of("access"), of("secret"));
    assert_eq!(
        refused(&played, &signed),
        incorrect("verify aksk signature fail, X-Security-Token is missing")
    );
    let unsigned = signed.with("x-security-token", of("securitytoken"));
    assert!(judged(&played, &unsigned).is_ok());
}

#[test]
fn a_temporary_key_has_an_end() {
    let played = Played::start();
    let keys = issued(&played);
    played.identity.move_clock(SignedDuration::from_mins(15));
    let access = keys["access"].as_str().unwrap();
    assert_eq!(
        played.with_keys(&keys, &north()).unwrap_err().text,
        format!(
            "Incorrect IAM authentication information: Get secretKey failed,ak:{access},\
             err:security token expired"
        )
    );
}

#[test]
fn a_permanent_key_has_no_security_token() {
    let played = Played::start();
    let signed = call()
        .with("x-security-token", "left over")
        .by(ACCESS_KEY, SECRET_KEY);
    assert_eq!(
        refused(&played, &signed),
        incorrect("verify aksk signature fail, a permanent ak has no security token")
    );
}

#[test]
fn a_signed_body_is_not_larger_than_twelve_megabytes() {
    let played = Played::start();
    let mut signed = call();
    signed.body = " ".repeat(LARGEST_BODY + 1);
    let refusal = judged(&played, &signed.by(ACCESS_KEY, SECRET_KEY)).unwrap_err();
    assert_eq!((refusal.status, refusal.code.as_str()), (413, "APIGW.0201"));
}
