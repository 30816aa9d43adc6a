//! One file: TOML in, what it declares out, with the line of everything. Notes every fault of the
//! file and goes on; what is faulty is left out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::fault::{At, Faults, Place};
use super::files::File;
use super::pattern::Pattern;
use super::template::Template;
use crate::glob::Glob;
use crate::names::nearest;
use crate::names::{Namespace, Parse, RegionId};
use crate::settings::ROWS;
use crate::settings::toml_text::{in_order, kind_of, line_of};

/// What one file declares.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) defaults: Declarations,
    pub(super) targets: BTreeMap<RegionId, TargetDefaults>,
    pub(super) entries: Vec<Declared>,
}

/// What an entry says, or `[defaults]` for the entries that do not.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    pub(super) to: Option<Vec<DeclaredTarget>>,
    pub(super) to_namespace: Option<(Template, At)>,
    pub(super) override_: Option<bool>,
    pub(super) ignore: Option<Vec<DeclaredTarget>>,
    pub(super) region: Option<RegionId>,
    pub(super) profile: Option<(String, At)>,
}

/// `[target.REGION]`: what counts for every task of the file to that region.
#[derive(Debug, Default)]
pub(super) struct TargetDefaults {
    pub(super) namespace: Option<(Template, At)>,
    pub(super) override_: Option<bool>,
}

/// An element of `to` or `ignore`.
#[derive(Debug)]
pub(super) struct DeclaredTarget {
    pub(super) region: RegionId,
    pub(super) namespace: Option<(Template, At)>,
    pub(super) override_: Option<bool>,
    pub(super) at: At,
}

/// A `[[sync]]`.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) at: At,
    pub(super) namespace: Option<Namespace>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) own: Declarations,
}

/// The keys of an entry; those after the first two may be in `[defaults]`, too.
const KEYS: [&str; 8] = [
    "namespace",
    "repositories",
    "to",
    "to_namespace",
    "override",
    "ignore",
    "region",
    "profile",
];

/// Reads a file; what is wrong is noted.
pub(super) fn parse(file: &File, faults: &mut Faults) -> Document {
    let mut document = Document {
        defaults: Declarations::default(),
        targets: BTreeMap::new(),
        entries: Vec::new(),
    };
    let Some(text) = text_of(file, faults) else {
        return document;
    };
    let (tree, broken) = DeTable::parse_recoverable(text);
    for error in &broken {
        // The parser's own display would show the line, which may hold a secret.
        let line = line_of(text, &error.span().unwrap_or(0..0));
        let message = format!("invalid TOML ({}:{line}): {}", file.path, error.message());
        faults.note_file(&file.path, Some(line), message, None);
    }
    if !broken.is_empty() {
        return document;
    }
    let mut reader = Reader {
        path: &file.path,
        text,
        faults,
    };
    reader.top(tree.get_ref(), &mut document);
    document
}

/// Returns the text of a file that can be parsed.
fn text_of<'f>(file: &'f File, faults: &mut Faults) -> Option<&'f str> {
    let path = &file.path;
    if file.is_too_long() {
        let message = format!("'{path}' is longer than 16 MiB");
        faults.note_file(path, None, message, None);
        return None;
    }
    let bytes = file
        .bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&file.bytes);
    let line_at = |index: usize| {
        let before = bytes.get(..index).unwrap_or(bytes);
        String::from_utf8_lossy(before).matches('\n').count() + 1
    };
    let (index, what) = match std::str::from_utf8(bytes) {
        Ok(text) => match text.find('\0') {
            None => return Some(text),
            Some(index) => (index, "a NUL character"),
        },
        Err(error) => (error.valid_up_to(), "a byte that is not UTF-8"),
    };
    let line = line_at(index);
    faults.note_file(path, Some(line), format!("{what} ({path}:{line})"), None);
    None
}

/// Returns the key that was probably meant: one that is near, or that begins so.
fn likely(typed: &str, known: &[&'static str]) -> Option<&'static str> {
    let begins = |key: &&'static str| typed.len() > 2 && key.starts_with(typed);
    nearest(typed, known.iter().copied()).or_else(|| known.iter().copied().find(begins))
}

type Key<'t, 'i> = &'t Spanned<Cow<'i, str>>;
type Item<'t, 'i> = &'t Spanned<DeValue<'i>>;

struct Reader<'a> {
    path: &'a Arc<str>,
    text: &'a str,
    faults: &'a mut Faults,
}

impl Reader<'_> {
    fn at(&self, field: impl Into<String>, span: &Range<usize>) -> At {
        At {
            field: field.into(),
            place: Place {
                file: Arc::clone(self.path),
                line: line_of(self.text, span),
            },
        }
    }

    fn top(&mut self, table: &DeTable<'_>, document: &mut Document) {
        for (name, value) in in_order(table) {
            match name.get_ref().as_ref() {
                "defaults" => {
                    if let Some(table) = self.table(value, "defaults") {
                        for (name, value) in in_order(table) {
                            let known = &KEYS[2..];
                            self.declaration(
                                &mut document.defaults,
                                "defaults",
                                known,
                                name,
                                value,
                            );
                        }
                    }
                }
                "target" => {
                    if let Some(table) = self.table(value, "target") {
                        self.targets(table, &mut document.targets);
                    }
                }
                "sync" => {
                    let Some(list) = self.list(value, "sync", "[[sync]] tables") else {
                        continue;
                    };
                    for (index, value) in list.iter().enumerate() {
                        let field = format!("sync[{index}]");
                        if let Some(table) = self.table(value, &field) {
                            let entry = self.entry(table, &field, &value.span());
                            document.entries.push(entry);
                        }
                    }
                }
                _ => self.unknown("", &["defaults", "target", "sync"], name),
            }
        }
    }

    fn targets(&mut self, table: &DeTable<'_>, targets: &mut BTreeMap<RegionId, TargetDefaults>) {
        for (name, value) in in_order(table) {
            let field = format!("target.\"{}\"", name.get_ref());
            let at = self.at(&field, &name.span());
            let region = self.region(name.get_ref(), &at);
            let Some(table) = self.table(value, &field) else {
                continue;
            };
            let mut target = TargetDefaults::default();
            for (name, value) in in_order(table) {
                let own = format!("{field}.{}", name.get_ref());
                match name.get_ref().as_ref() {
                    "namespace" => target.namespace = self.template(value, &own),
                    "override" => target.override_ = self.boolean(value, &own),
                    _ => self.unknown(&field, &["namespace", "override"], name),
                }
            }
            if let Some(region) = region {
                targets.insert(region, target);
            }
        }
    }

    fn entry(&mut self, table: &DeTable<'_>, field: &str, span: &Range<usize>) -> Declared {
        let mut entry = Declared {
            at: self.at(field, span),
            namespace: None,
            patterns: Vec::new(),
            own: Declarations::default(),
        };
        for (name, value) in in_order(table) {
            let own = format!("{field}.{}", name.get_ref());
            match name.get_ref().as_ref() {
                "namespace" => entry.namespace = self.namespace(value, &own),
                "repositories" => entry.patterns = self.patterns(value, &own),
                _ => self.declaration(&mut entry.own, field, &KEYS, name, value),
            }
        }
        for key in &KEYS[..2] {
            // A key that is only misspelled is reported once.
            let misspelled = |name: &str| !KEYS.contains(&name) && likely(name, &KEYS) == Some(key);
            if !table.contains_key(*key) && !table.keys().any(|name| misspelled(name.get_ref())) {
                let at = entry.at.clone();
                self.faults
                    .note(&at, "", &format!("'{key}' is missing"), "", None);
            }
        }
        entry
    }

    fn declaration(
        &mut self,
        into: &mut Declarations,
        table: &str,
        known: &[&'static str],
        name: Key<'_, '_>,
        value: Item<'_, '_>,
    ) {
        let field = format!("{table}.{}", name.get_ref());
        match name.get_ref().as_ref() {
            "to" => into.to = Some(self.target_list(value, &field, true)),
            "ignore" => into.ignore = Some(self.target_list(value, &field, false)),
            "to_namespace" => into.to_namespace = self.template(value, &field),
            "override" => into.override_ = self.boolean(value, &field),
            "region" => {
                let at = self.at(&field, &value.span());
                let text = self.string(value, &field);
                into.region = text.and_then(|text| self.region(&text, &at));
            }
            "profile" => {
                let at = self.at(&field, &value.span());
                into.profile = self.string(value, &field).map(|text| (text, at));
            }
            _ => self.unknown(table, known, name),
        }
    }

    fn target_list(
        &mut self,
        value: Item<'_, '_>,
        field: &str,
        wished: bool,
    ) -> Vec<DeclaredTarget> {
        let Some(list) = self.list(value, field, "a list of regions") else {
            return Vec::new();
        };
        let mut targets = Vec::new();
        for (index, value) in list.iter().enumerate() {
            let field = format!("{field}[{index}]");
            targets.extend(self.target(value, &field, wished));
        }
        targets
    }

    fn target(&mut self, value: Item<'_, '_>, field: &str, wished: bool) -> Option<DeclaredTarget> {
        let at = self.at(field, &value.span());
        let keys: &[&'static str] = if wished {
            &["region", "namespace", "override"]
        } else {
            &["region", "namespace"]
        };
        let table = match value.get_ref() {
            DeValue::String(text) => {
                return Some(DeclaredTarget {
                    region: self.region(text, &at)?,
                    namespace: None,
                    override_: None,
                    at,
                });
            }
            DeValue::Table(table) => table,
            other => {
                let wanted = "a region, or a table with region and namespace";
                self.wrong_type(field, wanted, other, &at);
                return None;
            }
        };
        let (mut region, mut namespace, mut override_) = (None, None, None);
        for (name, value) in in_order(table) {
            let own = format!("{field}.{}", name.get_ref());
            match name.get_ref().as_ref() {
                "region" => {
                    let at = self.at(&own, &value.span());
                    let text = self.string(value, &own);
                    region = text.and_then(|text| self.region(&text, &at));
                }
                "namespace" => namespace = self.template(value, &own),
                "override" if wished => override_ = self.boolean(value, &own),
                _ => self.unknown(field, keys, name),
            }
        }
        if !table.contains_key("region") {
            self.faults.note(&at, "", "'region' is missing", "", None);
        }
        Some(DeclaredTarget {
            region: region?,
            namespace,
            override_,
            at,
        })
    }

    fn patterns(&mut self, value: Item<'_, '_>, field: &str) -> Vec<Pattern> {
        let list_at = self.at(field, &value.span());
        let Some(list) = self.list(value, field, "a list of patterns") else {
            return Vec::new();
        };
        let mut patterns = Vec::new();
        let mut selects = false;
        for (index, value) in list.iter().enumerate() {
            let field = format!("{field}[{index}]");
            let at = self.at(&field, &value.span());
            let Some(text) = self.string(value, &field) else {
                selects = true; // one fault is enough
                continue;
            };
            selects |= !text.starts_with('!');
            match Pattern::parse(&text, &at) {
                Ok((pattern, warning)) => {
                    if let Some(warning) = warning {
                        let message = format!(
                            "'{text}' would be refused on a command line: {}",
                            warning.rule
                        );
                        self.faults.warn(&at.place, message);
                    }
                    patterns.push(pattern);
                }
                Err(error) => {
                    let hint = if text.contains('$') {
                        Some("write '/' for '$'".to_owned())
                    } else {
                        error.hint
                    };
                    let what = format!("invalid pattern '{text}'");
                    self.faults.note(&at, &text, &what, &error.rule, hint);
                }
            }
        }
        if !selects {
            let what = format!("'{field}' selects nothing");
            let why = "add a pattern, '**' for all";
            self.faults.note(&list_at, "", &what, why, None);
        }
        patterns
    }

    fn namespace(&mut self, value: Item<'_, '_>, field: &str) -> Option<Namespace> {
        let at = self.at(field, &value.span());
        let text = self.string(value, field)?;
        match Namespace::parse(&text) {
            Ok(namespace) => Some(namespace),
            Err(error) => {
                if let Some(namespace) = Namespace::listed(&text) {
                    let message = format!(
                        "'{text}' would be refused on a command line: {}",
                        error.rule
                    );
                    self.faults.warn(&at.place, message);
                    Some(namespace)
                } else {
                    let rule = if Glob::is_glob(&text) || text.contains('}') {
                        "a source namespace is a name; globs and templates do not work here"
                            .to_owned()
                    } else {
                        error.rule
                    };
                    let what = format!("invalid namespace '{text}'");
                    self.faults.note(&at, &text, &what, &rule, error.hint);
                    None
                }
            }
        }
    }

    fn region(&mut self, text: &str, at: &At) -> Option<RegionId> {
        match RegionId::parse(text) {
            Ok(region) => Some(region),
            Err(error) => {
                let hint = match text.split_once('/') {
                    Some((region, namespace)) => Some(format!(
                        "write {{ region = \"{region}\", namespace = \"{namespace}\" }}"
                    )),
                    None => error.hint,
                };
                let what = format!("invalid region '{text}'");
                self.faults.note(at, text, &what, &error.rule, hint);
                None
            }
        }
    }

    fn template(&mut self, value: Item<'_, '_>, field: &str) -> Option<(Template, At)> {
        let at = self.at(field, &value.span());
        let text = self.string(value, field)?;
        match Template::parse(&text) {
            Ok(template) => Some((template, at)),
            Err(rule) => {
                let what = format!("invalid template '{text}'");
                self.faults.note(&at, &text, &what, &rule, None);
                None
            }
        }
    }

    fn table<'t, 'i>(&mut self, value: Item<'t, 'i>, field: &str) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let at = self.at(field, &value.span());
            self.wrong_type(field, "a table", value.get_ref(), &at);
        }
        table
    }

    fn list<'t, 'i>(
        &mut self,
        value: Item<'t, 'i>,
        field: &str,
        of: &str,
    ) -> Option<&'t DeArray<'i>> {
        let list = value.get_ref().as_array();
        if list.is_none() {
            let at = self.at(field, &value.span());
            self.wrong_type(field, of, value.get_ref(), &at);
        }
        list
    }

    fn string(&mut self, value: Item<'_, '_>, field: &str) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.clone().into_owned());
        }
        let at = self.at(field, &value.span());
        self.wrong_type(field, "text in quotes", value.get_ref(), &at);
        None
    }

    fn boolean(&mut self, value: Item<'_, '_>, field: &str) -> Option<bool> {
        if let DeValue::Boolean(value) = value.get_ref() {
            return Some(*value);
        }
        let at = self.at(field, &value.span());
        self.wrong_type(field, "true or false", value.get_ref(), &at);
        None
    }

    fn wrong_type(&mut self, field: &str, wanted: &str, value: &DeValue<'_>, at: &At) {
        let what = format!("'{field}' must be {wanted}, not {}", kind_of(value));
        self.faults.note(at, "", &what, "", None);
    }

    fn unknown(&mut self, table: &str, known: &[&'static str], name: Key<'_, '_>) {
        let typed = name.get_ref().as_ref();
        let field = if table.is_empty() {
            typed.to_owned()
        } else {
            format!("{table}.{typed}")
        };
        let at = self.at(field, &name.span());
        let (what, why, hint) = if typed == "auto" {
            (
                "unknown key 'auto'".to_owned(),
                "every task of a fleet copies on push; others cannot be read back",
                None,
            )
        } else if KEYS.contains(&typed) {
            let hint = format!("the keys here are {}", known.join(", "));
            (format!("'{typed}' does not belong here"), "", Some(hint))
        } else if ROWS.iter().any(|row| row.name == typed) {
            let what = format!("'{typed}' does not belong in a fleet");
            (what, "it goes to config.toml", None)
        } else {
            let near = likely(typed, known);
            let hint = match near {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("the keys here are {}", known.join(", ")),
            };
            (format!("unknown key '{typed}'"), "", Some(hint))
        };
        self.faults.note(&at, typed, &what, why, hint);
    }
}
