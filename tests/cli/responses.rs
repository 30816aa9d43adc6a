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

#[test]
fn what_a_proxy_refuses_with_is_told_as_the_proxys() {
    for (status, sent) in [(403, 1), (404, 1), (407, 1), (503, 3)] {
        let reply = Reply::json(status, "blocked").header("Proxy-Authenticate", "Basic realm=x");
        let proxy = Wire::serve([reply]);
        let run = Home::new()
            .with("SWR_ENDPOINT", "https://swr.cloud.invalid")
            .with("SWR_REGION", "cn-north-4")
            .with("SWR_TOKEN", "token-of-the-test")
            .with(
                "HTTPS_PROXY",
                format!("http://joe:topsecret9@127.0.0.1:{}", proxy.port()),
            )
            .swr(&format!(
                "{CREATE} --retries 2 --connect-timeout 5s -o json"
            ))
            .exits(6);
        let error = run.json_error();
        let message = error["message"].as_str().unwrap();
        let said = format!(
            "the proxy '127.0.0.1:{}' refused to connect to 'swr.cloud.invalid': {status} ",
            proxy.port()
        );
        assert!(message.starts_with(&said), "{message}");
        assert!(!run.stderr.contains("topsecret9"), "{run}");
        assert!(!run.stderr.contains("not known whether"), "{run}");
        // Once for each try: what is final is not tried again.
        assert_eq!(proxy.heard().len(), sent, "{status}");
    }
}

#[test]
fn a_throttling_that_names_its_window_uses_up_no_try() {
    let throttled = |status, text: &str| {
        let code = if status == 429 {
            "APIGW.0308"
        } else {
            "SVCSTG.SWR.4031032"
        };
        Reply::json(
            status,
            &format!(r#"{{"error_code":"{code}","error_msg":"{text}"}}"#),
        )
    };
    let gateway = "policy user over ratelimit,limit:40,time:0 minute";
    let iam = "Threshold: 5 times per 0 seconds";
    for (status, text) in [(429, gateway), (429, iam), (403, gateway)] {
        let mut replies = vec![throttled(status, text); 6];
        replies.push(Reply::json(200, "{}"));
        let wire = Wire::serve(replies);
        let run = wire.user().swr(&format!("{CREATE} --retries 1 -o json"));
        assert_eq!(run.code, Some(0), "{run}");
        assert_eq!(wire.lines().len(), 7);
        // Not for ever.
        let wire = Wire::serve([throttled(status, text)]);
        let run = wire.user().swr(&format!("{CREATE} --retries 1")).exits(4);
        assert_eq!(wire.lines().len(), 12, "{run}");
    }
}

/// A service with the tags v1 and v2, no jobs, and this answer to a manual copy.
fn copying(status: u16, body: &'static str) -> Wire {
    Wire::play(move |_, heard| {
        let path = heard.line.split([' ', '?']).nth(1).unwrap_or_default();
        let soon = |reply: Reply| reply.header("Retry-After", "0");
        match path.rsplit('/').next().unwrap_or_default() {
            "sync_images" => Reply::json(status, body),
            "sync_job" => soon(Reply::json(200, "[]")),
            "tags" => Reply::json(
                200,
                r#"{"tags":[{"tag":"v1"},{"tag":"v2"}],"has_more":false}"#,
            ),
            _ => Reply::json(200, r#"{"tag":"v1"}"#),
        }
    })
}

#[test]
fn the_answer_to_a_copy_is_an_array_or_nothing() {
    let line =
        "sync run -n team -r web/api v1 v2 --to-region cn-east-3 --to-namespace team -o json";
    for body in ["", " ", "{}", "[]", "null", r#"["other"]"#] {
        let run = copying(200, body).user().swr(line).exits(0);
        assert_eq!(run.json()["summary"]["accepted"], 2, "{body}: {run}");
    }
    for body in [
        r#"{"imageTag":[]}"#,
        r#"{"a":1}"#,
        "1",
        r#""v1""#,
        "[1]",
        "<html>",
    ] {
        let run = copying(200, body).user().swr(line);
        assert_eq!(run.code, Some(5), "{body}: {run}");
    }
    // A tag that a 200 names is copied only if there is a job of it.
    let wire = copying(200, r#"["v2"]"#);
    let run = wire.user().swr(line).exits(9);
    assert_eq!(run.json()["summary"]["accepted"], 1, "{run}");
    assert_eq!(run.json()["summary"]["failed"], 1, "{run}");
    let copies = wire
        .lines()
        .into_iter()
        .filter(|line| line.contains("sync_images"));
    assert_eq!(copies.count(), 1);
}
