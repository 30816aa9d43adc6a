//! Redaction: whatever a secret is and however it is spelled, nothing of it is left.

#![allow(
    clippy::format_collect,
    reason = "texts of a few characters, made readable"
)]

use proptest::prelude::*;

use super::decoded::Decoded;
use super::patterns::Patterns;
use super::{REDACTED, Secret, remember_briefly, scrub, without_password};

/// A way in which a library or service spells a text.
type Spelling = (&'static str, fn(&str) -> String);

fn escaped(text: &str, escape: impl Fn(char) -> Option<String>) -> String {
    text.chars()
        .map(|character| escape(character).unwrap_or_else(|| character.to_string()))
        .collect()
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

fn percent(text: &str, keeps: &str, in_lower_case: bool) -> String {
    escaped(text, |character| {
        if character.is_ascii_alphanumeric() || keeps.contains(character) {
            return None;
        }
        let mut bytes = [0; 4];
        let bytes = character.encode_utf8(&mut bytes).bytes();
        Some(if in_lower_case {
            bytes.map(|byte| format!("%{byte:02x}")).collect()
        } else {
            bytes.map(|byte| format!("%{byte:02X}")).collect()
        })
    })
}

const SPELLINGS: [Spelling; 13] = [
    ("as it is", str::to_owned),
    ("JSON", json),
    ("JSON of PHP", |text| json(text).replace('/', "\\/")),
    ("JSON of Gson", |text| {
        escaped(&json(text), |character| {
            "=+&<>'"
                .contains(character)
                .then(|| format!("\\u{:04x}", u32::from(character)))
        })
    }),
    ("JSON, all escaped", |text| {
        text.encode_utf16()
            .map(|unit| format!("\\u{unit:04X}"))
            .collect()
    }),
    ("URL, RFC 3986", |text| percent(text, "-._~", false)),
    ("URL, lower case", |text| percent(text, "-._~", true)),
    ("encodeURIComponent", |text| {
        percent(text, "-_.!~*'()", false)
    }),
    ("URL, all escaped", |text| {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }),
    ("form", |text| {
        percent(text, "-._* ", false).replace(' ', "+")
    }),
    ("HTML, named", |text| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&apos;")
    }),
    ("HTML, numbers", |text| {
        escaped(text, |character| {
            (!character.is_alphanumeric()).then(|| format!("&#x{:X};", u32::from(character)))
        })
    }),
    ("control characters escaped", |text| {
        escaped(text, |character| match character {
            '\\' => Some("\\\\".to_owned()),
            '\t' => Some("\\t".to_owned()),
            control => control
                .is_control()
                .then(|| control.escape_unicode().to_string()),
        })
    }),
];

fn in_base64(text: &str, before: &str, in_urls: bool) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let whole = format!("{before}{text}");
    if in_urls {
        URL_SAFE_NO_PAD.encode(whole)
    } else {
        STANDARD.encode(whole)
    }
}

fn found(secret: &str, text: &str) -> Vec<String> {
    let ranges = Patterns::new([secret]).find(text);
    ranges
        .into_iter()
        .map(|range| text[range].to_owned())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_secret_is_found_whole_however_it_is_spelled(
        secret in "[ -~\t\u{9b}\u{202e}é😀]{5,40}[!-\\[\\]-~]",
        spellings in proptest::collection::vec(0..SPELLINGS.len(), 1..4),
    ) {
        let spelled = spellings.iter().fold(secret.clone(), |text, index| SPELLINGS[*index].1(&text));
        for (before, after) in [("", ""), ("wrong token '", "' here"), ("{\"t\":\"", "\"}")] {
            let text = format!("{before}{spelled}{after}");
            let found = found(&secret, &text);
            prop_assert!(!found.is_empty(), "{}", text);
            let left = found.iter().fold(text.clone(), |left, it| left.replacen(it, "", 1));
            // Of a secret that looks like an escape itself, its backslash may be left, spelled anyhow.
            let left = Decoded::new(&left).plain().unwrap_or(left.into_bytes());
            let left = String::from_utf8_lossy(&left).replace('\\', "");
            prop_assert_eq!(left, format!("{before}{after}"), "{}", text);
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands_in_a_value(
        secret in "[ -~]{6,40}",
        before in "[a-z:]{0,5}",
        in_urls: bool,
        index in 0..SPELLINGS.len(),
    ) {
        let spelled = SPELLINGS[index].1(&in_base64(&secret, &before, in_urls));
        let shown = found(&secret, &spelled).concat();
        // All but the characters that hold bits of what surrounds the secret, each at most twelve
        // long, and the padding.
        let others = 4 * before.len().div_ceil(3) + 3;
        prop_assert!(!shown.is_empty() && shown.len() + 12 * others >= spelled.len(), "{}", spelled);
    }

    #[test]
    fn no_text_makes_it_fail_and_what_holds_no_secret_stays(text in "\\PC*[\\\\%&].*") {
        prop_assert_eq!(found("qqqqqqqqqq", &text), [""; 0]);
    }
}

#[test]
fn a_backslash_at_the_end_that_escapes_what_follows_does_not_hide_the_rest() {
    assert_eq!(found("pass>word\\", "'pass&gt;word\\'"), ["pass&gt;word"]);
    assert_eq!(found("pass>word\\", "'pass>word\\'"), ["pass>word\\"]);
}

#[test]
fn a_backslash_before_another_escape_does_not_hide_a_secret() {
    for secret in [
        "pass\\%AAword",
        "pass\\&lt;word",
        "pass\\\\%4a\\word",
        "pass\\u00%34word",
    ] {
        for (name, spelling) in SPELLINGS {
            let spelled = spelling(secret);
            assert_eq!(
                found(secret, &spelled),
                [spelled.as_str()],
                "{name} of {secret}"
            );
        }
    }
}

#[test]
fn a_short_secret_that_loses_what_looks_like_an_escape_is_found() {
    assert_eq!(found("Aa\"0\\]", "Aa&quot;0\\]"), ["Aa&quot;0\\]"]);
    assert_eq!(found("a%41<b", "a%41&lt;b"), ["a%41&lt;b"]);
}

#[test]
fn control_characters_that_are_shown_as_escapes_do_not_hide_a_secret() {
    for (secret, shown) in [
        ("pass\tword", "pass\\tword"),
        ("pass\\\tword", "pass\\\\tword"),
        ("pass\u{9b}word", "pass\\u{9b}word"),
        ("pass\u{202e}word", "pass\\u{202e}word"),
    ] {
        assert_eq!(found(secret, shown), [shown]);
    }
}

#[test]
fn a_secret_is_shown_by_no_formatter() {
    let secret = Secret::new("never-to-be-seen");
    assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
}

#[test]
fn a_secret_that_was_dropped_is_kept_to_the_end() {
    drop(Secret::new("gone-for-good"));
    assert_eq!(scrub("bad gone-for-good."), "bad [redacted].");
}

#[test]
fn one_secret_that_begins_or_overlaps_another_leaves_nothing_of_it() {
    let _short = Secret::new("tokenAAAA-north");
    let _long = Secret::new("tokenAAAA-north-and-more");
    let _other = Secret::new("north-and-more-of-it");
    assert_eq!(scrub("tokenAAAA-north-and-more."), "[redacted].");
    assert_eq!(scrub("tokenAAAA-north-and-more-of-it."), "[redacted].");
    assert_eq!(scrub("tokenAAAA-north-else"), "[redacted]-else");
}

#[test]
fn the_last_passing_values_are_redacted() {
    for index in 1000..1100 {
        remember_briefly(&format!("signature-{index}"));
    }
    assert_eq!(scrub("signature-1099"), REDACTED);
    assert_eq!(scrub("signature-1000"), "signature-1000");
}

#[test]
fn an_address_is_shown_without_its_password_even_if_it_is_no_url() {
    for (address, shown) in [
        ("https://u:p@h/x", "https://[redacted]@h/x"),
        ("https://u:a/b@h", "https://[redacted]@h"),
        ("https://u:a#b?c@h:1", "https://[redacted]@h:1"),
        ("http://u:p@[::1", "http://[redacted]@[::1"),
        ("u:p@proxy:3128", "[redacted]@proxy:3128"),
        ("https://u@h", "https://[redacted]@h"),
        ("https://a.example/x@y", "https://a.example/x@y"),
        ("https://a.example", "https://a.example"),
        ("no address", "no address"),
    ] {
        assert_eq!(without_password(address), shown);
    }
}
