//! `swr auth`: logging in and out, and what is used.

use std::process::Stdio;

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::{Home, Reply, Run, Wire, at_a_terminal, mode_of};

const CREATE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team";
const LOGIN: &str = "auth login --user alice --account acme --password-stdin";
const FILE: &str = ".local/share/swr/logins.json";

/// What IAM answers a right password with (`reference/swr-api.md` 5.1).
fn token(value: &str) -> Reply {
    let body = json!({"token": {
        "catalog": [],
        "expires_at": "2999-01-04T09:05:22.701000Z",
        "issued_at": "2998-01-03T09:05:22.701000Z",
        "methods": ["password"],
        "project": {"id": "project-1", "name": "cn-north-4", "domain": {"id": "d", "name": "acme"}},
        "user": {"id": "u", "name": "alice"},
    }});
    Reply::json(201, &body.to_string()).header("X-Subject-Token", value)
}

/// A user in cn-north-4 whose IAM this is.
fn user(iam: &Wire) -> Home {
    Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("HUAWEICLOUD_SDK_IAM_ENDPOINT", iam.address())
        .hiding(iam.address(), "[IAM]")
}

fn bodies(wire: &Wire) -> Vec<Value> {
    wire.heard()
        .iter()
        .map(|heard| serde_json::from_str(&heard.body).unwrap())
        .collect()
}

/// Puts a login into the file, as an earlier run would have.
fn keep(user: &Home, token: &str, expires_at: &str) {
    let login = json!({
        "kind": "token", "profile": null, "region": "cn-north-4", "token": token,
        "project_id": "project-1", "account": "acme", "user": "alice", "expires_at": expires_at,
    });
    let file = json!({"version": 1, "logins": [login]});
    user.write(FILE, &file.to_string());
}

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
fn a_wrong_password_is_sent_once_and_nothing_is_kept() {
    let body = r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#;
    let iam = Wire::serve([Reply::json(401, body)]);
    let user = user(&iam).typing("pass-word\n");
    let run = user.swr(&format!("{LOGIN} --to-region cn-east-3")).exits(4);
    assert_data_eq!(
        run.to_string(),
        str![[r#"
exit: 4
--- stderr
error: cn-north-4: the login: the service refused: 401 Unauthorized: 401 The username or password is wrong.
hint: check account, user, password and MFA code; several wrong ones lock the user. A HUAWEI ID cannot get a token: use an IAM user with programmatic access

"#]]
    );
    assert_eq!(iam.heard().len(), 1);
    assert!(!user.path().join(FILE).exists());
    let error = user.swr(&format!("{LOGIN} -o json")).exits(4).json_error();
    assert_eq!(error["kind"], "auth");
}

#[test]
fn what_iam_refuses_is_told_with_what_helps() {
    for (reply, code, hint) in [
        (
            Reply::json(
                401,
                r#"{"error_code":"IAM.0061","error_msg":"The account is locked."}"#,
            ),
            4,
            "the user is locked: wait 15 minutes before the next try",
        ),
        (
            Reply::json(
                403,
                r#"{"error_code":"IAM.0081","error_msg":"no programmatic access"}"#,
            ),
            4,
            "the user has console access only: give it programmatic access",
        ),
        (
            Reply::json(
                201,
                r#"{"token":{"expires_at":"2999-01-01T00:00:00.000000Z"}}"#,
            )
            .header("X-Subject-Token", "MII-of-no-project"),
            1,
            "name the region's project: --region, or --project-id",
        ),
        (
            Reply::json(503, ""),
            5,
            "the service is out of order: try again later",
        ),
    ] {
        let iam = Wire::serve([reply]);
        let user = user(&iam).typing("pass-word\n");
        let run = user
            .swr(&format!("{LOGIN} --retries 0 -o json"))
            .exits(code);
        assert_eq!(run.json_error()["hint"], hint);
        assert!(!user.path().join(FILE).exists());
        assert_eq!(iam.heard().len(), 1);
    }
    let iam = Wire::serve([Reply::Cut]);
    let user = user(&iam).typing("pass-word\n");
    // Whether the password was counted as wrong nobody knows, so it is not sent again.
    let _ = user.swr(LOGIN).exits(6);
    assert_eq!(iam.heard().len(), 1);
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

fn refused(user: &Home, line: &str, code: i32) -> String {
    let error = user
        .swr(&format!("{line} -o json"))
        .exits(code)
        .json_error();
    let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    format!("{} | {} | {}", part("kind"), part("message"), part("hint"))
}

#[test]
fn without_a_terminal_the_option_that_helps_is_named_at_once() {
    let iam = Wire::serve([token("never")]);
    for user in [
        user(&iam),
        user(&iam).with("CI", "true").typing("pass-word\n"),
    ] {
        for (line, option) in [
            ("auth login", "--password-stdin"),
            ("auth login --user alice --account acme", "--password-stdin"),
            ("auth login --access-key AK", "--secret-key-stdin"),
        ] {
            let told = refused(&user, line, 2);
            assert!(told.starts_with("usage | "), "{told}");
            assert!(
                told.ends_with(&format!("swr auth login … {option}'")),
                "{told}"
            );
        }
    }
    assert_eq!(iam.heard().len(), 0);
}

#[test]
fn two_ways_at_once_and_what_does_not_belong_together_are_refused() {
    let iam = Wire::serve([token("never")]);
    let user = user(&iam).typing("secret\n");
    for line in [
        "auth login --token-stdin --password-stdin --user alice --account acme",
        "auth login --token-stdin --access-key AK",
        "auth login --access-key AK --user alice",
        "auth login --access-key AK --secret-key-stdin --to-region cn-east-3",
        "auth login --secret-key-stdin",
        "auth login --password-stdin --user alice",
        "auth login --token-stdin --mfa-user id",
        "auth login --password pass-word",
    ] {
        let told = refused(&user, line, 2);
        assert!(told.starts_with("usage | "), "{line}: {told}");
    }
    assert_eq!(iam.heard().len(), 0);
}

#[test]
fn what_is_wrong_with_the_values_is_told_all_at_once() {
    let words = [
        "auth",
        "login",
        "--user",
        "",
        "--account",
        "a\tb",
        "--password-stdin",
        "--to-region",
        "East",
        "-o",
        "json",
    ];
    let error = Home::new().words(words).exits(2).json_error();
    let fields = error["fields"].as_array().unwrap();
    let fields: Vec<_> = fields.iter().map(|field| &field["field"]).collect();
    assert_eq!(fields, ["--user", "--account", "--to-region"]);
}

#[test]
fn standard_input_that_holds_no_secret_is_refused() {
    let iam = Wire::serve([token("never")]);
    let mfa = format!("{LOGIN} --mfa-user id");
    let token = "auth login --token-stdin";
    for (input, line, message) in [
        ("", LOGIN, "the password is empty (standard input)"),
        (
            "\n123456\n",
            LOGIN,
            "the password is empty (standard input)",
        ),
        (
            "pass-word\n",
            &mfa,
            "the MFA code is empty (standard input)",
        ),
        (
            "pass-word\n123456\n",
            LOGIN,
            "there are more lines than --password-stdin takes (standard input)",
        ),
        (
            "MIIone\nMIItwo\n",
            token,
            "there are more lines than --token-stdin takes (standard input)",
        ),
        (
            "MII\u{7}\n",
            token,
            "the token holds a control character (standard input)",
        ),
        (
            "MIIé\n",
            token,
            "the token holds a character that is not ASCII (standard input)",
        ),
    ] {
        let told = refused(&user(&iam).typing(input), line, 2);
        assert!(told.starts_with(&format!("usage | {message} | ")), "{told}");
    }
    assert_eq!(iam.heard().len(), 0);
}

#[test]
fn a_login_without_a_region_says_how_to_name_one() {
    let user = Home::new().typing("pass-word\n");
    for line in [LOGIN, "auth login --token-stdin"] {
        let told = refused(&user, line, 1);
        assert!(
            told.starts_with("config | no region is set | name it: --region"),
            "{told}"
        );
    }
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
        "warning: SWR_TOKEN counts before the login: unset it where the login is meant\n"
    );
}

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
fn a_login_that_has_ended_is_an_error_and_nothing_is_sent() {
    let service = Wire::serve([Reply::json(200, "{}")]);
    let user = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_ENDPOINT", service.address())
        .with("HW_AUTH_TOKEN", "token-of-terraform");
    keep(&user, "MII-dead", "2006-01-02T15:04:05Z");
    for line in [CREATE, "auth status", "auth token"] {
        let run = user.swr(line).exits(1);
        assert_data_eq!(
            run.to_string(),
            str![[r#"
exit: 1
--- stderr
error: the login for 'cn-north-4' ended at 2006-01-02T15:04:05Z (login)
hint: log in again: 'swr auth login'

"#]]
        );
    }
    assert_eq!(service.heard().len(), 0);
}

#[test]
fn a_login_that_the_service_calls_dead_is_dropped_and_told() {
    let dead = Reply::json(
        401,
        r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated"}"#,
    );
    let service = Wire::serve([dead]);
    let user = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_ENDPOINT", service.address());
    keep(&user, "MII-dead", "2999-01-01T00:00:00Z");
    let run = user.swr(&format!("{CREATE} -o json")).exits(4);
    let error = run.json_error();
    assert_eq!(error["kind"], "auth");
    assert_eq!(
        error["hint"],
        "the token has expired: get a new one; the login was no longer good and has been dropped: \
         log in again with 'swr auth login'"
    );
    assert_eq!(service.heard().len(), 1);
    let _ = user.swr(CREATE).exits(1);
    assert_eq!(service.heard().len(), 1);
}

#[test]
fn a_refusal_elsewhere_or_of_something_else_leaves_the_login_alone() {
    for (endpoint, line) in [
        // Tried in the target region for want of a better one.
        ("SWR_ENDPOINT_CN_EAST_3", "doctor --to-region cn-east-3"),
        // Another account's repository.
        ("SWR_ENDPOINT", CREATE),
    ] {
        let code = if endpoint == "SWR_ENDPOINT" {
            "4011064"
        } else {
            "4010000"
        };
        let body = format!(r#"{{"error_code":"SVCSTG.SWR.{code}","error_msg":"no"}}"#);
        let service = Wire::serve([Reply::json(401, &body)]);
        let user = Home::new()
            .with("SWR_REGION", "cn-north-4")
            .with("SWR_ENDPOINT", "http://127.0.0.1:1")
            .with(endpoint, service.address());
        keep(&user, "MII-alive", "2999-01-01T00:00:00Z");
        let run = user.swr(line);
        assert_ne!(run.code, Some(0), "{run}");
        assert_eq!(service.heard().len(), 1, "{run}");
        assert_eq!(user.swr("auth token").exits(0).stdout, "MII-alive\n");
    }
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
            .contains("the credential is good until 2999-01-01T00:00:00Z"),
        "{run}"
    );
}

#[test]
fn a_damaged_file_is_no_login_and_the_next_login_mends_it() {
    for damage in ["", "{", "[]", r#"{"version":9,"logins":[]}"#, "\u{0}\u{1}"] {
        let user = Home::new()
            .with("SWR_REGION", "cn-north-4")
            .typing("MII-of-mine\n");
        user.write(FILE, damage);
        let run = user.swr("auth status").exits(1);
        assert_data_eq!(
            run.to_string(),
            str![[r#"
exit: 1
--- stderr
error: no credential is set
hint: the file of the logins, '[HOME]/.local/share/swr/logins.json', cannot be read or is damaged; 'swr auth login' mends it

"#]]
        );
        let _ = user.swr("auth login --token-stdin").exits(0);
        assert_eq!(user.swr("auth token").exits(0).stdout, "MII-of-mine\n");
    }
}

#[test]
fn a_file_that_others_can_read_is_told_and_the_next_login_closes_it() {
    use std::os::unix::fs::PermissionsExt;
    let user = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .typing("MII-of-mine\n");
    keep(&user, "MII-seen", "2999-01-01T00:00:00Z");
    let file = user.path().join(FILE);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let run = user.swr("auth status").exits(0);
    assert_eq!(
        run.stderr,
        "warning: others can read the logins in '[HOME]/.local/share/swr/logins.json': run \
         'chmod 600' on it, and log in again where somebody may have\n"
    );
    let _ = user.swr("auth login --token-stdin").exits(0);
    assert_eq!(mode_of(&file), 0o600);
    assert_eq!(user.swr("auth status").exits(0).stderr, "");
}

#[test]
fn a_home_that_cannot_be_written_is_told_before_the_password_is_sent() {
    let iam = Wire::serve([token("never")]);
    let user = user(&iam).typing("pass-word\n");
    // A file where the directory should be: root may write everywhere else.
    user.write(".local/share", "");
    let told = refused(&user, LOGIN, 1);
    assert!(
        told.starts_with("io | the login cannot be kept in '[HOME]/.local/share/swr/logins.json'"),
        "{told}"
    );
    assert_eq!(iam.heard().len(), 0);
    let _ = user.swr("auth logout").exits(0);
    let user = user.with("SWR_TOKEN", "MII-of-mine");
    assert_eq!(user.swr("auth token").exits(0).stdout, "MII-of-mine\n");
}

#[test]
fn ten_logins_at_once_are_ten_logins() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let regions: Vec<String> = (0..10).map(|index| format!("cn-north-{index}")).collect();
    let user = user(&iam);
    let children: Vec<_> = regions
        .iter()
        .map(|region| {
            let line = format!("{LOGIN} --region {region}");
            let mut command = user.command(line.split(' '));
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for mut child in children {
        use std::io::Write;
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"pass-word\n")
            .unwrap();
        let _ = user.run_of(child.wait_with_output().unwrap()).exits(0);
    }
    assert_eq!(iam.heard().len(), 10);
    for region in regions {
        let run = user.swr(&format!("auth token --region {region}")).exits(0);
        assert_eq!(run.stdout, "MII-of-alice\n");
    }
}

#[test]
fn what_is_written_is_for_the_user_alone_whatever_the_umask() {
    let user = Home::new().with("SWR_REGION", "cn-north-4");
    let binary = assert_cmd::cargo::cargo_bin!("swr");
    let script = format!(
        "umask 000; echo MII-of-mine | '{0}' auth login --token-stdin && '{0}' config init",
        binary.display()
    );
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", &script])
        .env_clear()
        .env("HOME", user.path())
        .env("SWR_REGION", "cn-north-4");
    let _ = user.run_of(command.output().unwrap()).exits(0);
    let data = user.path().join(".local/share/swr");
    assert_eq!(mode_of(&data), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode_of(&entry.path()), 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["logins.json", "logins.lock"]);
    assert_eq!(mode_of(&user.path().join(".config/swr/config.toml")), 0o600);
}

#[test]
fn at_a_terminal_what_is_missing_is_asked_in_order_and_secrets_are_not_shown() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let user = user(&iam);
    let steps = json!([
        ["wait", "Account:"],
        ["type", "acme\n"],
        ["wait", "User:"],
        ["type", "alice\n"],
        ["wait", "Password:"],
        ["type", " pass word\n"],
        ["wait", "MFA code:"],
        ["type", "123456\n"],
    ]);
    let Some(typed) = at_a_terminal(&user, "auth login --mfa-user user-id", &steps) else {
        return;
    };
    assert_eq!(typed.code, 0, "{typed:?}");
    assert_eq!(typed.echo_at_prompt, [true, true, false, false]);
    assert!(typed.echo_after);
    assert!(
        typed.screen.starts_with(
            "Account: acme\r\nUser: alice\r\nPassword: \r\nMFA code: \r\nlogged in: alice of acme"
        ),
        "{}",
        typed.screen
    );
    let identity = &bodies(&iam)[0]["auth"]["identity"];
    assert_eq!(identity["password"]["user"]["password"], " pass word");
    assert_eq!(identity["totp"]["user"]["passcode"], "123456");
}

#[test]
fn at_a_terminal_the_secret_key_is_asked_and_a_token_is_hidden() {
    let user = Home::new().with("SWR_REGION", "cn-north-4");
    for (line, question, secret) in [
        (
            "auth login --access-key AKAK",
            "Secret key:",
            "secret-key\n",
        ),
        ("auth login --token-stdin", "Token:", "MII-of-mine\n"),
    ] {
        let steps = json!([["wait", question], ["type", secret]]);
        let Some(typed) = at_a_terminal(&user, line, &steps) else {
            return;
        };
        assert_eq!(typed.code, 0, "{typed:?}");
        assert!(!typed.screen.contains(secret.trim()), "{}", typed.screen);
    }
    assert_eq!(user.swr("auth token").exits(0).stdout, "MII-of-mine\n");
    let ci = user.with("CI", "1");
    let typed = at_a_terminal(&ci, "auth login --access-key AKAK", &json!([])).unwrap();
    assert_eq!(typed.code, 2, "nobody is asked where CI is set");
    assert!(
        typed.screen.contains("--secret-key-stdin"),
        "{}",
        typed.screen
    );
}

#[test]
fn a_signal_at_a_hidden_question_leaves_the_terminal_as_it_was() {
    let iam = Wire::serve([token("never")]);
    let user = user(&iam);
    let line = "auth login --user alice --account acme";
    let end = |step: Value| {
        let steps = json!([["wait", "Password:"], step]);
        at_a_terminal(&user, line, &steps)
    };
    for (step, code, signal) in [
        (json!(["type", "pass\u{3}"]), 130, "SIGINT"),
        (json!(["signal", 2]), 130, "SIGINT"),
        (json!(["signal", 15]), 143, "SIGTERM"),
    ] {
        let Some(typed) = end(step) else { return };
        assert_eq!(typed.code, code, "{typed:?}");
        assert_eq!(typed.echo_at_prompt, [false]);
        assert!(typed.echo_after, "{typed:?}");
        let end = format!("error: interrupted by {signal}\r\n");
        assert!(typed.screen.ends_with(&end), "{typed:?}");
    }
    let nothing = json!([["wait", "Password:"], ["type", "\u{4}"]]);
    let typed = at_a_terminal(&user, line, &nothing).unwrap();
    assert_eq!((typed.code, typed.echo_after), (2, true), "{typed:?}");
    assert_eq!(iam.heard().len(), 0);
    let asked = json!([["wait", "Account:"], ["type", "\u{3}"]]);
    let typed = at_a_terminal(&user, "auth login", &asked).unwrap();
    assert_eq!(typed.code, 130, "{typed:?}");
}

/// What `ps` shows of a process.
fn command_line(id: u32) -> String {
    let bytes = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn no_secret_is_among_the_arguments_of_a_process() {
    use std::io::Write;
    let iam = Wire::serve([Reply::Stall]);
    let user = user(&iam);
    let mut command = user.command(LOGIN.split(' '));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"pass-word\n")
        .unwrap();
    iam.wait_for_a_request();
    let shown = command_line(child.id());
    child.kill().unwrap();
    let _ = child.wait_with_output().unwrap();
    if cfg!(target_os = "linux") {
        assert!(shown.contains("--password-stdin"), "{shown}");
    }
    assert!(!shown.contains("pass-word"), "{shown}");
    // A token_command is run as it is written down, and is handed nothing.
    let user = Home::new()
        .file(
            "command",
            "#!/bin/sh\ncat /proc/$PPID/cmdline /proc/$$/cmdline /proc/$$/environ > seen\necho MII-of-mine\n",
        )
        .config("token_command = ['sh', 'command']\n");
    let run: Run = user.swr("auth token").exits(0);
    assert_eq!(run.stdout, "MII-of-mine\n");
    let seen = std::fs::read(user.path().join("seen")).unwrap();
    assert!(!String::from_utf8_lossy(&seen).contains("MII-of-mine"));
}
