//! What a push does: a tag gets its digest, and the tasks of the repository get work.

use std::io;

use super::copies::Rules;
use super::{Place, Tag, World};
use crate::emulator::storage::{Image, Store};

impl World {
    /// Pushes a new image as a tag, another one each time, and returns its digest.
    pub(in crate::emulator) fn push_image(
        &mut self,
        store: &Store,
        place: &Place,
        tag: &str,
        rules: &Rules,
    ) -> io::Result<String> {
        let known = self
            .repository(place)
            .and_then(|repository| repository.tags.get(tag));
        let pushes = known.map_or(0, |tag| tag.pushes);
        let Place {
            namespace,
            repository,
            ..
        } = place;
        let image = Image::of(&format!("{namespace}/{repository}:{tag} {}", pushes + 1));
        for (digest, bytes) in &image.parts {
            store.put(digest, bytes)?;
        }
        let digest = image.digest.to_string();
        self.add_repository(place);
        if let Some(content) = self.content_mut(place) {
            content.blobs.extend(image.manifest.blobs.iter().cloned());
            content.manifests.insert(image.digest, image.manifest);
        }
        self.push(place, tag, &digest, rules);
        Ok(digest)
    }

    /// Pushes a tag, as docker would. Where the image is another one than before, each task with
    /// syncAuto starts a copy (section 2.1: it acts on the next change of a tag).
    pub(in crate::emulator) fn push(
        &mut self,
        place: &Place,
        tag: &str,
        digest: &str,
        rules: &Rules,
    ) {
        if !self.put_tag(place, tag, digest) {
            return;
        }
        let tasks = self
            .repository(place)
            .map_or_else(Vec::new, |repository| repository.tasks.clone());
        for task in tasks.into_iter().filter(|task| task.auto) {
            self.add_pushed_job(place, tag, &task, rules);
        }
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
