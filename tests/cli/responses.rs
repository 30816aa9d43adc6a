//! How responses are read and told: errors behind a 2xx, ids in bodies, advice, headers at `-vv`.

use crate::support::{Home, Reply, Wire};

const CREATE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team";
const DELETE: &str = "sync delete -n team -r web/api --to-region cn-east-3 --to-namespace team";
const RUN: &str = "sync run -n team -r web/api v1 --to-region cn-east-3 --to-namespace team";

/// The shapes of an error that the reference lists (6.1), save the bare array of tags.
const ERRORS: [&str; 6] = [
    r#"{"errors":[{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"not for you","detail":""}],"error_code":"SVCSTG.SWR.4030170","error_msg":"not for you"}"#,
    r#"{"errors":[{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"not for you","detail":""}]}"#,
    r#"[{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"not for you","detail":""}]"#,
    r#"{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"not for you"}"#,
    r#"{"error_msg":"not for you","error_code":"SVCSTG.SWR.4030170","request_id":"in-the-body"}"#,
    r#"{"code":"SVCSTG.SWR.4030170","message":"not for you"}"#,
];

#[test]
fn an_error_behind_a_2xx_is_an_error_of_every_verb() {
    let lines = [
        CREATE,
        DELETE,
        RUN,
        "namespace list",
        "namespace show team",
        "namespace create team",
        "repo list -n team",
        "repo show -n team -r web/api",
        "tag list -n team -r web/api",
        "sync list -n team -r web/api",
        "sync jobs -n team -r web/api",
        "sync regions",
        "api GET /v2/manage/namespaces",
        "api GET /v2/manage/namespaces --paginate",
    ];
    for body in ERRORS {
        for line in lines {
            for status in [200, 201] {
                let wire = Wire::serve([Reply::json(status, body)]);
                let error = wire
                    .user()
                    .swr(&format!("{line} -o json"))
                    .exits(5)
                    .json_error();
                assert_eq!(error["code"], "SVCSTG.SWR.4030170", "{line}: {body}");
                assert_eq!(error["http_status"], status);
                let message = error["message"].as_str().unwrap();
                assert!(message.contains("not for you"), "{message}");
            }
        }
    }
}

#[test]
fn the_request_id_is_read_out_of_the_body_too() {
    let body = r#"{"error_msg":"none","error_code":"APIGW.0101","request_id":"in-the-body"}"#;
    let wire = Wire::serve([Reply::json(404, body)]);
    let run = wire.user().swr(&format!("{CREATE} -o json")).exits(4);
    assert_eq!(run.json_error()["request_id"], "in-the-body");
    let run = wire.user().swr(&format!("{CREATE} -v")).exits(4);
    assert!(run.stderr.contains("ms, request id in-the-body\n"), "{run}");
    // The header is the service's own.
    let wire = Wire::serve([Reply::json(404, body).header("X-Request-Id", "in-the-header")]);
    let run = wire.user().swr(&format!("{CREATE} -o json")).exits(4);
    assert_eq!(run.json_error()["request_id"], "in-the-header");
}

#[test]
fn every_header_that_goes_out_is_shown_and_secrets_are_not() {
    let keys = |wire: &Wire| {
        wire.user()
            .without("SWR_TOKEN")
            .with("SWR_ACCESS_KEY", "AKEXAMPLE0000000000")
            .with("SWR_SECRET_KEY", "secret-key-of-the-test")
            .with("SWR_SECURITY_TOKEN", "security-token-of-the-test")
            .with("SWR_PROJECT_ID", "0123456789abcdef0123456789abcdef")
    };
    let with_token: fn(&Wire) -> Home = Wire::user;
    for user in [&with_token, &keys as &dyn Fn(&Wire) -> Home] {
        let wire = Wire::serve([Reply::json(200, "{}")]);
        let run = user(&wire).swr(&format!("{CREATE} -vv")).exits(0);
        let heard = &wire.heard()[0];
        for (name, value) in &heard.headers {
            let value = match name.to_lowercase().as_str() {
                "x-auth-token" | "x-security-token" => "[redacted]".to_owned(),
                // Of the authorization only the signature is a secret.
                "authorization" => {
                    let (shown, _) = value.split_once("Signature=").unwrap();
                    format!("{shown}Signature=[redacted]")
                }
                _ => value.clone(),
            };
            let line = format!("> {name}: {value}").to_lowercase();
            let line = line.replace(&format!("127.0.0.1:{}", wire.port()), "[server]");
            assert!(run.stderr.to_lowercase().contains(&line), "{line}\n{run}");
        }
        let shown = run.stderr.lines().filter(|line| line.starts_with("> "));
        // Besides the headers: the request line and the body.
        assert_eq!(shown.count(), heard.headers.len() + 2, "{run}");
    }
}

#[test]
fn a_service_that_is_down_is_not_blamed_on_the_settings() {
    let sts = |wire: &Wire| {
        Home::new()
            .with("SWR_REGION", "cn-north-4")
            .with("SWR_ENDPOINT", wire.address())
            .with("HUAWEICLOUD_OIDC_PROVIDER_URN", "provider")
            .with("HUAWEICLOUD_OIDC_AGENCY_URN", "agency")
            .with("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token-of-the-job")
            .with("HUAWEICLOUD_SDK_STS_ENDPOINT", wire.address())
            .with("SWR_RETRIES", "0")
    };
    for (status, blames) in [
        (400, true),
        (403, true),
        (404, true),
        (500, false),
        (503, false),
    ] {
        let wire = Wire::serve([Reply::json(status, "")]);
        let code = if status < 500 { 4 } else { 5 };
        let run = sts(&wire).swr(&format!("{CREATE} -o json")).exits(code);
        let error = run.json_error();
        let hint = error["hint"].as_str().unwrap_or_default();
        assert_eq!(hint.contains("check the URNs"), blames, "{status}: {hint}");
        assert_eq!(
            hint.contains("try again later"),
            !blames,
            "{status}: {hint}"
        );
        assert!(!hint.contains("repository"), "{status}: {hint}");
    }
}
