//! `swr sync delete`.

use clap::Args;
use serde::Serialize;

use super::args::{Source, ToOne};
use super::route::Route;
use crate::api::sync::{SyncRepo, delete_call};
use crate::api::{Answer, Service};
use crate::commands::dry_run::{DryRun, Planned, show};
use crate::commands::raw_arg::Problems;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::output::{Output, Page, Report, dim, good, plain, strong};

#[derive(Debug, Args)]
#[command(
    after_help = "Images that were copied stay, and copies under way go on.\n\n\
    Example:\n  \
    swr sync delete -n team -r web/api --to-region cn-east-3 --to-namespace team"
)]
pub struct Delete {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    to: ToOne,
    /// Succeed when there is no such task
    #[arg(long)]
    ignore_missing: bool,
    /// Show the exact request and send nothing
    #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "http")]
    dry_run: Option<DryRun>,
}

/// What was deleted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Deleted {
    /// `deleted`, or `missing` with --ignore-missing.
    status: &'static str,
    /// The source namespace.
    namespace: String,
    /// The source repository.
    repository: String,
    /// The source region, where it is known.
    region: Option<String>,
    /// The target region.
    remote_region_id: String,
    /// The target namespace.
    remote_namespace: String,
    /// The endpoint that was asked.
    endpoint: String,
    /// The status of the last answer.
    http_status: u16,
    /// The service's id of the last request.
    request_id: Option<String>,
}

impl Report for Deleted {
    fn human(&self, page: &mut Page) {
        let status = match self.status {
            "deleted" => good(self.status),
            _ => dim(self.status),
        };
        let region = match &self.region {
            Some(region) => format!(" ({region})"),
            None => String::new(),
        };
        page.line(&[
            status,
            plain(": "),
            strong(format!("{}/{}", self.namespace, self.repository)),
            plain(region),
            plain(" → "),
            strong(&self.remote_namespace),
            plain(format!(" ({})", self.remote_region_id)),
        ]);
    }
}

impl Delete {
    /// Deletes the task.
    ///
    /// # Errors
    /// Problems values, settings, and whatever the service refuses; a task that is not there is one
    /// of that, unless it is to be ignored.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let (dry_run, ignore_missing) = (self.dry_run, self.ignore_missing);
        let mut problems = Problems::beside(context);
        let source = self.source.validate(&mut problems);
        let target = self.to.validate(&mut problems);
        let (Some((namespace, repository)), Some(target)) = (source, target) else {
            return Err(problems.into());
        };
        problems.end()?;
        let meant = Meant(Route {
            namespace,
            repository,
            target,
        });
        let route = &meant.0;
        if let Some(form) = dry_run {
            let planned = Planned {
                call: delete_call(&route.namespace, &route.repository, &route.target),
                endpoint: context.endpoint()?,
                region: None,
            };
            return show(context, &[planned], form);
        }
        let service = context.service()?;
        let there = meant.look(&service)?;
        let (deleted, answer) =
            service.delete_sync_task(&route.namespace, &route.repository, &route.target)?;
        // After a lost answer, 'gone' is what the first try has done.
        let deleted = deleted || answer.tries > 1;
        if !deleted {
            meant.validate_absence(&service, &answer, ignore_missing)?;
        }
        context.output().report(&Deleted {
            status: if deleted { "deleted" } else { "missing" },
            namespace: route.namespace.to_string(),
            repository: route.repository.to_string(),
            region: context.region().map(|region| region.to_string()),
            remote_region_id: route.target.region.to_string(),
            remote_namespace: route.target.namespace.to_string(),
            endpoint: service.endpoint().to_string(),
            http_status: answer.status,
            request_id: answer.request_id().map(str::to_owned),
        })?;
        if deleted {
            meant.say_how_to_bring_it_back(context.output(), &there);
        }
        Ok(Exit::Done)
    }
}

/// What a look before the deletion found.
#[derive(Debug)]
enum There {
    /// The task, with its settings.
    Listed(SyncRepo),
    /// No such task with syncAuto; others are not listed (`reference/swr-api.md` 2.2).
    NotListed,
    /// Nobody could look.
    Unknown,
}

/// The task that is meant.
struct Meant(Route);

impl Meant {
    /// Reads the task, for the command that brings it back. What fails here need not fail there;
    /// only a dead credential must not be sent twice.
    fn look(&self, service: &Service) -> Result<There, Error> {
        match service.sync_tasks(&self.0.namespace, &self.0.repository) {
            Ok(tasks) => Ok(tasks
                .into_iter()
                .find(|task| task.goes_to(&self.0.target))
                .map_or(There::NotListed, There::Listed)),
            Err(error)
                if error.kind() == Kind::Interrupted
                    || error.details().http_status == Some(401) =>
            {
                Err(error)
            }
            Err(_) => Ok(There::Unknown),
        }
    }

    /// Decides whether 'not there' is an error.
    fn validate_absence(
        &self,
        service: &Service,
        answer: &Answer,
        ignore_missing: bool,
    ) -> Result<(), Error> {
        let call = delete_call(&self.0.namespace, &self.0.repository, &self.0.target);
        let refusal = service.refusal(&call, answer);
        let code = refusal.details().code.as_deref().unwrap_or_default();
        // These speak of the address, so they say nothing about the task.
        if code.ends_with(".0101") || code.ends_with("4040083") {
            return Err(refusal);
        }
        if ignore_missing {
            return Ok(());
        }
        let hint = format!(
            "'swr sync list -n {} -r {}' shows the tasks with syncAuto; --ignore-missing makes \
             this a success",
            self.0.namespace, self.0.repository
        );
        Err(refusal.about("there is no such task").hint(hint))
    }

    fn say_how_to_bring_it_back(&self, output: &Output, there: &There) {
        let doubt = match there {
            There::Listed(_) => "",
            There::NotListed => {
                "; it had syncAuto off, and whether it had --override cannot be read"
            }
            There::Unknown => "; whether it had --auto and --override could not be read",
        };
        output.note(&format!(
            "images that were copied stay; the task comes back with the command below{doubt}"
        ));
        output.hint(&self.command(there));
    }

    fn command(&self, there: &There) -> String {
        let mut command = format!("swr sync create {}", self.0.in_words());
        if let There::Listed(task) = there {
            if task.sync_auto {
                command.push_str(" --auto");
            }
            if task.override_ {
                command.push_str(" --override");
            }
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Meant, Route, There};
    use crate::api::sync::Target;
    use crate::names::{Namespace, Parse, RegionId, Repository};

    fn meant() -> Meant {
        Meant(Route {
            namespace: Namespace::parse("team").unwrap(),
            repository: Repository::parse("web/api").unwrap(),
            target: Target {
                region: RegionId::parse("cn-east-3").unwrap(),
                namespace: Namespace::parse("there").unwrap(),
            },
        })
    }

    #[test]
    fn the_command_that_brings_a_task_back_has_its_settings() {
        let listed = |auto, over| {
            There::Listed(
                serde_json::from_value(json!({
                    "namespace": "team", "repoName": "web/api", "remoteRegionId": "cn-east-3",
                    "remoteNamespace": "there", "syncAuto": auto, "override": over
                }))
                .unwrap(),
            )
        };
        let plain = "swr sync create -n team -r web/api --to-region cn-east-3 --to-namespace there";
        assert_eq!(
            meant().command(&listed(true, true)),
            format!("{plain} --auto --override")
        );
        assert_eq!(
            meant().command(&listed(true, false)),
            format!("{plain} --auto")
        );
        assert_eq!(meant().command(&There::NotListed), plain);
        assert_eq!(meant().command(&There::Unknown), plain);
    }
}
