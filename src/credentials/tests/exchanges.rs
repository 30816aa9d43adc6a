//! Credentials over the network: what is asked, what is made of the answer, and nothing twice.

use serde_json::{Value, json};
use url::Url;

use super::Home;
use super::service::{Answer, Service, transport};
use crate::api::{Authorize, Draft};
use crate::credentials::{Credentials, Password, Scope, log_in};
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::secret::Secret;

const KEYS: Answer = (
    200,
    "",
    r#"{"credentials":{"access_key_id":"TEMPKEY","secret_access_key":"temporary-secret","security_token":"temporary-token","expiration":"2999-01-01T00:00:00.000Z"}}"#,
);

const TOKEN: Answer = (
    201,
    "X-Subject-Token: MIItoken\r\n",
    r#"{"token":{"expires_at":"2999-01-01T00:00:00.000000Z","project":{"id":"p1","name":"cn-north-4"}}}"#,
);

/// Returns the headers that a credential puts onto a request, the changing ones cut.
fn carried(credential: &dyn Authorize) -> Result<Vec<String>, Error> {
    let draft = Draft {
        method: "GET",
        url: &Url::parse("https://swr-api.cn-north-4.myhuaweicloud.com/v2/x").unwrap(),
        headers: &[],
        body: b"",
    };
    let headers = credential.authorize(&draft)?;
    Ok(headers
        .iter()
        .filter(|(name, _)| *name != "X-Sdk-Date")
        .map(|(name, value)| {
            let value = value.expose().split(',').next().unwrap_or_default();
            format!("{name}: {value}")
        })
        .collect())
}

const TEMPORARY: [&str; 2] = [
    "X-Security-Token: temporary-token",
    "Authorization: SDK-HMAC-SHA256 Access=TEMPKEY",
];

/// Returns what the source region's credential carries, and what the target region's.
fn both(home: &Home) -> Result<[Vec<String>; 2], Error> {
    let (settings, transport) = (home.settings(), transport());
    let credentials = Credentials::default();
    let east = super::region("cn-east-3");
    let own = credentials.find(&settings, None, &transport, &|_| ())?;
    let target = credentials.find(&settings, Some(&east), &transport, &|_| ())?;
    Ok([carried(own.as_ref())?, carried(target.as_ref())?])
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn oidc(service: &Service) -> Home {
    Home::new()
        .set("HUAWEICLOUD_OIDC_PROVIDER_URN", "provider")
        .set("HUAWEICLOUD_OIDC_AGENCY_URN", "agency")
        .set("HUAWEICLOUD_SDK_STS_ENDPOINT", &service.at(""))
}

#[test]
fn sts_gives_keys_for_an_id_token_once_for_all_regions() {
    let service = Service::start(&[KEYS]);
    let home = oidc(&service)
        .set("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token")
        .set("HUAWEICLOUD_OIDC_POLICY_IDS", "one,two");
    let [own, target] = both(&home).unwrap();
    assert_eq!(own, TEMPORARY);
    assert_eq!(target, TEMPORARY);
    assert_eq!(service.lines(), ["POST /v5/agencies/assume-with-oidc"]);
    let asked = &service.asked()[0];
    assert_eq!(
        json(&asked.body),
        json!({
            "provider_urn": "provider",
            "agency_urn": "agency",
            "agency_session_name": "oidc-sts-session",
            "id_token": "id-token",
            "duration_seconds": 3600,
            "policy_ids": ["one", "two"],
        })
    );
    assert_eq!(asked.header("authorization"), None);
}

#[test]
fn github_gives_the_id_token_where_none_is_set() {
    let github = Service::start(&[(200, "", r#"{"count":1,"value":"github-id-token"}"#)]);
    let sts = Service::start(&[KEYS]);
    let home = oidc(&sts)
        .set(
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            &github.at("/token?api-version=2.0"),
        )
        .set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token");
    assert_eq!(both(&home).unwrap()[0], TEMPORARY);
    assert_eq!(github.lines(), ["GET /token?api-version=2.0"]);
    assert_eq!(
        github.asked()[0].header("authorization"),
        Some("Bearer request-token")
    );
    assert_eq!(json(&sts.asked()[0].body)["id_token"], "github-id-token");
}

#[test]
fn iam_gives_a_token_of_each_regions_project_for_an_id_token() {
    let service = Service::start(&[TOKEN]);
    let home = Home::new().write("id-token", "id-token\n");
    let file = home.path("id-token");
    let home = home
        .set("HUAWEICLOUD_SDK_IDP_ID", "idp")
        .set("HUAWEICLOUD_SDK_ID_TOKEN_FILE", &file)
        .set("HUAWEICLOUD_SDK_IAM_ENDPOINT", &service.at(""));
    let [own, target] = both(&home).unwrap();
    assert_eq!(own, ["X-Auth-Token: MIItoken"]);
    assert_eq!(target, own);
    let asked = service.asked();
    let scopes: Vec<Value> = asked
        .iter()
        .map(|asked| json(&asked.body)["auth"].clone())
        .collect();
    let auth =
        |name: &str| json!({"id_token": {"id": "id-token"}, "scope": {"project": {"name": name}}});
    assert_eq!(scopes, [auth("cn-north-4"), auth("cn-east-3")]);
    assert_eq!(asked[0].line, "POST /v3.0/OS-AUTH/id-token/tokens");
    assert_eq!(asked[0].header("x-idp-id"), Some("idp"));
}

#[test]
fn a_pod_shows_what_authorizes_it() {
    let service = Service::start(&[KEYS]);
    let home = Home::new().write("authorization", "pod-authorization\n");
    let file = home.path("authorization");
    let home = home
        .set(
            "HC_CONTAINER_CREDENTIALS_FULL_URI",
            &service.at("/v1/c?x=y"),
        )
        .set("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", &file);
    assert_eq!(both(&home).unwrap()[0], TEMPORARY);
    assert_eq!(service.lines(), ["POST /v1/c?x=y"]);
    let asked = &service.asked()[0];
    assert_eq!(asked.header("authorization"), Some("pod-authorization"));
    assert_eq!(asked.body, "{}");
}

fn metadata(answers: &'static [Answer]) -> (Service, Home) {
    let service = Service::start(answers);
    let home = Home::new()
        .set("SWR_CREDENTIAL_SOURCE", "metadata")
        .set("SWR_METADATA_ENDPOINT", &service.at(""));
    (service, home)
}

const ASK_TOKEN: &str = "PUT /meta-data/latest/api/token";
const ASK_KEYS: &str = "GET /openstack/latest/securitykey";

#[test]
fn the_metadata_service_gives_keys_for_its_own_token() {
    let (service, home) = metadata(&[(200, "", "metadata-token"), KEYS]);
    assert_eq!(both(&home).unwrap(), [TEMPORARY, TEMPORARY]);
    assert_eq!(service.lines(), [ASK_TOKEN, ASK_KEYS]);
    let asked = service.asked();
    assert_eq!(
        asked[0].header("x-metadata-token-ttl-seconds"),
        Some("21600")
    );
    assert_eq!(asked[1].header("x-metadata-token"), Some("metadata-token"));
}

#[test]
fn a_host_whose_metadata_service_has_no_tokens_is_asked_without_one() {
    let (service, home) = metadata(&[(503, "", ""), KEYS]);
    assert_eq!(both(&home).unwrap()[0], TEMPORARY);
    assert_eq!(service.lines(), [ASK_TOKEN, ASK_KEYS]);
    assert_eq!(service.asked()[1].header("x-metadata-token"), None);
}

#[test]
fn a_dead_token_of_the_metadata_service_is_replaced_once() {
    let (service, home) = metadata(&[
        (200, "", "old"),
        (401, "", "Unauthorized"),
        (200, "", "new"),
        KEYS,
    ]);
    assert_eq!(both(&home).unwrap()[0], TEMPORARY);
    assert_eq!(service.lines(), [ASK_TOKEN, ASK_KEYS, ASK_TOKEN, ASK_KEYS]);
    assert_eq!(service.asked()[3].header("x-metadata-token"), Some("new"));
}

#[test]
fn a_host_without_agency_is_told_what_to_do() {
    let (service, home) = metadata(&[
        (200, "", "t"),
        (401, "", "Please configure Cloud Service Agency first"),
    ]);
    let error = both(&home).unwrap_err();
    assert!(error.advice().unwrap().contains("give the ECS an agency"));
    assert_eq!((error.kind(), error.exit_code().code()), (Kind::Auth, 4));
    assert_eq!(service.lines(), [ASK_TOKEN, ASK_KEYS]);
}

#[test]
fn nothing_is_asked_before_the_first_request() {
    let service = Service::start(&[KEYS]);
    let home = oidc(&service).set("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token");
    let credentials = Credentials::default();
    let credential = credentials
        .find(&home.settings(), None, &transport(), &|_| ())
        .unwrap();
    assert_eq!(
        credential.describe(),
        "oidc (HUAWEICLOUD_OIDC_PROVIDER_URN)"
    );
    assert_eq!(service.lines(), Vec::<String>::new());
}

#[test]
fn a_refused_credential_is_had_again_once_and_one_that_is_written_down_never() {
    let service = Service::start(&[KEYS]);
    let home = oidc(&service).set("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token");
    let find = |home: &Home| {
        Credentials::default()
            .find(&home.settings(), None, &transport(), &|_| ())
            .unwrap()
    };
    let credential = find(&home);
    carried(credential.as_ref()).unwrap();
    assert!(credential.renew().unwrap());
    carried(credential.as_ref()).unwrap();
    assert!(!credential.renew().unwrap());
    assert_eq!(service.lines().len(), 2);
    let fixed = find(&Home::new().set("SWR_TOKEN", "MIIabc"));
    assert!(!fixed.renew().unwrap());
}

#[test]
fn a_refusal_of_an_id_token_shows_what_was_said_and_no_secret() {
    let service = Service::start(&[(
        403,
        "",
        r#"{"error_code":"STS.0001","error_msg":"bad id-token-of-mine"}"#,
    )]);
    let home = oidc(&service).set("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token-of-mine");
    let error = both(&home).unwrap_err();
    assert!(
        error
            .what()
            .starts_with("OIDC by STS: the service refused: 403")
    );
    assert!(error.what().contains("STS.0001"));
    assert_eq!((error.kind(), error.exit_code().code()), (Kind::Auth, 4));
}

#[cfg(unix)]
#[test]
fn a_token_command_runs_once_for_the_whole_run() {
    let home = Home::new()
        .config("token_command = ['sh', '-c', 'echo x >> \"$0\"; echo MIIabc', 'LOG']\n");
    let log = home.path("log");
    let text = std::fs::read_to_string(home.path(".config/swr/config.toml")).unwrap();
    let home = home.config(&text.replace("LOG", &log));
    assert_eq!(
        both(&home).unwrap(),
        [["X-Auth-Token: MIIabc"], ["X-Auth-Token: MIIabc"]]
    );
    assert_eq!(std::fs::read_to_string(log).unwrap(), "x\n");
}

fn password(mfa: bool) -> Password {
    Password {
        account: "account".to_owned(),
        user: "user".to_owned(),
        password: Secret::new("pass-word"),
        mfa: mfa.then(|| ("user-id".to_owned(), Secret::new("123456"))),
    }
}

fn logged_in(service: &Service, mfa: bool, scope: &Scope) -> Result<String, Error> {
    let iam = Endpoint::parse(&service.at("")).unwrap();
    let north = super::region("cn-north-4");
    let login = log_in(&transport(), &iam, &password(mfa), &north, scope)?;
    Ok(format!(
        "{} {} {} {} {} {}",
        login.token.expose(),
        login.region,
        login.project_id.unwrap_or_default(),
        login.account.unwrap_or_default(),
        login.user.unwrap_or_default(),
        login.expires_at.unwrap()
    ))
}

#[test]
fn a_password_gives_a_token_of_the_project() {
    let service = Service::start(&[TOKEN]);
    let scope = Scope::Name("cn-north-4".to_owned());
    assert_eq!(
        logged_in(&service, false, &scope).unwrap(),
        "MIItoken cn-north-4 p1 account user 2999-01-01T00:00:00Z"
    );
    assert_eq!(service.lines(), ["POST /v3/auth/tokens?nocatalog=true"]);
    assert_eq!(
        json(&service.asked()[0].body),
        json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": "user", "password": "pass-word", "domain": {"name": "account"}}}},
            "scope": {"project": {"name": "cn-north-4"}},
        }})
    );
}

#[test]
fn the_code_of_the_mfa_device_goes_with_the_users_id() {
    let service = Service::start(&[TOKEN]);
    logged_in(&service, true, &Scope::Id("p1".to_owned())).unwrap();
    let auth = json(&service.asked()[0].body)["auth"].clone();
    assert_eq!(auth["identity"]["methods"], json!(["password", "totp"]));
    assert_eq!(
        auth["identity"]["totp"],
        json!({"user": {"id": "user-id", "passcode": "123456"}})
    );
    assert_eq!(auth["scope"], json!({"project": {"id": "p1"}}));
}

#[test]
fn a_wrong_password_is_sent_once() {
    let service = Service::start(&[(
        401,
        "",
        r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#,
    )]);
    let scope = Scope::Name("cn-north-4".to_owned());
    let error = logged_in(&service, false, &scope).unwrap_err();
    assert!(error.what().contains("The username or password is wrong."));
    assert_eq!((error.kind(), error.exit_code().code()), (Kind::Auth, 4));
    assert_eq!(service.lines().len(), 1);
}

#[test]
fn a_token_without_a_project_is_refused_before_it_is_used() {
    let service = Service::start(&[(
        201,
        "X-Subject-Token: MIItoken\r\n",
        r#"{"token":{"expires_at":"2999-01-01T00:00:00.000000Z"}}"#,
    )]);
    let scope = Scope::Name("cn-north-4".to_owned());
    let error = logged_in(&service, false, &scope).unwrap_err();
    assert!(error.what().contains("without a project"));
    assert_eq!((error.kind(), error.exit_code().code()), (Kind::Auth, 1));
}

#[test]
fn an_answer_that_cannot_be_read_is_not_shown() {
    let service = Service::start(&[(200, "", r#"{"secret":"never-shown"}"#)]);
    let home = oidc(&service).set("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token");
    let error = both(&home).unwrap_err();
    assert!(!error.message().contains("never-shown"), "{error:?}");
    assert_eq!((error.kind(), error.exit_code().code()), (Kind::Http, 5));
}
