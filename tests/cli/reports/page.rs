//! The HTML page in a real browser: by file, by keyboard, in light, dark, narrow and on paper.

use serde_json::{Value, json};

use super::hostile::HOSTILE;
use crate::support::{Browser, Home};

/// Names, states and targets as a fleet has them; nothing of it is a secret.
fn items(repositories: usize, targets: usize) -> Vec<Value> {
    let mut items = Vec::new();
    for number in 0..repositories {
        for target in 0..targets {
            let (status, exit_code, error) = match (number % 97, target) {
                (3, 1) => ("missing", 8, None),
                (5, 0) => ("different", 8, None),
                (7, 2) => ("failed", 5, Some("the service answered 503 to GET …/tags")),
                _ => ("same", 0, None),
            };
            items.push(json!({
                "status": status, "namespace": "team",
                "repository": format!("service-{:03}/web-{number:04}", number % 41),
                "tag": format!("v1.{}.0", number % 7),
                "region": "cn-north-4",
                "remote_region_id": (["cn-east-3", "ap-southeast-1", "cn-south-1", "eu-west-101", "la-south-2"][target]),
                "remote_namespace": "team",
                "digest": format!("sha256:{number:064x}"),
                "remote_digest": (status != "missing").then(|| format!("sha256:{:064x}", if status == "different" { 7 } else { number })),
                "exit_code": exit_code,
                "error": error.map(|message| json!({"message": message, "hint": "swr sync run --failed -n team -r web/api --to-region cn-south-1 --to-namespace team --wait"})),
                "hint": (status == "missing").then_some("swr sync run -n team -r web/api v1 --to-region cn-east-3 --to-namespace team --wait --verify"),
            }));
        }
    }
    items
}

/// A user with the page of these items.
fn page_of(items: &[Value], exit_code: u8) -> Home {
    let document =
        json!({"command": "sync verify", "items": items, "summary": {}, "exit_code": exit_code});
    let user = Home::new().file("verify.json", &document.to_string());
    let run = user.swr("report verify.json --html page.html -q -o jsonl");
    assert_eq!(run.code, Some(i32::from(exit_code)), "{}", run.stderr);
    user
}

const SHOWN: &str =
    "[...document.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).length";

#[test]
fn a_fleet_at_a_glance() {
    let user = page_of(&items(2000, 5), 5);
    let path = user.path().join("page.html");
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size < 3_000_000, "{size} bytes");
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.look(1280, "screen", "light");
    browser.open(&path);

    // It loads nothing, and nothing is wrong with it.
    let requests = browser.of("Network.requestWillBeSent");
    assert_eq!(requests.len(), 1, "{requests:?}");
    for name in [
        "Log.entryAdded",
        "Runtime.exceptionThrown",
        "Runtime.consoleAPICalled",
    ] {
        assert_eq!(browser.of(name), Vec::<&Value>::new());
    }

    // What is wrong comes first.
    assert_eq!(browser.value(SHOWN), 2000);
    // One source region is said once.
    let head = browser.value("document.querySelector('thead th').textContent");
    assert_eq!(head, "Repositorycn-north-4");
    let first = "document.querySelector('tbody tr').textContent";
    assert!(browser.value(first).as_str().unwrap().contains("failed"));
    assert_eq!(
        browser.value("document.querySelector('.verdict').textContent"),
        "63 of 2,000 repositories need attention"
    );
    browser.picture("fleet-light");

    // The filter, by keyboard alone.
    browser.press("/", 191, Some("/"));
    browser.write("service-005 different");
    let narrowed = browser.value(SHOWN).as_u64().unwrap();
    assert!(narrowed > 0 && narrowed < 10, "{narrowed}");
    assert_eq!(
        browser.value("document.getElementById('shown').value"),
        format!("{narrowed} of 2,000 repositories")
    );
    browser.write(" nothing-has-this");
    assert_eq!(browser.value(SHOWN), 0);
    assert_eq!(
        browser.value("document.getElementById('empty').checkVisibility()"),
        true
    );
    browser.press("Escape", 27, None);
    assert_eq!(browser.value(SHOWN), 2000);

    // The first switch is the worst state, and Tab goes from one to the next.
    browser.value("document.querySelector('input[name=state]').focus()");
    browser.press("Tab", 9, None);
    assert_eq!(browser.value("document.activeElement.value"), "different");
    browser.value("document.querySelector('input[name=state]').focus()");
    assert_eq!(browser.value("document.activeElement.value"), "failed");
    browser.press(" ", 32, Some(" "));
    assert_eq!(browser.value(SHOWN), 21);

    // Details open by keyboard, with the command that mends it.
    browser.value("document.querySelector('tbody tr:not([hidden]) summary').focus()");
    assert_eq!(
        browser.value("document.querySelectorAll('details[open]').length"),
        0
    );
    browser.press("Enter", 13, Some("\r"));
    let detail = browser.value("document.querySelector('details[open]').innerText");
    let detail = detail.as_str().unwrap();
    assert!(
        detail.contains("503") && detail.contains("swr sync run --failed"),
        "{detail}"
    );
    browser.picture("fleet-details");
    // The button for the command comes with the details.
    assert_eq!(
        browser.value("document.querySelector('details[open] button').textContent"),
        "Copy"
    );
}

#[test]
fn a_fleet_where_everything_is_wrong_is_no_larger() {
    let mut items = items(2000, 5);
    for item in &mut items {
        item["status"] = "different".into();
        item["exit_code"] = 8.into();
        item["error"] = json!({
            "message": "the target has another image of the tag",
            "hint": format!("swr sync run v1 --override -n team -r {} --to-region cn-east-3 --to-namespace team --wait --verify", item["repository"]),
        });
    }
    let user = page_of(&items, 8);
    let page = super::read(&user, "page.html");
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<tr data-s=").count(), 2000);
    assert!(page.contains("2,000 of 2,000 repositories need attention"));
    assert!(page.contains("… and 1 more"));
}

#[test]
fn it_is_readable_in_every_light() {
    let user = page_of(&items(60, 3), 5);
    let path = user.path().join("page.html");
    let Some(mut browser) = Browser::start() else {
        return;
    };
    for (name, width, media, scheme) in [
        ("light", 1280, "screen", "light"),
        ("dark", 1280, "screen", "dark"),
        ("narrow", 400, "screen", "light"),
        ("narrow-dark", 400, "screen", "dark"),
        ("print", 800, "print", "light"),
    ] {
        browser.look(width, media, scheme);
        browser.open(&path);
        let scrolls = browser.value("document.documentElement.scrollWidth");
        assert!(
            scrolls.as_u64().unwrap() <= u64::from(width),
            "{name}: {scrolls}"
        );
        let worst = browser.value(CONTRAST);
        // WCAG 2.1, 1.4.3: 4.5 for text.
        assert!(worst["ratio"].as_f64().unwrap() >= 4.5, "{name}: {worst}");
        let background = browser.value("getComputedStyle(document.body).backgroundColor");
        assert_eq!(
            background != "rgb(255, 255, 255)",
            scheme == "dark",
            "{name}"
        );
        browser.picture(name);
    }
    // On paper details are open and the filter is gone.
    let printed = browser.value(
        "({ filter: document.getElementById('text').checkVisibility(), \
            command: document.querySelector('tbody pre').checkVisibility({contentVisibilityAuto: true}) })",
    );
    assert_eq!(printed, json!({"filter": false, "command": true}));
    let paper = browser.call("Page.printToPDF", json!({}));
    assert!(paper["data"].as_str().unwrap().len() > 10_000);

    // Each cell says its state as a word.
    browser.look(400, "screen", "light");
    let words = browser.value(
        "[...document.querySelectorAll('tbody td')].every(cell => /failed|missing|different|same/.test(cell.textContent))",
    );
    assert_eq!(words, true);
}

/// The smallest contrast of any text with what is behind it.
const CONTRAST: &str = r"(() => {
  const parts = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  let worst = { ratio: 100 };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !node.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst.ratio) worst = { ratio, text: walk.currentNode.textContent.slice(0, 40), tag: node.className };
  }
  return worst;
})()";

#[test]
fn without_scripts_everything_is_there() {
    let user = page_of(&items(60, 3), 5);
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({"value": true}),
    );
    browser.look(1280, "screen", "light");
    browser.open(&user.path().join("page.html"));
    assert_eq!(browser.value(SHOWN), 60);
    let seen = browser.value(
        "({ totals: document.querySelector('fieldset').checkVisibility(), \
            filter: document.getElementById('text').checkVisibility(), \
            details: document.querySelectorAll('tbody details').length })",
    );
    assert_eq!(
        seen,
        json!({"totals": true, "filter": false, "details": 180})
    );
}

#[test]
fn hostile_names_do_nothing() {
    let mut items = Vec::new();
    for (number, text) in HOSTILE.iter().enumerate() {
        items.push(json!({
            "status": text, "namespace": text, "repository": format!("{text}{number}"), "tag": text,
            "profile": text, "region": text, "remote_region_id": text, "remote_namespace": text,
            "digest": text, "remote_digest": "x", "exit_code": 5,
            "error": {"message": text, "hint": text},
        }));
    }
    items.push(json!({
        "status": "failed", "namespace": "\"><img src=x onerror=\"window.pwned=1\">",
        "repository": "javascript:window.pwned=1", "exit_code": 5,
        "error": {"message": "'\"><svg onload=window.pwned=1><style>*{display:none}</style>"},
    }));
    let user = page_of(&items, 5);
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.look(1280, "screen", "light");
    browser.open(&user.path().join("page.html"));
    browser.value("document.getElementById('open').click()");
    assert_eq!(browser.value("typeof window.pwned"), "undefined");
    let made = "document.querySelectorAll('img, svg, a, iframe, link, object, b b, script:not(:last-child)').length";
    assert_eq!(browser.value(made), 0);
    assert_eq!(browser.value(SHOWN), items.len());
    assert_eq!(browser.of("Network.requestWillBeSent").len(), 1);
    assert_eq!(
        browser.of("Page.javascriptDialogOpening"),
        Vec::<&Value>::new()
    );
    assert_eq!(browser.of("Log.entryAdded"), Vec::<&Value>::new());
    browser.picture("hostile");
    // The names are words of the filter, too.
    browser.press("/", 191, Some("/"));
    browser.write("@octocat");
    assert!(browser.value(SHOWN).as_u64().unwrap() >= 1);
}

#[test]
fn a_run_that_is_good_or_empty_says_so() {
    let user = page_of(&[], 0);
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.look(1280, "screen", "light");
    browser.open(&user.path().join("page.html"));
    let text = browser.value("document.body.innerText");
    assert!(
        text.as_str().unwrap().contains("Nothing was looked at."),
        "{text}"
    );
    assert!(!text.as_str().unwrap().contains("All good"), "{text}");
    let good: Vec<Value> = items(3, 1);
    let user = page_of(&good, 0);
    browser.open(&user.path().join("page.html"));
    assert_eq!(
        browser.value("document.querySelector('.verdict').textContent"),
        "All good"
    );
    browser.picture("good");
}
