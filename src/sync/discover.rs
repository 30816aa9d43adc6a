//! The repositories that the service lists, for work on each of them.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::api::repositories::RepositoryInfo;
use crate::error::Error;
use crate::lock::lock;
use crate::names::{Namespace, Repository};

/// So many names that cannot be sent are kept, as examples.
const EXAMPLES: usize = 5;

/// A repository that can be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub repository: Repository,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.repository)
    }
}

/// A list of repositories that is being read, and what happened on the way.
#[derive(Debug, Default)]
pub struct Discovery {
    found: AtomicUsize,
    unsendable: AtomicUsize,
    examples: Mutex<Vec<String>>,
    broken: Mutex<Option<Error>>,
}

/// What a list of repositories left out.
#[derive(Debug)]
pub struct Gaps {
    /// How many repositories were found.
    pub found: usize,
    /// How many repositories have names that cannot be sent in a request.
    pub unsendable: usize,
    /// Some of those names.
    pub examples: Vec<String>,
    /// What ended the list before its end.
    pub broken: Option<Error>,
}

impl Gaps {
    /// Says which repositories were left out, if any were.
    pub fn warning(&self) -> Option<String> {
        let more = if self.unsendable > self.examples.len() {
            ", …"
        } else {
            ""
        };
        (self.unsendable > 0).then(|| {
            format!(
                "left out, for their names cannot be sent in a request: {} of the repositories \
                 ('{}'{more})",
                self.unsendable,
                self.examples.join("', '")
            )
        })
    }
}

impl Discovery {
    /// Returns the repositories of a list that can be asked about; the others are counted, and an
    /// error ends the list.
    pub fn sources(
        &self,
        mut listed: impl Iterator<Item = Result<RepositoryInfo, Error>>,
        namespace: Option<&Namespace>,
    ) -> impl Iterator<Item = Source> {
        std::iter::from_fn(move || {
            loop {
                match listed.next()? {
                    Ok(info) => match sendable(&info, namespace) {
                        Some(source) => {
                            self.found.fetch_add(1, Ordering::SeqCst);
                            return Some(source);
                        }
                        None => self.leave_out(&info),
                    },
                    Err(error) => {
                        *lock(&self.broken) = Some(error);
                        return None;
                    }
                }
            }
        })
    }

    /// Returns what was left out so far.
    pub fn gaps(&self) -> Gaps {
        let found = self.found.load(Ordering::SeqCst);
        Gaps {
            found,
            unsendable: self.unsendable.load(Ordering::SeqCst),
            examples: lock(&self.examples).clone(),
            broken: lock(&self.broken).take().map(|error| match found {
                0 => error,
                _ => error.about(&format!("the list of repositories broke off after {found}")),
            }),
        }
    }

    fn leave_out(&self, info: &RepositoryInfo) {
        self.unsendable.fetch_add(1, Ordering::SeqCst);
        let mut examples = lock(&self.examples);
        if examples.len() < EXAMPLES {
            let namespace = info.namespace.as_deref().unwrap_or("?");
            examples.push(format!("{namespace}/{}", info.name));
        }
    }
}

fn sendable(info: &RepositoryInfo, namespace: Option<&Namespace>) -> Option<Source> {
    Some(Source {
        namespace: match &info.namespace {
            Some(listed) => Namespace::listed(listed)?,
            None => namespace?.clone(),
        },
        repository: Repository::listed(&info.name)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Discovery;
    use crate::api::repositories::RepositoryInfo;
    use crate::error::{Error, Kind};
    use crate::names::{Namespace, Parse};

    type Listed = Result<RepositoryInfo, Error>;

    fn listed(namespace: Option<&str>, name: &str) -> Listed {
        let info = json!({"namespace": namespace, "name": name});
        serde_json::from_value(info).map_err(|error| Error::new(Kind::Http, "").cause(error))
    }

    fn names(discovery: &Discovery, list: Vec<Listed>) -> Vec<String> {
        let team = Namespace::parse("team").ok();
        discovery
            .sources(list.into_iter(), team.as_ref())
            .map(|source| source.to_string())
            .collect()
    }

    #[test]
    fn names_are_taken_as_they_come_and_dangerous_ones_never() {
        let discovery = Discovery::default();
        let list = vec![
            listed(Some("a--b"), "Legacy_Repo"),
            listed(None, "web/api"),
            listed(Some("team"), "../x"),
            listed(Some("te$am"), "x"),
            listed(Some("team"), "a?b"),
        ];
        assert_eq!(
            names(&discovery, list),
            ["a--b/Legacy_Repo", "team/web/api"]
        );
        assert_eq!(discovery.gaps().unsendable, 3);
    }

    #[test]
    fn a_list_that_breaks_off_is_the_end_and_the_error() {
        let discovery = Discovery::default();
        let error = Error::new(Kind::Http, "busy").status(503);
        let list = vec![listed(None, "a"), Err(error), listed(None, "b")];
        assert_eq!(names(&discovery, list), ["team/a"]);
        let error = discovery.gaps().broken.unwrap();
        assert_eq!(
            error.message(),
            "the list of repositories broke off after 1: busy"
        );
    }
}
