//! What a login refuses, and what is refused to it.

use snapbox::{assert_data_eq, str};

use super::{FILE, LOGIN, refused, token, user};
use crate::support::{Home, Reply, Wire};

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
            "the service is unavailable: try again later",
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
            "the token contains a control character (standard input)",
        ),
        (
            "MIIé\n",
            token,
            "the token contains a character that is not ASCII (standard input)",
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
            told.starts_with("config | no region is set | set it with --region"),
            "{told}"
        );
    }
}
