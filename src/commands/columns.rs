//! How single values are shown to a person and written for a program, alike in every list.

use jiff::Timestamp;

use crate::output::{Page, Span, dim, plain};

/// Returns a time as JSON has it: RFC 3339 in UTC.
pub(super) fn moment(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

/// Returns the cell of a time in JSON's form, without its fraction.
pub(super) fn time(moment: Option<&String>) -> Span {
    match moment {
        Some(moment) => match moment.split_once('.') {
            Some((whole, _)) => plain(format!("{whole}Z")),
            None => plain(moment),
        },
        None => absent(),
    }
}

/// Returns the cell of a text that may be absent.
pub(super) fn text(value: Option<&String>) -> Span {
    match value {
        Some(value) if !value.is_empty() => plain(value),
        _ => absent(),
    }
}

/// Returns the cell of a number that may be absent.
pub(super) fn number(value: Option<i64>) -> Span {
    value.map_or_else(absent, |value| plain(value.to_string()))
}

/// Returns the cell of a size in bytes.
pub(super) fn size(bytes: Option<i64>) -> Span {
    match bytes.and_then(|bytes| u64::try_from(bytes).ok()) {
        Some(bytes) => plain(indicatif::HumanBytes(bytes).to_string()),
        None => absent(),
    }
}

/// Returns the cell of a switch that may be absent.
pub(super) fn yes_or_no(value: Option<bool>) -> Span {
    match value {
        Some(true) => plain("yes"),
        Some(false) => plain("no"),
        None => absent(),
    }
}

/// Writes one thing, a line for each of its values.
pub(super) fn card<const N: usize>(page: &mut Page, values: [(&str, Span); N]) {
    let rows: Vec<Vec<Span>> = values
        .into_iter()
        .map(|(name, value)| vec![dim(name), value])
        .collect();
    page.table(&[], &rows);
}

fn absent() -> Span {
    dim("-")
}
