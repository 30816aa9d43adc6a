//! Images as people name them: references, options, the namespace of the settings. The comments on
//! the structs are not doc comments, because those would become the command's.

use clap::Args;

use super::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::names::{Namespace, Reference, Repository, registry_region};
use crate::sync::Source;
use crate::sync::select::NamedTag;

/// The help of an argument that names one repository.
pub(super) const IMAGE: &str =
    "Repository: NAMESPACE/REPOSITORY, with or without the registry's host";
/// The help of arguments that name images.
const IMAGES: &str =
    "Images: NAMESPACE/REPOSITORY[:TAG], with or without a host; or tags of -n and -r";
/// The help of `--namespace`, for all verbs.
pub(super) const NAMESPACE: &str = "Source namespace";
/// The help of `--repo`, for all verbs.
pub(super) const REPOSITORY: &str = "Source repository, like web/api";

// One repository, which has to be named.
#[derive(Debug, Args)]
pub(crate) struct OneImage {
    #[arg(value_name = "NAMESPACE/REPOSITORY", help = IMAGE, conflicts_with_all = ["namespace", "repo"],
          add = crate::commands::complete::images())]
    image: Option<String>,
    #[command(flatten)]
    names: Names,
}

// The options that name a repository.
#[derive(Debug, Args)]
pub(crate) struct Names {
    #[arg(short, long, value_name = "NAME", alias = "organization", help = NAMESPACE,
          add = crate::commands::complete::namespaces())]
    namespace: Option<Raw<Namespace>>,
    #[arg(short, long, value_name = "NAME", alias = "repository", help = REPOSITORY,
          add = crate::commands::complete::repositories())]
    repo: Option<Raw<Repository>>,
}

/// A repository, and the tags of it that were named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    /// The repository.
    pub(crate) source: Source,
    /// The tags; none means those that the verb chooses.
    pub(crate) tags: Vec<NamedTag>,
}

impl OneImage {
    /// Returns what was named, which may be nothing, or a namespace alone.
    pub(super) fn some(
        self,
        context: &Context,
        problems: &mut Problems,
    ) -> (Option<Namespace>, Option<Repository>) {
        if self.image.is_none() {
            return self.names.some(context, problems);
        }
        match self.validate(context, problems) {
            Some(source) => (Some(source.namespace), Some(source.repository)),
            None => (None, None),
        }
    }

    /// Returns the repository; a tag is not expected.
    pub(super) fn validate(self, context: &Context, problems: &mut Problems) -> Option<Source> {
        match self.image {
            None => self.names.validate(context, problems),
            Some(text) => {
                let reference = reference(&text, context, problems)?;
                if reference.tag.is_some() || reference.digest.is_some() {
                    let bare = format!("{}/{}", reference.namespace, reference.repository);
                    problems.note(
                        IMAGE_FIELD,
                        text,
                        format!("this command takes no tag: write {bare}"),
                    );
                    return None;
                }
                Some(source_of(&reference))
            }
        }
    }
}

impl Names {
    /// Returns the repository.
    pub(super) fn validate(self, context: &Context, problems: &mut Problems) -> Option<Source> {
        let (namespace, repository) = self.optional(context, problems);
        if namespace.is_none() && !problems.names("--namespace") {
            problems.note("--namespace", "", NOTHING_NAMED);
        } else if repository.is_none() && !problems.names("--repo") {
            problems.note("--repo", "", "no repository is named: --repo NAME");
        }
        Some(Source {
            namespace: namespace?,
            repository: repository?,
        })
    }

    /// Returns what was named; a repository alone is one of the settings' namespace.
    pub(super) fn some(
        self,
        context: &Context,
        problems: &mut Problems,
    ) -> (Option<Namespace>, Option<Repository>) {
        match (&self.namespace, &self.repo) {
            (None, None) => (None, None),
            (None, Some(_)) => match self.validate(context, problems) {
                Some(source) => (Some(source.namespace), Some(source.repository)),
                None => (None, None),
            },
            _ => self.optional(context, problems),
        }
    }

    /// Returns what was named, the namespace as the settings have it where it was not.
    pub(super) fn optional(
        self,
        context: &Context,
        problems: &mut Problems,
    ) -> (Option<Namespace>, Option<Repository>) {
        let namespace = match self.namespace {
            Some(raw) => problems.take("--namespace", raw),
            None => match context.settings().namespace() {
                Ok(setting) => setting.map(|setting| setting.value),
                Err(error) => {
                    problems.fail(error);
                    None
                }
            },
        };
        let repository = self
            .repo
            .and_then(|raw| repository(raw, namespace.as_ref(), problems));
        (namespace, repository)
    }

    fn are_given(&self) -> bool {
        self.namespace.is_some() || self.repo.is_some()
    }
}

// Several repositories and tags.
#[derive(Debug, Args)]
pub(crate) struct Images {
    #[arg(value_name = "IMAGE|TAG", help = IMAGES, add = crate::commands::complete::tagged_images())]
    images: Vec<String>,
    #[command(flatten)]
    names: Names,
}

impl Images {
    /// Returns `true` if a repository was named, or a tag, which needs one.
    pub(super) fn name_repositories(&self) -> bool {
        !self.images.is_empty() || self.names.repo.is_some()
    }

    /// Returns the namespace, where no repository was named.
    pub(super) fn namespace(self, context: &Context, problems: &mut Problems) -> Option<Namespace> {
        let (namespace, _) = self.names.optional(context, problems);
        if namespace.is_none() && !problems.names("--namespace") {
            problems.note("--namespace", "", NOTHING_NAMED);
        }
        namespace
    }

    /// Returns the repositories in the order in which they were named, each with its tags.
    pub(super) fn validate(self, context: &Context, problems: &mut Problems) -> Option<Vec<Image>> {
        let (references, tags): (Vec<String>, Vec<String>) =
            self.images.into_iter().partition(|text| text.contains('/'));
        let mut images: Vec<Image> = Vec::new();
        if self.names.are_given() || references.is_empty() || !tags.is_empty() {
            let tags = tags.into_iter().filter_map(|text| text.parse().ok());
            let tags = problems.take_all("TAG", tags.collect());
            let named = |tag| NamedTag { tag, digest: None };
            let source = self.names.validate(context, problems);
            if let Some(source) = source {
                let tags = tags.into_iter().map(named).collect();
                images.push(Image { source, tags });
            }
        }
        for text in references {
            let Some(reference) = reference(&text, context, problems) else {
                continue;
            };
            let source = source_of(&reference);
            let tag = match (reference.tag, reference.digest) {
                (None, Some(_)) => {
                    problems.note(
                        IMAGE_FIELD,
                        text,
                        "a digest needs its tag: NAMESPACE/REPOSITORY:TAG@DIGEST",
                    );
                    continue;
                }
                (tag, digest) => tag.map(|tag| NamedTag { tag, digest }),
            };
            match images.iter_mut().find(|image| image.source == source) {
                None => images.push(Image {
                    source,
                    tags: tag.into_iter().collect(),
                }),
                // The whole repository and one of its tags are the whole repository.
                Some(image) if tag.is_none() || image.tags.is_empty() => image.tags.clear(),
                Some(image) => {
                    let tag = tag.into_iter().filter(|tag| !image.tags.contains(tag));
                    image.tags.extend(tag.collect::<Vec<_>>());
                }
            }
        }
        (!images.is_empty()).then_some(images)
    }

    /// Returns the one tag of the one repository that is named.
    pub(super) fn one_tag(
        self,
        context: &Context,
        problems: &mut Problems,
    ) -> Option<(Source, NamedTag)> {
        let images = self.validate(context, problems)?;
        match images.as_slice() {
            [Image { source, tags }] if let [tag] = tags.as_slice() => {
                Some((source.clone(), tag.clone()))
            }
            _ => {
                problems.note("TAG", "", "one tag is needed: NAMESPACE/REPOSITORY:TAG");
                None
            }
        }
    }
}

const NOTHING_NAMED: &str =
    "no repository is named: NAMESPACE/REPOSITORY, or --namespace and --repo";

/// What the fault of a reference is called.
const IMAGE_FIELD: &str = "IMAGE";

fn source_of(reference: &Reference) -> Source {
    Source {
        namespace: reference.namespace.clone(),
        repository: reference.repository.clone(),
    }
}

/// Parses a reference; its registry names the source region.
fn reference(text: &str, context: &Context, problems: &mut Problems) -> Option<Reference> {
    let settings = context.settings();
    let own = settings.registry().ok().map(|setting| setting.value);
    let is_own = |registry: &str| own.as_ref().is_some_and(|own| own.as_str() == registry);
    let parsed = match Reference::parse(text, is_own) {
        Ok(parsed) => parsed,
        Err(error) => {
            problems.invalid("image", IMAGE_FIELD, text, error);
            return None;
        }
    };
    let region = parsed
        .registry
        .as_deref()
        .filter(|registry| !is_own(registry))
        .and_then(registry_region);
    if let Some(region) = region
        && let Some(other) = settings.read_region_of_image(&region)
    {
        problems.note(
            IMAGE_FIELD,
            text,
            format!(
                "the image is in {region}, but the region is {} ({})",
                other.value, other.origin
            ),
        );
        return None;
    }
    Some(parsed)
}

/// Returns the name of a repository; what was pasted whole gets the right spelling as a hint.
fn repository(
    raw: Raw<Repository>,
    namespace: Option<&Namespace>,
    problems: &mut Problems,
) -> Option<Repository> {
    let text = raw.text().to_owned();
    let (rest, tag) = match text.rsplit_once(':') {
        Some((rest, tag)) if !tag.contains('/') => (rest, Some(tag)),
        _ => (text.as_str(), None),
    };
    let pasted = rest
        .split_once('/')
        .filter(|(first, _)| registry_region(first).is_some())
        .map(|(_, rest)| rest);
    let inner = pasted.unwrap_or(rest);
    let named = namespace.and_then(|namespace| inner.strip_prefix(&format!("{namespace}/")));
    if tag.is_none() && pasted.is_none() && named.is_none() {
        return problems.take("--repo", raw);
    }
    let what = match (tag, pasted) {
        (_, Some(_)) => "it is an image address",
        (Some(_), None) => "the tag is a separate argument",
        (None, None) => "it already contains the namespace",
    };
    let name = named.unwrap_or(inner);
    let right = match (tag, namespace) {
        (Some(tag), Some(namespace)) => format!("-n {namespace} -r {name} {tag}"),
        (Some(tag), None) => format!("-r {name} {tag}"),
        (None, Some(namespace)) if pasted.is_none() => format!("-n {namespace} -r {name}"),
        (None, _) => format!("{text} without -n and -r"),
    };
    problems.hinted(
        "--repo",
        &text,
        format!(
            "invalid repository '{}' (--repo): {what}",
            crate::output::harmless(&text)
        ),
        format!("write {right}"),
    );
    None
}
