//! Tokens for a password, keys for a token.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::account::{ACCOUNT, AGENCY, ALICE, MFA, User, account_id, project_id};
use super::super::support::{Answered, Played, east, north};

const TOKENS: &str = "/v3/auth/tokens?nocatalog=true";
const KEYS: &str = "/v3.0/OS-CREDENTIAL/securitytokens";

fn password(user: &User, password: &str) -> Value {
    let user = json!({"name": user.name, "password": password, "domain": {"name": ACCOUNT}});
    json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": "cn-north-4"}},
    }})
}

fn with_code(code: &str) -> Value {
    let mut body = password(&MFA, MFA.password);
    body["auth"]["identity"]["methods"] = json!(["password", "totp"]);
    body["auth"]["identity"]["totp"] = json!({"user": {"id": MFA.id(), "passcode": code}});
    body
}

fn asked(played: &Played, body: &Value) -> Answered {
    played.post(
        TOKENS,
        &[("content-type", "application/json;charset=utf8")],
        &body.to_string(),
    )
}

/// Returns status and text of IAM's first shape, or status, code of the second.
fn refused(answer: &Answered) -> (u16, String) {
    let body = answer.json();
    let told = body["error"]["message"].as_str();
    let told = told.or(body["error_code"].as_str());
    (answer.status, told.unwrap().to_owned())
}

fn wrong() -> (u16, String) {
    (401, "The username or password is wrong.".to_owned())
}

#[test]
fn a_password_gives_a_projects_token_with_the_full_body() {
    let played = Played::start();
    let answer = asked(&played, &password(&ALICE, ALICE.password));
    assert_eq!(answer.status, 201);
    let domain = json!({"id": account_id(), "name": "demo"});
    assert_eq!(
        answer.json(),
        json!({"token": {
            "catalog": [],
            "expires_at": "2026-03-02T10:11:12.000000Z",
            "issued_at": "2026-03-01T10:11:12.000000Z",
            "methods": ["password"],
            "project": {"id": project_id(&north()), "name": "cn-north-4", "domain": domain},
            "roles": [{"id": "1494f45d7a20268ec0af3ba76b668e6e", "name": "te_admin"}],
            "user": {
                "id": ALICE.id(), "name": "alice", "domain": domain, "password_expires_at": "",
            },
        }})
    );
    let text = answer.header("x-subject-token");
    assert_eq!(played.with_token(&text, &north()).unwrap().user, "alice");
    assert!(played.with_token(&text, &east()).is_err());
}

#[test]
fn a_project_may_be_named_by_id_and_comes_before_an_account() {
    let played = Played::start();
    let mut body = password(&ALICE, ALICE.password);
    body["auth"]["scope"] =
        json!({"project": {"id": project_id(&east())}, "domain": {"name": "demo"}});
    let answer = asked(&played, &body);
    assert_eq!(answer.json()["token"]["project"]["name"], "cn-east-3");
}

#[test]
fn a_token_without_a_project_is_global_and_not_for_swr() {
    let played = Played::start();
    let mut without = password(&ALICE, ALICE.password);
    without["auth"].as_object_mut().unwrap().remove("scope");
    let mut account = password(&ALICE, ALICE.password);
    account["auth"]["scope"] = json!({"domain": {"name": "demo"}});
    for body in [without, account] {
        let answer = asked(&played, &body);
        assert_eq!(answer.status, 201);
        let token = answer.json()["token"].clone();
        assert_eq!(token["project"], Value::Null);
        assert_eq!(token["domain"], json!({"id": account_id(), "name": "demo"}));
        let text = answer.header("x-subject-token");
        assert_eq!(played.with_token(&text, &north()).unwrap_err().status, 401);
    }
}

#[test]
fn a_project_that_does_not_exist_is_404() {
    let played = Played::start();
    let mut body = password(&ALICE, ALICE.password);
    body["auth"]["scope"]["project"]["name"] = json!("eu-west-0");
    let answer = asked(&played, &body);
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.json(),
        json!({"error_code": "IAM.0004", "error_msg": "Could not find project: eu-west-0."})
    );
}

#[test]
fn a_wrong_user_account_or_password_is_answered_alike() {
    let played = Played::start();
    let answer = asked(&played, &password(&ALICE, "guess"));
    assert_eq!(
        answer.json(),
        json!({"error": {
            "code": 401, "message": "The username or password is wrong.", "title": "Unauthorized",
        }})
    );
    let mut account = password(&ALICE, ALICE.password);
    account["auth"]["identity"]["password"]["user"]["domain"]["name"] = json!("other");
    let mut user = password(&ALICE, ALICE.password);
    user["auth"]["identity"]["password"]["user"]["name"] = json!("bob");
    for body in [account, user] {
        assert_eq!(refused(&asked(&played, &body)), wrong());
    }
}

#[test]
fn a_body_that_misses_something_is_400() {
    let played = Played::start();
    let invalid = json!({"error": {
        "code": 400, "message": "The request body is invalid", "title": "Bad Request",
    }});
    let answer = played.post(TOKENS, &[], "{");
    assert_eq!((answer.status, answer.json()), (400, invalid.clone()));
    for pointer in [
        "/auth",
        "/auth/identity/methods",
        "/auth/identity/password",
        "/auth/identity/password/user/name",
        "/auth/identity/password/user/password",
        "/auth/identity/password/user/domain",
        "/auth/scope/project",
    ] {
        let mut body = password(&ALICE, ALICE.password);
        *body.pointer_mut(pointer).unwrap() = json!(7);
        let answer = asked(&played, &body);
        assert_eq!(
            (answer.status, answer.json()),
            (400, invalid.clone()),
            "{pointer}"
        );
    }
    for methods in [json!([]), json!(["totp"]), json!(["hw_assume_role"])] {
        let mut body = password(&ALICE, ALICE.password);
        body["auth"]["identity"]["methods"] = methods;
        assert_eq!(asked(&played, &body).status, 400);
    }
}

#[test]
fn a_user_is_locked_after_five_wrong_passwords() {
    let played = Played::start();
    let good = password(&ALICE, ALICE.password);
    for _ in 0..4 {
        assert_eq!(
            refused(&asked(&played, &password(&ALICE, "guess"))),
            wrong()
        );
    }
    assert_eq!(asked(&played, &good).status, 201);
    for _ in 0..5 {
        assert_eq!(
            refused(&asked(&played, &password(&ALICE, "guess"))),
            wrong()
        );
    }
    let locked = (401, "IAM.0061".to_owned());
    assert_eq!(refused(&asked(&played, &good)), locked);
    assert_eq!(asked(&played, &with_code("246810")).status, 201);
    played.identity.move_clock(SignedDuration::from_mins(15));
    assert_eq!(asked(&played, &good).status, 201);
}

#[test]
fn the_user_with_a_device_must_bring_its_code() {
    let played = Played::start();
    let answer = asked(&played, &with_code("246810"));
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.json()["token"]["methods"],
        json!(["password", "totp"])
    );
    assert_eq!(
        refused(&asked(&played, &password(&MFA, MFA.password))),
        (
            401,
            "The user has a virtual MFA device: the method totp is required.".to_owned()
        )
    );
    let wrong_code = (401, "The user id or the MFA code is wrong.".to_owned());
    for _ in 0..5 {
        assert_eq!(refused(&asked(&played, &with_code("000000"))), wrong_code);
    }
    assert_eq!(
        refused(&asked(&played, &with_code("246810"))),
        (401, "IAM.0061".to_owned())
    );
}

#[test]
fn the_code_of_another_user_does_not_count() {
    let played = Played::start();
    let mut body = with_code("246810");
    body["auth"]["identity"]["totp"]["user"]["id"] = json!(ALICE.id());
    assert_eq!(asked(&played, &body).status, 401);
    let mut body = password(&ALICE, ALICE.password);
    body["auth"]["identity"]["methods"] = json!(["password", "totp"]);
    assert_eq!(
        refused(&asked(&played, &body)),
        (401, "The user has no virtual MFA device.".to_owned())
    );
}

fn for_token(token: &Value, seconds: &Value) -> String {
    let mut inner = json!({});
    for (field, value) in [("id", token), ("duration_seconds", seconds)] {
        if !value.is_null() {
            inner[field] = value.clone();
        }
    }
    json!({"auth": {"identity": {"methods": ["token"], "token": inner}}}).to_string()
}

#[test]
fn a_token_gives_keys_for_a_quarter_of_an_hour() {
    let played = Played::start();
    let token = Value::from(played.identity.token(&north()));
    let answer = played.post(KEYS, &[], &for_token(&token, &Value::Null));
    assert_eq!(answer.status, 201);
    let keys = &answer.json()["credential"];
    assert_eq!(keys["expires_at"], "2026-03-01T10:26:12.000000Z");
    for region in [north(), east()] {
        let caller = played.with_keys(keys, &region).unwrap();
        assert_eq!(
            (caller.user, caller.project_id),
            ("alice".to_owned(), project_id(&region))
        );
    }
}

#[test]
fn the_token_may_stand_in_the_header() {
    let played = Played::start();
    let token = played.identity.token(&north());
    let body = for_token(&Value::Null, &json!(21_600));
    let answer = played.post(KEYS, &[("x-auth-token", &token)], &body);
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.json()["credential"]["expires_at"],
        "2026-03-01T16:11:12.000000Z"
    );
}

#[test]
fn keys_live_between_a_quarter_of_an_hour_and_a_day() {
    let played = Played::start();
    let token = Value::from(played.identity.token(&north()));
    let status = |seconds: Value| played.post(KEYS, &[], &for_token(&token, &seconds)).status;
    assert_eq!(status(json!(899)), 400);
    assert_eq!(status(json!(900)), 201);
    assert_eq!(status(json!(86_400)), 201);
    assert_eq!(status(json!(86_401)), 400);
    assert_eq!(status(json!("900")), 400);
}

#[test]
fn a_dead_token_gives_no_keys() {
    let played = Played::start();
    let token = played.identity.token(&north());
    let code = |token: Value| {
        let answer = played.post(KEYS, &[], &for_token(&token, &Value::Null));
        refused(&answer)
    };
    assert_eq!(code(Value::Null), (401, "IAM.0001".to_owned()));
    assert_eq!(code(json!("made up")), (401, "IAM.0067".to_owned()));
    assert!(played.identity.revoke_token(&token));
    assert_eq!(code(json!(token)), (401, "IAM.0067".to_owned()));
    assert!(played.identity.expire_token(&token));
    assert_eq!(code(json!(token)), (401, "IAM.0066".to_owned()));
}

#[test]
fn an_agency_gives_keys_of_its_own() {
    let played = Played::start();
    let token = played.identity.token(&north());
    let answer = |agency: &str| {
        let role = json!({"agency_name": agency, "domain_name": "demo", "duration_seconds": 3600});
        let identity = json!({"methods": ["assume_role"], "assume_role": role});
        let body = json!({"auth": {"identity": identity}}).to_string();
        played.post(KEYS, &[("x-auth-token", &token)], &body)
    };
    let keys = answer(AGENCY).json()["credential"].clone();
    assert_eq!(keys["expires_at"], "2026-03-01T11:11:12.000000Z");
    let caller = played.with_keys(&keys, &north()).unwrap();
    assert_eq!(caller.user, AGENCY);
    assert_eq!(refused(&answer("other")), (404, "IAM.0004".to_owned()));
}

#[test]
fn a_short_life_holds_for_tokens_that_follow() {
    let played = Played::start();
    played.identity.shorten_lives(SignedDuration::from_secs(60));
    let answer = asked(&played, &password(&ALICE, ALICE.password));
    assert_eq!(
        answer.json()["token"]["expires_at"],
        "2026-03-01T10:12:12.000000Z"
    );
    let text = answer.header("x-subject-token");
    played.identity.move_clock(SignedDuration::from_secs(60));
    let code = played.with_token(&text, &north()).unwrap_err().code;
    assert_eq!(code, "APIGW.0301");
}
