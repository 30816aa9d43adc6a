//! Reports: what people and systems read after a run, whatever the verb.

mod ci;
mod cut_short;
mod forms;
mod hostile;
mod merge;
mod page;
mod shards;
mod verbs;

use std::path::Path;

use crate::support::{Cloud, EAST, Home};

/// The digest of an image that the source does not have.
const OTHER: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
const VERIFY: &str = "sync verify -n team --to-region cn-east-3 --to-namespace mirror";
const FILES: &str = "--summary page.md --junit report.xml --html page.html --metrics swr.prom";

/// Two repositories: a tag is the same, one differs, one is missing, one is only in the target.
fn cloud() -> Cloud {
    let cloud = Cloud::start()
        .repository("team", "web/api", &["v1", "v2", "v3"])
        .repository("team", "web/worker", &["v1"])
        .namespace(EAST, "mirror");
    let emulator = cloud.emulator();
    for (repository, tag) in [("web/api", "v1"), ("web/worker", "v1")] {
        let digest = cloud
            .tags("cn-north-4", "team", repository)
            .into_iter()
            .find(|(name, _)| name == tag)
            .unwrap()
            .1;
        emulator.add_repository(EAST, "mirror", repository);
        emulator.push(EAST, "mirror", repository, tag, Some(&digest));
    }
    emulator.push(EAST, "mirror", "web/api", "v2", Some(OTHER));
    emulator.push(EAST, "mirror", "web/api", "only-there", None);
    cloud
}

fn read(user: &Home, name: &str) -> String {
    read_path(&user.path().join(name))
}

fn read_path(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a JUnit file says, read by an XML parser.
#[derive(Debug, PartialEq, Eq)]
struct Junit {
    /// `tests`, `failures`, `errors`, `skipped` of the suite.
    counts: [usize; 4],
    /// Name, kind and message of each case that did not pass.
    not_passed: Vec<(String, String, String)>,
}

/// Reads a JUnit file and fails where its numbers are not those of its cases.
#[track_caller]
fn junit(text: &str) -> Junit {
    let document =
        roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let suite = document
        .descendants()
        .find(|node| node.has_tag_name("testsuite"))
        .unwrap();
    let number = |name: &str| suite.attribute(name).unwrap().parse::<usize>().unwrap();
    let counts = ["tests", "failures", "errors", "skipped"].map(number);
    let cases: Vec<_> = suite
        .children()
        .filter(|node| node.has_tag_name("testcase"))
        .collect();
    let of = |kind: &str| {
        cases
            .iter()
            .filter(|case| case.children().any(|node| node.has_tag_name(kind)))
            .count()
    };
    assert_eq!(
        counts,
        [cases.len(), of("failure"), of("error"), of("skipped")],
        "{text}"
    );
    let all = document.root_element();
    assert_eq!(all.attribute("tests"), suite.attribute("tests"));
    let not_passed = cases
        .iter()
        .filter_map(|case| {
            let end = case.first_element_child()?;
            Some((
                case.attribute("name").unwrap().to_owned(),
                end.tag_name().name().to_owned(),
                end.attribute("message").unwrap_or_default().to_owned(),
            ))
        })
        .collect();
    Junit { counts, not_passed }
}
