//! The deletes of an apply: the last thing it does, where nothing speaks against it.

use std::sync::Arc;

use super::act::Acting;
use super::item::{FleetReport, Item, Status};
use super::reach::Region;
use super::sheet::Sheet;
use super::wanted::Wanted;
use crate::commands::confirm;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::fleet::Change;
use crate::names::{Namespace, Repository};
use crate::parallel::{ItemResult, Summary, for_each_ordered};

/// A task that is to be deleted.
pub(super) struct Delete<'a> {
    pub(super) region: Arc<Region<'a>>,
    pub(super) namespace: Namespace,
    pub(super) repository: Repository,
    pub(super) change: Change,
}

impl Delete<'_> {
    fn acting(&self) -> Acting<'_, '_> {
        Acting {
            region: &self.region,
            namespace: &self.namespace,
            repository: &self.repository,
            backfill: None,
        }
    }

    fn surplus(&self) -> Item {
        self.acting().item(Status::Surplus, &self.change)
    }
}

/// The tasks that are to be deleted at the end; no more are kept than may be deleted.
pub(super) struct Deletes<'a> {
    most: usize,
    count: usize,
    held: Vec<Delete<'a>>,
}

impl<'a> Deletes<'a> {
    pub(super) fn new(most: usize) -> Deletes<'a> {
        Deletes {
            most,
            count: 0,
            held: Vec::new(),
        }
    }

    /// Takes a surplus task; what will not be deleted is surplus at once.
    pub(super) fn add(
        &mut self,
        delete: Delete<'a>,
        is_pruning: bool,
        sheet: &mut Sheet<'_>,
    ) -> Result<(), Error> {
        if !is_pruning {
            return sheet.add(delete.surplus());
        }
        self.count += 1;
        if self.count <= self.most {
            self.held.push(delete);
            return Ok(());
        }
        self.leave(sheet)?;
        sheet.add(delete.surplus())
    }

    fn leave(&mut self, sheet: &mut Sheet<'_>) -> Result<(), Error> {
        self.held.drain(..).try_for_each(|delete| {
            let mut item = delete.surplus();
            item.remark.clear();
            sheet.add(item)
        })
    }
}

/// Deletes what is surplus, unless something speaks against it, and ends the result.
pub(super) fn finish(
    context: &Context,
    wanted: &Wanted,
    mut sheet: Sheet<'_>,
    mut deletes: Deletes<'_>,
    mut summary: Summary,
    report: &FleetReport,
) -> Result<Exit, Error> {
    let mut left = None;
    if deletes.count > 0 {
        sheet.end_view();
        let reason = reason_against(context, wanted, &sheet, &deletes, &summary, report)?;
        if let Some(error) = reason {
            deletes.leave(&mut sheet)?;
            left = Some(error);
        } else {
            let held = std::mem::take(&mut deletes.held);
            let end = delete_all(context, wanted, held, &mut sheet)?;
            if end.error.is_some() {
                summary = end;
            }
        }
    }
    if let Some(error) = &left {
        sheet.include(error.exit_code());
    }
    let end = sheet.finish(summary, report);
    match (end, left) {
        (Ok(exit), Some(error)) => Err(error.exit(exit)),
        (Err(end), Some(error)) => {
            context.output().warn(error.what());
            Err(end)
        }
        (end, None) => end,
    }
}

fn delete_all(
    context: &Context,
    wanted: &Wanted,
    held: Vec<Delete<'_>>,
    sheet: &mut Sheet<'_>,
) -> Result<Summary, Error> {
    for_each_ordered(
        context.interrupt(),
        wanted.concurrency,
        held.into_iter(),
        |delete| Ok(delete.acting().delete(&delete.change)),
        |delete, result| match result {
            ItemResult::Done(item) => sheet.add(item),
            ItemResult::Failed(error) => {
                let item = delete.acting().item(Status::Failed, &delete.change);
                sheet.add(item.because(&error))
            }
            ItemResult::Skipped => sheet.add(delete.acting().skipped(&delete.change)),
        },
    )
}

/// Returns why nothing is deleted; `None` when everything may be.
fn reason_against(
    context: &Context,
    wanted: &Wanted,
    sheet: &Sheet<'_>,
    deletes: &Deletes<'_>,
    summary: &Summary,
    report: &FleetReport,
) -> Result<Option<Error>, Error> {
    let unmet = sheet.count(Status::Unmet) + sheet.count(Status::Stale);
    let (failed, skipped) = sheet.failures();
    let bad = failed + skipped + unmet;
    if bad > 0 || summary.error.is_some() {
        let what = if failed == bad {
            format!(
                "nothing was deleted, for {failed} of {} repositories failed",
                report.selected
            )
        } else {
            format!("nothing was deleted, for {bad} tasks or repositories did not end well")
        };
        return Ok(Some(Error::new(Kind::Unmet, what)));
    }
    if deletes.count > wanted.max_deletes {
        let what = format!(
            "{} tasks would be deleted, more than {}: nothing was deleted",
            deletes.count, wanted.max_deletes
        );
        let hint = format!(
            "look at 'swr plan --prune'; --max-deletes {} allows it",
            deletes.count
        );
        return Ok(Some(Error::new(Kind::Unmet, what).hint(hint)));
    }
    if wanted.yes {
        return Ok(None);
    }
    for delete in &deletes.held {
        let target = &delete.change.target;
        context.output().note(&format!(
            "delete {}/{} → {} ({})",
            delete.namespace, delete.repository, target.namespace, target.region
        ));
    }
    let question = match deletes.held.len() {
        1 => "delete this task?".to_owned(),
        count => format!("delete these {count} tasks?"),
    };
    if confirm::ask(context, &question)? {
        Ok(None)
    } else {
        let what = "nothing was deleted: the answer was no";
        Ok(Some(Error::new(Kind::Unmet, what)))
    }
}
