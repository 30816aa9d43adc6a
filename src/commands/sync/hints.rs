//! What to do about an outcome of synchronization: one table, outcome to advice, spelled as a
//! command line.

use crate::api::Code;
use crate::api::regions::near;
use crate::commands::shell_word::shell_word;
use crate::error::Error;
use crate::names::RegionId;
use crate::sync::task::{Existing, Named};
use crate::sync::{Failure, Link, Reason, nearest};

/// So many tags are named in a command; more are too long for a line.
const NAMED: usize = 20;

/// Whom an outcome concerns: repositories, their targets, their tags.
#[derive(Debug, Default)]
pub(in crate::commands) struct Subject {
    links: Vec<Link>,
    /// Tags, each with its repository.
    tags: Vec<(String, String)>,
}

impl Subject {
    /// Adds a link, and a tag of it.
    pub(super) fn add(&mut self, link: &Link, tag: Option<&str>) {
        if !self.links.contains(link) {
            self.links.push(link.clone());
        }
        if let Some(tag) = tag
            && self.tags.len() <= NAMED
        {
            let tag = (image(link), tag.to_owned());
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
    }

    /// Returns `true` if it concerns nobody.
    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Returns `true` if one `--repo` and one `--to-namespace` name every link.
    fn is_of_one_repository(&self) -> bool {
        self.links.windows(2).all(|pair| {
            image(&pair[0]) == image(&pair[1])
                && pair[0].target.namespace == pair[1].target.namespace
        })
    }

    /// Returns a command about every link. `what` says which tags; without it they are named.
    fn command(&self, verb: &str, what: Option<&str>) -> String {
        let Some(first) = self.links.first() else {
            return format!("swr sync {verb}");
        };
        let names_tags = what.is_none() && !self.tags.is_empty() && self.tags.len() <= NAMED;
        let what = what.unwrap_or("--all");
        if self.is_of_one_repository() {
            let tags: Vec<&str> = self.tags.iter().map(|(_, tag)| tag.as_str()).collect();
            let tags = tags.join(" ");
            let regions: Vec<&str> = self
                .links
                .iter()
                .map(|link| link.target.region.as_str())
                .collect();
            return format!(
                "swr sync {verb} {} -n {} -r {} --to-region {} --to-namespace {}{}",
                if names_tags { &tags } else { what },
                first.namespace,
                first.repository,
                regions.join(" --to-region "),
                first.target.namespace,
                named(&first.named)
            );
        }
        let images = if names_tags {
            let tags = self
                .tags
                .iter()
                .map(|(image, tag)| format!("{image}:{tag}"));
            each_once(tags).join(" ")
        } else {
            format!(
                "{} {what}",
                each_once(self.links.iter().map(image)).join(" ")
            )
        };
        let targets = self
            .links
            .iter()
            .map(|link| format!("{}/{}", link.target.region, link.target.namespace));
        format!(
            "swr sync {verb} {images} --to {}{}",
            each_once(targets).join(","),
            named(&first.named)
        )
    }

    fn run(&self) -> String {
        self.command("run", None)
    }

    fn run_failed(&self) -> String {
        self.command("run", Some("--failed"))
    }

    fn wait(&self) -> String {
        self.command("wait", None)
    }

    fn create_namespace(&self) -> String {
        let target = self.links.first().map(|link| &link.target);
        target.map_or_else(String::new, |target| {
            format!(
                "swr namespace create {} --region {}",
                target.namespace, target.region
            )
        })
    }
}

impl From<&Link> for Subject {
    fn from(link: &Link) -> Subject {
        Subject {
            links: vec![link.clone()],
            tags: Vec::new(),
        }
    }
}

/// Returns the options that name the profile and the region of a source, where a command needs them.
pub(super) fn named(named: &Named) -> String {
    let option = |name: &str, value: Option<&str>| {
        value.map_or_else(String::new, |value| {
            format!(" --{name} {}", shell_word(value))
        })
    };
    let Named { profile, region } = named;
    option("region", region.as_ref().map(RegionId::as_str)) + &option("profile", profile.as_deref())
}

/// Returns the repository of a link, as people write it.
fn image(link: &Link) -> String {
    format!("{}/{}", link.namespace, link.repository)
}

fn each_once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}

/// Returns the options that name a link.
pub(super) fn options(link: &Link) -> String {
    format!(
        "-n {} -r {} --to-region {} --to-namespace {}{}",
        link.namespace,
        link.repository,
        link.target.region,
        link.target.namespace,
        named(&link.named)
    )
}

/// Returns the command that copies tags by hand.
pub(super) fn copy(link: &Link, tags: &[&str]) -> String {
    let mut subject = Subject::default();
    for tag in tags {
        subject.add(link, Some(tag));
    }
    subject.run()
}

/// Returns the command that copies every tag of links.
pub(super) fn copy_all(links: &[Link]) -> String {
    let mut subject = Subject::default();
    for link in links {
        subject.add(link, None);
    }
    subject.run()
}

/// Returns the command that waits for the copies of links.
pub(super) fn follow(links: &[Link]) -> String {
    let mut subject = Subject::default();
    for link in links {
        subject.add(link, None);
    }
    subject.wait()
}

/// Returns the error of a failure, with the advice that its reason has here.
pub(in crate::commands) fn advise(failure: Failure, subject: &Subject) -> Error {
    let near = near_region(&failure, subject);
    let Failure { error, reason } = failure.hinted(near);
    let source = subject.links.first().map_or_else(String::new, |link| {
        format!(
            "-n {} -r {}{}",
            link.namespace,
            link.repository,
            named(&link.named)
        )
    });
    let hint = match reason {
        Reason::Other | Reason::NotAsked => return error,
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
        Reason::TaskMissing => return beside(error, "--ignore-missing makes this a success"),
        Reason::RegionNotOffered => {
            "'swr sync regions' lists the regions that are offered".to_owned()
        }
        Reason::RepositoryMissing => {
            let link = subject.links.first();
            let namespace = link.map_or("NAMESPACE", |link| link.namespace.as_str());
            format!("'swr repo list -n {namespace}' shows the repositories")
        }
        Reason::NamespaceMissing => "--create-namespace creates it".to_owned(),
        Reason::NamespaceExists => "'swr namespace show' shows what you may do in it".to_owned(),
        Reason::NamespaceTaken => "choose another --to-namespace: names are unique in a region \
                                   over all accounts"
            .to_owned(),
        Reason::TagsMissing => format!("'swr tag list {source}' shows its tags"),
        Reason::NothingSelected => {
            "check --match, --exclude and --latest; --allow-empty makes this a success".to_owned()
        }
        Reason::NoTimes => "name the tags, or choose them with --match".to_owned(),
        Reason::Unsendable => {
            "push the image under a tag of letters, digits, '.', '_' and '-'".to_owned()
        }
        Reason::CopyRefused => return beside(error, &subject.run()),
        Reason::CopyUncertain => {
            let hint = format!("'swr sync jobs {source}' shows which copies were taken");
            return beside(error, &hint);
        }
        Reason::CopyFailed => format!("{} --wait", subject.run_failed()),
        Reason::CopyNamespaceMissing => format!(
            "{}\n{} --wait",
            subject.create_namespace(),
            subject.run_failed()
        ),
        Reason::AgencyMissing => format!(
            "open SWR in the console once, which creates it; then: {} --wait",
            subject.run_failed()
        ),
        Reason::CopyUnseen => format!("{} --wait", subject.run()),
        Reason::StillUnderWay => format!("to go on watching: {}", subject.wait()),
        Reason::NothingUnderWay => format!(
            "no copy is known to be under way: {}\nto go on watching: {}",
            subject.run(),
            subject.wait()
        ),
        Reason::PushedAgain => format!("for the image of now: {}", subject.wait()),
        Reason::WaitNamespaceMissing => subject.create_namespace(),
        Reason::Differs => format!("{} --override --wait --verify", subject.run()),
        Reason::NotInTarget => format!("{} --wait --verify", subject.run()),
    };
    error.hint(hint)
}

/// Returns the documented region that is meant, where the service does not know the target's: it
/// stores no task there, and has none to delete.
fn near_region(failure: &Failure, subject: &Subject) -> Option<String> {
    let code = failure.error.details().code.as_deref().and_then(Code::of);
    let is_unknown = code == Some(Code::InternalError) || failure.reason == Reason::TaskMissing;
    let mut regions = subject.links.iter().map(|link| link.target.region.as_str());
    nearest::hint([regions
        .find_map(near)
        .filter(|_| is_unknown)
        .map(str::to_owned)])
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
        if task.override_ == Some(true) {
            command.push_str(" --override");
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Subject, recreate};
    use crate::api::sync::Target;
    use crate::names::{Namespace, Parse, RegionId, Repository};
    use crate::sync::Link;
    use crate::sync::task::{Existing, Named};

    fn link(region: &str) -> Link {
        link_of("web/api", region)
    }

    fn link_of(repository: &str, region: &str) -> Link {
        Link {
            namespace: Namespace::parse("team").unwrap(),
            repository: Repository::parse(repository).unwrap(),
            target: Target {
                region: RegionId::parse(region).unwrap(),
                namespace: Namespace::parse("there").unwrap(),
            },
            named: Named::default(),
        }
    }

    #[test]
    fn the_command_that_brings_a_task_back_has_its_settings() {
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
            let command = recreate(&link("cn-east-3"), before.as_ref());
            assert_eq!(command, format!("{plain}{options}"));
        }
    }

    #[test]
    fn a_command_names_every_target_and_no_more_tags_than_a_line_holds() {
        let mut subject = Subject::default();
        for region in ["cn-east-3", "cn-south-1"] {
            subject.add(&link(region), Some("v1"));
        }
        assert_eq!(
            subject.run(),
            "swr sync run v1 -n team -r web/api --to-region cn-east-3 --to-region cn-south-1 \
             --to-namespace there"
        );
        for number in 2..30 {
            subject.add(&link("cn-east-3"), Some(&format!("v{number}")));
        }
        assert!(subject.run().starts_with("swr sync run --all -n team"));
    }

    #[test]
    fn a_command_about_several_repositories_mixes_none_of_their_tags() {
        let mut subject = Subject::default();
        subject.add(&link_of("web/api", "cn-east-3"), Some("v1"));
        subject.add(&link_of("web/api", "cn-south-1"), Some("v1"));
        subject.add(&link_of("worker", "cn-east-3"), Some("v2"));
        assert_eq!(
            subject.run(),
            "swr sync run team/web/api:v1 team/worker:v2 --to cn-east-3/there,cn-south-1/there"
        );
        assert_eq!(
            subject.run_failed(),
            "swr sync run team/web/api team/worker --failed --to cn-east-3/there,cn-south-1/there"
        );
    }
}
