//! The example file: every key is in it, explained, and right once it is uncommented.

use super::Home;
use crate::settings::example::EXAMPLE;
use crate::settings::{ROWS, Scope};

/// Takes the `#` off every line that is a key or a table; explanations have a space behind it.
fn uncommented() -> String {
    EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') && !rest.is_empty() => rest,
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect()
}

#[test]
fn the_example_says_nothing_until_it_is_uncommented() {
    let plain: Vec<_> = EXAMPLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert_eq!(plain, Vec::<&str>::new());
}

#[test]
fn every_line_of_the_example_is_right() {
    let settings = Home::new(&uncommented()).load().unwrap();
    for row in settings.show() {
        // The example's region has a profile that contradicts the example's endpoint, rightly.
        if row.setting != "region" && row.setting != "endpoint" {
            assert_eq!(row.error, None, "{}", row.setting);
        }
    }
}

#[test]
fn the_example_has_every_key_that_there_is() {
    let mut tables = EXAMPLE.split("\n#[");
    let top = tables.next().unwrap();
    let regions = tables.find(|table| table.starts_with("regions.")).unwrap();
    for row in ROWS {
        let line = format!("\n#{} = ", row.name);
        if row.scope >= Scope::Top {
            assert!(top.contains(&line), "{} is missing", row.name);
        }
        if row.scope >= Scope::Region {
            assert!(regions.contains(&line), "{} of a region", row.name);
        }
    }
}
