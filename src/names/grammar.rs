//! What the grammars of the names have in common: characters, separators, lengths, and the words
//! for each way to break a rule.

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The broken rule: `'T' at position 1 must be a lowercase letter`. Positions count characters
    /// from 1; control characters are escaped.
    pub rule: String,
    /// What helps, where something does.
    pub hint: Option<String>,
}

impl ParseError {
    pub(super) fn new(rule: impl Into<String>) -> ParseError {
        ParseError {
            rule: rule.into(),
            hint: None,
        }
    }

    fn at(position: usize, character: char, rule: &str) -> ParseError {
        let shown = if character.is_control() {
            character.escape_default().to_string()
        } else {
            character.to_string()
        };
        ParseError::new(format!("'{shown}' at position {position} {rule}"))
    }
}

/// Lowercase words joined by separators: the shape of namespaces and repositories.
pub(super) struct Separated {
    pub(super) longest: usize,
    pub(super) separators: &'static [char],
    pub(super) first: fn(char) -> bool,
    pub(super) first_rule: &'static str,
    pub(super) other_rule: &'static str,
}

pub(super) fn is_word(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9')
}

impl Separated {
    /// Judges a text: the first broken rule is the error.
    pub(super) fn validate(&self, text: &str) -> Result<(), ParseError> {
        validate_length(text, self.longest)?;
        let mut before: Option<char> = None;
        let mut underscores = 0;
        for (index, character) in text.chars().enumerate() {
            let position = index + 1;
            let separates = self.separators.contains(&character);
            if !separates && !is_word(character) {
                let rule = if index == 0 {
                    self.first_rule
                } else {
                    self.other_rule
                };
                return Err(ParseError::at(position, character, rule));
            }
            if index == 0 && !(self.first)(character) {
                return Err(ParseError::at(position, character, self.first_rule));
            }
            underscores = if character == '_' { underscores + 1 } else { 0 };
            if let Some(previous) = before.filter(|c| separates && self.separators.contains(c)) {
                // Only the underscore may be doubled (seed: "a maximum of two consecutive").
                if previous != '_' || character != '_' {
                    return Err(touching(position, previous, character));
                }
                if underscores > 2 {
                    let rule = "must not be the third underscore in a row";
                    return Err(ParseError::at(position, character, rule));
                }
            }
            before = Some(character);
        }
        match before.filter(|last| self.separators.contains(last)) {
            Some(last) => {
                let position = text.chars().count();
                Err(ParseError::new(format!(
                    "must end with a lowercase letter or digit ('{last}' at position {position})"
                )))
            }
            None => Ok(()),
        }
    }
}

/// The seed forbids what the service itself may take (section 4), so the workaround is given.
fn touching(position: usize, previous: char, character: char) -> ParseError {
    let mut error = ParseError::at(
        position,
        character,
        &format!("must not follow '{previous}': separators cannot be adjacent"),
    );
    if previous == '-' && character == '-' {
        error.hint = Some(
            "the rule is that of the vendor's page; if the service has such a name, \
             'swr api' sends any path"
                .to_owned(),
        );
    }
    error
}

pub(super) fn validate_length(text: &str, longest: usize) -> Result<(), ParseError> {
    match text.chars().count() {
        0 => Err(ParseError::new(format!(
            "must not be empty (1 to {longest} characters)"
        ))),
        count if count > longest => Err(ParseError::new(format!(
            "has {count} characters; at most {longest} are allowed"
        ))),
        _ => Ok(()),
    }
}

/// Judges each character by its own rule; `first` holds for the first one.
pub(super) fn validate_characters(
    text: &str,
    first: (fn(char) -> bool, &str),
    other: (fn(char) -> bool, &str),
) -> Result<(), ParseError> {
    for (index, character) in text.chars().enumerate() {
        let (allowed, rule) = if index == 0 { first } else { other };
        if !allowed(character) {
            return Err(ParseError::at(index + 1, character, rule));
        }
    }
    Ok(())
}

/// Returns `true` if a name that the service lists can be sent back without steering the request:
/// letters, digits, `.`, `_`, `-` in parts that are neither empty, `.` nor `..`.
///
/// Source: `reference/swr-api.md` section 4, "names that the service lists are taken as they come".
pub fn is_harmless(listed: &str) -> bool {
    listed.split('/').all(|part| {
        !matches!(part, "" | "." | "..")
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    })
}
