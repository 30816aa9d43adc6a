//! What completion asks the service: names, and nothing else.

use crate::api::Service;
use crate::context::Context;
use crate::error::Error;
use crate::names::{Namespace, Parse, RegionId, Repository};

/// So many names of repositories or tags are read; more would take too many requests.
const MOST: usize = 1000;

/// A list of names of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// The regions that images can be synchronized to.
    Regions,
    /// The namespaces of a target region, or of the source region.
    Namespaces(Option<RegionId>),
    /// The repositories of a namespace.
    Repositories(Namespace),
    /// The tags of a repository.
    Tags(Namespace, Repository),
}

impl Question {
    /// Returns the words that [`Question::parse`] understands.
    pub(super) fn words(&self) -> Vec<&str> {
        match self {
            Question::Regions => vec!["regions"],
            Question::Namespaces(None) => vec!["namespaces"],
            Question::Namespaces(Some(region)) => vec!["namespaces", region.as_str()],
            Question::Repositories(namespace) => vec!["repositories", namespace.as_str()],
            Question::Tags(namespace, repository) => {
                vec!["tags", namespace.as_str(), repository.as_str()]
            }
        }
    }

    pub(super) fn parse(words: &[&str]) -> Option<Question> {
        Some(match words {
            ["regions"] => Question::Regions,
            ["namespaces"] => Question::Namespaces(None),
            ["namespaces", region] => Question::Namespaces(Some(RegionId::parse(region).ok()?)),
            ["repositories", namespace] => {
                Question::Repositories(Namespace::parse(namespace).ok()?)
            }
            ["tags", namespace, repository] => Question::Tags(
                Namespace::parse(namespace).ok()?,
                Repository::parse(repository).ok()?,
            ),
            _ => return None,
        })
    }

    /// Returns the target region that is asked; `None` is the source region.
    pub(super) fn region(&self) -> Option<&RegionId> {
        match self {
            Question::Namespaces(region) => region.as_ref(),
            Question::Regions | Question::Repositories(_) | Question::Tags(..) => None,
        }
    }

    /// Asks the service.
    ///
    /// # Errors
    /// Whatever asking gives.
    pub(super) fn ask(&self, context: &Context) -> Result<Vec<String>, Error> {
        let service = match self.region() {
            Some(region) => context.service_of(region)?,
            None => context.service()?,
        };
        match self {
            Question::Regions => Ok(offered(&service)?),
            Question::Namespaces(_) => {
                let namespaces = service.namespaces()?.into_iter();
                Ok(namespaces.map(|namespace| namespace.name).collect())
            }
            Question::Repositories(namespace) => first(service.repositories(Some(namespace)))
                .map(|rows| rows.into_iter().map(|row| row.name).collect()),
            Question::Tags(namespace, repository) => first(service.tags(namespace, repository))
                .map(|rows| rows.into_iter().map(|row| row.tag).collect()),
        }
    }
}

fn offered(service: &Service) -> Result<Vec<String>, Error> {
    let regions = service.sync_regions()?.unwrap_or_default().into_iter();
    Ok(regions.filter_map(|region| region.region_id).collect())
}

fn first<T>(rows: impl Iterator<Item = Result<T, Error>>) -> Result<Vec<T>, Error> {
    rows.take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::Question;
    use crate::names::{Namespace, Parse, RegionId, Repository};

    #[test]
    fn a_question_survives_the_way_to_another_process() {
        let namespace = Namespace::parse("team").unwrap();
        for question in [
            Question::Regions,
            Question::Namespaces(None),
            Question::Namespaces(Some(RegionId::parse("cn-east-3").unwrap())),
            Question::Repositories(namespace.clone()),
            Question::Tags(namespace, Repository::parse("web/api").unwrap()),
        ] {
            assert_eq!(Question::parse(&question.words()).as_ref(), Some(&question));
        }
        assert_eq!(Question::parse(&["tags", "team"]), None);
        assert_eq!(Question::parse(&["repositories", "No"]), None);
    }
}
