//! The grammars held against the expressions that `reference/swr-api.md` section 4 prints.

use proptest::prelude::*;
use regex::Regex;

use super::{Namespace, Parse, RegionId, Repository, Tag, is_harmless};

const NAMESPACE: &str = r"\A[a-z][a-z0-9]*(?:(?:\.|__?|-)[a-z0-9]+)*\z";
const REPOSITORY: &str = r"\A[a-z0-9]+(?:(?:\.|__?|-|/)[a-z0-9]+)*\z";
const TAG: &str = r"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z";
const REGION: &str = r"\A[a-z]{2,}(?:-[a-z0-9]+)+\z";

/// Texts near the grammars, where a wrong rule would show.
fn near() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c0-1._/-]{0,8}",
        2 => "[a-z0-9]{1,3}([._/-]{1,3}[a-z0-9]{1,3}){0,4}",
        1 => "[a-zA-Z0-9._/$%@: \n-]{0,12}",
        1 => "[a-z0-9]{60,132}",
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn a_namespace_is_what_the_reference_says(text in near()) {
        let expected = Regex::new(NAMESPACE).unwrap().is_match(&text) && text.len() <= 64;
        prop_assert_eq!(Namespace::parse(&text).is_ok(), expected);
    }

    #[test]
    fn a_repository_is_what_the_reference_says(text in near()) {
        let expected = Regex::new(REPOSITORY).unwrap().is_match(&text) && text.len() <= 128;
        prop_assert_eq!(Repository::parse(&text).is_ok(), expected);
    }

    #[test]
    fn a_tag_is_what_the_reference_says(text in near()) {
        prop_assert_eq!(Tag::parse(&text).is_ok(), Regex::new(TAG).unwrap().is_match(&text));
    }

    #[test]
    fn a_region_is_what_the_reference_says(text in near()) {
        prop_assert_eq!(RegionId::parse(&text).is_ok(), Regex::new(REGION).unwrap().is_match(&text));
    }

    #[test]
    fn a_slash_goes_into_a_path_and_comes_back(text in "[a-z0-9]{1,4}([._/-][a-z0-9]{1,4}){0,6}") {
        let repository = Repository::parse(&text).unwrap();
        let segment = repository.in_path().into_owned();
        prop_assert!(!segment.contains('/'));
        prop_assert_eq!(Repository::from_path(&segment).unwrap(), repository);
    }

    #[test]
    fn what_is_typed_is_harmless(text in near()) {
        if Repository::parse(&text).is_ok() {
            prop_assert!(is_harmless(&text));
            prop_assert!(Repository::listed(&text).is_some());
        }
    }

    #[test]
    fn an_error_names_a_position_in_the_text(text in near()) {
        if let Err(error) = Namespace::parse(&text)
            && let Some((_, rest)) = error.rule.split_once(" at position ")
        {
            let position: usize = rest.split([' ', ')']).next().unwrap().parse().unwrap();
            prop_assert!((1..=text.chars().count()).contains(&position), "{}", error.rule);
        }
    }
}

#[test]
fn what_could_steer_a_request_is_not_taken_from_a_list() {
    for name in [
        "", ".", "..", "a/../b", "a//b", "/a", "a/", "a?b", "a#b", "a%2f", "a b", "é", "a\\b",
    ] {
        assert_eq!(Repository::listed(name), None, "{name}");
    }
    for name in ["a--b", "Legacy_Repo", "A.b/C__d", "-a", "..."] {
        assert!(Repository::listed(name).is_some(), "{name}");
    }
    assert_eq!(Namespace::listed("a/b"), None);
}
