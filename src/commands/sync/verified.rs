//! What `verify` found out about one tag.

use serde::Serialize;

use super::compare::{Compared, Relation};
use crate::api::sync::Target;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::{Namespace, RegionId, Repository};
use crate::output::{ErrorReport, Page, Report, bad, dim, good, plain, strong, uneasy};
use crate::report::{Place, Row, Status, Subject, Verdict};

/// One tag, compared.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Verified {
    /// `same`, `different`, `missing`, `extra`; `failed` or `skipped` for a whole repository.
    pub(super) status: &'static str,
    /// The source namespace.
    pub(super) namespace: Namespace,
    /// The repository; null where its name cannot be sent.
    pub(super) repository: Option<Repository>,
    /// The tag; null for a whole repository.
    pub(super) tag: Option<String>,
    /// The source region, where it is known.
    region: Option<RegionId>,
    /// The target region.
    pub(super) remote_region_id: RegionId,
    /// The target namespace.
    pub(super) remote_namespace: Namespace,
    /// The source's digest.
    pub(super) digest: Option<String>,
    /// The target's digest.
    pub(super) remote_digest: Option<String>,
    /// The exit code of this one.
    exit_code: Option<u8>,
    /// Why it failed.
    pub(super) error: Option<ErrorReport>,
}

impl Verified {
    pub(super) fn new(
        namespace: &Namespace,
        repository: Option<Repository>,
        region: Option<RegionId>,
        target: &Target,
    ) -> Verified {
        Verified {
            status: "skipped",
            namespace: namespace.clone(),
            repository,
            tag: None,
            region,
            remote_region_id: target.region.clone(),
            remote_namespace: target.namespace.clone(),
            digest: None,
            remote_digest: None,
            exit_code: None,
            error: None,
        }
    }

    pub(super) fn with(mut self, compared: Compared) -> Verified {
        self.status = compared.relation.as_str();
        let exit = match compared.relation {
            Relation::Same | Relation::Extra => Exit::Done,
            Relation::Different | Relation::Missing => Exit::Different,
        };
        self.exit_code = Some(exit.code());
        self.tag = Some(compared.tag);
        self.digest = compared.digest;
        self.remote_digest = compared.remote_digest;
        self
    }

    pub(super) fn failed(mut self, error: &Error) -> Verified {
        self.status = "failed";
        self.exit_code = Some(error.exit_code().code());
        self.error = Some(ErrorReport::of(error));
        self
    }

    /// Returns this as a row of a report.
    pub(super) fn as_row(&self, ignores_missing: bool) -> Row {
        let verdict = match self.status {
            "same" | "extra" => Verdict::Good,
            "missing" if ignores_missing => Verdict::Good,
            "different" | "missing" => Verdict::Different,
            "skipped" => Verdict::Skipped,
            _ => Verdict::Bad,
        };
        let subject = if self.tag.is_some() {
            Subject::Tag
        } else {
            Subject::Repository
        };
        Row {
            region: self.region.as_ref().map(ToString::to_string),
            repository: self.repository.as_ref().map(ToString::to_string),
            tag: self.tag.clone(),
            target: Some(Place::new(
                self.remote_namespace.as_str(),
                self.remote_region_id.as_str(),
            )),
            digest: self.digest.clone(),
            remote_digest: self.remote_digest.clone(),
            reason: self.error.as_ref().map(|error| error.message.clone()),
            hint: match &self.error {
                Some(error) => error.hint.clone(),
                None => (verdict == Verdict::Different).then(|| self.repair()),
            },
            ..Row::new(
                subject,
                Status::new(verdict, self.status),
                self.namespace.as_str(),
            )
        }
    }

    /// Returns the command that copies what is missing or different.
    fn repair(&self) -> String {
        format!(
            "swr sync run -n {} -r {} {}{} --to-region {} --to-namespace {} --wait --verify",
            self.namespace,
            self.repository.as_ref().map_or("?", Repository::as_str),
            self.tag.as_deref().unwrap_or_default(),
            if self.status == "different" {
                " --override"
            } else {
                ""
            },
            self.remote_region_id,
            self.remote_namespace
        )
    }

    /// Returns the repository and tag as people write them.
    pub(super) fn subject(&self) -> String {
        let repository = self.repository.as_ref().map_or("?", Repository::as_str);
        match &self.tag {
            Some(tag) => format!("{}/{repository}:{tag}", self.namespace),
            None => format!("{}/{repository}", self.namespace),
        }
    }
}

impl Report for Verified {
    fn human(&self, page: &mut Page) {
        let status = match self.status {
            "same" => good(self.status),
            "extra" | "skipped" => uneasy(self.status),
            _ => bad(self.status),
        };
        let mut line = vec![status, plain(": "), strong(self.subject())];
        match (self.status, &self.digest, &self.remote_digest) {
            ("same", Some(digest), _) => line.push(dim(format!(" {digest}"))),
            ("different", source, target) => {
                let shown = |digest: &Option<String>| {
                    digest.clone().unwrap_or_else(|| "no digest".to_owned())
                };
                line.push(dim(format!(
                    " {} here, {} there",
                    shown(source),
                    shown(target)
                )));
            }
            _ => {}
        }
        page.line(&line);
        if let Some(error) = &self.error {
            page.plain(format!("  {}", error.message));
        }
    }
}
