//! What a repository's registry holds: links to blobs and manifests, whose bytes are the store's.
//!
//! Links are regional: the same bytes are visible where something brought them, by a push or by a
//! copy.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Place, World};
use crate::emulator::storage::{Digest, Manifest};

/// The content of a repository.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::emulator) struct Content {
    pub(in crate::emulator) blobs: BTreeSet<Digest>,
    pub(in crate::emulator) manifests: BTreeMap<Digest, Manifest>,
}

impl Content {
    /// Returns the digests of everything that was here.
    pub(super) fn into_digests(self) -> impl Iterator<Item = Digest> {
        self.blobs.into_iter().chain(self.manifests.into_keys())
    }
}

impl World {
    /// Returns the digests of all content that some repository has.
    pub(in crate::emulator) fn digests(&self) -> impl Iterator<Item = &Digest> {
        let regions = self.regions.values();
        let namespaces = regions.flat_map(|region| region.namespaces.values());
        let contents = namespaces.flat_map(|namespace| namespace.content.values());
        contents.flat_map(|content| content.blobs.iter().chain(content.manifests.keys()))
    }

    /// Returns the content of a repository, which may have blobs before its first tag makes it.
    pub(in crate::emulator) fn content(&self, place: &Place) -> Option<&Content> {
        let namespace = self.namespace(&place.region, &place.namespace)?;
        namespace.content.get(&place.repository)
    }

    /// Returns the content of a repository of an existing namespace, to be changed.
    pub(in crate::emulator) fn content_mut(&mut self, place: &Place) -> Option<&mut Content> {
        let namespace = self
            .regions
            .get_mut(&place.region)?
            .namespaces
            .get_mut(&place.namespace)
            .filter(|namespace| !namespace.foreign)?;
        Some(
            namespace
                .content
                .entry(place.repository.clone())
                .or_default(),
        )
    }

    /// Removes a blob from a repository; returns `true` if it existed.
    pub(in crate::emulator) fn remove_blob(&mut self, place: &Place, digest: &Digest) -> bool {
        let content = self.content_mut(place);
        let was_there = content.is_some_and(|content| content.blobs.remove(digest));
        self.unlink(was_there, digest)
    }

    /// Removes a manifest from a repository; returns `true` if it existed.
    pub(in crate::emulator) fn remove_manifest(&mut self, place: &Place, digest: &Digest) -> bool {
        let content = self.content_mut(place);
        let was_there = content.is_some_and(|content| content.manifests.remove(digest).is_some());
        self.unlink(was_there, digest)
    }

    fn unlink(&mut self, was_there: bool, digest: &Digest) -> bool {
        if was_there {
            self.unlinked.insert(digest.clone());
        }
        was_there
    }

    /// Takes what was removed from a repository and is in no other one.
    pub(in crate::emulator) fn take_unlinked(&mut self) -> BTreeSet<Digest> {
        let mut unlinked = std::mem::take(&mut self.unlinked);
        if !unlinked.is_empty() {
            for digest in self.digests() {
                unlinked.remove(digest);
            }
        }
        unlinked
    }

    /// Returns the manifest behind a tag's digest, where there is one.
    pub(in crate::emulator) fn manifest(&self, place: &Place, digest: &str) -> Option<&Manifest> {
        let digest = Digest::parse(digest)?;
        self.content(place)?.manifests.get(&digest)
    }

    /// Returns the bytes of a tag's image; one that was seeded by digest only has a made-up size.
    pub(in crate::emulator) fn size(&self, place: &Place, digest: &str) -> u64 {
        let manifest = self.manifest(place, digest);
        manifest.map_or(1_000_000, |manifest| manifest.image_size)
    }

    /// Returns the bytes of all tags of a repository.
    pub(in crate::emulator) fn size_of(&self, place: &Place) -> u64 {
        let repository = self.repository(place);
        repository.map_or(0, |repository| {
            let tags = repository.tags.values();
            tags.map(|tag| self.size(place, &tag.digest)).sum()
        })
    }

    /// Brings a manifest into another repository, with its children and all their blobs.
    pub(super) fn copy_content(&mut self, from: &Place, to: &Place, digest: &str) {
        let Some(source) = self.content(from) else {
            return;
        };
        let mut brought = Vec::new();
        let mut wanted: Vec<Digest> = Digest::parse(digest).into_iter().collect();
        while let Some(digest) = wanted.pop() {
            let Some(manifest) = source.manifests.get(&digest) else {
                continue;
            };
            if brought.iter().all(|(known, _)| *known != digest) {
                wanted.extend(manifest.children.iter().cloned());
                brought.push((digest, manifest.clone()));
            }
        }
        if let Some(target) = self.content_mut(to) {
            for (digest, manifest) in brought {
                target.blobs.extend(manifest.blobs.iter().cloned());
                target.manifests.insert(digest, manifest);
            }
        }
    }
}
