//! What a shell is answered: one candidate a line, in the form that its script takes.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap_complete::engine::CompletionCandidate;
use unicode_width::UnicodeWidthStr;

/// The shells that are known, as `swr completions` takes them.
pub(in crate::commands) const NAMES: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
    Pwsh,
    Elvish,
}

/// What may stand in the place of the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The word.
    pub(super) value: String,
    /// What it means, in one line; empty where there is nothing to say.
    pub(super) help: String,
}

impl From<CompletionCandidate> for Candidate {
    fn from(candidate: CompletionCandidate) -> Candidate {
        let help = candidate.get_help().map(ToString::to_string);
        let help = help.as_deref().and_then(|help| help.lines().next());
        Candidate {
            value: candidate.get_value().to_string_lossy().into_owned(),
            help: help.unwrap_or_default().to_owned(),
        }
    }
}

impl Shell {
    /// Returns the shell of a name, or of the path of its program.
    pub(super) fn called(name: &OsStr) -> Option<Shell> {
        match Path::new(name).file_stem()?.to_str()? {
            "bash" => Some(Shell::Bash),
            "zsh" => Some(Shell::Zsh),
            "fish" => Some(Shell::Fish),
            "powershell" | "powershell_ise" | "pwsh" => Some(Shell::Pwsh),
            "elvish" => Some(Shell::Elvish),
            _ => None,
        }
    }

    /// Returns the candidates as the shell's script takes them.
    pub(super) fn answer(self, arguments: &[OsString], candidates: Vec<Candidate>) -> String {
        if self == Shell::Bash {
            return for_bash(&Bash::of(arguments), &candidates);
        }
        let line = |Candidate { value, help }: Candidate| match self {
            Shell::Zsh if help.is_empty() => format!("{}\n", escaped(&value)),
            Shell::Zsh => format!("{}:{}\n", escaped(&value), help.replace('\\', "\\\\")),
            Shell::Fish | Shell::Pwsh if !help.is_empty() => format!("{value}\t{help}\n"),
            _ => format!("{value}\n"),
        };
        candidates.into_iter().map(line).collect()
    }
}

/// `_describe` of zsh separates value and help by a colon.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace(':', "\\:")
}

/// What bash tells its script: why it asks (`COMP_TYPE`), and how wide the terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bash {
    inserts_each: bool,
    columns: usize,
}

impl Bash {
    fn of(arguments: &[OsString]) -> Bash {
        let number = |index: usize| arguments.get(index)?.to_str()?.parse::<usize>().ok();
        Bash {
            // 37 is menu-complete, 42 insert-completions: what is told is inserted as it is.
            inserts_each: matches!(number(1), Some(37 | 42)),
            columns: number(2).filter(|columns| *columns > 0).unwrap_or(80),
        }
    }
}

/// bash shows what it is told, so the help stands behind the value, where several are shown.
fn for_bash(bash: &Bash, candidates: &[Candidate]) -> String {
    let widest = candidates.iter().map(|candidate| candidate.value.width());
    let widest = widest.max().unwrap_or_default();
    let explains = candidates.len() > 1 && !bash.inserts_each;
    let mut text = String::new();
    for Candidate { value, help } in candidates {
        text.push_str(value);
        // Two blanks, two brackets, and one column less than the terminal has.
        let room = bash.columns.saturating_sub(widest + 5);
        if explains && !help.is_empty() && room > 10 {
            let shown: String = if help.chars().count() > room {
                help.chars().take(room - 1).chain(['…']).collect()
            } else {
                help.clone()
            };
            text.push_str(&" ".repeat(widest - value.width() + 2));
            text.push_str(&format!("({shown})"));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{Candidate, Shell};

    fn answer(shell: Shell, arguments: &str, candidates: &[(&str, &str)]) -> String {
        let arguments: Vec<OsString> = arguments.split(' ').map(Into::into).collect();
        let candidates = candidates.iter().map(|(value, help)| Candidate {
            value: (*value).to_owned(),
            help: (*help).to_owned(),
        });
        shell.answer(&arguments, candidates.collect())
    }

    #[test]
    fn bash_gets_help_only_where_it_lists() {
        let two = [
            ("list", "List the tasks"),
            ("run", "Copy tags that are there already, and then some"),
        ];
        assert_eq!(
            answer(Shell::Bash, "swr 63 40 --", &two),
            "list  (List the tasks)\nrun   (Copy tags that are there alrea…)\n"
        );
        assert_eq!(answer(Shell::Bash, "swr 37 40 --", &two), "list\nrun\n");
        assert_eq!(answer(Shell::Bash, "swr 9 40 --", &two[..1]), "list\n");
        assert_eq!(answer(Shell::Bash, "swr 9 12 --", &two), "list\nrun\n");
    }

    #[test]
    fn each_shell_gets_its_own_form() {
        let one = [("team/web:v1", ""), ("--to", "Target: a region")];
        for (shell, expected) in [
            (Shell::Zsh, "team/web\\:v1\n--to:Target: a region\n"),
            (Shell::Fish, "team/web:v1\n--to\tTarget: a region\n"),
            (Shell::Pwsh, "team/web:v1\n--to\tTarget: a region\n"),
            (Shell::Elvish, "team/web:v1\n--to\n"),
        ] {
            assert_eq!(answer(shell, "swr --", &one), expected, "{shell:?}");
        }
    }
}
