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
        "the token has expired: get a new one; the login was no longer valid and has been removed: \
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
hint: the file of the logins, '[HOME]/.local/share/swr/logins.json', cannot be read or is damaged; 'swr auth login' repairs it

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
        told.starts_with(
            "io | the login cannot be stored in '[HOME]/.local/share/swr/logins.json'"
        ),
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

/// A user in cn-north-4 who pipes a token in.
fn token_user() -> Home {
    Home::new()
        .with("SWR_REGION", "cn-north-4")
        .typing("MII-of-mine\n")
}

const TOKEN_LOGIN: &str = "auth login --token-stdin";

fn text(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn a_store_that_is_a_link_stays_one_and_logout_empties_the_file_that_it_names() {
    for (target, line) in [
        ("elsewhere/logins.json", "auth logout"),
        ("elsewhere/logins.json", "auth logout --all"),
        // A link to a link, and one whose target is not there yet.
        ("elsewhere/link", "auth logout --all"),
        ("elsewhere/new.json", "auth logout --all"),
    ] {
        let user = token_user();
        let (store, elsewhere) = (user.path().join(FILE), user.path().join("elsewhere"));
        std::fs::create_dir_all(store.parent().unwrap()).unwrap();
        std::fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink("logins.json", elsewhere.join("link")).unwrap();
        std::os::unix::fs::symlink(user.path().join(target), &store).unwrap();
        let real = if target.ends_with("new.json") {
            "new.json"
        } else {
            "logins.json"
        };
        let real = elsewhere.join(real);
        let _ = user.swr(TOKEN_LOGIN).exits(0);
        assert!(store.is_symlink(), "{target}");
        assert!(text(&real).contains("MII-of-mine"), "{target}");
        assert_eq!(mode_of(&real), 0o600);
        assert_ne!(
            mode_of(&elsewhere),
            0o700,
            "a directory of the user's own is left alone"
        );
        let _ = user.swr(line).exits(0);
        assert!(store.is_symlink(), "{target}");
        assert!(!text(&real).contains("MII-of-mine"), "{target}: {line}");
    }
}

#[test]
fn a_file_system_without_locks_stores_a_login_all_the_same() {
    let user = token_user().file(
        "none.c",
        "#include <errno.h>\nint flock(int a, int b) { errno = ENOLCK; return -1; }\n",
    );
    let mut compiler = std::process::Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o", "none.so", "none.c"]);
    if !compiler
        .current_dir(user.path())
        .status()
        .is_ok_and(|status| status.success())
    {
        eprintln!("there is no C compiler to take the locks away: skipped");
        return;
    }
    let library = user.path().join("none.so").display().to_string();
    let user = user.with("LD_PRELOAD", library);
    let _ = user.swr(TOKEN_LOGIN).exits(0);
    assert_eq!(user.swr("auth token").exits(0).stdout, "MII-of-mine\n");
    let _ = user.swr("auth logout").exits(0);
    let _ = user.swr("auth token").exits(1);
}

#[test]
fn a_lock_that_another_process_holds_ends_a_login_with_words_and_a_refused_command_goes_on() {
    let dead = r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated"}"#;
    let service = Wire::serve([Reply::json(401, dead)]);
    let user = token_user().with("SWR_ENDPOINT", service.address());
    let _ = user.swr(TOKEN_LOGIN).exits(0);
    let lock = std::fs::File::open(user.path().join(".local/share/swr/logins.lock")).unwrap();
    lock.lock().unwrap();
    let (login, create) = std::thread::scope(|scope| {
        let login = scope.spawn(|| user.swr(TOKEN_LOGIN));
        let create = scope.spawn(|| user.swr(CREATE));
        (login.join().unwrap(), create.join().unwrap())
    });
    assert_data_eq!(
        login.exits(1).stderr,
        str![[r#"
error: the login cannot be stored in '[HOME]/.local/share/swr/logins.json': another process has held '[HOME]/.local/share/swr/logins.lock' for 5s
hint: stop that process, or wait until it ends

"#]]
    );
    let create = create.exits(4);
    assert!(create.stderr.contains("APIGW.0307"), "{create}");
    lock.unlock().unwrap();
    let _ = user.swr(TOKEN_LOGIN).exits(0);
}

#[test]
fn what_a_killed_login_left_behind_goes_with_the_next_login_or_logout() {
    for line in [TOKEN_LOGIN, "auth logout", "auth logout --all"] {
        let user = token_user();
        let data = user.path().join(".local/share/swr");
        for name in [".logins.json.AbC123.tmp", ".tmpAbC123"] {
            user.write(&format!(".local/share/swr/{name}"), "MII-left-behind");
        }
        user.write(".local/share/swr/.tmp-notes", "somebody else's");
        let _ = user.swr(line).exits(0);
        let mut names: Vec<_> = std::fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.retain(|name| name.starts_with('.'));
        assert_eq!(names, [".tmp-notes"], "{line}");
    }
    // Killed at any moment, and then logged out.
    let user = token_user();
    for round in 0..40 {
        let mut command = user.command(TOKEN_LOGIN.split(' '));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, b"MII-of-mine\n").unwrap();
        drop(stdin);
        for _ in 0..round * 4000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let _ = user.swr("auth logout --all").exits(0);
    let Ok(entries) = std::fs::read_dir(user.path().join(".local/share/swr")) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        assert!(!text(&path).contains("MII-of-mine"), "{path:?}");
    }
}

#[test]
fn a_store_that_cannot_be_written_is_used_and_logout_says_what_it_could_not_do() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let service = Wire::serve([Reply::json(200, "{}")]);
    let user = token_user().with("SWR_ENDPOINT", service.address());
    let _ = user.swr(TOKEN_LOGIN).exits(0);
    let data = user.path().join(".local/share/swr");
    let binary = user.path().join("swr");
    std::fs::copy(assert_cmd::cargo::cargo_bin!("swr"), &binary).unwrap();
    for (path, mode) in [
        (user.path(), 0o755),
        (user.path().join(".local"), 0o755),
        (user.path().join(".local/share"), 0o755),
        (data.clone(), 0o555),
        (data.join("logins.json"), 0o444),
    ] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }
    let run = |line: &str| {
        let command = user.command(line.split(' '));
        let mut other = std::process::Command::new(&binary);
        other
            .args(command.get_args())
            .env_clear()
            .stdin(Stdio::null());
        other.envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        if rustix_is_root() {
            other.uid(65534).gid(65534);
        }
        user.run_of(other.output().unwrap())
    };
    let _ = run(CREATE).exits(0);
    assert_eq!(service.heard().len(), 1);
    for line in ["auth logout", "auth logout --all"] {
        let told = run(line).exits(1).stderr;
        assert!(
            told.starts_with(
                "error: the login cannot be removed from '[HOME]/.local/share/swr/logins.json': "
            ),
            "{told}"
        );
        assert!(
            told.contains("hint: it is still in the file: check the rights"),
            "{told}"
        );
    }
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o700)).unwrap();
    assert!(text(&data.join("logins.json")).contains("MII-of-mine"));
}

fn rustix_is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[test]
fn a_lock_that_is_a_link_is_not_followed() {
    let user = token_user();
    user.write("precious", "text of the user's");
    let lock = user.path().join(".local/share/swr/logins.lock");
    std::fs::create_dir_all(lock.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(user.path().join("precious"), &lock).unwrap();
    let run = user.swr(TOKEN_LOGIN).exits(1);
    assert!(run.stderr.contains("logins.json': "), "{run}");
    assert_eq!(text(&user.path().join("precious")), "text of the user's");
}

#[test]
fn a_home_that_is_no_absolute_path_keeps_no_login() {
    for (name, value) in [("HOME", "home"), ("HOME", "."), ("XDG_DATA_HOME", "data")] {
        let user = token_user();
        let user = user.with(name, value);
        let run = user.swr(TOKEN_LOGIN);
        if name == "HOME" {
            let run = run.exits(1);
            assert!(run.stderr.contains("set HOME"), "{run}");
        }
        assert!(!user.path().join("home").exists() && !user.path().join("data").exists());
        assert!(!user.path().join(".local").exists() || name != "HOME");
    }
}

#[test]
fn the_directories_of_a_new_config_file_are_the_users_alone_whatever_the_umask() {
    let user = Home::new();
    let binary = assert_cmd::cargo::cargo_bin!("swr");
    let script = format!("umask 000; '{}' config init", binary.display());
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", &script])
        .env_clear()
        .env("HOME", user.path());
    let _ = user.run_of(command.output().unwrap()).exits(0);
    for directory in [".config", ".config/swr"] {
        assert_eq!(mode_of(&user.path().join(directory)), 0o700);
    }
}

#[test]
fn what_is_piped_in_is_read_whole_or_refused() {
    let long = "M".repeat(1024 * 1024);
    for (input, code) in [
        (format!("{long}\n"), 2),
        (format!("{long}M\n"), 2),
        (format!("{}\n", &long[1..]), 0),
        (long.clone(), 0),
        ("\u{feff}MII-of-mine\r\n".to_owned(), 0),
    ] {
        let user = Home::new().with("SWR_REGION", "cn-north-4").typing(&input);
        let run = user.swr(TOKEN_LOGIN).exits(code);
        if code == 0 {
            let expected = input.trim_start_matches('\u{feff}').trim_end();
            let user = user.typing("");
            assert_eq!(user.swr("auth token").exits(0).stdout.trim_end(), expected);
        } else {
            assert!(
                run.stderr
                    .starts_with("error: the token is longer than 1 MiB"),
                "{run}"
            );
        }
    }
}

#[test]
fn a_mark_before_a_piped_password_is_no_part_of_it() {
    let iam = Wire::serve([token("MII-of-alice")]);
    let user = user(&iam).typing("\u{feff} pass word \n");
    let _ = user.swr(LOGIN).exits(0);
    let password = &super::bodies(&iam)[0]["auth"]["identity"]["password"]["user"]["password"];
    assert_eq!(password, " pass word ");
}
