//! The file of the logins, and how long a login is good.

use std::process::Stdio;

use snapbox::{assert_data_eq, str};

use super::{CREATE, FILE, LOGIN, keep, refused, token, user};
use crate::support::{Home, Reply, Wire, mode_of};

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
