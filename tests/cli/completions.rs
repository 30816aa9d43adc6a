//! The completion scripts, in real shells.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use crate::support::{Cloud, EAST, Home, Reply, Wire, in_a_window_of, mode_of, shell_path};

const NAMESPACES: &str = r#"{"namespaces":[{"id":1,"name":"team-a"},{"id":2,"name":"team-b"},{"id":3,"name":"other"},{"id":4,"name":"team$(touch x)"}]}"#;

/// Returns a shell that has the built binary on its PATH.
fn command(home: &Home, shell: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(shell);
    command
        .args(arguments)
        .env_clear()
        .envs(home.variables())
        .env("HOME", home.path())
        .env("PATH", shell_path())
        .env(
            "COMPLETIONS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/completions"),
        )
        .current_dir(home.path());
    command
}

/// Runs a script in a shell; `None` where it is not installed.
fn shell(home: &Home, shell: &str, flags: &[&str], script: &str) -> Option<String> {
    let arguments = [flags, &["-c", script]].concat();
    match command(home, shell, &arguments).output() {
        Ok(output) => {
            assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(_) => {
            eprintln!("{shell} is not installed: skipped");
            None
        }
    }
}

/// What bash made of a line and a Tab.
#[derive(Debug, PartialEq, Eq)]
struct Tab {
    /// The line afterwards.
    line: String,
    /// What was offered in the place of the word.
    offered: Vec<String>,
}

/// Types a line and a Tab at a real prompt of bash, which splits words in its own way.
fn tab(home: &Home, line: &str) -> Option<Tab> {
    home.write(
        "probe.bash",
        r#"source "$COMPLETIONS/swr.bash"
           probe() { _swr "$@"; printf '%s\n' "${COMPREPLY[@]}" > offered; }
           complete -o nosort -F probe swr
           bind -x '"\C-o": printf "[[%s]]" "$READLINE_LINE"'
           PS1='' PS2=''; echo READY"#,
    );
    let arguments = ["--noprofile", "--rcfile", "probe.bash", "-i"];
    let steps = json!([
        ["wait", "READY"],
        ["type", format!("{line}\t\u{f}")],
        ["wait", "]]"],
        ["type", "\u{15}exit\r"],
    ]);
    let bash = command(home, "bash", &arguments);
    let typed = in_a_window_of(home, &bash, ("dumb", 80), &steps)?;
    let shown = typed.screen.rsplit("[[").next()?.split("]]").next()?;
    let offered = std::fs::read_to_string(home.path().join("offered")).unwrap();
    let is_named = |line: &&str| !line.is_empty();
    Some(Tab {
        line: shown.to_owned(),
        offered: offered
            .lines()
            .filter(is_named)
            .map(str::to_owned)
            .collect(),
    })
}

/// Fails unless an attempt comes to what is expected: on a busy machine the first Tab may be too
/// early, as on a slow link. `false` where the shell is not installed.
#[track_caller]
fn soon<T: PartialEq + std::fmt::Debug>(
    expected: impl Into<T>,
    attempt: impl Fn() -> Option<T>,
) -> bool {
    let expected = expected.into();
    let end = Instant::now() + Duration::from_secs(20);
    while let Some(found) = attempt() {
        if found == expected || Instant::now() > end {
            assert_eq!(found, expected);
            return true;
        }
    }
    false
}

fn names(offered: &[&str]) -> Vec<String> {
    offered.iter().map(ToString::to_string).collect()
}

/// Returns what bash offers, without explanations.
fn bash(home: &Home, line: &str) -> Option<Vec<String>> {
    let offered = tab(home, line)?.offered.into_iter();
    Some(
        offered
            .map(|one| one.split("  ").next().unwrap().to_owned())
            .collect(),
    )
}

fn fish(home: &Home, line: &str) -> Option<Vec<String>> {
    let script =
        format!("source \"$COMPLETIONS/swr.fish\"; complete --do-complete '{line}' | cut -f 1");
    let text = shell(home, "fish", &["--no-config"], &script)?;
    Some(text.lines().map(str::to_owned).collect())
}

/// Types a line and a Tab into an interactive zsh that finds the script by itself, and returns the
/// line as zsh completed it.
fn zsh(home: &Home, line: &str) -> Option<String> {
    let script = format!(
        "zmodload zsh/zpty; zpty z zsh -f -i; \
         zpty -w z 'PS1=; PROMPT_SP=; unsetopt zle_bracketed_paste prompt_sp; fpath=($COMPLETIONS $fpath); autoload -U compinit; compinit -u -D; \
          finish() {{ print -r -- \"[[$BUFFER]]\"; exit }}; zle -N finish; bindkey \"^X\" finish; echo READ\"\"Y'; \
         while zpty -r z got; do [[ $got == *READY* ]] && break; done; \
         zpty -w -n z '{line}\t\x18'; \
         while zpty -r z got; do all+=$got; done; print -r -- \"$all\""
    );
    let text = shell(home, "zsh", &["-f"], &script)?;
    let found = text.rsplit("[[").next()?.split("]]").next()?.to_owned();
    Some(found)
}

#[test]
fn commands_and_options_are_completed_in_bash() {
    let home = Home::new();
    let Some(found) = bash(&home, "swr sync ver") else {
        return;
    };
    assert_eq!(found, ["verify"]);
    assert_eq!(
        bash(&home, "swr sync create --to-n").unwrap(),
        ["--to-namespace"]
    );
    assert_eq!(bash(&home, "swr -o ").unwrap(), ["human", "json", "jsonl"]);
}

#[test]
fn regions_come_from_the_table_without_any_settings() {
    let home = Home::new();
    let Some(found) = bash(&home, "swr sync create --to-region cn-e") else {
        return;
    };
    assert_eq!(found, ["cn-east-2", "cn-east-3"]);
}

#[test]
fn values_come_from_the_service_and_dangerous_ones_never() {
    let wire = Wire::serve([Reply::json(200, NAMESPACES)]);
    let user = wire.user();
    soon(names(&["team-a", "team-b"]), || {
        bash(&user, "swr sync create -n te")
    });
    soon(names(&["team-a", "team-b"]), || {
        fish(&user, "swr sync create -n te")
    });
    soon("swr sync create -n other ", || {
        zsh(&user, "swr sync create -n ot")
    });
}

#[test]
fn every_kind_of_value_comes_from_the_emulated_service() {
    let cloud = Cloud::start()
        .repository("team", "web/api", &["v1.0", "v1.1"])
        .namespace(EAST, "far");
    let user = cloud.user();
    for (line, expected) in [
        ("swr sync create -n te", vec!["team"]),
        ("swr sync create -n team -r we", vec!["web/api"]),
        ("swr sync status -n te", vec!["team"]),
        ("swr sync run -n team -r web/api v1.", vec!["v1.0", "v1.1"]),
        (
            "swr sync create --to-region cn-east-3 --to-namespace fa",
            vec!["far"],
        ),
    ] {
        soon(names(&expected), || bash(&user, line));
        soon(names(&expected), || fish(&user, line));
    }
    soon("swr sync create -n team -r web/api ", || {
        zsh(&user, "swr sync create -n team -r we")
    });
}

#[test]
fn an_image_is_completed_part_by_part() {
    let cloud = Cloud::start()
        .repository("team", "web/api", &["v1.0", "v1.1"])
        .repository("team", "db", &["v1.0"])
        .namespace(EAST, "far");
    let user = cloud.user();
    for (line, completed, offered) in [
        ("swr sync run te", "swr sync run team/", vec!["team/"]),
        (
            "swr sync run team/",
            "swr sync run team/",
            vec!["team/db", "team/web/api"],
        ),
        (
            "swr sync run team/w",
            "swr sync run team/web/api",
            vec!["team/web/api", "team/web/api:v1.0", "team/web/api:v1.1"],
        ),
        (
            "swr sync run team/web/api:",
            "swr sync run team/web/api:v1.",
            vec!["v1.0", "v1.1"],
        ),
        (
            "swr sync run team/web/api:v1.1",
            "swr sync run team/web/api:v1.1 ",
            vec!["v1.1"],
        ),
        // No verb without tags gets any.
        (
            "swr sync create team/w",
            "swr sync create team/web/api ",
            vec!["team/web/api"],
        ),
        (
            "swr sync create --to cn-east-3/",
            "swr sync create --to cn-east-3/",
            vec!["cn-east-3/demo", "cn-east-3/far"],
        ),
        (
            "swr sync create --to=cn-east-3/f",
            "swr sync create --to=cn-east-3/far ",
            vec!["cn-east-3/far"],
        ),
        (
            "swr sync create --to cn-south-1,cn-east-3/f",
            "swr sync create --to cn-south-1,cn-east-3/far ",
            vec!["cn-south-1,cn-east-3/far"],
        ),
        // The vendor's names of the options.
        (
            "swr tag ls --organization team --repository w",
            "swr tag ls --organization team --repository web/api ",
            vec!["web/api"],
        ),
    ] {
        let expected = Tab {
            line: completed.to_owned(),
            offered: names(&offered),
        };
        soon(expected, || tab(&user, line));
    }
    for (line, completed) in [
        ("swr sync run te", "swr sync run team/"),
        ("swr sync run team/w", "swr sync run team/web/api"),
        ("swr sync run team/db:", "swr sync run team/db:v1.0 "),
        (
            "swr sync create --to=cn-east-3/f",
            "swr sync create --to=cn-east-3/far ",
        ),
    ] {
        soon(completed, || zsh(&user, line));
    }
    for (line, offered) in [
        ("swr sync run te", vec!["team/"]),
        (
            "swr sync run team/web/api:",
            vec!["team/web/api:v1.0", "team/web/api:v1.1"],
        ),
        (
            "swr sync create --to=cn-east-3/f",
            vec!["--to=cn-east-3/far"],
        ),
    ] {
        soon(names(&offered), || fish(&user, line));
    }
}

#[test]
fn the_registry_of_a_pasted_address_is_the_source_and_no_other_is_asked() {
    let wire = Wire::serve([Reply::json(200, NAMESPACES)]);
    let user = wire.user().with("SWR_REGION", "cn-north-4");
    let host = "swr.cn-north-4.myhuaweicloud.com";
    let line = format!("swr sync run {host}/other/");
    if !soon(line, || {
        Some(tab(&user, &format!("swr sync run {host}/ot"))?.line)
    }) {
        return;
    }
    let asked = wire.lines().len();
    let other = tab(&user, "swr sync run swr.cn-east-3.myhuaweicloud.com/ot").unwrap();
    assert_eq!(other.offered, Vec::<String>::new());
    assert_eq!(wire.lines().len(), asked);
}

#[test]
fn options_are_offered_only_after_a_dash() {
    let home = Home::new();
    for (line, offered) in [
        ("swr sync create ", &[][..]),
        ("swr auth lo", &["login", "logout"]),
        ("swr sync create --to-r", &["--to-region"]),
        ("swr sync create --reg", &["--region"]),
        (
            "swr sync create --to-region=cn-e",
            &["cn-east-2", "cn-east-3"],
        ),
    ] {
        let Some(found) = bash(&home, line) else {
            return;
        };
        assert_eq!(found, offered, "{line}");
    }
    if let Some(found) = fish(&home, "swr sync delete ") {
        assert_eq!(found, [""; 0]);
    }
    if let Some(found) = fish(&home, "swr sync create --to-region=cn-e") {
        assert_eq!(found, ["--to-region=cn-east-2", "--to-region=cn-east-3"]);
    }
    if let Some(line) = zsh(&home, "swr sync create --to-region=cn-e") {
        assert_eq!(line, "swr sync create --to-region=cn-east-");
    }
    // A verb's own options, and not the global ones.
    let own = bash(&home, "swr sync create --").unwrap();
    assert!(own.contains(&"--auto".to_owned()), "{own:?}");
    assert!(!own.contains(&"--region".to_owned()), "{own:?}");
}

#[test]
fn help_completes_commands_and_topics() {
    let home = Home::new();
    for (line, offered) in [
        ("swr help exi", &["exit-codes"][..]),
        ("swr help sync v", &["verify"]),
        ("swr sync help v", &["verify"]),
        ("swr help co", &["config", "completions"]),
        ("swr help sync ex", &[]),
    ] {
        let Some(found) = bash(&home, line) else {
            return;
        };
        assert_eq!(found, offered, "{line}");
    }
    if let Some(line) = zsh(&home, "swr help exi") {
        assert_eq!(line, "swr help exit-codes ");
    }
    if let Some(found) = fish(&home, "swr help sync v") {
        assert_eq!(found, ["verify"]);
    }
}

#[test]
fn several_candidates_are_explained_in_bash_within_the_terminal() {
    let home = Home::new();
    let Some(found) = tab(&home, "swr auth ") else {
        return;
    };
    assert!(found.offered.len() > 2, "{found:?}");
    for line in &found.offered {
        assert!(line.contains("  (") && line.chars().count() < 80, "{line}");
    }
    // What is common goes on the line; explanations never do.
    assert_eq!(tab(&home, "swr auth l").unwrap().line, "swr auth log");
}

#[test]
fn a_far_service_is_asked_once_and_the_second_tab_answers() {
    // Longer than anybody waits, and than a busy machine takes to start a shell.
    let far = Duration::from_secs(4);
    let cloud = Cloud::far(far).repository("team", "web/api", &["v1"]);
    let user = cloud.user();
    let line = "swr sync create -n te";
    let started = Instant::now();
    let Some(first) = fish(&user, line) else {
        return;
    };
    assert!(started.elapsed() < far, "{:?}", started.elapsed());
    assert_eq!(first, [""; 0]);
    soon(names(&["team"]), || fish(&user, line));
    assert_eq!(
        cloud.received(),
        ["GET /v2/manage/namespaces?filter=mode%3A%3Avisible"]
    );
    assert_eq!(
        zsh(&user, line).unwrap_or("swr sync create -n team ".into()),
        "swr sync create -n team "
    );
    assert_eq!(bash(&user, line).unwrap_or(vec!["team".into()]), ["team"]);
    assert_eq!(cloud.received().len(), 1);
}

/// Returns the files of the cache, without locks.
fn kept(user: &Home) -> Vec<std::path::PathBuf> {
    let directory = user.path().join(".cache/swr/completion");
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_none());
    files
}

#[test]
fn what_is_kept_is_private_and_goes_by_endpoint_credential_and_question() {
    let wire = Wire::serve([Reply::json(200, NAMESPACES)]);
    let user = wire.user();
    let line = "swr sync create -n te";
    let found = || names(&["team-a", "team-b"]);
    if !soon(found(), || fish(&user, line)) {
        return;
    }
    let [file] = kept(&user).try_into().unwrap();
    let directory = file.parent().unwrap();
    assert_eq!((mode_of(&file), mode_of(directory)), (0o600, 0o700));
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(
        name.len() == 32 && name.bytes().all(|c| c.is_ascii_hexdigit()),
        "{name}"
    );
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, r#"["team-a","team-b","other","team$(touch x)"]"#);
    // The same again is not asked; another credential, endpoint or question is.
    soon(found(), || fish(&user, line));
    assert_eq!(wire.lines().len(), 1);
    let user = user.with("SWR_TOKEN", "another-token-of-the-test");
    soon(found(), || fish(&user, line));
    assert_eq!((wire.lines().len(), kept(&user).len()), (2, 2));
    let user = user.with("SWR_ENDPOINT", format!("{}/prefix", wire.address()));
    soon(found(), || fish(&user, line));
    assert_eq!((wire.lines().len(), kept(&user).len()), (3, 3));
    fish(&user, "swr sync create -n team -r ").unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while wire.lines().len() < 4 {
        assert!(Instant::now() < end, "{:?}", wire.lines());
    }
    for file in kept(&user) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("token"), "{text}");
    }
}

type Spoil = Box<dyn Fn(&Path)>;

#[test]
fn what_is_old_broken_or_open_to_others_does_not_count() {
    use std::os::unix::fs::PermissionsExt;
    let line = "swr sync create -n te";
    let old = SystemTime::now() - Duration::from_secs(61);
    let future = SystemTime::now() + Duration::from_secs(3600);
    let age = |time| {
        move |path: &Path| {
            std::fs::File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(time)
                .unwrap();
        }
    };
    let spoilers: [(&str, Spoil); 6] = [
        ("old", Box::new(age(old))),
        ("in the future", Box::new(age(future))),
        (
            "cut",
            Box::new(|path| std::fs::write(path, "[\"team-x\"").unwrap()),
        ),
        (
            "another shape",
            Box::new(|path| std::fs::write(path, "{\"team-x\":1}").unwrap()),
        ),
        (
            "no text",
            Box::new(|path| std::fs::write(path, b"\xff\x00").unwrap()),
        ),
        (
            "writable by others",
            Box::new(|path| {
                std::fs::write(path, "[\"team-x\"]").unwrap();
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o622)).unwrap();
            }),
        ),
    ];
    for (what, spoil) in spoilers {
        let wire = Wire::serve([Reply::json(200, NAMESPACES)]);
        let user = wire.user();
        let found = || names(&["team-a", "team-b"]);
        if !soon(found(), || fish(&user, line)) {
            return;
        }
        let [file] = kept(&user).try_into().unwrap();
        spoil(&file);
        soon(found(), || fish(&user, line));
        assert_eq!(wire.lines().len(), 2, "{what}");
    }
}

#[test]
fn old_answers_are_removed_and_many_do_not_grow() {
    let wire = Wire::serve([Reply::json(200, NAMESPACES)]);
    let user = wire.user();
    let directory = ".cache/swr/completion";
    let old = SystemTime::now() - Duration::from_secs(61);
    for index in 0..200 {
        let name = format!("{directory}/{index:032x}");
        user.write(&name, "[]");
        if index < 50 {
            let file = std::fs::File::options()
                .write(true)
                .open(user.path().join(name));
            file.unwrap().set_modified(old).unwrap();
        }
    }
    // What is not ours stays.
    user.write(&format!("{directory}/notes"), "mine");
    let line = "swr sync create -n te";
    if !soon(names(&["team-a", "team-b"]), || fish(&user, line)) {
        return;
    }
    let files = kept(&user);
    assert!(files.len() <= 65, "{}", files.len());
    let is_there = |name: &str| user.path().join(directory).join(name).exists();
    assert!(is_there("notes") && !is_there(&format!("{:032x}", 0)));
}

#[test]
fn keys_that_are_refused_are_not_tried_with_each_tab() {
    let wire = Wire::serve([Reply::json(401, "{}")]);
    let user = wire.user();
    let line = "swr sync create -n te";
    if fish(&user, line).is_none() {
        return;
    }
    let end = Instant::now() + Duration::from_secs(20);
    while kept(&user).is_empty() {
        assert!(Instant::now() < end, "that they are refused is not kept");
    }
    assert_eq!(fish(&user, line).unwrap(), [""; 0]);
    assert_eq!(wire.lines().len(), 1);
}

#[test]
fn nothing_is_asked_where_nobody_named_a_service() {
    // A proxy would hear any request that leaves.
    let wire = Wire::serve([Reply::Cut]);
    let home = Home::new().with("HTTPS_PROXY", wire.address());
    for line in [
        "swr sync create -n te",
        "swr sync create --to-region cn-",
        "swr sync run te",
    ] {
        let Some(found) = fish(&home, line) else {
            return;
        };
        assert!(!found.contains(&"team-a".to_owned()), "{found:?}");
    }
    // A region without a credential is no service to talk to, either.
    let home = home.with("SWR_REGION", "cn-north-4");
    fish(&home, "swr sync create -n te").unwrap();
    assert_eq!(wire.lines(), [""; 0]);
}

#[test]
fn a_program_that_prints_the_token_has_no_terminal_and_runs_once() {
    let wire = Wire::serve([Reply::json(200, NAMESPACES)]);
    let user = Home::new().with("SWR_ENDPOINT", wire.address()).file(
        "token.sh",
        "echo run >> runs; echo noise >&2; echo noise > /dev/tty; read -r line < /dev/tty; \
         echo \"${SWR_COMPLETE-unset}\" >> runs; echo a-token-of-the-test",
    );
    let script = user.path().join("token.sh");
    let user = user.config(&format!(
        "token_command = [\"sh\", \"{}\"]",
        script.display()
    ));
    let line = "swr sync create -n other ".to_owned();
    if !soon(line, || Some(tab(&user, "swr sync create -n ot")?.line)) {
        return;
    }
    assert_eq!(bash(&user, "swr sync create -n te").unwrap().len(), 2);
    let runs = std::fs::read_to_string(user.path().join("runs")).unwrap();
    assert_eq!(runs, "run\nunset\n");
}

#[test]
fn profiles_come_from_the_config_file() {
    let home = Home::new().config("[profiles.prod]\nregion = \"cn-east-3\"\n[profiles.test]\n");
    let Some(found) = bash(&home, "swr --profile ") else {
        return;
    };
    assert_eq!(found, ["prod", "test"]);
}

#[test]
fn what_fails_is_silently_nothing() {
    for reply in [
        Reply::Stall,
        Reply::Cut,
        Reply::json(401, "{}"),
        Reply::json(200, "<html>"),
    ] {
        let wire = Wire::serve([reply]);
        let Some(found) = bash(&wire.user(), "swr sync create -n te") else {
            return;
        };
        assert_eq!(found, Vec::<String>::new());
    }
    let Some(found) = bash(&Home::new().config("broken = ["), "swr sync list -n te") else {
        return;
    };
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_printed_script_is_the_one_that_is_kept() {
    for (shell, file) in [("bash", "swr.bash"), ("zsh", "_swr"), ("fish", "swr.fish")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("completions")
            .join(file);
        let run = Home::new().swr(&format!("completions {shell}")).exits(0);
        assert_eq!(run.stdout, std::fs::read_to_string(path).unwrap());
    }
}
