//! How a command line may be spelled, and what is said of one that cannot be understood.

use crate::support::{Cloud, Home};

fn cloud() -> Cloud {
    Cloud::start().repository("team", "web/api", &["v1"])
}

#[test]
fn other_spellings_do_the_same() {
    let cloud = cloud();
    let user = cloud.user();
    for (other, usual) in [
        ("ns ls", "namespace list"),
        ("namespaces list", "namespace list"),
        ("repos ls", "repo list"),
        ("repositories ls", "repo list"),
        ("tags ls -n team -r web/api", "tag list -n team -r web/api"),
        (
            "tag list --organization team --repository web/api",
            "tag list -n team -r web/api",
        ),
        (
            "tag list --organization=team --repository=web/api",
            "tag list -n team -r web/api",
        ),
        ("sync ls -n team -r web/api", "sync list -n team -r web/api"),
        ("help", "--help"),
        ("help sync create", "sync create --help"),
        ("sync help create", "sync create --help"),
        ("ns help", "namespace --help"),
        ("logout --help", "logout -h"),
    ] {
        assert_eq!(user.swr(other), user.swr(usual), "{other}");
        assert_eq!(user.swr(other).code, Some(0), "{other}");
    }
    let create = "-n team -r web/api --to-region cn-east-3 --to-namespace team";
    assert_eq!(user.swr(&format!("sync create {create} -q")).code, Some(0));
    assert_eq!(user.swr(&format!("sync rm {create} -q")).code, Some(0));
    assert_eq!(cloud.tasks("team", "web/api"), []);
    let page = Home::new().swr("man sync create").exits(0).stdout;
    assert!(page.contains("[\\-\\-to\\-region ID]"), "{page}");
    let _ = Home::new().swr("man sync nonsense").exits(2);
    let version = Home::new().swr("version --short").exits(0);
    assert_eq!(version.stdout, format!("{}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_name_is_suggested_only_when_it_is_near_and_apart_from_the_usage() {
    let home = Home::new();
    for (line, hint) in [
        ("sync lsit", "did you mean 'list'?"),
        ("tag list --namespase x", "did you mean '--namespace'?"),
        ("sync create --org", "see 'swr sync create --help'"),
        ("auth login --ak", "see 'swr auth login --help'"),
        ("completions tcsh", "see 'swr --help'"),
        ("frobnicate", "see 'swr --help'"),
        (
            "sync run team/web/api -t v1 --to cn-east-3",
            "write the tag behind the repository: NAMESPACE/REPOSITORY:TAG",
        ),
        (
            "sync create team/web/api -t v1",
            "see 'swr sync create --help'",
        ),
        (
            "sync create team web/api",
            "write namespace and repository as one word: NAMESPACE/REPOSITORY",
        ),
        (
            "check fleet.toml",
            "name the file of a fleet with -f: -f fleet.toml",
        ),
        ("verify team/web/api", "did you mean 'swr sync verify'?"),
        (
            "status",
            "did you mean 'swr sync status' or 'swr auth status'?",
        ),
    ] {
        let run = home.swr(line).exits(2);
        let lines: Vec<&str> = run.stderr.lines().collect();
        assert!(lines[0].starts_with("error: "), "{line}: {run}");
        assert_eq!(lines[1], format!("hint: {hint}"), "{line}: {run}");
        assert!(
            lines[2..].iter().all(|line| line.starts_with("usage: swr")),
            "{line}: {run}"
        );
        let error = home.swr(&format!("{line} -o json")).exits(2).json_error();
        assert_eq!(error["hint"], hint, "{line}");
        assert!(
            !error["message"].as_str().unwrap().contains("Usage"),
            "{line}"
        );
    }
}

#[test]
fn a_verb_shows_its_own_options_and_one_line_for_those_of_every_command() {
    let home = Home::new();
    let top = home.swr("--help").exits(0).stdout;
    for line in [
        "sync create",
        "namespace list",
        "tag",
        "doctor",
        "config show",
    ] {
        let help = home.swr(&format!("{line} -h")).exits(0).stdout;
        assert!(help.contains("'swr --help'"), "{line}: {help}");
        assert!(help.contains("swr help environment"), "{line}: {help}");
        for global in ["--profile", "--retries", "--ca-file", "--color"] {
            assert!(!help.contains(global), "{line}: {help}");
            assert!(top.contains(global), "{top}");
        }
    }
    let colored = Home::new()
        .with("CLICOLOR_FORCE", "1")
        .swr("tag --help")
        .exits(0);
    assert!(colored.stdout.contains("\u{1b}[1mUsage:"), "{colored}");
    let plain = Home::new().with("NO_COLOR", "1").swr("tag --help").exits(0);
    assert!(!plain.stdout.contains('\u{1b}'), "{plain}");
}
