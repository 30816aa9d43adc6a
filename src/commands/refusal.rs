//! A command line that clap refuses, told in the words of every other error.

use std::path::Path;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::shell_word::shell_word;
use crate::error::{Error, Kind};

/// Returns the error; `text` is what clap would print.
pub fn error(refused: &clap::Error, text: &str) -> Error {
    let what = text.split("\n\n").next().unwrap_or(text);
    let what = what.trim_start_matches("error: ");
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    Error::new(Kind::Usage, what.replace("subcommand", "command")).hint(hint(refused, text))
}

/// Returns what helps: the nearest name, where one is near, else where the help is.
pub fn hint(refused: &clap::Error, text: &str) -> String {
    if let Some(near) = suggestion(refused) {
        return format!("did you mean '{near}'?");
    }
    match given(refused).as_deref() {
        Some("-t" | "--tag" | "--tags") if text.contains("IMAGE|TAG") => {
            return "write the tag behind the repository: NAMESPACE/REPOSITORY:TAG".to_owned();
        }
        Some(word) if !word.starts_with('-') && text.contains("[NAMESPACE/REPOSITORY]") => {
            return "write namespace and repository as one word: NAMESPACE/REPOSITORY".to_owned();
        }
        Some(file) if Path::new(file).extension().is_some_and(|it| it == "toml") => {
            return format!("name the file of a fleet with -f: -f {}", shell_word(file));
        }
        Some(verb) if refused.kind() == ErrorKind::InvalidSubcommand => {
            let nouns = nouns_with(verb);
            if !nouns.is_empty() {
                let commands = nouns.iter().map(|noun| format!("'swr {noun} {verb}'"));
                return format!(
                    "did you mean {}?",
                    commands.collect::<Vec<_>>().join(" or ")
                );
            }
        }
        _ => {}
    }
    let command: Vec<&str> = usage(text)
        .unwrap_or("swr")
        .split_whitespace()
        .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    format!("see '{} --help'", command.join(" "))
}

/// Returns the line that says how the command is used.
pub fn usage(text: &str) -> Option<&str> {
    let usage = text.split("Usage: ").nth(1)?;
    Some(usage.split("\n\n").next()?.trim())
}

/// Returns the word that is not understood.
fn given(refused: &clap::Error) -> Option<String> {
    let context = match refused.kind() {
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::InvalidValue => ContextKind::InvalidValue,
        _ => return None,
    };
    texts(refused.get(context)?).next()
}

/// Returns the commands that have a command of this name.
fn nouns_with(verb: &str) -> Vec<String> {
    let mut tree = super::Arguments::command();
    tree.build();
    let nouns = tree.get_subcommands().filter(|noun| {
        let mut verbs = noun.get_subcommands();
        verbs.any(|command| command.get_name() == verb)
    });
    nouns.map(|noun| noun.get_name().to_owned()).collect()
}

/// Returns the known spelling that is meant. Clap's own are often far: `--to-region` for `--org`.
fn suggestion(refused: &clap::Error) -> Option<String> {
    let known = match refused.kind() {
        ErrorKind::UnknownArgument => ContextKind::SuggestedArg,
        ErrorKind::InvalidSubcommand => ContextKind::SuggestedSubcommand,
        ErrorKind::InvalidValue => ContextKind::SuggestedValue,
        _ => return None,
    };
    let given = given(refused)?;
    texts(refused.get(known)?).find(|known| is_near(&given, known))
}

fn texts(value: &ContextValue) -> impl Iterator<Item = String> {
    let texts = match value {
        ContextValue::String(text) => vec![text.clone()],
        ContextValue::Strings(texts) => texts.clone(),
        _ => Vec::new(),
    };
    texts.into_iter()
}

/// Returns `true` if one spelling is a slip of the other: at most a third of it is wrong.
fn is_near(given: &str, known: &str) -> bool {
    let (given, known) = (given.trim_start_matches('-'), known.trim_start_matches('-'));
    let slips = strsim::damerau_levenshtein(given, known);
    slips <= (given.chars().count() / 3).max(1)
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn only_a_slip_is_near() {
        for (given, known) in [
            ("--namespase", "--namespace"),
            ("--rpeo", "--repo"),
            ("lsit", "list"),
            ("verfy", "verify"),
            ("fihs", "fish"),
        ] {
            assert!(is_near(given, known), "{given} {known}");
        }
        for (given, known) in [
            ("--org", "--to-region"),
            ("--ak", "--backfill"),
            ("--junit", "--quiet"),
            ("plan", "man"),
            ("export", "repo"),
            ("tcsh", "zsh"),
            ("login", "config"),
        ] {
            assert!(!is_near(given, known), "{given} {known}");
        }
    }
}
