//! `--dry-run`: the exact request, shown and not sent.

use clap::ValueEnum;
use serde::Serialize;

use super::shell_word::quoted;
use crate::api::{Call, PreviewCredential, RequestPreview};
use crate::context::Context;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::RegionId;
use crate::output::{Format, Listing, Output, Page, Report};

/// The form of a dry run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DryRun {
    /// As on the wire
    Http,
    /// As a curl command to paste; secrets as variables
    Curl,
}

/// A request that would be sent, with the place that it would go to.
#[derive(Debug)]
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

/// What is said where the requests of copies are shown.
pub(super) const BACKFILL_NOTE: &str = "the copies are of the tags that the target does not have, which is looked up: up to 100 in \
     each request";

/// Shows requests; nothing is sent, no credential is needed.
pub(super) fn show(context: &Context, planned: &[Planned], form: DryRun) -> Result<Exit, Error> {
    let output = context.output();
    if output.manner().format == Format::Human {
        let mut requests = Requests::new(context, form);
        planned.iter().try_for_each(|one| requests.add(one))?;
        requests.finish()?;
        return Ok(Exit::Done);
    }
    let credential = shown_credential(context);
    let shown: Vec<RequestPreview> = planned
        .iter()
        .map(|planned| planned.call.preview(&planned.endpoint, credential))
        .collect();
    match shown.as_slice() {
        [request] => output.report(&One {
            dry_run: true,
            request,
        })?,
        requests => output.report(&Several {
            dry_run: true,
            requests,
        })?,
    }
    Ok(Exit::Done)
}

fn shown_credential(context: &Context) -> PreviewCredential {
    let credential = context.shown_credential();
    if credential == PreviewCredential::None {
        let output = context.output();
        output.note("no credential is set; the request is shown with a token");
    }
    credential
}

/// Requests of a command that acts on many, shown as they come: nothing is kept.
pub(super) struct Requests<'a> {
    output: &'a Output,
    form: DryRun,
    credential: PreviewCredential,
    listing: Listing<'a>,
    count: usize,
}

impl<'a> Requests<'a> {
    /// Begins.
    pub(super) fn new(context: &'a Context, form: DryRun) -> Requests<'a> {
        let output = context.output();
        let credential = shown_credential(context);
        let is_human = output.manner().format == Format::Human;
        if is_human && form == DryRun::Curl && credential == PreviewCredential::Signature {
            output.note("a signature cannot be pasted; the command carries a token instead");
        }
        Requests {
            output,
            form,
            credential,
            listing: output.listing_within("{\"dry_run\":true,\"requests\":", "}"),
            count: 0,
        }
    }

    /// Shows a request.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub(super) fn add(&mut self, planned: &Planned) -> Result<(), Error> {
        let request = planned.call.preview(&planned.endpoint, self.credential);
        self.count += 1;
        match self.output.manner().format {
            Format::Human => self.output.page(|page| {
                if self.count > 1 {
                    page.plain("");
                }
                match self.form {
                    DryRun::Http => as_http(&request, planned, page),
                    DryRun::Curl => as_curl(&request, planned, page),
                }
            }),
            Format::JsonLines => self.listing.item(
                &One {
                    dry_run: true,
                    request: &request,
                },
                Vec::new,
            ),
            Format::Json => self.listing.item(&request, Vec::new),
        }
    }

    /// Ends; without a request that is said.
    ///
    /// # Errors
    /// Kind `io` when standard output cannot be written.
    pub(super) fn finish(self) -> Result<(), Error> {
        match self.output.manner().format {
            Format::Human if self.count > 0 => Ok(()),
            _ => self.listing.finish("nothing would be sent"),
        }
    }
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
