//! `swr sync jobs`: what was copied, is being copied, or failed.

use std::cell::RefCell;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::api::Service;
use crate::api::sync::{JobStatus, SyncJob};
use crate::commands::columns;
use crate::commands::images::{Image, Images};
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::table::{self, Row};
use crate::commands::targets::{To, takes};
use crate::context::Context;
use crate::duration;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::{Namespace, Parse, ParseError, RegionId, Repository};
use crate::output::{Span, bad, dim, good, plain, strong, uneasy};
use crate::settings::TargetName;
use crate::sync::select::NamedTag;
use crate::sync::{Source, nearest};

/// So many jobs are looked through for the nearest tag.
const LOOKED_AT: usize = 1000;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr sync jobs -n team -r web/api --since 1d\n  \
    swr sync jobs -n team -r web/api --status failed --status timeout -o json")]
pub struct Jobs {
    #[command(flatten)]
    images: Images,
    /// Only jobs in this state; may be given several times
    #[arg(long, value_name = "STATUS",
          value_parser = PossibleValuesParser::new(JobStatus::ALL.map(JobStatus::as_str))
              .map(|word| JobStatus::of(&word)))]
    status: Vec<JobStatus>,
    #[command(flatten)]
    to: To,
    /// Only jobs created since: a duration like 2h, or a time like 2026-01-31T12:00:00Z
    #[arg(long, value_name = "DURATION|TIME")]
    since: Option<Raw<Since>>,
    /// At most this many jobs, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// The beginning of a span of time that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Ago(SignedDuration),
    At(Timestamp),
}

impl Parse for Since {
    const NOUN: &'static str = "time";

    fn parse(text: &str) -> Result<Since, ParseError> {
        if let Ok(time) = text.parse() {
            return Ok(Since::At(time));
        }
        // A day alone is taken in UTC, as the service's own times are.
        if let Ok(time) = format!("{text}T00:00:00Z").parse() {
            return Ok(Since::At(time));
        }
        duration::parse(text)
            .ok()
            .and_then(|ago| SignedDuration::try_from(ago).ok())
            .map(Since::Ago)
            .ok_or_else(|| ParseError {
                rule: "write a duration like 2h or 7d, or a time like 2026-01-31T12:00:00Z"
                    .to_owned(),
                hint: None,
            })
    }
}

impl Since {
    fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Since::At(time) => time,
            Since::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::MIN),
        }
    }
}

/// A copy of one tag to one target.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct JobReport {
    /// The service's number of the job; it grows.
    id: i64,
    /// The same number, under the key that it has everywhere.
    job_id: i64,
    /// The source namespace.
    namespace: Namespace,
    /// The source repository.
    repository: Repository,
    /// The tag.
    tag: String,
    /// The source region, where it is known.
    region: Option<RegionId>,
    /// `waiting`, `running`, `success`, `failed`, `timeout`, `cancel`, `existed`, or a word that
    /// the service has invented since.
    status: String,
    /// Whether the job will not change any more.
    #[serde(rename = "final")]
    final_: bool,
    /// The target region.
    remote_region_id: String,
    /// The target namespace.
    remote_namespace: String,
    /// Whether a different image of the same tag is replaced.
    #[serde(rename = "override")]
    override_: Option<bool>,
    /// When it was created.
    created_at: Option<String>,
    /// When its state changed last.
    updated_at: Option<String>,
    /// From its creation to its end, in seconds; null while it goes on.
    duration_seconds: Option<f64>,
    /// Who asked for it.
    operator: Option<String>,
}

impl JobReport {
    fn of(job: SyncJob, source: &Source, region: Option<RegionId>) -> JobReport {
        let final_ = job.state().is_final();
        let length = match (job.created_at, job.updated_at) {
            (Some(created), Some(updated)) if final_ => Some(updated.duration_since(created)),
            _ => None,
        };
        JobReport {
            final_,
            id: job.id,
            job_id: job.id,
            namespace: source.namespace.clone(),
            repository: source.repository.clone(),
            tag: job.tag,
            region,
            status: job.status,
            remote_region_id: job.remote_region_id,
            remote_namespace: job.remote_namespace,
            override_: job.override_,
            created_at: columns::moment(job.created_at),
            updated_at: columns::moment(job.updated_at),
            duration_seconds: length.map(|length| length.as_secs_f64()),
            operator: job.sync_operator_name,
        }
    }
}

impl Row for JobReport {
    const HEADERS: &'static [&'static str] = &[
        "TAG", "STATUS", "TARGET", "CREATED", "TOOK", "ID", "OPERATOR",
    ];

    fn cells(&self) -> Vec<Span> {
        let status = match JobStatus::of(&self.status) {
            JobStatus::Success => good(&self.status),
            JobStatus::Failed | JobStatus::Timeout | JobStatus::Cancel => bad(&self.status),
            JobStatus::Existed => uneasy(&self.status),
            _ => plain(&self.status),
        };
        let took = match self.duration_seconds {
            Some(seconds) => plain(format!("{seconds:.1} s")),
            None => dim("-"),
        };
        vec![
            strong(&self.tag),
            status,
            plain(format!(
                "{} ({})",
                self.remote_namespace, self.remote_region_id
            )),
            columns::time(self.created_at.as_ref()),
            took,
            dim(self.id.to_string()),
            columns::text(self.operator.as_ref()),
        ]
    }
}

/// Which jobs are meant.
struct Chosen {
    statuses: Vec<JobStatus>,
    targets: Vec<TargetName>,
}

impl Chosen {
    fn takes(&self, job: &SyncJob, tags: &[NamedTag]) -> bool {
        let tag = tags.is_empty() || tags.iter().any(|named| named.tag.as_str() == job.tag);
        let status = self.statuses.is_empty() || self.statuses.contains(&job.state());
        let target = takes(&self.targets, &job.remote_region_id, &job.remote_namespace);
        tag && status && target
    }
}

impl Jobs {
    /// Lists the jobs, newest first, as the pages come.
    ///
    /// # Errors
    /// Problems values, settings, and whatever the service refuses.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let images = self.images.validate(context, &mut problems);
        let chosen = Chosen {
            statuses: self.status,
            targets: self.to.filter(&mut problems),
        };
        let since = problems.take_optional("--since", self.since);
        let Some(images) = images else {
            return Err(problems.into());
        };
        problems.end()?;
        let service = context.service()?;
        let since = since.map(|since| since.before(Timestamp::now()));
        let seen = RefCell::new(Vec::new());
        let mut found = images
            .iter()
            .flat_map(|Image { source, tags }| {
                service
                    .jobs(&source.namespace, &source.repository)
                    .since(since)
                    .inspect(|job| {
                        let mut seen = seen.borrow_mut();
                        if let Ok(job) = job
                            && !tags.is_empty()
                            && seen.len() < LOOKED_AT
                        {
                            seen.push(job.tag.clone());
                        }
                    })
                    .filter(|job| job.as_ref().map_or(true, |job| chosen.takes(job, tags)))
                    .map(|job| job.map(|job| JobReport::of(job, source, context.region())))
            })
            .take(self.limit.map_or(usize::MAX, |limit| limit as usize))
            .peekable();
        let mut nothing = "no such job; a new task copies nothing before the next push".to_owned();
        if found.peek().is_none() {
            let named = images.iter().flat_map(|image| &image.tags);
            let near = named.map(|named| nearest::of(named.tag.as_str(), seen.borrow().iter()));
            if let Some(hint) = nearest::hint(near) {
                nothing = format!("{nothing}; {hint}");
            } else if since.is_some()
                && let Some(time) = newest(&service, &images, &chosen)
            {
                let time = columns::relative(time, Timestamp::now());
                nothing =
                    format!("no such job since then; there are older ones, the newest of {time}");
            }
        }
        table::write(context.output(), found, &nothing)?;
        Ok(Exit::Done)
    }
}

/// Returns when the newest job was created that a choice takes, whatever its age.
fn newest(service: &Service, images: &[Image], chosen: &Chosen) -> Option<Timestamp> {
    let newest_of = |image: &Image| {
        let Image { source, tags } = image;
        service
            .jobs(&source.namespace, &source.repository)
            .take(LOOKED_AT)
            .map_while(Result::ok)
            .find(|job| chosen.takes(job, tags))?
            .created_at
    };
    images.iter().filter_map(newest_of).max()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use serde_json::json;

    use super::{Chosen, JobReport, Since};
    use crate::api::sync::{JobStatus, SyncJob};
    use crate::names::{Namespace, Parse, RegionId, Repository, Tag};
    use crate::settings::TargetName;
    use crate::sync::Source;
    use crate::sync::select::NamedTag;

    /// The example of `reference/swr-api.md` 2.5, with another status.
    fn job(status: &str) -> SyncJob {
        serde_json::from_value(json!({
            "createdAt": "2020-03-12T08:11:36.518144Z", "domainID": "0657", "domainName": "h4",
            "id": 1, "namespace": "test", "override": false, "remoteNamespace": "remtens",
            "remoteRegionId": "cn-north-1", "repoName": "testrepo", "status": status,
            "syncOperatorId": "065", "syncOperatorName": "h4", "tag": "8",
            "updatedAt": "2020-03-12T08:11:41.505499Z"
        }))
        .unwrap()
    }

    fn shown(status: &str) -> JobReport {
        let source = Source {
            namespace: Namespace::parse("test").unwrap(),
            repository: Repository::parse("testrepo").unwrap(),
        };
        JobReport::of(job(status), &source, RegionId::parse("cn-north-4").ok())
    }

    #[test]
    fn a_job_is_shown_whole() {
        assert_eq!(
            serde_json::to_value(shown("success")).unwrap(),
            json!({
                "id": 1, "job_id": 1, "namespace": "test", "repository": "testrepo", "tag": "8",
                "region": "cn-north-4", "status": "success", "final": true,
                "remote_region_id": "cn-north-1", "remote_namespace": "remtens", "override": false,
                "created_at": "2020-03-12T08:11:36.518144Z",
                "updated_at": "2020-03-12T08:11:41.505499Z",
                "duration_seconds": 4.987_355, "operator": "h4"
            })
        );
    }

    #[test]
    fn what_goes_on_has_no_duration_and_an_unknown_word_stays() {
        for word in ["running", "paused"] {
            let shown = shown(word);
            let seen = (shown.status.as_str(), shown.final_, shown.duration_seconds);
            assert_eq!(seen, (word, false, None));
        }
    }

    #[test]
    fn a_job_has_to_pass_every_filter() {
        let taken = |tag: &str, status, target: &str| {
            let named = |tag| NamedTag {
                tag: Tag::parse(tag).unwrap(),
                digest: None,
            };
            let chosen = Chosen {
                statuses: vec![JobStatus::Cancel, status],
                targets: vec![TargetName::parse(target).unwrap()],
            };
            chosen.takes(&job("failed"), &["x", tag].map(named))
        };
        assert!(taken("8", JobStatus::Failed, "cn-north-1"));
        assert!(taken("8", JobStatus::Failed, "cn-north-1/remtens"));
        assert!(!taken("9", JobStatus::Failed, "cn-north-1"));
        assert!(!taken("8", JobStatus::Success, "cn-north-1"));
        assert!(!taken("8", JobStatus::Failed, "cn-north-4"));
        assert!(!taken("8", JobStatus::Failed, "cn-north-1/other"));
    }

    #[test]
    fn since_is_a_duration_a_time_or_a_day() {
        let now: Timestamp = "2026-02-01T12:00:00Z".parse().unwrap();
        let since = |text| Since::parse(text).unwrap().before(now).to_string();
        assert_eq!(since("2h"), "2026-02-01T10:00:00Z");
        assert_eq!(since("7d"), "2026-01-25T12:00:00Z");
        assert_eq!(since("2026-01-31T13:00:00+01:00"), "2026-01-31T12:00:00Z");
        assert_eq!(since("2026-01-31"), "2026-01-31T00:00:00Z");
        for wrong in ["", "yesterday", "7", "-1h", "2026-13-01"] {
            assert!(Since::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Since::Ago(SignedDuration::MAX).before(now), Timestamp::MIN);
    }
}
