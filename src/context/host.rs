//! How a run takes part in synchronization: its services, its signals, and the words for what
//! happens on the way.

use super::Context;
use crate::api::Service;
use crate::duration;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::names::RegionId;
use crate::sync::{Event, Host};

impl Host for Context {
    fn service_in(&self, region: &RegionId) -> Result<Service, Error> {
        self.service_of(region)
    }

    fn event(&self, event: &Event<'_>) {
        match event {
            Event::RegionNotChecked(None) => self.output.warn(
                "the target region was not checked: this region's service does not list the \
                 regions that it offers",
            ),
            Event::RegionNotChecked(Some(error)) => {
                self.warn_of("the target region was not checked", error);
            }
            Event::NamespaceNotChecked(error) => {
                self.warn_of("the target namespace was not checked", error);
            }
            Event::TargetNotSeen(error) => {
                self.output
                    .warn(&format!("the target is not looked at: {}", error.message()));
            }
            Event::LookFailed(error) => {
                self.output
                    .note(&format!("looking again: {}", error.message()));
            }
            Event::Stuck { job, age } => self.output.warn(&format!(
                "the job {} of '{}' says '{}' and has not moved for {}: it is not waited for",
                job.id,
                job.tag,
                job.status,
                duration::text(*age)
            )),
            Event::NothingUnderWay { link, tags } => self.output.warn(&format!(
                "there is no job of '{}' and no automatic task to {} ({}): it will not come by \
                 itself",
                tags.join("', '"),
                link.target.namespace,
                link.target.region,
            )),
            // Shown by the commands that take long.
            Event::Progress { .. } => {}
        }
    }

    fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }
}

impl Context {
    fn warn_of(&self, what: &str, why: &Error) {
        self.output.warn(&format!("{what}: {}", why.message()));
        if let Some(hint) = why.advice() {
            self.output.hint(hint);
        }
    }
}
