//! Renewal: what can be obtained again without a person is, ahead of its end and once when refused.

use serde_json::json;

use super::source::{SOURCES, Source};
use super::{CREATE, user};
use crate::support::{Home, Reply, Wire};

fn renewable() -> impl Iterator<Item = &'static Source> {
    SOURCES
        .iter()
        .filter(|source| !source.asked.is_empty() || source.name.contains("command"))
}

fn refusal() -> Reply {
    Reply::json(
        401,
        r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated"}"#,
    )
}

fn sts(home: Home, identity: &Wire) -> Home {
    home.with("HUAWEICLOUD_OIDC_PROVIDER_URN", "provider")
        .with("HUAWEICLOUD_OIDC_AGENCY_URN", "agency")
        .with("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token-of-the-job")
        .with("HUAWEICLOUD_SDK_STS_ENDPOINT", identity.address())
}

/// Answers for as many rounds as a test needs.
fn rounds(source: &Source, count: usize) -> Wire {
    Wire::serve((0..count).flat_map(|_| (source.answers)()))
}

#[test]
fn a_refused_credential_is_had_again_once_and_the_command_goes_on() {
    for source in renewable() {
        let service = Wire::serve([refusal(), Reply::json(200, "{}")]);
        let identity = rounds(source, 2);
        let home = (source.set)(user(&service), &identity);
        let run = home.swr(CREATE);
        assert_eq!(run.code, Some(0), "{}: {run}", source.name);
        assert_eq!(service.heard().len(), 2, "{}", source.name);
        assert_eq!(
            identity.heard().len(),
            2 * source.asked.len(),
            "{}",
            source.name
        );
    }
}

#[test]
fn one_that_is_refused_again_is_not_had_a_third_time() {
    for source in renewable() {
        let service = Wire::serve([refusal()]);
        let identity = rounds(source, 3);
        let home = (source.set)(user(&service), &identity);
        let run = home.swr(&format!("{CREATE} -o json"));
        assert_eq!(run.code, Some(4), "{}: {run}", source.name);
        assert_eq!(run.json_error()["kind"], "auth", "{}", source.name);
        assert_eq!(service.heard().len(), 2, "{}", source.name);
        assert_eq!(
            identity.heard().len(),
            2 * source.asked.len(),
            "{}",
            source.name
        );
    }
}

#[test]
fn what_has_ended_is_had_again_before_it_is_sent() {
    let ended = json!({"credentials": {
        "access_key_id": "OLDKEY", "secret_access_key": "temporary-secret-key",
        "security_token": "temporary-security-token", "expiration": "2006-01-02T15:04:05.000Z",
    }});
    let identity = Wire::serve([
        Reply::json(200, &ended.to_string()),
        super::temporary_keys(),
    ]);
    let service = Wire::serve([Reply::json(200, r#"{"namespaces":[]}"#)]);
    let home = sts(user(&service), &identity);
    let run = home.swr("doctor");
    assert_eq!(identity.heard().len(), 2, "{run}");
    let heard = service.heard();
    let last = heard.last().unwrap().header("Authorization").unwrap();
    assert!(last.contains("Access=TEMPORARYKEY"), "{last}");
}

#[test]
fn doctor_tells_the_end_of_what_was_had() {
    let identity = Wire::serve([super::temporary_keys()]);
    let service = Wire::serve([Reply::json(200, r#"{"namespaces":[]}"#)]);
    let home = sts(user(&service), &identity);
    let run = home.swr("doctor");
    assert!(
        run.stdout
            .contains("the credential is valid until 2999-01-01T00:00:00Z"),
        "{run}"
    );
}

#[test]
fn one_run_gets_one_credential_for_all_its_requests() {
    for source in renewable().filter(|source| source.status.1 != "HUAWEICLOUD_SDK_IDP_ID") {
        let service = Wire::serve([Reply::json(200, "{}")]);
        let identity = rounds(source, 1);
        let home = (source.set)(user(&service), &identity);
        let line = format!("{CREATE} --to-region cn-south-1 --to-region cn-east-2");
        let run = home.swr(&line);
        assert_eq!(run.code, Some(0), "{}: {run}", source.name);
        assert_eq!(service.heard().len(), 3, "{}", source.name);
        assert_eq!(identity.lines(), source.asked, "{}", source.name);
    }
}
