//! No secret is ever shown: not at `-vv`, not when a server quotes it back, not in an error.

use super::source::{SECRETS, SOURCES};
use super::{CREATE, user};
use crate::support::{Heard, Reply, Run, Wire};

#[track_caller]
fn clean(name: &str, run: &Run) {
    let shown = run.to_string();
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{name} shows '{secret}':\n{shown}");
    }
}

/// The lines that a person may run with any credential, as talkative as they get.
fn lines() -> Vec<String> {
    let creates = [
        " -vv",
        " -v -o json",
        " --dry-run",
        " --dry-run=curl -o json",
    ];
    let others = ["auth status", "config show -o json", "doctor -vv"];
    creates
        .iter()
        .map(|more| format!("{CREATE}{more}"))
        .chain(others.map(str::to_owned))
        .collect()
}

#[test]
fn no_secret_is_printed_by_any_command_with_any_credential() {
    for source in SOURCES {
        for line in lines() {
            let service = Wire::serve([Reply::json(200, "{}")]);
            let identity = Wire::serve((source.answers)());
            let home = (source.set)(user(&service), &identity);
            let run = home.swr(&line);
            assert!(
                run.code.is_some_and(|code| code != 2),
                "{}: {line}: {run}",
                source.name
            );
            clean(source.name, &run);
        }
    }
}

/// Everything that told who asks, as a server would quote it.
fn quoted(heard: &Heard) -> String {
    let values = ["X-Auth-Token", "X-Security-Token", "Authorization"]
        .iter()
        .filter_map(|name| heard.header(name));
    values.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_secret_that_the_service_quotes_back_is_redacted() {
    for source in SOURCES {
        // What will be on the request is known from a first one, for all but the signature.
        let first = Wire::serve([Reply::json(200, "{}")]);
        let identity = Wire::serve((source.answers)());
        let _ = (source.set)(user(&first), &identity).swr(CREATE).exits(0);
        let said = quoted(&first.heard()[0]);
        let body = serde_json::json!({"error_code": "SVCSTG.SWR.4000014", "error_msg": said});
        let service = Wire::serve([Reply::json(400, &body.to_string())]);
        for line in [CREATE.to_owned(), format!("{CREATE} -vv -o json")] {
            let identity = Wire::serve((source.answers)());
            let home = (source.set)(user(&service), &identity);
            let run = home.swr(&line).exits(4);
            clean(source.name, &run);
        }
    }
}

#[test]
fn a_login_shows_neither_password_nor_code_nor_token() {
    let body = r#"{"error":{"code":401,"message":"wrong: pass-word-of-alice 123456","title":"Unauthorized"}}"#;
    let token = r#"{"token":{"expires_at":"2999-01-01T00:00:00.000000Z","project":{"id":"p"}}}"#;
    for reply in [
        Reply::json(401, body),
        Reply::json(201, token).header("X-Subject-Token", "MII-of-alice"),
        Reply::json(201, "MII-of-alice").header("X-Subject-Token", "MII-of-alice"),
    ] {
        for form in ["", " -v", " -vv", " -vv -o json"] {
            let iam = Wire::serve([reply.clone()]);
            let home = crate::support::Home::new()
                .with("SWR_REGION", "cn-north-4")
                .with("HUAWEICLOUD_SDK_IAM_ENDPOINT", iam.address())
                .typing("pass-word-of-alice\n123456\n");
            let line = format!(
                "auth login --user alice --account acme --mfa-user id --password-stdin{form}"
            );
            let shown = home.swr(&line).to_string();
            for secret in ["pass-word-of-alice", "123456", "MII-of-alice"] {
                assert!(!shown.contains(secret), "{line}: {secret}\n{shown}");
            }
        }
    }
}

/// The ways in which services, proxies and libraries spell a value that they quote.
fn spellings(value: &str) -> Vec<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let all = |escape: &dyn Fn(u8) -> String| value.bytes().map(escape).collect::<String>();
    let odd = |escape: &dyn Fn(u8) -> String| {
        all(&|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            other => escape(other),
        })
    };
    vec![
        value.to_owned(),
        odd(&|byte| format!("\\u{byte:04x}")),
        odd(&|byte| format!("\\\\u{byte:04X}")),
        odd(&|byte| format!("%{byte:02x}")),
        odd(&|byte| format!("%{byte:02X}")),
        odd(&|byte| format!("%25{byte:02X}")),
        odd(&|byte| format!("&#{byte};")),
        odd(&|byte| format!("&#x{byte:x};")),
        all(&|byte| format!("%{byte:02x}")),
        STANDARD.encode(value),
        URL_SAFE_NO_PAD.encode(format!("user:{value}")),
    ]
}

/// Every secret that a request carries: in its headers, and in its body.
fn carried_secrets(heard: &Heard) -> Vec<String> {
    let mut texts: Vec<String> = ["X-Auth-Token", "X-Security-Token", "X-Metadata-Token"]
        .iter()
        .filter_map(|name| Some(heard.header(name)?.to_owned()))
        .collect();
    if let Some(authorization) = heard.header("Authorization") {
        let last = authorization.rsplit(['=', ' ']).next().unwrap();
        texts.push(last.to_owned());
    }
    let body: serde_json::Value = serde_json::from_str(&heard.body).unwrap_or_default();
    for pointer in [
        "/id_token",
        "/auth/id_token/id",
        "/auth/identity/password/user/password",
    ] {
        texts.extend(
            body.pointer(pointer)
                .and_then(|text| Some(text.as_str()?.to_owned())),
        );
    }
    texts
}

/// Refuses a request, and quotes what it carried in every spelling.
fn quoting(heard: &Heard, form: usize) -> Reply {
    let quoted: Vec<String> = carried_secrets(heard)
        .iter()
        .flat_map(|text| spellings(text))
        .collect();
    let quoted = quoted.join(" ; ");
    match form {
        0 => {
            let body =
                serde_json::json!({"error_code": "X.1", "error_msg": quoted, "request_id": "r"});
            Reply::json(400, &body.to_string())
        }
        // A JSON text in which the spellings are the JSON's own.
        1 => Reply::json(
            400,
            &format!(r#"{{"error_code":"X.1","error_msg":"{quoted}"}}"#),
        ),
        _ => Reply::Say(
            404,
            vec![("Content-Type", "text/html".into())],
            format!("<p>{quoted}</p>"),
        ),
    }
}

#[track_caller]
fn hides(name: &str, heard: &[Heard], shown: &str) {
    for secret in heard.iter().flat_map(carried_secrets) {
        for spelling in spellings(&secret) {
            let shown = shown.contains(&spelling);
            assert!(!shown, "{name} shows '{secret}' as '{spelling}'");
        }
    }
}

#[test]
fn a_secret_is_redacted_however_a_service_spells_it() {
    for source in SOURCES {
        for form in 0..3 {
            let service = Wire::play(move |_, heard| quoting(heard, form));
            let lines = [
                &format!("{CREATE} -vv"),
                &format!("{CREATE} -o json"),
                "sync verify -n team -r web/api --to-region cn-east-3 --to-namespace team \
                 --junit report.xml --summary page.md -o json",
                "api GET /v2/manage/namespaces",
            ];
            for line in &lines[..if form == 0 { 4 } else { 1 }] {
                let identity = Wire::serve((source.answers)());
                let home = (source.set)(user(&service), &identity);
                let run = home.swr(line);
                assert!(run.code.is_some_and(|code| code > 0), "{run}");
                let read = |file: &str| std::fs::read_to_string(home.path().join(file));
                let mut shown = run.to_string();
                shown.extend(["report.xml", "page.md"].map(|file| read(file).unwrap_or_default()));
                hides(source.name, &service.heard(), &shown);
            }
            assert!(!service.heard().is_empty(), "{}", source.name);
        }
    }
}

#[test]
fn a_secret_that_lives_only_in_an_exchange_is_redacted_when_the_exchange_fails() {
    for source in SOURCES.iter().filter(|source| !source.asked.is_empty()) {
        for failing in 0..source.asked.len() {
            for form in 0..3 {
                for more in [" -vv", " -o json"] {
                    let answers = (source.answers)();
                    let identity = Wire::play(move |count, heard| match answers.get(count) {
                        Some(reply) if count < failing => reply.clone(),
                        _ => quoting(heard, form),
                    });
                    let service = Wire::serve([Reply::json(200, "{}")]);
                    let home = (source.set)(user(&service), &identity);
                    let run = home.swr(&format!("{CREATE}{more}"));
                    let shown = run.to_string();
                    // A metadata service without a token of its own is asked without one.
                    if run.code == Some(0) {
                        assert_eq!((source.status.0, form), ("metadata", 2), "{run}");
                    }
                    hides(source.name, &identity.heard(), &shown);
                    clean(source.name, &run);
                }
            }
        }
    }
}

#[test]
fn the_tokens_of_a_token_command_are_redacted_before_and_after_its_renewal() {
    let body = |heard: &Heard| {
        let quoted = quoted(heard);
        serde_json::json!({"error_code": "APIGW.0307", "error_msg": quoted}).to_string()
    };
    for more in ["", " -vv", " -o json"] {
        let service = Wire::play(move |count, heard| match count {
            0 => Reply::json(401, &body(heard)),
            // The second refusal quotes the first token, which is gone by then.
            _ => Reply::json(
                401,
                r#"{"error_code":"APIGW.0301","error_msg":"token-of-run-1 and token-of-run-2"}"#,
            ),
        });
        let home = user(&service)
            .file(
                "print",
                "echo x >> count; echo token-of-run-$(wc -l < count)",
            )
            .config("token_command = ['sh', 'print']\n");
        let run = home.swr(&format!("{CREATE}{more}")).exits(4);
        clean("token_command", &run);
    }
}

#[test]
fn a_long_token_is_not_shown_in_part() {
    let token: String = (0..400)
        .map(|index| format!("{:04x}-_+/", index * 7919 % 65536))
        .collect();
    let pieces: Vec<String> = (0..token.len() - 12)
        .map(|at| token[at..at + 12].to_owned())
        .collect();
    for page in [
        format!("<html>X-Auth-Token: {token}</html>"),
        format!("{{\"t\":\"{}\"}}", token.replace('/', "\\/")),
        format!("{} {}", "x ".repeat(95), token),
    ] {
        for status in [502, 404, 200] {
            let service = Wire::serve([Reply::json(status, &page)]);
            let home = user(&service).with("SWR_TOKEN", token.as_str());
            for more in ["", " -o json", " -vv"] {
                let run = home.swr(&format!("tag list -n team -r web/api --retries 0{more}"));
                let shown = run.to_string().replace("\\/", "/");
                for piece in &pieces {
                    assert!(!shown.contains(piece.as_str()), "{run}");
                }
            }
        }
    }
}

#[test]
fn one_secret_that_begins_another_leaves_nothing_of_it() {
    let body = r#"{"error_code":"X.1","error_msg":"bad tokenAAAA-north-EXTRA-TAIL"}"#;
    let service = Wire::serve([Reply::json(400, body)]);
    let home = user(&service)
        .with("SWR_TOKEN", "tokenAAAA-north")
        .with("SWR_TOKEN_CN_EAST_3", "tokenAAAA-north-EXTRA-TAIL");
    let run = home.swr(CREATE).exits(4);
    assert!(run.stderr.contains("bad [redacted]"), "{run}");
    assert!(!run.stderr.contains("TAIL"), "{run}");
}

#[test]
fn what_is_no_secret_is_shown() {
    let service = Wire::serve([Reply::json(200, "{}")]);
    let home = user(&service)
        .with("SWR_ACCESS_KEY", "ACCESSKEY0000000")
        .with("SWR_SECRET_KEY", "secret-key-of-mine")
        .with("SWR_PROJECT_ID", "0123456789abcdef0123456789abcdef");
    let run = home.swr(&format!("{CREATE} -vv")).exits(0);
    let sent = |name: &str| {
        let heard = service.heard();
        heard[0].header(name).unwrap().to_owned()
    };
    for name in ["X-Project-Id", "X-Sdk-Date"] {
        let line = format!("> {name}: {}\n", sent(name));
        assert!(run.stderr.contains(&line), "{line}{run}");
    }
    let authorization = sent("Authorization");
    let (before, signature) = authorization.rsplit_once("Signature=").unwrap();
    let line = format!("> Authorization: {before}Signature=[redacted]\n");
    assert!(run.stderr.contains(&line), "{line}{run}");
    assert!(!run.stderr.contains(signature), "{run}");
}

#[test]
fn an_endpoint_that_cannot_be_parsed_is_shown_without_its_password() {
    for address in [
        "https://user:pass/word-of-mine@h.example",
        "https://user:pass#word-of-mine@h.example",
        "user:password-of-mine@h.example:443",
        "https://user:password-of-mine@h.example",
        "https://user:password-of-mine@[::1",
    ] {
        let home = crate::support::Home::new()
            .with("SWR_ENDPOINT", address)
            .with("SWR_REGION", "cn-north-4")
            .config(&format!("iam_endpoint = '{address}'\n"));
        for line in [
            CREATE.to_owned(),
            format!("{CREATE} -o json"),
            format!("{CREATE} --endpoint {address}"),
            "config show".to_owned(),
            "config show -o json".to_owned(),
            "doctor".to_owned(),
        ] {
            let run = home.swr(&line);
            assert!(!run.to_string().contains("word-of-mine"), "{line}: {run}");
        }
    }
}
