//! Bad weather: what the network and the service may do to a request.

use snapbox::{assert_data_eq, str};

use crate::support::{Home, Reply, Wire};

const LINE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team";

/// Runs a create against one reply, without retries; stdout has to stay empty.
#[track_caller]
fn create(reply: Reply, code: i32) -> String {
    let wire = Wire::serve([reply]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --retries 0 --timeout 2s"))
        .exits(code);
    assert_eq!(run.stdout, "", "{run}");
    run.stderr
}

#[test]
fn each_status_has_its_class() {
    for (status, code) in [
        (301, 3),
        (302, 3),
        (304, 3),
        (400, 4),
        (401, 4),
        (403, 4),
        (404, 4),
        (406, 4),
        (409, 4),
        (413, 4),
        (429, 4),
        (499, 4),
        (500, 5),
        (502, 5),
        (503, 5),
        (504, 5),
        (507, 5),
        (599, 5),
    ] {
        let text = create(
            Reply::json(status, r#"{"error_code":"X.1","error_msg":"the text"}"#),
            code,
        );
        assert!(
            text.contains("error: ") && text.contains(&status.to_string()),
            "{text}"
        );
    }
}

#[test]
fn every_success_is_one() {
    for status in [200, 201, 202, 204] {
        let wire = Wire::serve([Reply::json(status, "")]);
        let run = wire.user().swr(&format!("{LINE} -o json")).exits(0);
        assert_eq!(run.json()["http_status"], status);
    }
}

#[test]
fn a_refusal_shows_status_code_text_and_id() {
    let body = r#"{"errors":[{"errorCode":"SVCSTG.SWR.4030170","errorMessage":"Insufficient permissions",
        "encoded_authorization_message":"abc"}]}"#;
    let reply = Reply::json(403, body).header("X-Request-Id", "id-7");
    assert_data_eq!(
        create(reply.clone(), 4),
        str![[r#"
error: the service refused: 403 Forbidden: SVCSTG.SWR.4030170 Insufficient permissions (request id id-7)
hint: the credential lacks a permission; only the account itself or an administrator may set up synchronization (the call needs swr:repo:createAutoSyncRepoJob); an administrator can decode why with STS decode-authorization-message: abc

"#]]
    );
    let wire = Wire::serve([reply]);
    let run = wire.user().swr(&format!("{LINE} -o json")).exits(4);
    assert_data_eq!(
        run.stderr,
        str![[r#"
{"error":{"kind":"auth","message":"the service refused: 403 Forbidden: SVCSTG.SWR.4030170 Insufficient permissions (request id id-7)","hint":"the credential lacks a permission; only the account itself or an administrator may set up synchronization (the call needs swr:repo:createAutoSyncRepoJob); an administrator can decode why with STS decode-authorization-message: abc","exit_code":4,"retryable":false,"http_status":403,"code":"SVCSTG.SWR.4030170","request_id":"id-7","field":null,"request":{"method":"POST","path":"/v2/manage/namespaces/team/repos/web$api/sync_repo"}}}

"#]]
    );
}

#[test]
fn answers_of_no_shape_are_shown() {
    assert_data_eq!(
        create(Reply::Say(200, vec![], "<html>\n<h1>Login</h1>".into()), 5),
        str![[r#"
error: the answer (200 OK) is not an empty body or JSON: '<html> <h1>Login</h1>'
hint: check that the endpoint is that of SWR and that no proxy or portal answers in its place

"#]]
    );
    assert_data_eq!(
        create(Reply::Say(503, vec![], "<html>busy</html>".into()), 5),
        str![[r#"
error: the service failed: 503 Service Unavailable: '<html>busy</html>'
hint: the service is unavailable: try again later

"#]]
    );
    for silence in ["", "{}", " [] "] {
        assert_data_eq!(
            create(Reply::Say(500, vec![], silence.into()), 5),
            str![[r#"
error: the service failed: 500 Internal Server Error: no reason is given
hint: internal error of the service: try again later, or report the request id to the vendor

"#]]
        );
    }
    assert_data_eq!(
        create(Reply::Raw(b"garbage\r\n\r\n".to_vec()), 6),
        str![[r#"
error: the connection closed before the response was complete: invalid HTTP version parsed
hint: it is not known whether the task was created: --if-exists keep makes it safe to run the same command again; try again

"#]]
    );
}

#[test]
fn an_unknown_target_region_is_final() {
    let wire = Wire::serve([Reply::json(
        500,
        r#"{"error_code":"SVCSTG.SWR.5001101","error_msg":"Internal error"}"#,
    )]);
    let run = wire.user().swr(LINE).exits(5);
    assert!(run.stderr.contains("swr sync regions"), "{run}");
    assert_eq!(wire.lines().len(), 1);
}

#[test]
fn no_answer_is_unreachable_or_out_of_time() {
    assert_data_eq!(
        create(Reply::Cut, 6),
        str![[r#"
error: the connection closed before the response was complete: connection closed before message completed
hint: it is not known whether the task was created: --if-exists keep makes it safe to run the same command again; try again

"#]]
    );
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    assert_data_eq!(
        create(Reply::Raw(half), 6),
        str![[r#"
error: the connection closed before the response was complete: end of file before message length reached
hint: it is not known whether the task was created: --if-exists keep makes it safe to run the same command again; try again

"#]]
    );
    let wire = Wire::serve([Reply::Stall]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --retries 0 --timeout 2s"))
        .exits(7);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: timed out after 2s
hint: it is not known whether the task was created: --if-exists keep makes it safe to run the same command again; try again, or give more time with --timeout

"#]]
    );
    let wire = Wire::serve([Reply::Endless]);
    let _ = wire
        .user()
        .swr(&format!("{LINE} --retries 0 --timeout 30s"))
        .exits(5);
    let run = Home::new()
        .with("SWR_ENDPOINT", "http://127.0.0.1:9")
        .with("SWR_TOKEN", "token-of-the-test")
        .swr(&format!("{LINE} --retries 0"))
        .exits(6);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: no connection to '127.0.0.1:9': Connection refused (os error 111)
hint: check the endpoint, the network, and the proxy variables

"#]]
    );
    let run = Home::new()
        .with("SWR_ENDPOINT", "https://no-such-host.invalid")
        .with("SWR_TOKEN", "token-of-the-test")
        .swr(&format!("{LINE} --retries 0"))
        .exits(6);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: the host 'no-such-host.invalid' is not known: failed to lookup address information: Name or service not known
hint: check the endpoint or the region, and the network's name resolution

"#]]
    );
}

#[test]
fn an_answer_that_is_too_large_is_not_read() {
    let text = create(Reply::Huge(17 * 1024 * 1024), 5);
    assert!(text.contains("larger than 16 MiB"), "{text}");
}

#[test]
fn what_may_pass_is_tried_again() {
    let soon = |reply: Reply| reply.header("Retry-After", "0");
    let swr = |status: u16, code: &str| {
        soon(Reply::json(
            status,
            &format!(r#"{{"error_code":"SVCSTG.SWR.{code}","error_msg":"x"}}"#),
        ))
    };
    for bad in [
        soon(Reply::json(429, "{}")),
        soon(Reply::json(502, "")),
        soon(Reply::json(503, "<html>")),
        soon(Reply::json(504, "")),
        swr(409, "4090023"),
        swr(403, "4031032"),
        swr(403, "4031042"),
    ] {
        let wire = Wire::serve([
            bad.clone(),
            bad.clone(),
            bad.clone(),
            Reply::json(200, "{}"),
        ]);
        let _ = wire.user().swr(LINE).exits(0);
        assert_eq!(wire.lines().len(), 4, "{bad:?}");
        let wire = Wire::serve([bad.clone()]);
        let _ = wire.user().swr(&format!("{LINE} --retries 1"));
        assert_eq!(wire.lines().len(), 2, "{bad:?}");
    }
}

#[test]
fn what_is_final_is_not_tried_again() {
    for (status, code) in [(401, 4), (403, 4), (404, 4), (500, 5), (501, 5)] {
        let wire = Wire::serve([Reply::json(status, "{}").header("Retry-After", "0")]);
        let _ = wire.user().swr(LINE).exits(code);
        assert_eq!(wire.lines().len(), 1, "{status}");
    }
}

#[test]
fn a_long_retry_after_is_the_answer() {
    let wire = Wire::serve([Reply::json(503, "{}").header("Retry-After", "61")]);
    let run = wire.user().swr(LINE).exits(5);
    assert_eq!(wire.lines().len(), 1, "{run}");
}

#[test]
fn a_redirect_carries_no_token_away() {
    let far = Wire::serve([Reply::json(200, "{}")]);
    let wire = Wire::serve([Reply::json(307, "").header("Location", &far.address())]);
    let run = wire
        .user()
        .hiding(far.port().to_string(), "[FAR]")
        .swr(LINE)
        .exits(3);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: the service redirected: 307 Temporary Redirect: no reason is given
hint: redirects are not followed, for they could carry the credential away: if http://127.0.0.1:[FAR] is right, set it as the endpoint

"#]]
    );
    assert_eq!(far.lines(), Vec::<String>::new());
}

#[test]
fn a_quoted_secret_and_control_characters_are_made_harmless() {
    let body = "{\"error_code\":\"X.1\",\"error_msg\":\"token-of-the-test \\u001b[2J\\u009b bad\"}";
    assert_data_eq!(
        create(Reply::json(400, body), 4),
        str![[r#"
error: the service refused: 400 Bad Request: X.1 [redacted] /u{1b}[2J/u{9b} bad

"#]]
    );
    let wire = Wire::serve([Reply::json(400, body)]);
    let run = wire.user().swr(&format!("{LINE} -o json -vv")).exits(4);
    assert!(!run.stderr.contains("token-of-the-test"), "{run}");
    assert!(!run.stderr.contains(['\u{1b}', '\u{9b}']), "{run}");
    assert!(run.stderr.contains("X-Auth-Token: [redacted]"), "{run}");
}

#[test]
fn plain_http_never_goes_through_a_proxy() {
    let proxy = Wire::serve([Reply::json(200, "{}")]);
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let mut user = wire.user();
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        user = user.with(name, proxy.address());
    }
    let _ = user.swr(LINE).exits(0);
    assert_eq!(proxy.lines(), Vec::<String>::new());
}

#[test]
fn https_goes_through_the_proxy() {
    let proxy = Wire::serve([Reply::json(403, "")]);
    let run = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_TOKEN", "token-of-the-test")
        .with("HTTPS_PROXY", proxy.address())
        .swr(&format!("{LINE} --retries 0"));
    assert_eq!(run.code, Some(6), "{run}");
    assert_eq!(
        proxy.lines(),
        ["CONNECT swr-api.cn-north-4.myhuaweicloud.com:443"]
    );
    assert_eq!(proxy.heard()[0].header("X-Auth-Token"), None);
}

#[test]
fn a_long_pause_is_told_once_without_being_asked() {
    use std::io::{BufRead, BufReader};
    let cloud = crate::support::Cloud::start().failing("GET namespaces: 429 x*");
    let home = cloud.user();
    let told = |line: &str| {
        let mut child = home
            .command(line.split(' '))
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = stderr.next().unwrap().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let rest: Vec<String> = stderr.map_while(Result::ok).collect();
        assert_eq!(rest, [""; 0]);
        first
    };
    let expected = "trying again in 1m: 429 Too Many Requests";
    assert_eq!(told("namespace list"), format!("note: {expected}"));
    assert_eq!(
        told("namespace list -o json"),
        format!("{{\"note\":\"{expected}\"}}")
    );
}
