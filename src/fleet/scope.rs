//! The part of a fleet that a run is about: `--only` and `--shard`, decided before anything is
//! asked.

use sha2::{Digest, Sha256};

use crate::glob::Glob;
use crate::names::{Namespace, Parse, ParseError, RegionId, Repository};

/// The part of a fleet that a run is about.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Globs over `NAMESPACE/REPOSITORY`; none: everything.
    pub only: Vec<Glob>,
    /// One part of several.
    pub shard: Option<Shard>,
}

impl Scope {
    /// Returns `true` if a repository of the namespace could be in the scope.
    pub fn reaches_into(&self, namespace: &Namespace) -> bool {
        let reaches = |glob: &Glob| glob.reaches_into(namespace.as_str());
        self.only.is_empty() || self.only.iter().any(reaches)
    }

    /// Returns `true` if a repository is in the scope, by the names that the service lists. One
    /// that no request can name belongs to the first shard.
    pub fn holds_listed(&self, region: Option<&RegionId>, namespace: &str, name: &str) -> bool {
        if let (Some(namespace), Some(repository)) =
            (Namespace::listed(namespace), Repository::listed(name))
        {
            self.holds(region, &namespace, &repository)
        } else {
            let is_named = |glob: &Glob| glob.matches(&format!("{namespace}/{name}"));
            (self.only.is_empty() || self.only.iter().any(is_named))
                && self.shard.is_none_or(Shard::is_first)
        }
    }

    /// Returns `true` if a repository is in the scope.
    pub fn holds(
        &self,
        region: Option<&RegionId>,
        namespace: &Namespace,
        repository: &Repository,
    ) -> bool {
        let name = format!("{namespace}/{repository}");
        (self.only.is_empty() || self.only.iter().any(|glob| glob.matches(&name)))
            && self
                .shard
                .is_none_or(|shard| shard.holds(region, namespace, repository))
    }
}

/// One part of several that together are everything, without one repository twice. A new repository
/// moves no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Its number, from 0.
    index: u64,
    count: u64,
}

impl Shard {
    /// Returns `true` for the first of all, which takes what belongs to none.
    pub fn is_first(self) -> bool {
        self.index == 0
    }

    /// Returns `true` if a repository belongs to this shard: the first 8 bytes (big-endian) of the
    /// SHA-256 of `REGION/NAMESPACE/REPOSITORY`, modulo the number of shards.
    pub fn holds(
        self,
        region: Option<&RegionId>,
        namespace: &Namespace,
        repository: &Repository,
    ) -> bool {
        let region = region.map_or("", RegionId::as_str);
        let hash = Sha256::digest(format!("{region}/{namespace}/{repository}"));
        let first = hash
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        first % self.count == self.index
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

/// A shard as it is typed: `K/N`, or `job/N` in an Indexed Job of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShardArgument {
    /// The shard.
    Number(Shard),
    /// One of so many; which, the job's variable says.
    Job(u64),
}

/// The variable that numbers the pods of an Indexed Job of Kubernetes, from 0.
const JOB_INDEX: &str = "JOB_COMPLETION_INDEX";

impl ShardArgument {
    /// Returns the shard; `variable` reads a variable of the environment.
    ///
    /// # Errors
    /// `job/N` without the variable, or beyond it.
    pub fn resolve(
        self,
        variable: impl FnOnce(&'static str) -> Option<String>,
    ) -> Result<Shard, ParseError> {
        let count = match self {
            ShardArgument::Number(shard) => return Ok(shard),
            ShardArgument::Job(count) => count,
        };
        let Some(text) = variable(JOB_INDEX) else {
            return Err(error(format!(
                "{JOB_INDEX} is not set; an Indexed Job of Kubernetes sets it"
            )));
        };
        match whole(&text) {
            Some(index) if index < count => Ok(Shard { index, count }),
            _ => Err(error(format!(
                "{JOB_INDEX} is '{text}', not a number from 0 to {}",
                count - 1
            ))),
        }
    }
}

impl Parse for ShardArgument {
    const NOUN: &'static str = "shard";

    fn parse(text: &str) -> Result<ShardArgument, ParseError> {
        let rule = || error("must be K/N with K from 1 to N, or job/N".to_owned());
        let (number, count) = text.split_once('/').ok_or_else(rule)?;
        let count = whole(count).filter(|count| *count > 0).ok_or_else(rule)?;
        if number == "job" {
            return Ok(ShardArgument::Job(count));
        }
        match whole(number) {
            Some(number) if (1..=count).contains(&number) => Ok(ShardArgument::Number(Shard {
                index: number - 1,
                count,
            })),
            _ => Err(rule()),
        }
    }
}

fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn error(rule: String) -> ParseError {
    ParseError { rule, hint: None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Shard, ShardArgument};
    use crate::names::{Namespace, Parse, RegionId, Repository};

    #[test]
    fn a_shard_is_written_as_k_of_n() {
        let shard = |text: &str| {
            let argument = ShardArgument::parse(text).ok()?;
            argument.resolve(|_| Some("2".to_owned())).ok()
        };
        assert_eq!(shard("1/4"), Some(Shard { index: 0, count: 4 }));
        assert_eq!(shard("4/4").unwrap().to_string(), "4/4");
        assert_eq!(shard("job/4").unwrap().to_string(), "3/4");
        for text in [
            "0/4", "5/4", "x", "1", "1/0", "1/x", "+1/4", "job/2", "job/0", "1/4/2", "",
        ] {
            assert_eq!(shard(text), None, "{text}");
        }
        let job = ShardArgument::parse("job/4").unwrap();
        for index in [None, Some("4"), Some("x"), Some("-1"), Some("")] {
            assert!(
                job.resolve(|_| index.map(str::to_owned)).is_err(),
                "{index:?}"
            );
        }
    }

    #[test]
    fn the_hash_is_the_one_that_is_written_down() {
        // printf cn-north-4/team/web/api | sha256sum: the first 16 digits, modulo 7.
        let region = RegionId::parse("cn-north-4").unwrap();
        let namespace = Namespace::parse("team").unwrap();
        let repository = Repository::parse("web/api").unwrap();
        let holding: Vec<u64> = (0..7)
            .filter(|index| {
                Shard {
                    index: *index,
                    count: 7,
                }
                .holds(Some(&region), &namespace, &repository)
            })
            .collect();
        assert_eq!(holding, [HASH % 7]);
    }

    const HASH: u64 = 0x85a3_0307_3cdf_8fdf;

    proptest! {
        #[test]
        fn shards_are_a_partition(count in 1_u64..40, name in "[a-z]{1,8}(/[a-z0-9]{1,8}){0,2}") {
            let namespace = Namespace::parse("team").unwrap();
            let repository = Repository::parse(&name).unwrap();
            let holding = (0..count)
                .filter(|index| Shard { index: *index, count }.holds(None, &namespace, &repository))
                .count();
            prop_assert_eq!(holding, 1);
        }
    }
}
