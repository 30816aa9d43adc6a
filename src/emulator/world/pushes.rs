//! What a push does: a tag gets its digest, and the tasks of the repository get work.
//!
//! `push`, `seeding` and the seeds call it.

use sha2::{Digest, Sha256};

use super::copies::Rules;
use super::{Place, Tag, World};

/// Returns the digest of a text, which stands for an image.
pub(in crate::emulator) fn digest_of(text: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(text)))
}

impl World {
    /// Pushes a tag, as docker would, and returns its digest; without `digest` each push brings
    /// another image. Where the image is another one than before, each task with syncAuto starts
    /// a copy (section 2.1: it acts on the next change of a tag).
    pub(in crate::emulator) fn push(
        &mut self,
        place: &Place,
        tag: &str,
        digest: Option<&str>,
        rules: &Rules,
    ) -> String {
        let pushes = self
            .repository(place)
            .and_then(|repository| repository.tags.get(tag))
            .map_or(0, |tag| tag.pushes);
        let digest = digest.map_or_else(
            || {
                let Place {
                    namespace,
                    repository,
                    ..
                } = place;
                digest_of(&format!("{namespace}/{repository}:{tag} {}", pushes + 1))
            },
            str::to_owned,
        );
        if !self.put_tag(place, tag, &digest) {
            return digest;
        }
        let tasks = self
            .repository(place)
            .map_or_else(Vec::new, |repository| repository.tasks.clone());
        for task in tasks.into_iter().filter(|task| task.auto) {
            self.add_pushed_job(place, tag, &task, rules);
        }
        digest
    }

    /// Points a tag to a digest; returns `true` if that changed anything.
    pub(super) fn put_tag(&mut self, place: &Place, tag: &str, digest: &str) -> bool {
        let now = self.clock.tick();
        let id = self.clock.next_id();
        let repository = self.add_repository(place);
        repository.updated = now;
        let mut changed = true;
        repository
            .tags
            .entry(tag.to_owned())
            .and_modify(|known| {
                changed = known.digest != digest;
                digest.clone_into(&mut known.digest);
                known.updated = now;
                known.pushes += 1;
            })
            .or_insert_with(|| Tag {
                id,
                digest: digest.to_owned(),
                created: now,
                updated: now,
                pushes: 1,
            });
        changed
    }
}
