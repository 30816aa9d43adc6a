//! What a test puts into the emulator, and reads out of it, past the API: names are any text, and
//! nothing that is read here moves a copy on.

use super::world::{Place, Target};
use super::{Emulator, Fault};

impl Emulator {
    /// Adds a namespace, unless it is there.
    pub fn add_namespace(&self, region: &str, namespace: &str) {
        self.cloud
            .change(|world, _| world.add_namespace(region, namespace, false));
    }

    /// Adds a namespace that belongs to another account, unless it is there.
    pub fn add_foreign_namespace(&self, region: &str, namespace: &str) {
        self.cloud
            .change(|world, _| world.add_namespace(region, namespace, true));
    }

    /// Adds a repository and its namespace, unless they are there.
    pub fn add_repository(&self, region: &str, namespace: &str, repository: &str) {
        let place = Place::new(region, namespace, repository);
        self.cloud.change(|world, _| {
            world.add_repository(&place);
        });
    }

    /// Pushes a tag, and returns its digest: a new one, unless one is given.
    pub fn push(
        &self,
        region: &str,
        namespace: &str,
        repository: &str,
        tag: &str,
        digest: Option<&str>,
    ) -> String {
        let place = Place::new(region, namespace, repository);
        self.cloud
            .change(|world, rules| world.push(&place, tag, digest, rules))
    }

    /// Adds a task, and its repository where it is missing.
    #[expect(
        clippy::too_many_arguments,
        reason = "a task has seven properties, and a test names them in their order"
    )]
    pub fn add_task(
        &self,
        region: &str,
        namespace: &str,
        repository: &str,
        to_region: &str,
        to_namespace: &str,
        auto: bool,
        replaces: bool,
    ) {
        let place = Place::new(region, namespace, repository);
        let target = Target::new(to_region, to_namespace);
        self.cloud
            .change(|world, _| world.add_task(&place, target, auto, replaces));
    }

    /// Adds a fault behind the others.
    pub fn add_fault(&self, fault: Fault) {
        self.cloud.schedule().add(fault);
    }

    /// Returns the tasks of a repository, oldest first: target region, target namespace, auto,
    /// override.
    pub fn tasks(
        &self,
        region: &str,
        namespace: &str,
        repository: &str,
    ) -> Vec<(String, String, bool, bool)> {
        let place = Place::new(region, namespace, repository);
        self.cloud.change(|world, _| {
            let tasks = world.repository(&place).into_iter();
            let tasks = tasks.flat_map(|repository| &repository.tasks);
            tasks
                .map(|task| {
                    let target = task.target.clone();
                    (target.region, target.namespace, task.auto, task.replaces)
                })
                .collect()
        })
    }

    /// Returns the tags of a repository with their digests, by name.
    pub fn tags(&self, region: &str, namespace: &str, repository: &str) -> Vec<(String, String)> {
        let place = Place::new(region, namespace, repository);
        self.cloud.change(|world, _| {
            let tags = world.repository(&place).into_iter();
            let tags = tags.flat_map(|repository| &repository.tags);
            tags.map(|(name, tag)| (name.clone(), tag.digest.clone()))
                .collect()
        })
    }

    /// Returns the copies of a repository, oldest first: id, tag, target region, status.
    pub fn jobs(
        &self,
        region: &str,
        namespace: &str,
        repository: &str,
    ) -> Vec<(u64, String, String, String)> {
        let place = Place::new(region, namespace, repository);
        self.cloud.change(|world, _| {
            let jobs = world.repository(&place).into_iter();
            let jobs = jobs.flat_map(|repository| &repository.jobs);
            jobs.map(|job| {
                let status = job.status.text().to_owned();
                (job.id, job.tag.clone(), job.target.region.clone(), status)
            })
            .collect()
        })
    }

    /// Ends a token's time. False when there is no such token.
    pub fn expire_token(&self, token: &str) -> bool {
        self.cloud.identity.expire_token(token)
    }

    /// Lets a token die early. False when there is no such token.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.cloud.identity.revoke_token(token)
    }

    /// Moves the clock of whoever judges tokens and signatures on, or back.
    pub fn move_clock(&self, by: jiff::SignedDuration) {
        self.cloud.identity.move_clock(by);
    }

    /// Lets tokens and temporary keys that are issued from now on live so long at most.
    pub fn shorten_lives(&self, longest: jiff::SignedDuration) {
        self.cloud.identity.shorten_lives(longest);
    }
}
