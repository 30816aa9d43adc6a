//! Text as a word of a POSIX shell, in commands that are shown to be pasted.

/// Returns a text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns a text in quotes where it needs them: profiles and files may be called anything.
pub(super) fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn a_shell_reads_each_word_back() {
        for (text, word) in [
            ("prod", "prod"),
            ("fleet/swr.toml", "fleet/swr.toml"),
            ("生产", "生产"),
            ("", "''"),
            ("my prod", "'my prod'"),
            ("a;b$(c)", "'a;b$(c)'"),
            ("it's", r"'it'\''s'"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }
}
