//! The completion scripts, in real shells.

use std::path::Path;
use std::process::Command;

use crate::support::{Cloud, EAST, Home, Reply, Wire};

const NAMESPACES: &str = r#"{"namespaces":[{"id":1,"name":"team-a"},{"id":2,"name":"team-b"},{"id":3,"name":"other"},{"id":4,"name":"team$(touch x)"}]}"#;

/// Runs a script in a shell that has the built binary on its PATH; `None` where it is not installed.
fn shell(home: &Home, shell: &str, flags: &[&str], script: &str) -> Option<String> {
    let binary = home.command([""; 0]).get_program().to_owned();
    let directory = Path::new(&binary).parent().unwrap().display().to_string();
    let path = format!("{directory}:{}", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new(shell);
    command.args(flags).arg("-c").arg(script);
    command
        .env_clear()
        .envs(home.variables())
        .env("HOME", home.path())
        .env("PATH", path);
    command.env(
        "COMPLETIONS",
        concat!(env!("CARGO_MANIFEST_DIR"), "/completions"),
    );
    command.current_dir(home.path());
    match command.output() {
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

/// Completes in bash: the words so far, the last one being completed.
fn bash(home: &Home, words: &str) -> Option<Vec<String>> {
    let script = format!(
        "source \"$COMPLETIONS/swr.bash\"; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
         COMP_TYPE=9; _clap_complete_swr swr \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let text = shell(home, "bash", &["--norc"], &script)?;
    Some(
        text.lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

fn fish(home: &Home, line: &str) -> Option<Vec<String>> {
    let script =
        format!("source \"$COMPLETIONS/swr.fish\"; complete --do-complete '{line}' | cut -f 1");
    let text = shell(home, "fish", &["--no-config"], &script)?;
    Some(text.lines().map(str::to_owned).collect())
}

/// Types a line and a tab into an interactive zsh, and returns the line as zsh completed it.
fn zsh(home: &Home, line: &str) -> Option<String> {
    let script = format!(
        "zmodload zsh/zpty; zpty z zsh -f -i; \
         zpty -w z 'PS1=; PROMPT_SP=; unsetopt zle_bracketed_paste prompt_sp; fpath=($COMPLETIONS $fpath); autoload -U compinit; compinit -u -D; compdef _clap_dynamic_completer_swr swr; source $COMPLETIONS/_swr; \
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
    assert_eq!(
        bash(&home, "swr -o ''").unwrap(),
        ["human", "json", "jsonl"]
    );
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
    if let Some(found) = bash(&user, "swr sync create -n te") {
        assert_eq!(found, ["team-a", "team-b"]);
    }
    if let Some(found) = fish(&user, "swr sync create -n te") {
        assert_eq!(found, ["team-a", "team-b"]);
    }
    if let Some(line) = zsh(&user, "swr sync create -n ot") {
        assert_eq!(line, "swr sync create -n other ");
    }
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
        ("swr sync run -n team -r web/api v1.", vec!["v1.0", "v1.1"]),
        (
            "swr sync create --to-region cn-east-3 --to-namespace fa",
            vec!["far"],
        ),
    ] {
        if let Some(found) = bash(&user, line) {
            assert_eq!(found, expected, "bash: {line}");
        }
        if let Some(found) = fish(&user, line) {
            assert_eq!(found, expected, "fish: {line}");
        }
    }
    if let Some(line) = zsh(&user, "swr sync create -n team -r we") {
        assert_eq!(line, "swr sync create -n team -r web/api ");
    }
}

#[test]
fn profiles_come_from_the_config_file() {
    let home = Home::new().config("[profiles.prod]\nregion = \"cn-east-3\"\n[profiles.test]\n");
    let Some(found) = bash(&home, "swr --profile ''") else {
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
