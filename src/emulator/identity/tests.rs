//! Calls of SWR, judged as the gateway does; and what all services here have in common.

use axum::http::HeaderMap;
use serde_json::json;

use super::account::{ACCESS_KEY, SECRET_KEY};
use super::support::{Played, Signed, east, north};
use super::{Caller, Identity, Incoming, Refusal};

const CALL: &str = "/v2/manage/namespaces/demo/repos/web$api/sync_repo";

fn alice(project_id: String) -> Caller {
    Caller {
        account: "demo".to_owned(),
        user: "alice".to_owned(),
        project_id,
    }
}

#[test]
fn the_fixed_token_of_a_region_lets_alice_in() {
    let played = Played::start();
    let token = played.identity.token(&north());
    assert!(token.starts_with("MII") && token.len() == 480, "{token}");
    let project = played.identity.project_id(&north());
    assert_eq!(played.with_token(&token, &north()), Ok(alice(project)));
    let refused = played.with_token(&token, &east());
    assert_eq!(refused, Err(Refusal::incorrect("decrypt token fail")));
}

#[test]
fn a_fixed_token_is_good_whatever_the_machines_clock_says() {
    let identity = Identity::new(&[north()], false);
    let headers = [(
        "x-auth-token".parse().unwrap(),
        identity.token(&north()).parse().unwrap(),
    )];
    let incoming = Incoming {
        method: "GET",
        path_and_query: CALL,
        headers: &HeaderMap::from_iter(headers),
        body: b"",
    };
    let caller = identity.authenticate(&north(), &incoming);
    assert_eq!(caller, Ok(alice(identity.project_id(&north()))));
}

#[test]
fn a_global_token_keeps_its_own_project() {
    let played = Played::with_global_tokens();
    let token = played.identity.token(&north());
    let project = played.identity.project_id(&north());
    assert_eq!(played.with_token(&token, &east()), Ok(alice(project)));
}

#[test]
fn a_signature_counts_in_every_region() {
    let played = Played::start();
    let signed = Signed::new("POST", CALL, "{}").by(ACCESS_KEY, SECRET_KEY);
    for region in [north(), east()] {
        let caller = played.identity.authenticate(&region, &signed.incoming());
        assert_eq!(caller, Ok(alice(played.identity.project_id(&region))));
    }
}

#[test]
fn a_project_of_the_account_is_taken_and_another_is_not() {
    let played = Played::start();
    let judged = |project: &str| {
        let signed = Signed::new("GET", CALL, "").by(ACCESS_KEY, SECRET_KEY);
        let signed = signed.with("x-project-id", project);
        played.identity.authenticate(&north(), &signed.incoming())
    };
    let project = played.identity.project_id(&east());
    assert_eq!(judged(&project), Ok(alice(project.clone())));
    let why = "the project of X-Project-Id does not exist";
    assert_eq!(judged("other"), Err(Refusal::incorrect(why)));
}

#[test]
fn token_and_signature_together_are_refused() {
    let played = Played::start();
    let signed = Signed::new("GET", CALL, "").by(ACCESS_KEY, SECRET_KEY);
    let both = signed.with("x-auth-token", &played.identity.token(&north()));
    let refused = played.identity.authenticate(&north(), &both.incoming());
    let why = "X-Auth-Token and Authorization are alternatives, send one";
    assert_eq!(refused, Err(Refusal::incorrect(why)));
}

#[test]
fn a_call_without_any_proof_is_refused() {
    let played = Played::start();
    let signed = Signed::new("GET", CALL, "");
    let refused = played.identity.authenticate(&north(), &signed.incoming());
    assert_eq!(refused, Err(Refusal::incorrect("x-auth-token not found")));
}

#[test]
fn a_wrong_method_is_an_api_that_does_not_exist() {
    let played = Played::start();
    let answer = played.get("/v3/auth/tokens", &[]);
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.json(),
        json!({
            "error_code": "APIGW.0101",
            "error_msg": "The API does not exist or has not been published in the environment.",
            "request_id": answer.header("x-request-id"),
        })
    );
}

#[test]
fn every_answer_of_iam_has_a_trace_of_its_own() {
    let played = Played::start();
    let trace = || {
        let answer = played.post("/v3/auth/tokens", &[], "");
        answer.header("x-iam-trace-id")
    };
    let (first, second) = (trace(), trace());
    assert_eq!(first.len(), 32);
    assert_ne!(first, second);
}

#[test]
fn the_variables_name_everything_that_a_person_needs() {
    let played = Played::start();
    let variables = played.identity.variables("http://127.0.0.1:8080/");
    let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "HUAWEICLOUD_SDK_AK",
            "HUAWEICLOUD_SDK_SK",
            "HUAWEICLOUD_SDK_PROJECT_ID",
            "HUAWEICLOUD_SDK_IAM_ENDPOINT",
            "HUAWEICLOUD_SDK_STS_ENDPOINT",
            "SWR_EMULATOR_ACCOUNT",
            "SWR_EMULATOR_USER",
            "SWR_EMULATOR_PASSWORD",
            "SWR_EMULATOR_MFA_USER",
            "SWR_EMULATOR_MFA_USER_ID",
            "SWR_EMULATOR_MFA_PASSWORD",
            "SWR_EMULATOR_MFA_CODE",
            "SWR_EMULATOR_OIDC_PROVIDER_URN",
            "SWR_EMULATOR_OIDC_AGENCY_URN",
            "SWR_EMULATOR_OIDC_ISSUER",
            "SWR_EMULATOR_OIDC_AUDIENCE",
            "SWR_EMULATOR_ID_TOKEN",
            "SWR_EMULATOR_IDP_ID",
            "SWR_EMULATOR_ID_TOKEN_REQUEST_URL",
            "SWR_EMULATOR_ID_TOKEN_REQUEST_TOKEN",
            "SWR_EMULATOR_METADATA_ENDPOINT",
            "SWR_EMULATOR_POD_CREDENTIALS_URI",
            "SWR_EMULATOR_POD_TOKEN",
        ]
    );
    let value = |name: &str| {
        let found = variables.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone()).unwrap()
    };
    let project = played.identity.project_id(&north());
    assert_eq!(value("HUAWEICLOUD_SDK_PROJECT_ID"), project);
    assert_eq!(
        value("HUAWEICLOUD_SDK_IAM_ENDPOINT"),
        "http://127.0.0.1:8080"
    );
    assert_eq!(
        value("SWR_EMULATOR_ID_TOKEN_REQUEST_URL"),
        "http://127.0.0.1:8080/emulator/github/token?api-version=2.0"
    );
}
