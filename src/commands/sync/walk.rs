//! A walk over the repositories that the service lists, for a command that asks about each.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::api::repositories::RepositoryInfo;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::{Namespace, Repository};
use crate::output::Output;
use crate::parallel::Summary;

/// So many names that cannot be sent are told by name.
const NAMED: usize = 5;

/// A repository that can be asked about.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub repository: Repository,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.repository)
    }
}

/// What happened on the way.
#[derive(Debug, Default)]
pub(super) struct Walk {
    found: AtomicUsize,
    unsendable: AtomicUsize,
    named: Mutex<Vec<String>>,
    broken: Mutex<Option<Error>>,
}

impl Walk {
    /// Returns the repositories of a list that can be asked about; the others are counted, and an
    /// error ends the walk.
    pub(super) fn over(
        &self,
        mut listed: impl Iterator<Item = Result<RepositoryInfo, Error>>,
        namespace: Option<&Namespace>,
    ) -> impl Iterator<Item = Found> {
        std::iter::from_fn(move || {
            loop {
                match listed.next()? {
                    Ok(info) => match sendable(&info, namespace) {
                        Some(found) => {
                            self.found.fetch_add(1, Ordering::SeqCst);
                            return Some(found);
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

    /// Says what was left out, and ends the command.
    ///
    /// # Errors
    /// What ended the list of repositories, or what stands for all repositories that failed.
    pub(super) fn end(self, output: &Output, summary: Summary) -> Result<Exit, Error> {
        let unsendable = self.unsendable.into_inner();
        if unsendable > 0 {
            let named = self
                .named
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner);
            let more = if unsendable > named.len() {
                ", …"
            } else {
                ""
            };
            output.warn(&format!(
                "left out, for their names cannot be sent in a request: {unsendable} of the \
                 repositories ('{}'{more})",
                named.join("', '")
            ));
        }
        let broken = self
            .broken
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(broken) = broken else {
            return summary.into_result("repositories");
        };
        let exit = broken.exit_code().worse(summary.exit);
        let found = self.found.into_inner();
        let broken = if found == 0 {
            broken
        } else {
            broken.about(&format!("the list of repositories broke off after {found}"))
        };
        Err(broken.exit(exit))
    }

    fn leave_out(&self, info: &RepositoryInfo) {
        self.unsendable.fetch_add(1, Ordering::SeqCst);
        let mut named = lock(&self.named);
        if named.len() < NAMED {
            let namespace = info.namespace.as_deref().unwrap_or("?");
            named.push(format!("{namespace}/{}", info.name));
        }
    }
}

fn sendable(info: &RepositoryInfo, namespace: Option<&Namespace>) -> Option<Found> {
    Some(Found {
        namespace: match &info.namespace {
            Some(listed) => Namespace::listed(listed)?,
            None => namespace?.clone(),
        },
        repository: Repository::listed(&info.name)?,
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Walk;
    use crate::api::repositories::RepositoryInfo;
    use crate::error::{Error, Kind};
    use crate::exit::Exit;
    use crate::names::{Namespace, Parse};
    use crate::output::{Manner, Output};
    use crate::parallel::Summary;

    type Listed = Result<RepositoryInfo, Error>;

    fn listed(namespace: Option<&str>, name: &str) -> Listed {
        let info = json!({"namespace": namespace, "name": name});
        serde_json::from_value(info).map_err(|error| Error::new(Kind::Http, "").cause(error))
    }

    fn names(walk: &Walk, list: Vec<Listed>) -> Vec<String> {
        let team = Namespace::parse("team").ok();
        walk.over(list.into_iter(), team.as_ref())
            .map(|found| found.to_string())
            .collect()
    }

    fn output() -> Output {
        Output::of_process(Manner {
            quiet: true,
            ..Manner::default()
        })
    }

    #[test]
    fn names_are_taken_as_they_come_and_dangerous_ones_never() {
        let walk = Walk::default();
        let list = vec![
            listed(Some("a--b"), "Legacy_Repo"),
            listed(None, "web/api"),
            listed(Some("team"), "../x"),
            listed(Some("te$am"), "x"),
            listed(Some("team"), "a?b"),
        ];
        assert_eq!(names(&walk, list), ["a--b/Legacy_Repo", "team/web/api"]);
        assert_eq!(walk.unsendable.into_inner(), 3);
    }

    #[test]
    fn a_list_that_breaks_off_is_the_end_and_the_error() {
        let walk = Walk::default();
        let error = Error::new(Kind::Http, "busy").status(503);
        let list = vec![listed(None, "a"), Err(error), listed(None, "b")];
        assert_eq!(names(&walk, list), ["team/a"]);
        let error = walk.end(&output(), Summary::default()).unwrap_err();
        assert_eq!(
            (error.message().as_str(), error.exit_code()),
            (
                "the list of repositories broke off after 1: busy",
                Exit::Failed
            )
        );
    }
}
