//! The commands of the documentation, run as they stand against the emulator.

use std::fs;

use serde_json::json;

use crate::support::{Home, in_a_window, shell_path};

/// Returns the blocks of a page that have this fence.
fn blocks(page: &str, fence: &str) -> Vec<String> {
    let path = format!("{}/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let mut blocks: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.trim() == format!("```{fence}") {
            inside = true;
            blocks.push(String::new());
        } else if line.trim() == "```" {
            inside = false;
        } else if inside {
            let block = blocks.last_mut().unwrap();
            block.push_str(line.trim_start());
            block.push('\n');
        }
    }
    blocks
}

/// Runs the blocks of a page from top to bottom in one shell of an emulator.
fn runs_in_one_shell(page: &str, fence: &str) {
    let blocks = blocks(page, fence);
    assert!(blocks.len() > 1, "{page} has commands");
    let home = Home::new().with("PATH", shell_path());
    let script = format!("set -euo pipefail; set -v\n{}", blocks.join("\n"));
    let words = [
        "emulator",
        "exec",
        "--as",
        "pace=told",
        "--",
        "bash",
        "-c",
        &script,
    ];
    let run = home.words(words);
    assert_eq!(run.code, Some(0), "{page}:\n{run}");
}

#[test]
fn the_cookbook_runs_as_it_stands() {
    runs_in_one_shell("docs/cookbook.md", "sh");
}

#[test]
fn the_page_of_fleets_runs_as_it_stands() {
    runs_in_one_shell("docs/fleet.md", "sh");
    let home = Home::new().with("PATH", shell_path());
    let script =
        "swr sync create demo/web/api --to cn-east-3 --auto -q > /dev/null; swr export -n demo";
    let words = ["emulator", "exec", "--", "bash", "-c", script];
    let run = home.words(words).exits(0);
    assert_eq!(run.stdout, blocks("docs/fleet.md", "toml")[0]);
}

#[test]
fn the_readme_runs_as_it_stands() {
    runs_in_one_shell("README.md", "sh emulator");
}

#[test]
fn the_page_of_reports_runs_as_it_stands() {
    runs_in_one_shell("docs/reports.md", "sh");
}

#[test]
fn the_recipes_for_scripts_run_as_they_stand() {
    runs_in_one_shell("docs/scripts.md", "sh");
}

#[test]
fn the_picture_in_the_readme_is_what_a_terminal_shows() {
    let home = Home::new()
        .with("PATH", shell_path())
        .with("CLICOLOR_FORCE", "1");
    let commands = [
        "swr sync create -n demo -r web/api --to-region cn-east-3 --to-namespace mirror --auto --create-namespace --backfill --wait --verify",
        "swr sync list -n demo",
        "swr sync verify -n demo --to-region cn-east-3 --to-namespace mirror",
    ];
    let mut script = String::new();
    for command in commands {
        script.push_str(&format!("echo '$ {command}'; {command} 2>&1; "));
    }
    script.push_str("true");
    let words = [
        "emulator",
        "exec",
        "--as",
        "pace=told",
        "--",
        "bash",
        "-c",
        &script,
    ];
    // A picture cannot show what is redrawn.
    let Some(typed) = in_a_window(&home, &words, ("dumb", 120), &json!([])) else {
        return;
    };
    assert_eq!(typed.code, 0, "{typed:?}");
    let screen = typed.screen.replace('\r', "");
    snapbox::assert_data_eq!(screen, snapbox::file!["../../docs/terminal.term.svg"]);
}
