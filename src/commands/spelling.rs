//! Other spellings of a command line, turned into the usual one before clap reads it.

use std::ffi::{OsStr, OsString};

use super::help::is_topic;

/// The commands that have commands of their own.
const NOUNS: [&str; 14] = [
    "sync",
    "namespace",
    "namespaces",
    "ns",
    "repo",
    "repos",
    "repository",
    "repositories",
    "tag",
    "tags",
    "registry",
    "auth",
    "config",
    "emulator",
];

/// Returns the line in its usual spelling: the vendor's names of options (`--organization`,
/// `--repository`), and help asked for as a command (`swr help sync create`,
/// `swr sync help create`).
pub(super) fn usual(line: &[OsString]) -> Vec<OsString> {
    let mut words = line.iter();
    let mut usual: Vec<OsString> = Vec::with_capacity(line.len());
    for word in words.by_ref() {
        usual.push(option(word));
        if word == "--" {
            break;
        }
    }
    usual.extend(words.cloned());
    let text = |index: usize| usual.get(index).and_then(|word| word.to_str());
    let at = match (text(1), text(2)) {
        (Some("help"), Some(word)) if is_topic(word) || word.starts_with('-') => return usual,
        (Some("help"), _) => 1,
        (Some(noun), Some("help")) if NOUNS.contains(&noun) => 2,
        _ => return usual,
    };
    usual.remove(at);
    usual.push("--help".into());
    usual
}

/// Returns the words of a line that is not complete yet, as many as there are, in their usual
/// spelling: options by their own names, and `swr help sync` for `swr sync help`.
pub(super) fn usual_words(words: &[OsString]) -> Vec<OsString> {
    let mut usual: Vec<OsString> = words.to_vec();
    // The last one is what is being typed.
    if let Some((_, before)) = usual.split_last_mut() {
        for word in before.iter_mut() {
            *word = option(word);
        }
        if let [_, noun, help, ..] = before
            && help == "help"
            && noun.to_str().is_some_and(|noun| NOUNS.contains(&noun))
        {
            std::mem::swap(noun, help);
        }
    }
    usual
}

fn option(word: &OsStr) -> OsString {
    let Some(text) = word.to_str() else {
        return word.to_owned();
    };
    for (other, usual) in [
        ("--organization", "--namespace"),
        ("--repository", "--repo"),
    ] {
        if let Some(rest) = text.strip_prefix(other)
            && (rest.is_empty() || rest.starts_with('='))
        {
            return format!("{usual}{rest}").into();
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::usual;

    #[test]
    fn other_spellings_mean_the_usual_line() {
        for (line, expected) in [
            ("swr help", "swr --help"),
            ("swr help sync create", "swr sync create --help"),
            ("swr sync help create", "swr sync create --help"),
            ("swr ns help", "swr ns --help"),
            ("swr help exit-codes", "swr help exit-codes"),
            (
                "swr tag list --organization a --repository=b",
                "swr tag list --namespace a --repo=b",
            ),
            (
                "swr emulator exec -- x --repository y",
                "swr emulator exec -- x --repository y",
            ),
            (
                "swr sync list --repositories",
                "swr sync list --repositories",
            ),
        ] {
            let words: Vec<_> = line.split(' ').map(std::ffi::OsString::from).collect();
            let expected: Vec<_> = expected.split(' ').map(std::ffi::OsString::from).collect();
            assert_eq!(usual(&words), expected, "{line}");
        }
    }
}
