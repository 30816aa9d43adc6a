//! Globs that have matched nothing so far, each with the nearest name: probably a slip.

use crate::glob::Glob;
use crate::names::nearest;

/// Globs that have matched nothing so far.
#[derive(Debug, Default)]
pub(super) struct Unmatched<'a> {
    waiting: Vec<Waiting<'a>>,
}

#[derive(Debug)]
struct Waiting<'a> {
    glob: &'a Glob,
    /// What is said of it if it never matches.
    complaint: String,
    near: Option<String>,
}

impl<'a> Unmatched<'a> {
    /// Begins with these globs, each with what is said of it if it never matches.
    pub(super) fn of(globs: impl Iterator<Item = (&'a Glob, String)>) -> Unmatched<'a> {
        let waiting = globs.map(|(glob, complaint)| Waiting {
            glob,
            complaint,
            near: None,
        });
        Unmatched {
            waiting: waiting.collect(),
        }
    }

    /// Takes a name: what matches it waits no longer.
    pub(super) fn see(&mut self, name: &str) {
        self.waiting.retain(|waiting| !waiting.glob.matches(name));
        self.see_near(name);
    }

    /// Takes a name, or the beginning of one, that may have been meant.
    pub(super) fn see_near(&mut self, name: &str) {
        for waiting in &mut self.waiting {
            // What stands before the first wildcard, against as many parts of the name.
            let text = waiting.glob.as_str();
            let fixed = text.split(['*', '?', '[', '{']).next().unwrap_or_default();
            let fixed = fixed.trim_end_matches('/');
            let parts = fixed.matches('/').count() + 1;
            let start: Vec<&str> = name.split('/').take(parts).collect();
            let start = start.join("/");
            let is_near = !fixed.is_empty() && nearest(fixed, [start.as_str()]).is_some();
            // What it begins with is there: only the name itself can have been meant.
            let is_news = fixed != start || start == name;
            if waiting.near.is_none() && is_near && is_news {
                waiting.near = Some(start);
            }
        }
    }

    /// Returns what is to be said, and forgets it.
    pub(super) fn complaints(&mut self) -> Vec<String> {
        let complaint = |waiting: Waiting<'_>| match waiting.near {
            Some(near) => format!("{}; did you mean '{near}'?", waiting.complaint),
            None => waiting.complaint,
        };
        self.waiting.drain(..).map(complaint).collect()
    }
}
