//! What a login does, and what is sent for it.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::{CREATE, FILE, LOGIN, bodies, token, user};
use crate::support::{Home, Reply, Wire};

#[test]
fn a_password_gets_a_token_which_then_counts() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let user = user(&iam).typing(" pass word \r\n");
    let run = user.swr(LOGIN);
    assert_data_eq!(
        run.to_string(),
        str![[r#"
exit: 0
--- stdout
logged in: alice of acme, cn-north-4, until 2999-01-04T09:05:22.701Z
kept in [HOME]/.local/share/swr/logins.json

"#]]
    );
    assert_eq!(iam.lines(), ["POST /v3/auth/tokens?nocatalog=true"]);
    assert_eq!(
        bodies(&iam),
        [json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": "alice", "password": " pass word ", "domain": {"name": "acme"}}}},
            "scope": {"project": {"name": "cn-north-4"}},
        }})]
    );
    let kept = std::fs::read_to_string(user.path().join(FILE)).unwrap();
    assert!(!kept.contains("pass word"), "{kept}");
    let service = Wire::serve([Reply::json(200, "{}")]);
    let user = user.with("SWR_ENDPOINT", service.address());
    let _ = user.swr(CREATE).exits(0);
    assert_eq!(
        service.heard()[0].header("X-Auth-Token"),
        Some("MII-of-alice")
    );
    assert_eq!(iam.heard().len(), 1);
}

#[test]
fn a_login_is_told_as_json() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let user = user(&iam).typing("pass-word\n123456\n");
    let line =
        format!("{LOGIN} --mfa-user user-id --project-id project-1 --to-region cn-east-3 -o json");
    let document = user.swr(&line).exits(0).document("auth-login");
    let file = "[HOME]/.local/share/swr/logins.json";
    let end = "2999-01-04T09:05:22.701Z";
    assert_eq!(
        document,
        json!({
            "status": "logged_in", "kind": "token", "region": "cn-north-4",
            "project_id": "project-1", "account": "acme", "user": "alice", "expires_at": end,
            "file": file,
            "to_regions": [
                {"region": "cn-east-3", "project_id": "project-1", "expires_at": end},
            ],
        })
    );
    let asked = bodies(&iam);
    let scopes: Vec<&Value> = asked.iter().map(|body| &body["auth"]["scope"]).collect();
    assert_eq!(
        scopes,
        [
            &json!({"project": {"id": "project-1"}}),
            &json!({"project": {"name": "cn-east-3"}}),
        ]
    );
    assert_eq!(
        asked[0]["auth"]["identity"]["totp"],
        json!({"user": {"id": "user-id", "passcode": "123456"}})
    );
    let status = |region: &str| {
        let line = format!("auth status --region {region} -o json");
        user.swr(&line).exits(0).document("auth-status")
    };
    for region in ["cn-north-4", "cn-east-3"] {
        assert_eq!(
            status(region),
            json!({
                "kind": "token", "origin": "login", "region": region, "project_id": "project-1",
                "account": "acme", "user": "alice", "access_key": null, "expires_at": end,
                "beaten": [],
            })
        );
    }
}

#[test]
fn a_vendors_project_is_no_word_about_a_login() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let user = user(&iam)
        .with("HUAWEICLOUD_SDK_PROJECT_ID", "project-of-the-keys")
        .typing("pass-word\n");
    let _ = user.swr(LOGIN).exits(0);
    assert_eq!(
        bodies(&iam)[0]["auth"]["scope"],
        json!({"project": {"name": "cn-north-4"}})
    );
}

#[test]
fn keys_and_a_token_are_kept_without_a_request() {
    let iam = Wire::serve([token("never")]);
    let keys = user(&iam).without("SWR_REGION").typing("secret-key\n");
    let document = keys
        .swr("auth login --access-key AKAKAKAKAKAKAKAK --secret-key-stdin -o json")
        .exits(0)
        .document("auth-login");
    let file = "[HOME]/.local/share/swr/logins.json";
    assert_eq!(
        document,
        json!({
            "status": "logged_in", "kind": "keys", "region": null, "project_id": null,
            "account": null, "user": null, "expires_at": null, "file": file, "to_regions": [],
        })
    );
    let status = keys
        .swr("auth status -o json")
        .exits(0)
        .document("auth-status");
    assert_eq!(
        (&status["kind"], &status["origin"], &status["access_key"]),
        (&json!("keys"), &json!("login"), &json!("AKAKAKAKAKAKAKAK"))
    );
    let token = user(&iam).typing("MII-of-mine");
    let _ = token
        .swr("auth login --token-stdin --project-id project-1")
        .exits(0);
    assert_eq!(
        token.swr("auth token").exits(0).stdout,
        "MII-of-mine\n".to_owned()
    );
    assert_eq!(iam.heard().len(), 0);
}

#[test]
fn a_region_that_fails_does_not_take_the_others_with_it() {
    let iam = Wire::serve([token("MII-of-alice"), Reply::json(403, "{}")]);
    let user = user(&iam).typing("pass-word\n");
    let run = user.swr(&format!("{LOGIN} --to-region cn-east-3")).exits(4);
    assert!(
        run.stderr.starts_with("error: cn-east-3: the login: "),
        "{run}"
    );
    assert_eq!(user.swr("auth token").exits(0).stdout, "MII-of-alice\n");
}

#[test]
fn a_login_that_does_not_count_says_what_counts_instead() {
    let user = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_TOKEN", "token-of-the-variable")
        .typing("MII-of-mine\n");
    let run = user.swr("auth login --token-stdin").exits(0);
    assert_eq!(
        run.stderr,
        "warning: SWR_TOKEN takes precedence over the login: unset it to use the login\n"
    );
}
