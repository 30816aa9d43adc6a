//! The commands of the documentation, run as they stand against the emulator.

use std::fs;

use serde_json::json;

use crate::support::{Home, in_a_window, shell_path};

/// Returns the `sh` blocks of a page.
fn blocks(page: &str) -> Vec<String> {
    let path = format!("{}/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    text.split("```sh\n")
        .skip(1)
        .map(|part| part.split("```").next().unwrap().to_owned())
        .collect()
}

/// Runs each block in an emulator and a home of its own.
fn every_block_runs(page: &str) {
    let blocks = blocks(page);
    assert!(blocks.len() > 1, "{page} has commands");
    for block in blocks {
        let home = Home::new().with("PATH", shell_path());
        let script = format!("set -euo pipefail\n{block}");
        let run = home.words([
            "emulator",
            "exec",
            "--as",
            "pace=told",
            "--",
            "bash",
            "-c",
            &script,
        ]);
        assert_eq!(run.code, Some(0), "{page}:\n{block}\n{run}");
    }
}

#[test]
fn the_cookbook_runs_as_it_stands() {
    every_block_runs("docs/cookbook.md");
}

#[test]
fn the_page_of_reports_runs_as_it_stands() {
    every_block_runs("docs/reports.md");
}

#[test]
fn the_recipes_for_scripts_run_as_they_stand() {
    every_block_runs("docs/scripts.md");
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
