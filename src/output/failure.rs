//! How an error is shown: to a person, and to a program.

use serde::Serialize;

use super::text::{Page, bad, dim, good, harmless, plain};
use crate::error::{Error, Field};

/// Writes what was wrong, where it came from, and what to do next, in that order.
pub(super) fn show(error: &Error, page: &mut Page) {
    let fields = &error.details().fields;
    for (index, line) in error.message().lines().enumerate() {
        let place = match error.place() {
            Some(origin) if index == 0 => format!(" ({origin})"),
            _ => String::new(),
        };
        page.line(&[bad("error: "), plain(line), plain(place)]);
        // Each wrong value has a line of its own, and its hint below it.
        let hint_of = |index: usize| fields.get(index).and_then(|field| field.hint.as_deref());
        if let Some(hint) = hint_of(index).filter(|hint| hint_of(index + 1) != Some(*hint)) {
            write_hint(hint, page);
        }
    }
    if let Some(hint) = error.advice() {
        write_hint(hint, page);
    }
}

fn write_hint(hint: &str, page: &mut Page) {
    for (index, line) in hint.lines().enumerate() {
        let label = if index == 0 {
            good("hint: ")
        } else {
            dim("      ")
        };
        page.line(&[label, plain(line)]);
    }
}

/// Returns the error as a workflow command of GitHub Actions, which shows it above the job's log.
/// Its text is escaped as the runner reads it: the rest of the line, `%0A` for a new one.
pub(super) fn annotation(error: &Error) -> String {
    let mut text = error.message();
    if let Some(hint) = error.advice() {
        text.push_str("\nhint: ");
        text.push_str(hint);
    }
    let lines: Vec<String> = text
        .lines()
        .map(|line| harmless(line).replace('%', "%25").replace("##[", "#%23["))
        .collect();
    format!(
        "::error title=swr (exit {})::{}\n",
        error.exit_code().code(),
        lines.join("%0A")
    )
}

/// `{"error": …}`, the line on standard error.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Envelope {
    error: ErrorReport,
}

impl Envelope {
    pub(super) fn of(error: &Error) -> Envelope {
        Envelope {
            error: ErrorReport::of(error),
        }
    }
}

/// An error for programs.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorReport {
    /// The class of the error.
    pub kind: &'static str,
    /// What was wrong, with its causes and its place.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The exit code that the error leads to.
    pub exit_code: u8,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// The HTTP status of the answer.
    pub http_status: Option<u16>,
    /// The service's code.
    pub code: Option<String>,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// The option that brought the wrong value.
    pub field: Option<&'static str>,
    /// The request that was answered so.
    pub request: Option<RequestReport>,
    /// Every wrong value, when there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldReport>,
    /// How what is there differs from what was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<serde_json::Value>,
}

/// Method and path of a request.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RequestReport {
    /// The method.
    pub method: String,
    /// The path, with `$` for `/` in a repository's name.
    pub path: String,
}

/// One wrong value.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FieldReport {
    /// The option, `--namespace`, or the key in a file, `sync[0].to[1]`.
    pub field: String,
    /// The value as typed.
    pub value: String,
    /// What is wrong with it.
    pub message: String,
    /// The file that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line of that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl ErrorReport {
    /// Returns what programs read of an error.
    pub fn of(error: &Error) -> ErrorReport {
        let details = error.details();
        let mut message = error.message();
        if let Some(origin) = error.place() {
            message.push_str(&format!(" ({origin})"));
        }
        let field = |field: &Field| FieldReport {
            field: field.field.clone().into_owned(),
            value: field.value.clone(),
            message: field.message.clone(),
            file: field.file.as_ref().map(|(file, _)| file.clone()),
            line: field.file.as_ref().and_then(|(_, line)| *line),
        };
        ErrorReport {
            kind: error.kind().name(),
            message,
            hint: error.advice().map(str::to_owned),
            exit_code: error.exit_code().code(),
            retryable: details.retryable,
            http_status: details.http_status,
            code: details.code.clone(),
            request_id: details.request_id.clone(),
            field: details.field,
            request: details
                .request
                .clone()
                .map(|(method, path)| RequestReport { method, path }),
            fields: details.fields.iter().map(field).collect(),
            difference: details.difference.clone(),
        }
    }
}
