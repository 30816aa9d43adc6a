//! The commands of the documentation, run as they stand against the emulator.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
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

/// Runs the blocks of a page from top to bottom in one shell of an emulator; returns what they wrote.
fn runs_in_one_shell(page: &str, fence: &str) -> String {
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
    run.stdout
}

/// Returns the pages of a folder and of those below it.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut pages = Vec::new();
    for path in entries {
        if path.is_dir() {
            pages.extend(pages_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages
}

/// Returns the pages of this project below a folder of its root.
fn pages_below(folder: &Path) -> Vec<PathBuf> {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let is_ours = !name.starts_with('.') && name != "target";
    if is_ours { pages(folder) } else { Vec::new() }
}

/// Returns what leads to each heading of a page, as GitHub makes it.
fn anchors(page: &str) -> Vec<String> {
    let mut inside = false;
    let mut anchors = Vec::new();
    for line in page.lines() {
        inside ^= line.trim_start().starts_with("```");
        if let Some(heading) = line.strip_prefix('#').filter(|_| !inside) {
            let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
            let heading: String = heading
                .trim_start_matches('#')
                .trim()
                .chars()
                .filter(|c| kept(*c))
                .collect();
            anchors.push(heading.to_lowercase().replace(' ', "-"));
        }
    }
    anchors
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let pages = pages(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(pages.len() > 20);
    let mut dead = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for found in link
            .captures_iter(&text)
            .filter(|found| !found[1].contains("://"))
        {
            let (path, anchor) = found[1].split_once('#').unwrap_or((&found[1], ""));
            let target = if path.is_empty() {
                page.clone()
            } else {
                page.with_file_name(path)
            };
            let leads = match fs::read_to_string(&target) {
                Ok(text) => anchor.is_empty() || anchors(&text).iter().any(|own| own == anchor),
                Err(_) => target.is_dir(),
            };
            if !leads {
                dead.push(format!("{} → {}", page.display(), &found[1]));
            }
        }
    }
    assert_eq!(dead, [""; 0]);
}

#[test]
fn the_cookbook_runs_as_it_stands() {
    runs_in_one_shell("docs/cookbook.md", "sh");
}

#[test]
fn the_page_of_fleets_runs_as_it_stands() {
    let shown = runs_in_one_shell("docs/fleet.md", "sh");
    let plan = &blocks("docs/fleet.md", "text")[1];
    let unindented: String = shown
        .lines()
        .map(|line| format!("{}\n", line.trim_start()))
        .collect();
    assert!(unindented.contains(plan), "{plan}{shown}");
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
