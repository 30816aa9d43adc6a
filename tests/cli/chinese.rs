//! The Chinese pages keep in step with the English ones: the same headings, commands, names and links.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a page and its translation have in common.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    /// The level of each heading.
    headings: Vec<usize>,
    /// The fenced blocks, to the letter.
    blocks: Vec<String>,
    /// Commands, options, variables, files: whatever is set as code.
    code: BTreeSet<String>,
    /// Where links lead, as paths of the repository.
    links: BTreeSet<String>,
}

fn shape(page: &str) -> Shape {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let mut shape = Shape {
        headings: Vec::new(),
        blocks: Vec::new(),
        code: BTreeSet::new(),
        links: BTreeSet::new(),
    };
    let mut block: Option<String> = None;
    let mut prose = String::new();
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        match &mut block {
            Some(inside) if line.trim() == "```" => {
                shape.blocks.push(std::mem::take(inside));
                block = None;
            }
            Some(inside) => {
                inside.push_str(line.trim_start());
                inside.push('\n');
            }
            None if is_fence => block = Some(format!("{}\n", line.trim())),
            // Each names the other language.
            None if line.contains("简体中文") => {}
            None => {
                if line.starts_with('#') {
                    shape
                        .headings
                        .push(line.chars().take_while(|c| *c == '#').count());
                }
                prose.push_str(line.trim_start());
                prose.push('\n');
            }
        }
    }
    assert!(block.is_none(), "{page} ends inside a block");
    let code = Regex::new("`([^`]+)`").unwrap();
    shape.code = code
        .captures_iter(&prose)
        .map(|found| found[1].replace('\n', " "))
        .collect();
    let link = Regex::new(r"\]\(([^)#]+)(?:#[^)]*)?\)").unwrap();
    shape.links = link
        .captures_iter(&prose)
        .map(|found| target(page, &found[1]))
        .collect();
    shape
}

/// Returns where a link of a page leads; a translated page stands for the page itself.
fn target(page: &str, link: &str) -> String {
    if link.contains("://") {
        return link.to_owned();
    }
    let mut path = PathBuf::from(page);
    path.pop();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    assert!(
        root().join(&path).exists(),
        "{page} links to {link}, which is not there"
    );
    let path = path.display().to_string();
    path.replace("docs/zh-CN", "docs")
        .replace(".zh-CN.md", ".md")
}

#[test]
fn both_languages_say_the_same() {
    for (english, chinese) in pages() {
        let (wanted, found) = (shape(&english), shape(&chinese));
        assert_eq!(found.headings, wanted.headings, "headings of {chinese}");
        assert_eq!(found.blocks, wanted.blocks, "blocks of {chinese}");
        let differ = |wanted: &BTreeSet<String>, found: &BTreeSet<String>| -> Vec<String> {
            wanted.symmetric_difference(found).cloned().collect()
        };
        assert_eq!(
            differ(&wanted.code, &found.code),
            [""; 0],
            "code of {chinese}"
        );
        assert_eq!(
            differ(&wanted.links, &found.links),
            [""; 0],
            "links of {chinese}"
        );
    }
}

/// Every page that is there in both languages.
fn pages() -> Vec<(String, String)> {
    let mut pages = vec![("README.md".to_owned(), "README.zh-CN.md".to_owned())];
    for folder in ["docs/zh-CN", "docs/zh-CN/ci"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.file_name().unwrap().to_str().unwrap();
                let chinese = format!("{folder}/{name}");
                pages.push((chinese.replace("docs/zh-CN", "docs"), chinese));
            }
        }
    }
    pages
}

#[test]
fn what_a_newcomer_needs_is_there_in_chinese() {
    let pages: BTreeSet<String> = pages().into_iter().map(|(english, _)| english).collect();
    for page in [
        "README.md",
        "docs/credentials.md",
        "docs/exit-codes.md",
        "docs/fleet.md",
        "docs/ci/github-actions.md",
        "docs/ci/gitlab-ci.md",
        "docs/ci/jenkins.md",
        "docs/ci/kubernetes.md",
        "docs/ci/tekton.md",
    ] {
        assert!(pages.contains(page), "{page} has no translation");
    }
}
