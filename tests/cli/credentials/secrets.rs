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
