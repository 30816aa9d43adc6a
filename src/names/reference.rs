//! An image as people write it: `team/web/api:v1`, or with the registry in front, as docker has it.

use super::{Digest, Namespace, Parse, ParseError, RegionId, Repository, Tag};

/// The name of an image: `[REGISTRY/]NAMESPACE/REPOSITORY[:TAG][@DIGEST]`.
///
/// Source: contract 1.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The registry, as written, where the name begins with one.
    pub registry: Option<String>,
    /// The namespace.
    pub namespace: Namespace,
    /// The repository.
    pub repository: Repository,
    /// The tag.
    pub tag: Option<Tag>,
    /// The digest.
    pub digest: Option<Digest>,
}

impl Reference {
    /// Parses a reference. A namespace may contain dots, so the first part counts as a registry only
    /// when it has the vendor's form, or is one that the caller knows.
    ///
    /// # Errors
    /// A [`ParseError`] that names the part and the first rule that it breaks.
    pub fn parse(text: &str, is_registry: impl Fn(&str) -> bool) -> Result<Reference, ParseError> {
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(ParseError::new(format!(
                "must not have a scheme ('{scheme}://')"
            )));
        }
        let (rest, digest) = match text.split_once('@') {
            None => (text, None),
            Some((rest, digest)) => (rest, Some(part("digest", Digest::parse(digest))?)),
        };
        let (registry, rest) = match rest.split_once('/') {
            Some((first, rest)) if registry_region(first).is_some() || is_registry(first) => {
                (Some(first.to_owned()), rest)
            }
            _ => (None, rest),
        };
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((rest, tag)) if !tag.contains('/') => (rest, Some(part("tag", Tag::parse(tag))?)),
            _ => (rest, None),
        };
        let Some((namespace, repository)) = rest.split_once('/') else {
            return Err(ParseError::new("must be NAMESPACE/REPOSITORY[:TAG]"));
        };
        Ok(Reference {
            registry,
            namespace: part(Namespace::NOUN, Namespace::parse(namespace))?,
            repository: part(Repository::NOUN, Repository::parse(repository))?,
            tag,
            digest,
        })
    }
}

fn part<T>(noun: &str, parsed: Result<T, ParseError>) -> Result<T, ParseError> {
    parsed.map_err(|error| ParseError {
        rule: format!("the {noun}: {}", error.rule),
        hint: error.hint,
    })
}

/// Returns the region of a registry of the vendor's form, `swr.<region>.myhuaweicloud.com`.
///
/// Source: `reference/swr-api.md` section 1.
pub fn registry_region(registry: &str) -> Option<RegionId> {
    let registry = registry.to_ascii_lowercase();
    let rest = registry.strip_prefix("swr.")?;
    let region = rest
        .strip_suffix(".myhuaweicloud.com")
        .or_else(|| rest.strip_suffix(".myhuaweicloud.eu"))?;
    RegionId::parse(region).ok()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Reference, registry_region};

    const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

    fn parse(text: &str) -> Result<String, String> {
        let known = |first: &str| first == "127.0.0.1:8600";
        let reference = Reference::parse(text, known).map_err(|error| error.rule)?;
        let shown = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
        Ok(format!(
            "{} {} {} {} {}",
            shown(reference.registry),
            reference.namespace,
            reference.repository,
            shown(reference.tag.map(|tag| tag.to_string())),
            shown(reference.digest.map(|digest| digest.to_string())),
        ))
    }

    #[test]
    fn references_as_people_write_them() {
        for (text, parts) in [
            ("team/web", "- team web - -"),
            ("team/web/api:v1", "- team web/api v1 -"),
            ("my.team/web:v1", "- my.team web v1 -"),
            (
                "swr.cn-north-4.myhuaweicloud.com/team/web/api:v1",
                "swr.cn-north-4.myhuaweicloud.com team web/api v1 -",
            ),
            (
                "swr.eu-west-101.myhuaweicloud.eu/team/web",
                "swr.eu-west-101.myhuaweicloud.eu team web - -",
            ),
            ("127.0.0.1:8600/team/web:v1", "127.0.0.1:8600 team web v1 -"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(parts), "{text}");
        }
        let digest = format!("team/web:v1@{DIGEST}");
        assert_eq!(parse(&digest), Ok(format!("- team web v1 {DIGEST}")));
    }

    #[test]
    fn what_is_not_a_reference_names_the_part() {
        for (text, rule) in [
            ("web", "must be NAMESPACE/REPOSITORY[:TAG]"),
            ("web:v1", "must be NAMESPACE/REPOSITORY[:TAG]"),
            (
                "https://swr.cn-north-4.myhuaweicloud.com/team/web",
                "must not have a scheme ('https://')",
            ),
            (
                "Team/web",
                "the namespace: 'T' at position 1 must be a lowercase letter",
            ),
            (
                "team/web:",
                "the tag: must not be empty (1 to 128 characters)",
            ),
            (
                "team/web@sha256:1",
                "the digest: must be 'sha256:' and 64 hexadecimal digits",
            ),
            (
                "far.example:5000/team/web",
                "the namespace: ':' at position 12 must be a lowercase letter, a digit, '.', '_' or '-'",
            ),
        ] {
            assert_eq!(parse(text), Err(rule.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_region_is_read_off_a_registry_of_the_vendors_form() {
        for (registry, region) in [
            ("swr.cn-north-4.myhuaweicloud.com", Some("cn-north-4")),
            ("SWR.cn-north-4.MyHuaweiCloud.com", Some("cn-north-4")),
            ("swr.eu-west-101.myhuaweicloud.eu", Some("eu-west-101")),
            ("swr-api.cn-north-4.myhuaweicloud.com", None),
            ("swr.cn-north-4.myhuaweicloud.com.far.example", None),
            ("swr..myhuaweicloud.com", None),
        ] {
            let found = registry_region(registry).map(|region| region.to_string());
            assert_eq!(found.as_deref(), region, "{registry}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(
            pieces in vec("swr\\.[a-z]{2}-[a-z]{1,4}-[0-9]\\.myhuaweicloud\\.com/|[a-z]{1,4}|[a-zA-Z0-9]|[:/@._-]|127\\.0\\.0\\.1:8600/|@sha256:[0-9a-f]{64}|://|\\PC", 0..10)
        ) {
            let text = pieces.concat();
            let known = |first: &str| first == "127.0.0.1:8600";
            if let Ok(reference) = Reference::parse(&text, known) {
                let before = |sign: &str, part: Option<String>| {
                    part.map_or_else(String::new, |part| format!("{sign}{part}"))
                };
                let again = format!(
                    "{}{}/{}{}{}",
                    reference.registry.map_or_else(String::new, |registry| registry + "/"),
                    reference.namespace,
                    reference.repository,
                    before(":", reference.tag.map(|tag| tag.to_string())),
                    before("@", reference.digest.map(|digest| digest.to_string())),
                );
                prop_assert_eq!(again, text);
            }
        }
    }
}
