//! One row of a report, whatever verb it comes from, and the totals of all rows.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::verdict::Verdict;

/// How one item ended: a word of its verb, and what it means. Ordered worst first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Status {
    /// What the word means.
    pub verdict: Verdict,
    /// The word that the verb uses: `same`, `created`, `failed`.
    pub word: Cow<'static, str>,
}

impl Status {
    /// Makes a status of a verb's own word.
    pub fn new(verdict: Verdict, word: impl Into<Cow<'static, str>>) -> Status {
        Status {
            verdict,
            word: word.into(),
        }
    }
}

impl Status {
    /// Returns `true` if a task is, or is to be, taken away.
    pub fn is_delete(&self) -> bool {
        matches!(&*self.word, "delete" | "deleted")
    }
}

/// What a row is about; decides under which metric it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A tag, on its way to a target.
    Tag,
    /// A task.
    Task,
    /// A whole repository.
    Repository,
}

/// The target of a task or of a copy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The namespace.
    pub namespace: String,
    /// The region.
    pub region: String,
}

impl Place {
    /// Makes a place of two names.
    pub fn new(namespace: &str, region: &str) -> Place {
        Place {
            namespace: namespace.to_owned(),
            region: region.to_owned(),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.namespace, self.region)
    }
}

/// One row: an item of any verb. Its texts come from outside, and each report escapes them for its
/// own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub subject: Subject,
    /// How it ended.
    pub status: Status,
    /// The profile of the source, where several are in use.
    pub profile: Option<String>,
    /// The source region, where it is known.
    pub region: Option<String>,
    /// The source namespace.
    pub namespace: String,
    /// The repository; `None` where its name cannot be sent.
    pub repository: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// The target; `None` for a repository that has none.
    pub target: Option<Place>,
    /// The digest of the source.
    pub digest: Option<String>,
    /// The digest of the target.
    pub remote_digest: Option<String>,
    /// Why it did not end well.
    pub reason: Option<String>,
    /// The command, or the advice, that mends it.
    pub hint: Option<String>,
    /// How long it took.
    pub duration: Option<Duration>,
    /// Of a whole repository: how it is at each target, for a matrix.
    pub cells: Vec<(Place, Status)>,
}

impl Row {
    /// Makes a row with what every item has.
    pub fn new(subject: Subject, status: Status, namespace: &str) -> Row {
        Row {
            subject,
            status,
            profile: None,
            region: None,
            namespace: namespace.to_owned(),
            repository: None,
            tag: None,
            target: None,
            digest: None,
            remote_digest: None,
            reason: None,
            hint: None,
            duration: None,
            cells: Vec::new(),
        }
    }

    /// Returns the repository as people write it: `team/web/api`.
    pub fn repository_name(&self) -> String {
        format!(
            "{}/{}",
            self.namespace,
            self.repository.as_deref().unwrap_or("?")
        )
    }

    /// Returns what the row is about as people write it: `team/web/api:v1`.
    pub fn name(&self) -> String {
        let mut name = self.repository_name();
        if let Some(tag) = &self.tag {
            name.push(':');
            name.push_str(tag);
        }
        name
    }

    /// Returns what is known beside the status: the reason, or both digests where they differ, or
    /// the one digest; empty where nothing is.
    pub fn details(&self) -> String {
        if let Some(reason) = &self.reason {
            return reason.clone();
        }
        match (&self.digest, &self.remote_digest) {
            (Some(digest), None) => short(digest).to_owned(),
            (Some(digest), Some(remote)) if digest == remote => short(digest).to_owned(),
            (None, Some(remote)) => format!("{} there", short(remote)),
            (None, None) => String::new(),
            (Some(digest), Some(remote)) => {
                format!("{} here, {} there", short(digest), short(remote))
            }
        }
    }
}

/// Returns a digest as people compare it: the first 12 of its hex digits.
pub fn short(digest: &str) -> &str {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.char_indices()
        .nth(12)
        .map_or(hex, |(end, _)| &hex[..end])
}

/// How many rows ended with each status, worst first.
#[derive(Debug, Clone, Default)]
pub struct Totals(BTreeMap<Status, usize>);

impl Totals {
    /// Counts so many of a status.
    pub fn count(&mut self, status: &Status, count: usize) {
        match self.0.get_mut(status) {
            Some(counted) => *counted += count,
            None => {
                self.0.insert(status.clone(), count);
            }
        }
    }

    /// Returns each status with its count, worst first.
    pub fn iter(&self) -> impl Iterator<Item = (&Status, usize)> {
        self.0.iter().map(|(status, count)| (status, *count))
    }

    /// Returns how many rows have this verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        self.iter()
            .filter(|(status, _)| status.verdict == verdict)
            .map(|(_, count)| count)
            .sum()
    }

    /// Returns how many rows there are.
    pub fn all(&self) -> usize {
        self.0.values().sum()
    }

    /// Returns the counts in words: `2 different, 198 same`.
    pub fn in_words(&self) -> String {
        let mut words = String::new();
        for (status, count) in self.iter() {
            if !words.is_empty() {
                words.push_str(", ");
            }
            let _ = write!(words, "{count} {}", status.word);
        }
        if words.is_empty() {
            words.push_str("nothing");
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Status, Subject, Totals, short};
    use crate::verdict::Verdict;

    #[test]
    fn digests_are_short_and_never_cut_inside_a_character() {
        assert_eq!(short("sha256:0123456789abcdef"), "0123456789ab");
        assert_eq!(
            short("镜像镜像镜像镜像镜像镜像镜像"),
            "镜像镜像镜像镜像镜像镜像"
        );
        assert_eq!(short(""), "");
    }

    #[test]
    fn totals_come_worst_first() {
        let mut totals = Totals::default();
        for (verdict, word) in [
            (Verdict::Good, "same"),
            (Verdict::Different, "missing"),
            (Verdict::Good, "same"),
            (Verdict::Bad, "failed"),
        ] {
            totals.count(&Status::new(verdict, word), 1);
        }
        assert_eq!(totals.in_words(), "1 failed, 1 missing, 2 same");
        assert_eq!((totals.all(), totals.of(Verdict::Good)), (4, 2));
        assert_eq!(Totals::default().in_words(), "nothing");
    }

    #[test]
    fn both_digests_are_named_where_they_differ() {
        let mut row = Row::new(
            Subject::Tag,
            Status::new(Verdict::Different, "different"),
            "team",
        );
        row.digest = Some("sha256:aaaaaaaaaaaaaaaa".to_owned());
        row.remote_digest = Some("sha256:bbbbbbbbbbbbbbbb".to_owned());
        assert_eq!(row.details(), "aaaaaaaaaaaa here, bbbbbbbbbbbb there");
        row.digest = None;
        assert_eq!(row.details(), "bbbbbbbbbbbb there");
        row.reason = Some("because".to_owned());
        assert_eq!(row.details(), "because");
    }
}
