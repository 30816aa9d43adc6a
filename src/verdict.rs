//! Whether something ended as it should: the one word that results and reports share.

/// What a status means: the one thing that every report needs to know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It failed, or its copy did.
    Bad,
    /// Nothing failed, but the state is not the one that was asked for.
    Different,
    /// Nobody looked: a dead credential or a signal stopped the run before.
    Skipped,
    /// As it was asked for.
    Good,
}

impl Verdict {
    /// Every verdict, worst first.
    pub const ALL: [Verdict; 4] = [
        Verdict::Bad,
        Verdict::Different,
        Verdict::Skipped,
        Verdict::Good,
    ];

    /// Returns what the word and the exit code of an item mean, as every verb uses them.
    pub fn of(word: &str, exit_code: u8) -> Verdict {
        match (word, exit_code) {
            ("skipped", _) => Verdict::Skipped,
            (_, 0) => Verdict::Good,
            (_, 8) => Verdict::Different,
            _ => Verdict::Bad,
        }
    }

    /// Returns the verdict's name, as the HTML page and its filter know it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Bad => "bad",
            Verdict::Different => "different",
            Verdict::Skipped => "skipped",
            Verdict::Good => "good",
        }
    }
}
