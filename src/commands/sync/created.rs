//! The result of `swr sync create`.

use serde::Serialize;

use super::preflight::Preflight;
use super::settle::Settled;
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain, strong};

/// What was created, or why not.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Created {
    /// `created`, `exists`, `replaced`; of several also `failed`, `skipped`.
    pub status: &'static str,
    /// The source namespace.
    pub namespace: String,
    /// The source repository.
    pub repository: String,
    /// The source region, where it is known.
    pub region: Option<String>,
    /// The target region.
    pub remote_region_id: String,
    /// The target namespace.
    pub remote_namespace: String,
    /// Whether each push is copied.
    pub sync_auto: bool,
    /// Whether a different image of the same tag is replaced; null where the service does not tell.
    #[serde(rename = "override")]
    pub override_: Option<bool>,
    /// The endpoint that was asked.
    pub endpoint: String,
    /// The status of the last answer.
    pub http_status: Option<u16>,
    /// The service's id of the last request.
    pub request_id: Option<String>,
    /// What the look before found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preflight: Option<Preflight>,
    /// Of several: the exit code of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// Of several: why this one failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
}

impl Settled {
    /// Returns the status in JSON.
    pub(super) fn status(self) -> &'static str {
        match self {
            Settled::Created => "created",
            Settled::Exists => "exists",
            Settled::Replaced => "replaced",
        }
    }
}

impl Report for Created {
    fn human(&self, page: &mut Page) {
        let status = match self.status {
            "failed" => bad(self.status),
            "skipped" => dim(self.status),
            _ => good(self.status),
        };
        let region = self
            .region
            .as_ref()
            .map_or(String::new(), |region| format!(" ({region})"));
        page.line(&[
            status,
            plain(": "),
            strong(format!("{}/{}", self.namespace, self.repository)),
            plain(region),
            plain(" → "),
            strong(&self.remote_namespace),
            plain(format!(" ({})", self.remote_region_id)),
        ]);
        if let Some(error) = &self.error {
            page.line(&[plain("  "), plain(&error.message)]);
            return;
        }
        if self.status == "skipped" {
            return;
        }
        let pushes = if self.sync_auto {
            "each push is copied"
        } else {
            "nothing is copied on a push"
        };
        let override_ = match self.override_ {
            Some(true) => "a different image of the same tag is replaced",
            Some(false) => "a different image of the same tag is left alone",
            None => "whether a different image of the same tag is replaced cannot be read",
        };
        page.line(&[dim(format!("  {pushes}; {override_}"))]);
        if let Some(preflight) = &self.preflight {
            page.line(&[dim(format!("  {}", preflight.in_words()))]);
        }
    }
}
