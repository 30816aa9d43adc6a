//! What to do about an outcome of synchronization: one table, outcome to advice, spelled as a
//! command line.

use crate::error::Error;
use crate::sync::task::Existing;
use crate::sync::{Failure, Link, Reason};

/// Returns the options that name a link.
pub(super) fn options(link: &Link) -> String {
    format!(
        "-n {} -r {} --to-region {} --to-namespace {}",
        link.namespace, link.repository, link.target.region, link.target.namespace
    )
}

/// Returns the error of a failure, with the advice that its reason has here.
pub(super) fn advise(failure: Failure, link: &Link) -> Error {
    let Failure { error, reason } = failure;
    let Link {
        namespace,
        repository,
        ..
    } = link;
    let hint = match reason {
        Reason::Other => return error,
        Reason::TaskExists => {
            "--if-exists keep takes the task that is there; --if-exists replace deletes it and \
             creates it anew"
                .to_owned()
        }
        Reason::TaskDiffers => "--if-exists replace deletes it and creates it as asked".to_owned(),
        Reason::TaskUncertain => {
            let hint = "it is not known whether the task was created: --if-exists keep makes it \
                        safe to run the same command again";
            return beside(error, hint);
        }
        Reason::TaskNotRecreated => {
            let hint =
                "the old task was deleted but the new one was not created; rerun the command";
            return beside(error, hint);
        }
        Reason::TaskMissing => format!(
            "'swr sync list -n {namespace} -r {repository}' shows the tasks with syncAuto; \
             --ignore-missing makes this a success"
        ),
        Reason::RegionNotOffered => {
            "'swr sync regions' lists the regions that are offered".to_owned()
        }
        Reason::RepositoryMissing => {
            format!("'swr repo list -n {namespace}' shows the repositories of the namespace")
        }
        Reason::NamespaceMissing => "--create-namespace creates it".to_owned(),
        Reason::NamespaceExists => format!(
            "'swr namespace show {}' shows what you may do in it",
            link.target.namespace
        ),
        Reason::NamespaceTaken => "choose another --to-namespace: names are unique in a region \
                                   over all accounts"
            .to_owned(),
    };
    error.hint(hint)
}

/// Adds advice to what the error advises already.
fn beside(error: Error, hint: &str) -> Error {
    let both = match error.advice() {
        Some(advice) => format!("{hint}; {advice}"),
        None => hint.to_owned(),
    };
    error.hint(both)
}

/// Returns the command that creates a deleted task again.
pub(super) fn recreate(link: &Link, before: Option<&Existing>) -> String {
    let mut command = format!("swr sync create {}", options(link));
    if let Some(Existing::Listed(task)) = before {
        if task.sync_auto {
            command.push_str(" --auto");
        }
        if task.override_ {
            command.push_str(" --override");
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::recreate;
    use crate::api::sync::Target;
    use crate::names::{Namespace, Parse, RegionId, Repository};
    use crate::sync::Link;
    use crate::sync::task::Existing;

    #[test]
    fn the_command_that_brings_a_task_back_has_its_settings() {
        let link = Link {
            namespace: Namespace::parse("team").unwrap(),
            repository: Repository::parse("web/api").unwrap(),
            target: Target {
                region: RegionId::parse("cn-east-3").unwrap(),
                namespace: Namespace::parse("there").unwrap(),
            },
        };
        let listed = |auto, over| {
            Existing::Listed(
                serde_json::from_value(json!({
                    "namespace": "team", "repoName": "web/api", "remoteRegionId": "cn-east-3",
                    "remoteNamespace": "there", "syncAuto": auto, "override": over
                }))
                .unwrap(),
            )
        };
        let plain = "swr sync create -n team -r web/api --to-region cn-east-3 --to-namespace there";
        for (before, options) in [
            (Some(listed(true, true)), " --auto --override"),
            (Some(listed(true, false)), " --auto"),
            (Some(Existing::NotListed), ""),
            (None, ""),
        ] {
            let command = recreate(&link, before.as_ref());
            assert_eq!(command, format!("{plain}{options}"));
        }
    }
}
