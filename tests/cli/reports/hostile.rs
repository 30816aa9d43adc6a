//! Text of a service that tries to be more than text, in every report.

use super::{FILES, cloud, junit, read};
use crate::support::{Home, Reply, Wire};

/// Parts that mean something in one of the forms.
pub(super) const HOSTILE: &[&str] = &[
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "]]>",
    "&lt;b&gt;",
    "a|b\\|c",
    "![p](http://evil.example/p.png)",
    "[l](http://evil.example)",
    "@octocat",
    "#1",
    "``` x",
    "`tick",
    "\u{fffe}\u{ffff}",
    "\u{0}\u{7}\u{1b}[2J\u{9b}",
    "\u{202e}txt.exe\u{2066}",
    "line\r\n::error::injected",
    "##[error]injected",
    "\"quote' %0A",
];

#[test]
fn it_stays_text_in_every_report() {
    let text = HOSTILE.join(" ");
    let body =
        serde_json::json!({"errors": [{"errorCode": "SVCSTG.SWR.4001000", "errorMessage": text}]});
    let cloud = cloud().failing(&format!("GET /web$api/tags: 400 x* body={body}"));
    let user = cloud.user();
    let _ = user
        .swr(&format!(
            "sync verify -n team -r web/api --to-region cn-east-3 --to-namespace mirror {FILES}"
        ))
        .exits(4);

    // An XML parser reads the report, and finds the text in one attribute.
    let report = junit(&read(&user, "report.xml"));
    assert_eq!(report.counts, [1, 0, 1, 0]);
    assert!(
        report.not_passed[0]
            .2
            .contains("<img src=x onerror=alert(1)>"),
        "{report:?}"
    );
    assert!(
        report.not_passed[0].2.contains("\\u{fffe}\\u{ffff}"),
        "{report:?}"
    );

    stays_text(&user);
}

/// Fails where the text is more than text in a report.
#[track_caller]
fn stays_text(user: &Home) {
    // Everything in the summary that is not ours is inside a code span of one line.
    let page = read(user, "page.md");
    let outside = without_code(&page);
    for part in ["<img", "](", "@octo", "#1", "evil", "::error", "script"] {
        assert!(!outside.contains(part), "{part} in {outside}\n{page}");
    }
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(line.matches('|').count(), 5, "{line}");
    }

    let page = read(user, "page.html");
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;"),
        "{page}"
    );
    for part in ["<img", "alert(1)</script>", "<b>\"", "\u{202e}", "\u{0}"] {
        assert!(!page.contains(part), "{part} in {page}");
    }
    assert_eq!(page.matches("<script>").count(), 1);
    super::forms::checked_by_promtool(&read(user, "swr.prom"));
}

#[test]
fn names_that_the_service_lists_stay_text_too() {
    // As names of repositories, of targets, and of tags whose copies failed.
    let wire = Wire::play(|_, heard| {
        let path = heard.line.split(' ').nth(1).unwrap_or_default();
        let text = HOSTILE.join(" ");
        let body = if path.starts_with("/v3/manage/repos") {
            let of = |name: &str| serde_json::json!({"namespace": "team", "name": name});
            let mut names: Vec<_> = HOSTILE.iter().copied().map(of).collect();
            names.push(of("web/api"));
            serde_json::json!({"repos": names})
        } else if path.contains("/sync_repo") {
            serde_json::json!([{"remoteRegionId": text, "remoteNamespace": text}])
        } else if path.contains("offset%3A%3A0") {
            serde_json::json!([{"id": 1, "tag": text, "status": "failed",
                "remoteRegionId": text, "remoteNamespace": text}])
        } else {
            serde_json::json!([])
        };
        Reply::json(200, &body.to_string())
    });
    let fleet = "[[sync]]\nnamespace = 'team'\nrepositories = ['**']\nto = ['cn-east-3']\n";
    let user = wire
        .user()
        .with("SWR_REGION", "cn-north-4")
        .file("swr.toml", fleet);
    for (line, code) in [
        ("sync status -n team --copies", 9),
        ("sync status -f swr.toml", 8),
        ("plan", 5),
        ("apply", 5),
    ] {
        for name in FILES.split(' ').filter(|word| word.contains('.')) {
            let _ = std::fs::remove_file(user.path().join(name));
        }
        let run = user.swr(&format!("{line} {FILES}")).exits(code);
        for part in ["\u{202e}", "\u{0}", "\u{1b}", "\n::error"] {
            let said = [&run.stdout, &run.stderr];
            assert!(said.iter().all(|text| !text.contains(part)), "{run}");
        }
        let _ = junit(&read(&user, "report.xml"));
        stays_text(&user);
    }
}

/// Returns Markdown without its code spans and fenced blocks, as its definition finds them.
fn without_code(page: &str) -> String {
    let mut rest = String::new();
    let mut fence: Option<String> = None;
    for line in page.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        if let Some(open) = &fence {
            if line == *open {
                fence = None;
            }
            continue;
        }
        if ticks.len() >= 3 && line.trim_start_matches('`') == "text" {
            fence = Some(ticks);
            continue;
        }
        let mut left = line;
        while let Some(start) = left.find('`') {
            rest.push_str(&left[..start]);
            let mark: String = left[start..].chars().take_while(|c| *c == '`').collect();
            let behind = &left[start + mark.len()..];
            // The span ends at a run of the same length.
            let mut at = 0;
            let end = loop {
                let Some(next) = behind[at..].find('`') else {
                    panic!("a span that does not end: {line}");
                };
                let run = behind[at + next..]
                    .chars()
                    .take_while(|c| *c == '`')
                    .count();
                if run == mark.len() {
                    break at + next + run;
                }
                at += next + run;
            };
            left = &behind[end..];
        }
        rest.push_str(left);
        rest.push('\n');
    }
    rest
}
