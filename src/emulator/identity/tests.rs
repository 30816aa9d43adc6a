//! The services that hand out credentials, each by its calls: what it gives opens SWR.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::account::{
    ACCOUNT, ALICE, MFA, POD_TOKEN, User, WORKFLOW_TOKEN, account_id, agency_urn, project_id,
    provider_urn,
};
use super::id_token::{fixed, made, validate};
use crate::emulator::tests::support::{Answered, EAST, NORTH, Played, SWR, signed};

const TOKENS: &str = "POST /v3/auth/tokens?nocatalog=true";
const OIDC_V3: &str = "POST /v3.0/OS-AUTH/id-token/tokens";
const OIDC_V5: &str = "POST /v5/agencies/assume-with-oidc";
const METADATA_TOKEN: &str = "PUT /meta-data/latest/api/token";
const METADATA_KEYS: &str = "GET /openstack/latest/securitykey";
const POD: &str = "POST /emulator/pod/credentials";

fn ask(played: &Played, line: &str, headers: &[(&str, &str)], body: &Value) -> Answered {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    played.send(NORTH, line, headers, &body).unwrap()
}

/// Returns status and text of IAM's first shape, or status and code of the others.
fn refused(answer: &Answered) -> (u16, String) {
    let body = answer.json();
    let text = body["error"]["message"].as_str();
    let text = text.or(body["error_code"].as_str());
    (answer.status, text.unwrap().to_owned())
}

fn password(user: &User, password: &str) -> Value {
    let user = json!({"name": user.name, "password": password, "domain": {"name": ACCOUNT}});
    json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": NORTH}},
    }})
}

fn with_code(code: &str) -> Value {
    let mut body = password(&MFA, MFA.password);
    body["auth"]["identity"]["methods"] = json!(["password", "totp"]);
    body["auth"]["identity"]["totp"] = json!({"user": {"id": MFA.id(), "passcode": code}});
    body
}

/// Returns `true` if a token opens SWR in a region.
fn opens(played: &Played, region: &str, token: &str) -> bool {
    let headers = [("X-Auth-Token", token)];
    played.send(region, SWR, &headers, "").unwrap().status == 200
}

/// Returns `true` if temporary keys open SWR: access key, secret key, security token.
fn keys_open(played: &Played, keys: [&Value; 3]) -> bool {
    let [access, secret, token] = keys.map(|key| key.as_str().unwrap());
    let headers = signed(SWR, "", access, secret);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain([("X-Security-Token", token)])
        .collect();
    played.send(NORTH, SWR, &headers, "").unwrap().status == 200
}

fn credential_opens(played: &Played, answer: &Answered, lifetime: SignedDuration) -> bool {
    let keys = &answer.json()["credential"];
    lives(&keys["expires_at"], lifetime);
    keys_open(
        played,
        [&keys["access"], &keys["secret"], &keys["securitytoken"]],
    )
}

/// Asserts that what was just issued lives this long.
fn lives(end: &Value, lifetime: SignedDuration) {
    let end: Timestamp = end.as_str().unwrap().parse().unwrap();
    let left = end.duration_since(Timestamp::now());
    assert!(
        left <= lifetime && left > lifetime - SignedDuration::from_mins(1),
        "{left}"
    );
}

#[test]
fn a_password_gives_a_projects_token_with_the_full_body() {
    let played = Played::start();
    let answer = ask(&played, TOKENS, &[], &password(&ALICE, ALICE.password));
    assert_eq!(answer.status, 201);
    let mut token = answer.json()["token"].clone();
    lives(&token["expires_at"], SignedDuration::from_hours(24));
    token["expires_at"] = Value::Null;
    token["issued_at"] = Value::Null;
    let domain = json!({"id": account_id(), "name": "demo"});
    let roles = token["roles"].take();
    assert_eq!(roles[0]["name"], "te_admin");
    assert_eq!(
        token,
        json!({
            "catalog": [], "expires_at": null, "issued_at": null, "methods": ["password"],
            "roles": null,
            "user": {"id": ALICE.id(), "name": "alice", "domain": domain, "password_expires_at": ""},
            "project": {"id": project_id(NORTH), "name": NORTH, "domain": domain},
        })
    );
    let text = answer.header("x-subject-token").unwrap();
    assert!(opens(&played, NORTH, text) && !opens(&played, EAST, text));
    assert_eq!(answer.header("x-iam-trace-id").map(str::len), Some(32));
    assert_eq!(answer.header("x-request-id"), None);
}

#[test]
fn a_scope_is_a_project_by_name_or_id_or_the_account() {
    let played = Played::start();
    let scoped = |scope: Value| {
        let mut body = password(&ALICE, ALICE.password);
        body["auth"]["scope"] = scope;
        ask(&played, TOKENS, &[], &body)
    };
    let both = json!({"project": {"id": project_id(EAST)}, "domain": {"name": ACCOUNT}});
    let answer = scoped(both);
    assert!(opens(
        &played,
        EAST,
        answer.header("x-subject-token").unwrap()
    ));
    for scope in [json!({"domain": {"id": account_id()}}), Value::Null] {
        let answer = scoped(scope.clone());
        if scope.is_null() {
            assert_eq!(answer.status, 400);
            continue;
        }
        assert_eq!(answer.json()["token"]["domain"]["name"], ACCOUNT);
        let token = answer.header("x-subject-token").unwrap();
        assert!(!opens(&played, NORTH, token));
    }
    let unknown = scoped(json!({"project": {"name": "eu-west-0"}}));
    assert_eq!(refused(&unknown), (404, "IAM.0004".to_owned()));
}

#[test]
fn a_wrong_user_account_or_password_is_answered_alike() {
    let played = Played::start();
    let wrong = (401, "The username or password is wrong.".to_owned());
    let mut bodies = vec![password(&ALICE, "wrong")];
    for (field, value) in [
        ("name", json!("nobody")),
        ("domain", json!({"name": "other"})),
        ("id", json!("nobody")),
    ] {
        let mut body = password(&ALICE, ALICE.password);
        body["auth"]["identity"]["password"]["user"][field] = value;
        bodies.push(body);
    }
    for body in bodies {
        assert_eq!(refused(&ask(&played, TOKENS, &[], &body)), wrong, "{body}");
    }
    for body in [
        Value::Null,
        json!({"auth": {}}),
        json!({"auth": {"identity": {"methods": ["token"]}}}),
        json!({"auth": {"identity": {"methods": ["password"]}}}),
    ] {
        assert_eq!(ask(&played, TOKENS, &[], &body).status, 400, "{body}");
    }
}

#[test]
fn a_user_is_locked_after_five_wrong_passwords() {
    let played = Played::start();
    for _ in 0..5 {
        let answer = ask(&played, TOKENS, &[], &password(&ALICE, "wrong"));
        assert_eq!(answer.status, 401);
    }
    let answer = ask(&played, TOKENS, &[], &password(&ALICE, ALICE.password));
    assert_eq!(refused(&answer), (401, "IAM.0061".to_owned()));
}

#[test]
fn a_user_with_a_device_must_bring_its_code_and_others_must_not() {
    let played = Played::start();
    let message = |body: &Value| refused(&ask(&played, TOKENS, &[], body)).1;
    assert_eq!(
        message(&password(&MFA, MFA.password)),
        "The user has a virtual MFA device: the method totp is required."
    );
    assert_eq!(
        message(&with_code("000000")),
        "The user id or the MFA code is wrong."
    );
    let mut alice = password(&ALICE, ALICE.password);
    alice["auth"]["identity"]["methods"] = json!(["password", "totp"]);
    assert_eq!(message(&alice), "The user has no virtual MFA device.");
    let good = ask(&played, TOKENS, &[], &with_code("246810"));
    assert_eq!(good.json()["token"]["methods"], json!(["password", "totp"]));
}

#[test]
fn an_id_token_gives_a_token_of_the_project_that_was_asked_for() {
    let played = Played::start();
    let asking = |provider: &str, id_token: &str, scope: &Value| {
        let mut auth = json!({"id_token": {"id": id_token}});
        if !scope.is_null() {
            auth["scope"] = scope.clone();
        }
        let headers = [("X-Idp-Id", provider)];
        ask(&played, OIDC_V3, &headers, &json!({"auth": auth}))
    };
    let east = json!({"project": {"name": EAST}});
    let answer = asking("emulator-idp", &fixed(), &east);
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.json()["token"]["user"]["OS-FEDERATION"]["identity_provider"],
        json!({"id": "emulator-idp"})
    );
    let token = answer.header("x-subject-token").unwrap();
    assert!(opens(&played, EAST, token) && !opens(&played, NORTH, token));
    let unscoped = asking("emulator-idp", &fixed(), &Value::Null);
    assert_eq!(unscoped.json()["token"]["project"], Value::Null);
    for (provider, token, status) in [
        ("other", fixed(), 404),
        ("emulator-idp", made("x", 0, 4_000_000_000), 401),
        ("emulator-idp", made("swr-emulator", 0, 100), 401),
    ] {
        assert_eq!(asking(provider, &token, &east).status, status);
    }
}

#[test]
fn an_id_token_gives_keys_of_the_agency() {
    let played = Played::start();
    let asking = |field: &str, value: Value| {
        let mut body = json!({
            "provider_urn": provider_urn(), "agency_urn": agency_urn(),
            "agency_session_name": "session", "id_token": fixed(), "duration_seconds": 3600,
        });
        body[field] = value;
        ask(&played, OIDC_V5, &[], &body)
    };
    let answer = asking("duration_seconds", json!(3600));
    let keys = &answer.json()["credentials"];
    lives(&keys["expiration"], SignedDuration::from_hours(1));
    let parts = ["access_key_id", "secret_access_key", "security_token"];
    assert!(keys_open(&played, parts.map(|part| &keys[part])));
    for (field, value, status, code) in [
        ("provider_urn", json!("iam::x"), 404, "IAM.0004"),
        ("agency_urn", json!("iam::x"), 404, "IAM.0004"),
        ("provider_urn", json!(null), 400, "IAM.0011"),
        ("agency_urn", json!(1), 400, "IAM.0011"),
        ("agency_session_name", json!(""), 400, "IAM.0011"),
        ("id_token", json!(null), 400, "IAM.0011"),
        ("duration_seconds", json!(899), 400, "IAM.0011"),
        ("duration_seconds", json!(43_201), 400, "IAM.0011"),
        (
            "id_token",
            json!(made("other", 0, 4_000_000_000)),
            401,
            "IAM.0067",
        ),
        (
            "id_token",
            json!(made("swr-emulator", 0, 100)),
            401,
            "IAM.0066",
        ),
    ] {
        let answer = asking(field, value);
        assert_eq!(refused(&answer), (status, code.to_owned()), "{field}");
        assert_eq!(
            answer.json()["request_id"].as_str(),
            answer.header("x-request-id")
        );
    }
}

#[test]
fn a_host_gets_keys_for_a_token_of_at_most_six_hours() {
    let played = Played::start();
    let token = |ttl: &str| {
        let headers = [("X-Metadata-Token-Ttl-Seconds", ttl)];
        ask(&played, METADATA_TOKEN, &headers, &Value::Null)
    };
    for ttl in ["0", "21601", "-1", "soon", ""] {
        assert_eq!(token(ttl).status, 400, "{ttl}");
    }
    let text = token("21600").body;
    let keys = |text: &str| {
        let headers = [("X-Metadata-Token", text)];
        ask(&played, METADATA_KEYS, &headers, &Value::Null)
    };
    assert!(credential_opens(
        &played,
        &keys(&text),
        SignedDuration::from_hours(24)
    ));
    assert_eq!(keys("made up").status, 401);
    assert_eq!(ask(&played, METADATA_KEYS, &[], &Value::Null).status, 401);
}

#[test]
fn a_pod_gets_keys_for_its_token_alone() {
    let played = Played::start();
    let keys = ask(&played, POD, &[("Authorization", POD_TOKEN)], &json!({}));
    assert!(credential_opens(
        &played,
        &keys,
        SignedDuration::from_hours(6)
    ));
    let bearer = format!("Bearer {POD_TOKEN}");
    for (headers, body, status) in [
        (vec![], json!({}), 401),
        (vec![("Authorization", bearer.as_str())], json!({}), 401),
        (vec![("Authorization", POD_TOKEN)], Value::Null, 400),
    ] {
        assert_eq!(ask(&played, POD, &headers, &body).status, status);
    }
}

#[test]
fn a_workflow_gets_an_id_token_for_the_audience_it_names() {
    let played = Played::start();
    let bearer = format!("Bearer {WORKFLOW_TOKEN}");
    let fetch = |query: &str, bearer: &str| {
        let line = format!("GET /emulator/github/token?api-version=2.0{query}");
        ask(&played, &line, &[("Authorization", bearer)], &Value::Null)
    };
    for (query, trusted) in [
        ("", true),
        ("&audience=swr-emulator", true),
        ("&audience=https%3A%2F%2Fexample.com", false),
    ] {
        let answer = fetch(query, &bearer).json();
        let token = answer["value"].as_str().unwrap();
        assert_eq!(
            validate(token, Timestamp::now()).is_ok(),
            trusted,
            "{query}"
        );
        let later = Timestamp::now() + SignedDuration::from_mins(6);
        assert!(validate(token, later).is_err());
    }
    assert_eq!(fetch("", "Bearer other").status, 401);
}

#[test]
fn projects_and_the_account_are_listed_for_a_caller_with_a_proof() {
    let played = Played::start();
    let token = played.token(NORTH);
    let list = |path: &str, headers: &[(&str, &str)]| {
        ask(&played, &format!("GET {path}"), headers, &Value::Null)
    };
    let own = [("X-Auth-Token", token.as_str())];
    let projects = list("/v3/projects?name=cn-east-3", &own).json();
    assert_eq!(projects["projects"][0]["id"], project_id(EAST).as_str());
    assert_eq!(projects["projects"].as_array().unwrap().len(), 1);
    let all = list("/v3/projects", &own).json();
    assert_eq!(all["projects"].as_array().unwrap().len(), 2);
    let signed = signed(
        "GET /v3/auth/domains",
        "",
        super::account::ACCESS_KEY,
        super::account::SECRET_KEY,
    );
    let signed: Vec<(&str, &str)> = signed.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let accounts = list("/v3/auth/domains", &signed).json();
    assert_eq!(accounts["domains"][0]["id"], account_id().as_str());
    for (headers, code) in [
        (&[][..], "IAM.0001"),
        (&[("X-Auth-Token", "MIItest")][..], "IAM.0067"),
        (&[("Authorization", "SDK-HMAC-SHA256 x")][..], "APIGW.0301"),
    ] {
        let answer = list("/v3/projects", headers);
        assert_eq!(refused(&answer), (401, code.to_owned()));
    }
}

#[test]
fn a_project_of_the_account_is_accepted_with_a_signature_and_another_is_not() {
    let played = Played::start();
    let status = |project: &str| {
        let mut headers = signed(
            SWR,
            "",
            super::account::ACCESS_KEY,
            super::account::SECRET_KEY,
        );
        headers.push(("X-Project-Id", project.to_owned()));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        played.send(NORTH, SWR, &headers, "").unwrap().status
    };
    assert_eq!(status(&project_id(EAST)), 200);
    assert_eq!(status("other"), 401);
}
