//! What is used, and what is forgotten: status, token, logout.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{FILE, LOGIN, keep, token, user};
use crate::support::{Home, Reply, Wire};

#[test]
fn logging_out_forgets_one_login_or_all() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let user = user(&iam).typing("pass-word\n");
    let out = |line: &str| user.swr(line).exits(0).document("auth-logout")["status"].clone();
    assert_eq!(out("auth logout -o json"), "not_logged_in");
    assert!(!user.path().join(FILE).exists(), "nothing was written");
    let _ = user.swr(&format!("{LOGIN} --to-region cn-east-3")).exits(0);
    assert_eq!(out("auth logout -o json"), "logged_out");
    let run = user.swr("auth logout").exits(0);
    assert_data_eq!(
        run.to_string(),
        str![[r#"
exit: 0
--- stdout
not logged in
--- stderr
hint: there are logins of other regions or profiles: name one with --region and --profile, or forget them with --all

"#]]
    );
    let _ = user.swr("auth status --region cn-east-3").exits(0);
    assert_eq!(out("auth logout --all -o json"), "logged_out");
    assert_eq!(out("auth logout --all -o json"), "not_logged_in");
    let _ = user.swr("auth status --region cn-east-3").exits(1);
    assert_eq!(iam.heard().len(), 2, "logging out sends nothing");
}

#[test]
fn each_profile_has_a_login_of_its_own() {
    let user = Home::new()
        .config("region = 'cn-north-4'\n[profiles.one]\n[profiles.two]\n")
        .typing("MII-of-one\n");
    let _ = user.swr("auth login --token-stdin --profile one").exits(0);
    let _ = user.swr("auth status --profile one").exits(0);
    let _ = user.swr("auth status --profile two").exits(1);
    let _ = user.swr("auth status").exits(1);
}

#[test]
fn status_shows_what_is_used_and_what_it_beat() {
    let user = Home::new()
        .config("region = 'cn-north-4'\ntoken_command = ['false']\n")
        .with("SWR_ACCESS_KEY", "AKAKAKAKAKAKAKAK")
        .with("SWR_SECRET_KEY", "secret-of-the-variable")
        .with("SWR_PROJECT_ID", "project-1")
        .with("HW_AUTH_TOKEN", "token-of-terraform");
    assert_data_eq!(
        user.swr("auth status").to_string(),
        str![[r#"
exit: 0
--- stdout
credential  keys
from        SWR_ACCESS_KEY
region      cn-north-4
project     project-1
access key  AKAKAKAKAKAKAKAK
instead of  token ([HOME]/.config/swr/config.toml:2)
            token (HW_AUTH_TOKEN)

"#]]
    );
    let nothing = Home::new().swr("auth status").exits(1);
    assert_data_eq!(
        nothing.to_string(),
        str![[r#"
exit: 1
--- stderr
error: no credential is set
hint: log in with 'swr auth login', or set SWR_TOKEN, or SWR_ACCESS_KEY with SWR_SECRET_KEY; 'swr help environment' lists every way

"#]]
    );
}

#[test]
fn the_token_stands_alone_on_standard_output() {
    let user = Home::new().with("SWR_TOKEN", "MII-of-mine");
    let run = user.swr("auth token").exits(0);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("MII-of-mine\n", "")
    );
    keep(&user, "MII-of-alice", "2999-01-01T00:00:00Z");
    let user = user.without("SWR_TOKEN").with("SWR_REGION", "cn-north-4");
    let document = user
        .swr("auth token -o json")
        .exits(0)
        .document("auth-token");
    assert_eq!(
        document,
        json!({
            "token": "MII-of-alice", "region": "cn-north-4", "expires_at": "2999-01-01T00:00:00Z",
        })
    );
    let keys = Home::new()
        .with("SWR_ACCESS_KEY", "AK")
        .with("SWR_SECRET_KEY", "secret-of-the-variable");
    let run = keys.swr("auth token").exits(1);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr
            .starts_with("error: the credential is access keys"),
        "{run}"
    );
}

#[test]
fn doctor_tells_the_end_of_a_login() {
    let service = Wire::serve([Reply::json(200, r#"{"namespaces":[]}"#)]);
    let user = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_ENDPOINT", service.address());
    keep(&user, "MII-alive", "2999-01-01T00:00:00Z");
    let run = user.swr("doctor");
    assert!(
        run.stdout
            .contains("the credential is valid until 2999-01-01T00:00:00Z"),
        "{run}"
    );
}
