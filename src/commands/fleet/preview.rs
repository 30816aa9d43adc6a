//! `swr apply --dry-run`: what would be sent about one task.

use super::act::Acting;
use super::item::{Item, Status};
use crate::api::namespaces;
use crate::api::sync::{SyncTask, create_call, delete_call, run_call};
use crate::commands::dry_run::Planned;
use crate::fleet::{Action, Change};

impl Acting<'_, '_> {
    /// Returns the item of a task with the requests that would be sent, and sends none.
    pub(super) fn preview(&self, change: &Change) -> Item {
        let (namespace, repository, target) = (self.namespace, self.repository, &change.target);
        let delete = || delete_call(namespace, repository, target);
        let create = || {
            create_call(&SyncTask {
                namespace: namespace.clone(),
                repository: repository.clone(),
                target: target.clone(),
                auto: true,
                override_: change.override_,
            })
        };
        let (status, mut calls) = match change.action {
            Action::Create => (Status::Create, vec![create()]),
            Action::Replace => (Status::Replace, vec![delete(), create()]),
            Action::Delete => (Status::Delete, vec![delete()]),
            Action::Keep => (Status::Unchanged, Vec::new()),
        };
        if self.backfill.is_some() && change.action != Action::Delete {
            let tags = &[];
            let override_ = change.override_;
            calls.push(run_call(namespace, repository, tags, target, override_));
        }
        let mut item = self.item(status, change);
        if self.region.lacks_namespace(target)
            && let Ok(endpoint) = self.region.context.endpoint_of(&target.region)
        {
            item.requests.push(Planned {
                call: namespaces::create_call(&target.namespace),
                endpoint,
                region: Some(target.region.clone()),
            });
        }
        item.requests.extend(calls.into_iter().map(|call| Planned {
            call,
            endpoint: self.region.endpoint().clone(),
            region: None,
        }));
        item
    }
}
