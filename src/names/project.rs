//! The name of a project.

use std::sync::Arc;

use super::grammar::ParseError;
use super::{Parse, RegionId, name};

/// The name of a region's project: the region's id is the default project's, `cn-north-4_dev` is a
/// sub-project's.
///
/// Source: `reference/swr-api.md` section 5.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectName(Arc<str>);

name!(ProjectName);

const LONGEST: usize = 64;

impl Parse for ProjectName {
    const NOUN: &'static str = "project name";

    fn parse(text: &str) -> Result<ProjectName, ParseError> {
        let (region, rest) = text.split_once('_').unwrap_or((text, "-"));
        let is_valid = RegionId::parse(region).is_ok()
            && !rest.is_empty()
            && text.len() <= LONGEST
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if is_valid {
            Ok(ProjectName(text.into()))
        } else {
            Err(ParseError::new(
                "must be a region, or a region with a sub-project, like 'cn-north-4_dev'",
            ))
        }
    }
}

impl ProjectName {
    /// Returns the name of a region's default project.
    pub fn of_region(region: &RegionId) -> ProjectName {
        ProjectName(region.as_str().into())
    }

    /// Returns `true` if the project is in a region.
    pub fn is_in(&self, region: &RegionId) -> bool {
        self.0.split('_').next() == Some(region.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{ProjectName, RegionId};
    use crate::names::Parse;

    #[test]
    fn a_project_is_a_region_or_in_one() {
        let north = RegionId::parse("cn-north-4").unwrap();
        for (text, is_north) in [
            ("cn-north-4", true),
            ("cn-north-4_dev", true),
            ("cn-north-4_Team_2-b", true),
            ("cn-east-3_dev", false),
            ("cn-north-41_dev", false),
        ] {
            assert_eq!(
                ProjectName::parse(text).unwrap().is_in(&north),
                is_north,
                "{text}"
            );
        }
        assert_eq!(ProjectName::of_region(&north).as_str(), "cn-north-4");
        for text in [
            "",
            "dev",
            "_dev",
            "cn-north-4_",
            "cn-north-4_a b",
            "cn-north-4_a&b=c",
            "cn-north-4_d\u{e9}v",
        ] {
            assert!(ProjectName::parse(text).is_err(), "{text}");
        }
        assert!(ProjectName::parse(&format!("cn-north-4_{}", "a".repeat(54))).is_err());
    }
}
