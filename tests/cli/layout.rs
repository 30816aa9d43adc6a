//! The rooms, as `docs/architecture.md` lists them: imports run down the list, every file belongs
//! to a module, and every room is listed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Returns the rooms in their order: `commands`, `error`, ….
fn rooms() -> Vec<String> {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/architecture.md")).unwrap();
    let list = page
        .split("<!-- rooms:")
        .nth(1)
        .expect("the list is marked");
    let list = list
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    list.lines()
        .map(|line| line.split_whitespace().next().unwrap())
        .map(|name| {
            name.trim_end_matches('/')
                .trim_end_matches(".rs")
                .to_owned()
        })
        .collect()
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(ROOT).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn room_of(file: &str) -> String {
    let first = file.split('/').next().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Returns the rooms that a file names: `crate::error::…`, and each of `crate::{error, exit}`.
fn imports(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        let names: Vec<String> = if let Some(group) = part.strip_prefix('{') {
            top_level(group)
        } else {
            vec![part.to_owned()]
        };
        for name in names {
            let word: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            found.insert(word);
        }
    }
    found
}

/// Splits a group at its own commas, not at those of groups inside it.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for character in group.chars() {
        match character {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(character);
    }
    parts
}

/// Returns the code of a file, without comments and unit tests.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

fn is_test(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs") || file.ends_with("schemas.rs")
}

/// Returns the modules on the way to a file: `sync/wait.rs` is `[sync, wait]`.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// Returns the modules that a file names, by `crate::` or `super::`, outside of its tests.
fn named_modules(file: &str, text: &str, modules: &BTreeSet<Vec<String>>) -> BTreeSet<Vec<String>> {
    let own = module_of(file);
    let code = code_of(text);
    let mut found = BTreeSet::new();
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let supers = code[..at].len() - code[..at].trim_end_matches("super::").len();
            let mut path = match root {
                "crate::" => Vec::new(),
                _ => own[..own.len().saturating_sub(1 + supers / "super::".len())].to_vec(),
            };
            let words = code[at + root.len()..]
                .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
                .next()
                .unwrap();
            path.extend(words.split("::").map(str::to_owned));
            while !path.is_empty() && !modules.contains(&path) {
                path.pop();
            }
            if !path.is_empty() && path != own {
                found.insert(path);
            }
        }
    }
    found
}

#[test]
fn files_of_a_room_do_not_import_each_other() {
    let sources: Vec<(String, String)> = sources()
        .into_iter()
        .filter(|(file, _)| !is_test(file))
        .collect();
    let modules: BTreeSet<Vec<String>> = sources.iter().map(|(file, _)| module_of(file)).collect();
    let named: Vec<(&String, BTreeSet<Vec<String>>)> = sources
        .iter()
        .map(|(file, text)| (file, named_modules(file, text, &modules)))
        .collect();
    let mut circles = Vec::new();
    for (one, its) in &named {
        for (other, theirs) in &named {
            let (this, that) = (module_of(one), module_of(other));
            // A module and its parent know each other.
            let is_parent = this.starts_with(&that) || that.starts_with(&this);
            let same_room = one < other && this[0] == that[0] && !is_parent;
            if same_room && its.contains(&that) && theirs.contains(&this) {
                circles.push([one.as_str(), other.as_str()]);
            }
        }
    }
    assert!(circles.is_empty(), "{circles:?}");
}

#[test]
fn no_room_names_what_it_must_never_know() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/architecture.md")).unwrap();
    let table = page.split("| must never name |\n").nth(1).unwrap();
    let rows = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    let mut checked = 0;
    let mut wrong = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let words: Vec<&str> = cells[3].split('`').skip(1).step_by(2).collect();
        assert!(!words.is_empty(), "{row}");
        for (file, text) in sources() {
            if room_of(&file) != cells[1] || is_test(&file) {
                continue;
            }
            checked += 1;
            let code = code_of(&text);
            for word in words.iter().filter(|word| code.contains(**word)) {
                wrong.push(format!("src/{file} names '{word}'"));
            }
        }
    }
    assert!(checked > 100, "{checked} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The crate's modules are private, so that the compiler finds what nothing uses; it does not ask
/// for comments there. The arguments of commands have none, for it would be their help.
#[test]
fn every_item_that_a_room_offers_is_documented() {
    let mut missing = Vec::new();
    for (file, text) in sources() {
        if room_of(&file) == "commands" || is_test(&file) {
            continue;
        }
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate() {
            let Some(item) = line.strip_prefix("pub ") else {
                continue;
            };
            if item.starts_with("use ") || item.starts_with("mod ") {
                continue;
            }
            let before = lines[..number].iter().rev();
            let is_end = |line: &&&str| line.is_empty() || line.ends_with(['{', '}', ';']);
            let mut before = before.take_while(|line| !is_end(line));
            if !before.any(|line| line.starts_with("///") || line.starts_with("#[doc")) {
                missing.push(format!("src/{file}:{}: {line}", number + 1));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn imports_run_down_the_list() {
    let rooms = rooms();
    let place = |room: &str| rooms.iter().position(|other| other == room);
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let own = room_of(&file);
        let Some(from) = place(&own) else {
            wrong.push(format!("{file}: the room '{own}' is not listed"));
            continue;
        };
        for import in imports(&text) {
            if place(&import).is_some_and(|to| to < from) {
                wrong.push(format!("{file} imports {import}, which stands above it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_emulator_shares_nothing_with_the_client_but_the_small_rooms() {
    let small = [
        "emulator",
        "endpoint",
        "error",
        "exit",
        "files",
        "interrupt",
        "lock",
        "names",
        "origin",
        "secret",
    ];
    for (file, text) in sources() {
        if room_of(&file) == "emulator" {
            for import in imports(&text) {
                let own = import == "crate" || small.contains(&import.as_str());
                assert!(own, "src/{file} imports {import}");
            }
        }
    }
}

#[test]
fn the_page_names_files_that_exist_and_counts_those_of_the_walk() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/architecture.md")).unwrap();
    let named = |text: &str| -> BTreeSet<String> {
        let words = text.split('`').skip(1).step_by(2);
        let words = words.filter(|word| word.starts_with("src/") || word.starts_with("docs/"));
        words.map(str::to_owned).collect()
    };
    let (prose, _) = page.split_once("## Adding things").unwrap();
    let (_, prose) = prose.split_once("## `swr").unwrap();
    for path in named(&format!("`{prose}")) {
        assert!(Path::new(ROOT).join(&path).exists(), "{path}");
    }
    let (walk, _) = prose.split_once("Beside that way").unwrap();
    let (before, steps) = walk.split_once(":\u{20}").unwrap();
    assert!(before.ends_with("needs them"), "{before}");
    let (count, steps) = steps.split_once(".\n").unwrap();
    assert_eq!(named(steps).len().to_string(), count);
}

#[test]
fn every_file_belongs_to_a_module() {
    let sources = sources();
    for (file, _) in &sources {
        if matches!(file.as_str(), "main.rs" | "lib.rs") {
            continue;
        }
        let path = Path::new(file);
        let (name, parent) = if path.ends_with("mod.rs") {
            let own = path.parent().unwrap();
            (own.file_name().unwrap(), own.parent().unwrap())
        } else {
            (path.file_stem().unwrap(), path.parent().unwrap())
        };
        let candidates = if parent.as_os_str().is_empty() {
            vec!["lib.rs".to_owned()]
        } else {
            vec![
                format!("{}/mod.rs", parent.display()),
                format!("{}.rs", parent.display()),
            ]
        };
        let declared = format!("mod {};", name.to_str().unwrap());
        let found = sources
            .iter()
            .any(|(other, text)| candidates.contains(other) && text.contains(&declared));
        assert!(found, "src/{file} belongs to no module");
    }
}

#[test]
fn the_reader_of_imports_sees_groups() {
    let text =
        "use crate::{error::{Error, Kind}, exit};\n// crate::commands\nlet x = crate::api::f();";
    assert_eq!(
        imports(text),
        ["api", "error", "exit"].map(str::to_owned).into()
    );
}
