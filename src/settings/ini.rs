//! The SDK's credentials file is INI as Python's configparser reads it; so it is read here.
//!
//! `vendor_files` calls it. Quirks that matter: keys know no case, `=` and `:` both separate,
//! comments are whole lines, an indented line goes on, `[DEFAULT]` is in every section, a section
//! or key must not appear twice, and `%` is written `%%` (`reference/swr-api.md` 5.5).

use std::collections::BTreeMap;

/// A section: its keys in lower case, each with its value and its line.
pub(super) type Section = BTreeMap<String, (String, usize)>;

/// Why a file is invalid, with the line (from 1). Never quotes the file, which holds secrets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) line: usize,
    pub(super) what: &'static str,
}

/// Returns a section of the text.
///
/// # Errors
/// What is wrong with the text; also where it has sections, and none of this name.
pub(super) fn section(text: &str, wanted: &str) -> Result<Section, Broken> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut current: Option<String> = None;
    let mut last: Option<(String, usize)> = None;
    for (index, line) in text.lines().enumerate() {
        let broken = |what| Broken {
            line: index + 1,
            what,
        };
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let (Some(name), Some((key, depth))) = (&current, &last)
            && indent > *depth
        {
            let section = sections.entry(name.clone()).or_default();
            if let Some((value, _)) = section.get_mut(key) {
                value.push('\n');
                value.push_str(content);
            }
            continue;
        }
        if let Some(name) = header(content) {
            if sections.contains_key(name) && name != DEFAULT {
                return Err(broken("duplicate section"));
            }
            sections.entry(name.to_owned()).or_default();
            current = Some(name.to_owned());
            last = None;
            continue;
        }
        let Some(name) = &current else {
            return Err(broken("a line before the first section"));
        };
        let Some((key, value)) = content.split_once(['=', ':']) else {
            return Err(broken("a line that is neither a section nor 'key = value'"));
        };
        let key = key.trim().to_lowercase();
        let value = (value.trim().to_owned(), index + 1);
        let section = sections.entry(name.clone()).or_default();
        if section.insert(key.clone(), value).is_some() {
            return Err(broken("duplicate key"));
        }
        last = Some((key, indent));
    }
    let defaults = sections.remove(DEFAULT);
    if !sections.is_empty() && !sections.contains_key(wanted) {
        return Err(Broken {
            line: 1,
            what: "the section [basic] is missing, which holds the keys of SWR",
        });
    }
    let mut section = defaults.unwrap_or_default();
    section.extend(sections.remove(wanted).unwrap_or_default());
    for (value, line) in section.values_mut() {
        *value = interpolated(value).ok_or(Broken {
            line: *line,
            what: "a single '%', which the SDK refuses, too; write it '%%'",
        })?;
    }
    Ok(section)
}

const DEFAULT: &str = "DEFAULT";

fn header(line: &str) -> Option<&str> {
    let name = &line.strip_prefix('[')?;
    name.rfind(']').map(|end| &name[..end])
}

/// Writes `%%` as `%`; a reference to another key (`%(name)s`) is refused like a lone `%`.
fn interpolated(value: &str) -> Option<String> {
    let rest = value.replace("%%", "");
    (!rest.contains('%')).then(|| value.replace("%%", "%"))
}

#[cfg(test)]
mod tests {
    use super::{Broken, section};

    fn basic(text: &str) -> Result<Vec<(String, String)>, Broken> {
        let section = section(text, "basic")?;
        Ok(section
            .into_iter()
            .map(|(key, (value, _))| (key, value))
            .collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn it_reads_as_configparser_does() {
        let text = "# comment\r\n; comment\n[global]\nak = no\n[basic]\nAK = a=b:c ; no comment\n  # a comment\nsk: 50%% off\nlong = one\n  two\nempty =\n[other]\nx=y\n[DEFAULT]\nproject_id = p\nak = overridden\n";
        assert_eq!(
            basic(text),
            Ok(pairs(&[
                ("ak", "a=b:c ; no comment"),
                ("empty", ""),
                ("long", "one\ntwo"),
                ("project_id", "p"),
                ("sk", "50% off"),
            ]))
        );
        assert_eq!(basic(""), Ok(Vec::new()));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(\\[basic\\]\n)?[a-k\\[\\]=:%#; \t\n\r\u{feff}é]{0,40}") {
            let _ = section(&text, "basic");
        }
    }

    #[test]
    fn what_configparser_refuses_is_refused_with_its_line() {
        for (text, line) in [
            ("ak = x", 1),
            ("[basic]\nak", 2),
            ("[basic]\nak = x\nAK = y", 3),
            ("[basic]\n[basic]", 2),
            ("[Basic]\nak = x", 1),
            ("[global]\nak = x", 1),
            ("[basic]\nsk = 5%", 2),
            ("[basic]\nsk = %(ak)s", 2),
            ("[basic]\nsk = %%%", 2),
        ] {
            assert_eq!(basic(text).unwrap_err().line, line, "{text}");
        }
        // Another section's values are never interpolated, because the SDK does not ask for them.
        assert_eq!(basic("[other]\nsk = 5%\n[basic]"), Ok(Vec::new()));
    }
}
