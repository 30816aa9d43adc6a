//! The result of `swr sync run`: one a tag and region.

use serde::Serialize;

use super::copies::End;
use super::order::Outcome;
use super::route::Route;
use crate::error::Error;
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain, strong, uneasy};

/// The copy of one tag to one region.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Copied {
    /// `accepted`; when waited for, `success`, `existed`, `failed`, `timeout`, `cancel`, `unseen` (the service took it and shows
    /// no job of it); `same`, `skipped`.
    pub(super) status: &'static str,
    /// The source namespace.
    namespace: String,
    /// The source repository.
    repository: String,
    /// The tag; null where a whole region failed.
    tag: Option<String>,
    /// The source region, where it is known.
    region: Option<String>,
    /// The target region.
    remote_region_id: String,
    /// The target namespace.
    remote_namespace: String,
    /// Whether a different image of the same tag is replaced.
    #[serde(rename = "override")]
    override_: bool,
    /// The service's number of the job, when it was waited for.
    job_id: Option<i64>,
    /// How long the copy took, when it was waited for.
    duration_seconds: Option<f64>,
    /// The source's digest.
    digest: Option<String>,
    /// The target's digest, where it was looked at.
    remote_digest: Option<String>,
    /// `same`, `different` or `missing`, where the digests were compared.
    verify: Option<&'static str>,
    /// The exit code of this copy.
    exit_code: Option<u8>,
    /// Why it failed.
    error: Option<ErrorReport>,
}

impl Copied {
    pub(super) fn new(route: &Route, region: Option<String>, override_: bool) -> Copied {
        Copied {
            status: "skipped",
            namespace: route.namespace.to_string(),
            repository: route.repository.to_string(),
            tag: None,
            region,
            remote_region_id: route.target.region.to_string(),
            remote_namespace: route.target.namespace.to_string(),
            override_,
            job_id: None,
            duration_seconds: None,
            digest: None,
            remote_digest: None,
            verify: None,
            exit_code: None,
            error: None,
        }
    }

    pub(super) fn with(mut self, outcome: Outcome) -> Copied {
        self.exit_code = Some(outcome.exit().code());
        self.status = match &outcome.end {
            End::Accepted => "accepted",
            End::Same => "same",
            End::Refused => "failed",
            End::Unseen => "unseen",
            End::Final(job) => job.status.as_str(),
        };
        if let End::Final(job) = &outcome.end {
            self.job_id = Some(job.id);
            self.duration_seconds = job.took.map(|took| took.as_secs_f64());
        }
        self.tag = Some(outcome.wanted.tag.to_string());
        self.digest = outcome.wanted.digest;
        if let Some(compared) = outcome.compared {
            self.remote_digest = compared.remote_digest;
            self.verify = Some(compared.relation.as_str());
        }
        self
    }

    pub(super) fn failed(mut self, error: &Error) -> Copied {
        self.status = "failed";
        self.exit_code = Some(error.exit_code().code());
        self.error = Some(ErrorReport::of(error));
        self
    }
}

impl Report for Copied {
    fn human(&self, page: &mut Page) {
        let status = match self.status {
            "success" | "accepted" | "same" => good(self.status),
            "existed" | "skipped" => uneasy(self.status),
            _ => bad(self.status),
        };
        let tag = self
            .tag
            .as_ref()
            .map_or(String::new(), |tag| format!(":{tag}"));
        let mut line = vec![
            status,
            plain(": "),
            strong(format!("{}/{}{tag}", self.namespace, self.repository)),
            plain(format!(
                " → {} ({})",
                self.remote_namespace, self.remote_region_id
            )),
        ];
        if let Some(seconds) = self.duration_seconds {
            line.push(dim(format!(" in {seconds:.0} s")));
        }
        match self.verify {
            Some("same") => line.push(good(", same digest")),
            Some(other) => line.push(bad(format!(", digest {other}"))),
            None => {}
        }
        page.line(&line);
        if let Some(error) = &self.error {
            page.plain(format!("  {}", error.message));
        }
    }
}
