//! `--dry-run`: the exact request, shown and not sent.

use clap::ValueEnum;
use serde::Serialize;

use crate::api::{Call, PreviewCredential, RequestPreview};
use crate::context::Context;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::RegionId;
use crate::output::{Format, Page, Report};

/// The form of a dry run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DryRun {
    /// As on the wire
    Http,
    /// As a curl command to paste; secrets as variables
    Curl,
}

/// A request that would be sent, with the place that it would go to.
pub(super) struct Planned {
    /// The request.
    pub call: Call,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The target region, where the request goes there and not to the source.
    pub region: Option<RegionId>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct One<'a> {
    dry_run: bool,
    request: &'a RequestPreview,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Several<'a> {
    dry_run: bool,
    requests: &'a [RequestPreview],
}

/// Shows requests; nothing is sent, no credential is needed.
pub(super) fn show(context: &Context, planned: &[Planned], form: DryRun) -> Result<Exit, Error> {
    let output = context.output();
    let credential = context.shown_credential();
    if credential == PreviewCredential::None {
        output.note("no credential is set; the request is shown with a token");
    }
    let shown: Vec<RequestPreview> = planned
        .iter()
        .map(|planned| planned.call.preview(&planned.endpoint, credential))
        .collect();
    if output.manner().format == Format::Human {
        if form == DryRun::Curl && credential == PreviewCredential::Signature {
            output.note("a signature cannot be pasted; the command carries a token instead");
        }
        output.page(|page| {
            for (index, (shown, planned)) in shown.iter().zip(planned).enumerate() {
                if index > 0 {
                    page.plain("");
                }
                match form {
                    DryRun::Http => as_http(shown, planned, page),
                    DryRun::Curl => as_curl(shown, planned, page),
                }
            }
        })?;
    } else if let [request] = shown.as_slice() {
        output.report(&One {
            dry_run: true,
            request,
        })?;
    } else {
        output.report(&Several {
            dry_run: true,
            requests: &shown,
        })?;
    }
    Ok(Exit::Done)
}

// Both are shown to programs only.
impl Report for One<'_> {
    fn human(&self, _: &mut Page) {}
}
impl Report for Several<'_> {
    fn human(&self, _: &mut Page) {}
}

fn as_http(shown: &RequestPreview, planned: &Planned, page: &mut Page) {
    let url = planned.endpoint.at_query(&planned.call.path);
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let path = &url[url::Position::BeforePath..];
    page.plain(format!("{} {path} HTTP/1.1", shown.method));
    page.plain(format!("Host: {host}"));
    for (name, value) in &shown.headers {
        page.plain(format!("{name}: {}", value.as_str().unwrap_or_default()));
    }
    if !shown.body.is_null() {
        page.plain("");
        page.plain(shown.body.to_string());
    }
}

fn as_curl(shown: &RequestPreview, planned: &Planned, page: &mut Page) {
    let variable = match &planned.region {
        Some(region) => format!("$SWR_TOKEN_{}", region.in_variable()),
        None => "$SWR_TOKEN".to_owned(),
    };
    page.plain(format!(
        "curl -sS -X {} {} \\",
        shown.method,
        quoted(&shown.url)
    ));
    page.plain("  -H 'Content-Type: application/json' \\");
    let end = if shown.body.is_null() { "" } else { " \\" };
    page.plain(format!("  -H \"X-Auth-Token: {variable}\"{end}"));
    if !shown.body.is_null() {
        page.plain(format!("  --data {}", quoted(&shown.body.to_string())));
    }
}

/// Quotes text for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
