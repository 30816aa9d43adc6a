//! Keys of STS, and who one is there.

use serde_json::{Value, json};

use super::super::account::{account_id, agency_urn, provider_urn};
use super::super::id_token::{fixed, made};
use super::super::support::{Answered, Played, Signed, north};

const OIDC: &str = "/v5/agencies/assume-with-oidc";
const ASSUME: &str = "/v5/agencies/assume";
const WHO: &str = "/v5/caller-identity";

fn asking(id_token: &str) -> Value {
    json!({
        "provider_urn": provider_urn(), "agency_urn": agency_urn(),
        "agency_session_name": "oidc-sts-session", "id_token": id_token,
        "duration_seconds": 3600,
    })
}

/// Writes keys of STS as those of IAM.
fn as_credential(answer: &Answered) -> Value {
    let keys = answer.json()["credentials"].clone();
    json!({
        "access": keys["access_key_id"], "secret": keys["secret_access_key"],
        "securitytoken": keys["security_token"],
    })
}

fn refused(played: &Played, body: &Value) -> (u16, Value) {
    let answer = played.post(OIDC, &[], &body.to_string());
    let mut told = answer.json();
    assert_eq!(told["request_id"], answer.header("x-request-id"));
    told.as_object_mut().unwrap().remove("request_id");
    (answer.status, told)
}

#[test]
fn an_id_token_gives_keys_of_the_agency() {
    let played = Played::start();
    let answer = played.post(OIDC, &[], &asking(&fixed()).to_string());
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json()["credentials"]["expiration"],
        "2026-03-01T11:11:12.000000Z"
    );
    let caller = played.with_keys(&as_credential(&answer), &north()).unwrap();
    assert_eq!(caller.user, "emulator-agency/oidc-sts-session");
}

#[test]
fn an_id_token_that_is_not_trusted_is_401() {
    let played = Played::start();
    assert_eq!(
        refused(&played, &asking(&made("other", 0, 4_000_000_000))),
        (
            401,
            json!({
                "error_code": "IAM.0067",
                "error_msg": "The id token is for 'other', the provider trusts 'swr-emulator'.",
            })
        )
    );
    assert_eq!(
        refused(&played, &asking(&made("swr-emulator", 0, 100))),
        (
            401,
            json!({
                "error_code": "IAM.0066",
                "error_msg": "The id token expired at 1970-01-01T00:01:40.000000Z.",
            })
        )
    );
}

#[test]
fn a_provider_or_an_agency_that_does_not_exist_is_404() {
    let played = Played::start();
    for (field, what) in [
        ("provider_urn", "identity provider"),
        ("agency_urn", "agency"),
    ] {
        let mut body = asking(&fixed());
        body[field] = json!("iam::x");
        let told = json!({
            "error_code": "IAM.0004", "error_msg": format!("Could not find {what}: iam::x."),
        });
        assert_eq!(refused(&played, &body), (404, told));
    }
}

#[test]
fn each_field_is_required() {
    let played = Played::start();
    for (field, value) in [
        ("provider_urn", json!(null)),
        ("agency_urn", json!(1)),
        ("agency_session_name", json!("")),
        ("id_token", json!(null)),
        ("duration_seconds", json!(899)),
        ("duration_seconds", json!(43_201)),
    ] {
        let mut body = asking(&fixed());
        body[field] = value;
        let told = json!({
            "error_code": "IAM.0011",
            "error_msg": format!("The request body is invalid: '{field}'"),
        });
        assert_eq!(refused(&played, &body), (400, told));
    }
}

#[test]
fn an_agency_is_assumed_by_signature() {
    let played = Played::start();
    let body = json!({"agency_urn": agency_urn(), "agency_session_name": "me"}).to_string();
    let answer = played.signed("POST", ASSUME, &body);
    assert_eq!(answer.status, 200);
    let caller = played.with_keys(&as_credential(&answer), &north()).unwrap();
    assert_eq!(caller.user, "emulator-agency/me");
    assert_eq!(played.post(ASSUME, &[], &body).status, 401);
}

#[test]
fn who_one_is_is_told_by_signature_only() {
    let played = Played::start();
    let answer = played.signed("GET", WHO, "");
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"account_id": account_id()}))
    );
    let token = played.identity.token(&north());
    assert_eq!(played.get(WHO, &[("x-auth-token", &token)]).status, 401);
    let wrong = Signed::new("GET", WHO, "").by("EMULATORDEMOKEY00001", "wrong");
    let answer = played.ask_signed(&wrong);
    assert_eq!(
        (answer.status, answer.json()["error_code"].clone()),
        (401, json!("APIGW.0301"))
    );
}
