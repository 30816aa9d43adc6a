//! What the services refuse: told with the next step, tried no more often than is good.

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use super::source::SOURCES;
use super::{CREATE, unwilling, user};
use crate::support::{Home, Reply, Wire};

#[test]
fn a_refused_credential_that_nobody_can_renew_is_sent_once() {
    let fixed = SOURCES
        .iter()
        .filter(|source| source.asked.is_empty() && !source.name.contains("command"));
    for source in fixed {
        let (service, nobody) = (unwilling(), Wire::serve((source.answers)()));
        let home = (source.set)(user(&service), &nobody);
        let run = home.swr(&format!("{CREATE} -o json"));
        assert_eq!(run.code, Some(4), "{}: {run}", source.name);
        assert_eq!(run.json_error()["kind"], "auth", "{}", source.name);
        assert_eq!(service.heard().len(), 1, "{}", source.name);
    }
}

#[test]
fn a_dead_credential_stops_a_run_over_many_at_once() {
    let service = unwilling();
    let home = user(&service).with("SWR_TOKEN", "token-of-mine");
    let line =
        format!("{CREATE} --to-region cn-south-1 --to-region cn-east-2 --concurrency 1 -o json");
    let run = home.swr(&line).exits(4);
    assert_eq!(service.heard().len(), 1, "{run}");
}

#[test]
fn a_clock_that_is_off_is_named_with_the_difference_and_the_signature_is_not_sent_again() {
    for (off, words) in [(-90, "ahead of"), (90, "behind")] {
        let theirs = Timestamp::now() + SignedDuration::from_mins(off);
        let date = DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&theirs)
            .unwrap();
        let body = r#"{"error_code":"APIGW.0303","error_msg":"Signature expired"}"#;
        let service = Wire::serve([Reply::json(401, body).header("Date", &date)]);
        let home = user(&service)
            .with("SWR_ACCESS_KEY", "MYKEY")
            .with("SWR_SECRET_KEY", "secret-of-mine");
        let error = home.swr(&format!("{CREATE} -o json")).exits(4).json_error();
        let message = error["message"].as_str().unwrap();
        assert!(
            message.starts_with("this machine's clock is 90 minutes"),
            "{message}"
        );
        assert!(
            message.contains(&format!(" {words} the service's: ")),
            "{message}"
        );
        assert_eq!(
            error["hint"],
            "set this machine's clock (NTP), then try again"
        );
        assert_eq!(service.heard().len(), 1);
        // A token needs no clock, so it is not blamed.
        let home = user(&service).with("SWR_TOKEN", "token-of-mine");
        let error = home.swr(&format!("{CREATE} -o json")).exits(4).json_error();
        assert!(
            !error["message"].as_str().unwrap().contains("clock"),
            "{error}"
        );
    }
}

/// Runs a create with a source whose service answers so; the SWR service must hear nothing.
fn told(set: impl Fn(Home, &Wire) -> Home, answers: Vec<Reply>, code: i32) -> (String, Wire) {
    let (service, identity) = (super::willing(), Wire::serve(answers));
    let home = set(user(&service), &identity)
        .with("SWR_RETRIES", "0")
        .hiding(format!("127.0.0.1:{}", identity.port()), "[IDENTITY]");
    let run = home.swr(&format!("{CREATE} -o json")).exits(code);
    let error = run.json_error();
    assert_eq!(service.heard().len(), 0);
    let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (format!("{} | {}", part("message"), part("hint")), identity)
}

fn sts(home: Home, wire: &Wire) -> Home {
    home.with("HUAWEICLOUD_OIDC_PROVIDER_URN", "provider")
        .with("HUAWEICLOUD_OIDC_AGENCY_URN", "agency")
        .with("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token-of-the-job")
        .with("HUAWEICLOUD_SDK_STS_ENDPOINT", wire.address())
}

#[test]
fn an_id_token_that_sts_does_not_take_is_told_once_with_what_to_check() {
    let body =
        r#"{"error_code":"STS.0012","error_msg":"audience of id-token-of-the-job is wrong"}"#;
    for status in [400, 401, 403] {
        let (told, identity) = told(sts, vec![Reply::json(status, body)], 4);
        assert!(
            told.starts_with(&format!("OIDC by STS: the service refused: {status}")),
            "{told}"
        );
        assert!(told.contains("audience of [redacted] is wrong"), "{told}");
        assert!(
            told.contains("check the URNs of provider and agency"),
            "{told}"
        );
        assert_eq!(identity.heard().len(), 1);
    }
}

#[test]
fn services_that_are_down_or_talk_nonsense_are_told_by_name() {
    let (words, _) = told(sts, vec![Reply::json(503, "")], 5);
    assert!(
        words.starts_with("OIDC by STS: the service failed: 503"),
        "{words}"
    );
    let (words, _) = told(
        sts,
        vec![Reply::Say(200, vec![], "<html>sign in</html>".to_owned())],
        5,
    );
    assert!(words.contains("temporary keys"), "{words}");
    let github = |home: Home, wire: &Wire| {
        sts(home, wire)
            .without("HUAWEICLOUD_OIDC_ID_TOKEN")
            .with(
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                format!("{}/t?a=b", wire.address()),
            )
            .with("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token-of-the-job")
    };
    let (words, identity) = told(github, vec![Reply::json(403, "{}")], 4);
    assert!(
        words.ends_with("give the job 'permissions: id-token: write'"),
        "{words}"
    );
    assert_eq!(identity.lines(), ["GET /t?a=b"]);
}

fn metadata(home: Home, wire: &Wire) -> Home {
    home.with("SWR_CREDENTIAL_SOURCE", "metadata")
        .with("SWR_METADATA_ENDPOINT", wire.address())
}

#[test]
fn a_metadata_service_that_is_none_is_told_with_what_to_do() {
    let text = |status: u16, body: &str| Reply::Say(status, vec![], body.to_owned());
    let (words, _) = told(
        metadata,
        vec![
            text(200, "t"),
            text(401, "Please configure Cloud Service Agency first"),
        ],
        4,
    );
    assert!(words.contains("give the ECS an agency"), "{words}");
    let (given, dead) = (text(200, "t"), text(401, "Unauthorized"));
    let answers = vec![given.clone(), dead.clone(), given, dead];
    let (words, identity) = told(metadata, answers, 4);
    assert!(
        words.starts_with("the metadata service: the service refused: 401"),
        "{words}"
    );
    // The token of the metadata service is obtained anew once: four requests.
    assert_eq!(identity.heard().len(), 4);
    let page = "<html><body>Sign in to the network</body></html>";
    let (words, _) = told(metadata, vec![text(200, page)], 5);
    assert!(!words.is_empty());
    let (words, _) = told(metadata, vec![Reply::Cut], 6);
    assert!(
        words.contains("this machine is not an ECS, or hides its metadata service"),
        "{words}"
    );
}

#[test]
fn oidc_by_iam_refuses_a_token_without_a_project_before_it_is_sent() {
    let federated = |home: Home, wire: &Wire| {
        let path = home.path().join("id-token").display().to_string();
        home.file("id-token", "id-token-of-the-job")
            .with("HUAWEICLOUD_SDK_IDP_ID", "ci")
            .with("HUAWEICLOUD_SDK_ID_TOKEN_FILE", path)
            .with("HUAWEICLOUD_SDK_IAM_ENDPOINT", wire.address())
    };
    let unscoped = Reply::json(
        201,
        r#"{"token":{"expires_at":"2999-01-01T00:00:00.000000Z"}}"#,
    )
    .header("X-Subject-Token", "token-of-no-project");
    let (words, identity) = told(federated, vec![unscoped], 1);
    assert!(words.contains("a token without a project"), "{words}");
    assert_eq!(identity.heard().len(), 1);
    let (words, _) = told(
        federated,
        vec![Reply::json(
            401,
            r#"{"error_code":"IAM.0066","error_msg":"expired"}"#,
        )],
        4,
    );
    assert!(
        words.contains("check the identity provider's id"),
        "{words}"
    );
}

#[test]
fn a_pod_whose_account_is_tied_to_nothing_is_told() {
    let pod = |home: Home, wire: &Wire| {
        let path = home.path().join("authorization").display().to_string();
        home.file("authorization", "authorization-of-the-pod")
            .with(
                "HC_CONTAINER_CREDENTIALS_FULL_URI",
                format!("{}/c", wire.address()),
            )
            .with("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", path)
    };
    let (words, _) = told(pod, vec![Reply::json(403, "{}")], 4);
    assert!(words.contains("service account of the pod"), "{words}");
}
