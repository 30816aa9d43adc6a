//! The config file: TOML in, layers out.
//!
//! `load` calls it. It checks the file's shape (syntax, keys, types), not its values. Its errors name
//! file, line and key, and never quote a line, which may hold a secret.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::Environment;
use super::key::{Key, ROWS, Row, Scope, Shape};
use super::layer::{Entries, Entry, Value};
use super::setting::Setting;
use super::toml_text::{in_order, kind_of, line_of};
use crate::error::{Error, Kind};
use crate::files;
use crate::names::{Parse, RegionId, nearest};
use crate::origin::Origin;

/// A table of the file: the top level or a profile, with its regions.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Entries,
    pub(super) regions: BTreeMap<RegionId, Entries>,
}

/// A config file of the right shape.
#[derive(Debug)]
pub(super) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) top: Table,
    pub(super) profiles: BTreeMap<String, Table>,
}

/// More than any config file; a device file must not be read without end.
pub(super) const LARGEST: u64 = 1024 * 1024;

/// Reads the config file; `None` when the default one is missing.
pub(super) fn read(
    file: &Setting<PathBuf>,
    environment: &Environment,
) -> Result<Option<ConfigFile>, Error> {
    let path = &file.value;
    let broken = |what: String| {
        // A named file is wrong where it was named, the default one where it is.
        let origin = match &file.origin {
            Origin::Default => Origin::File(path.clone(), None),
            named => named.clone(),
        };
        Error::new(Kind::Config, what).origin(origin)
    };
    let shown = path.display();
    let text = match files::read_text(path, LARGEST) {
        Ok(text) => text,
        Err(error) if is_missing(&error) && !file.is_named() => return Ok(None),
        Err(error) if is_missing(&error) => {
            return Err(broken(format!("the config file '{shown}' does not exist"))
                .hint("name another one, or create it: 'swr config init'"));
        }
        Err(_) if path.is_dir() => {
            return Err(broken(format!("the config file '{shown}' is a directory")));
        }
        Err(error) => {
            let what = format!("the config file '{shown}' cannot be read");
            return Err(broken(what).cause(error));
        }
    };
    let is_trusted = !files::is_writable_by_others(path);
    parse(&text, path, environment, is_trusted).map(Some)
}

/// Returns `true` if the file's directory cannot be entered.
pub(super) fn is_out_of_reach(path: &Path) -> bool {
    std::fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Parses the text of the file at `path`.
pub(super) fn parse(
    text: &str,
    path: &Path,
    environment: &Environment,
    is_trusted: bool,
) -> Result<ConfigFile, Error> {
    let reader = Reader {
        text,
        path,
        environment,
        is_trusted,
    };
    let tree = DeTable::parse(text).map_err(|error| reader.broken(&error))?;
    let mut file = ConfigFile {
        path: path.to_owned(),
        top: Table::default(),
        profiles: BTreeMap::new(),
    };
    for (name, value) in in_order(tree.get_ref()) {
        match name.get_ref().as_ref() {
            "profiles" => {
                for (name, value) in in_order(reader.table(value, "profiles")?) {
                    let name = name.get_ref().as_ref();
                    let at = format!("profiles.{name}");
                    let profile = reader.profile(reader.table(value, &at)?, &at)?;
                    file.profiles.insert(name.to_owned(), profile);
                }
            }
            "regions" => file.top.regions = reader.regions(value, "")?,
            _ => reader.entry(&mut file.top.entries, Scope::Top, "", name, value)?,
        }
    }
    Ok(file)
}

struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
    environment: &'a Environment,
    /// Whether a program that the file names may be run.
    is_trusted: bool,
}

impl Reader<'_> {
    fn origin(&self, span: &Range<usize>) -> Origin {
        Origin::File(self.path.to_owned(), Some(line_of(self.text, span)))
    }

    fn wrong(&self, what: String, span: &Range<usize>) -> Error {
        Error::new(Kind::Config, what).origin(self.origin(span))
    }

    /// The parser's own display would show the line, so only its words and the place are taken.
    fn broken(&self, error: &toml::de::Error) -> Error {
        let span = error.span().unwrap_or(0..0);
        self.wrong(
            format!("the config file is not valid TOML: {}", error.message()),
            &span,
        )
    }

    fn table<'t, 'i>(
        &self,
        value: &'t Spanned<DeValue<'i>>,
        name: &str,
    ) -> Result<&'t DeTable<'i>, Error> {
        value
            .get_ref()
            .as_table()
            .ok_or_else(|| self.wrong_type(name, "a table", value))
    }

    fn wrong_type(&self, name: &str, wanted: &str, value: &Spanned<DeValue<'_>>) -> Error {
        let found = kind_of(value.get_ref());
        self.wrong(
            format!("'{name}' must be {wanted}, not {found}"),
            &value.span(),
        )
    }

    fn profile(&self, table: &DeTable<'_>, at: &str) -> Result<Table, Error> {
        let mut profile = Table::default();
        for (name, value) in in_order(table) {
            if name.get_ref() == "regions" {
                profile.regions = self.regions(value, at)?;
            } else {
                self.entry(&mut profile.entries, Scope::Profile, at, name, value)?;
            }
        }
        Ok(profile)
    }

    fn regions(
        &self,
        value: &Spanned<DeValue<'_>>,
        at: &str,
    ) -> Result<BTreeMap<RegionId, Entries>, Error> {
        let at = joined(at, "regions");
        let mut regions = BTreeMap::new();
        for (name, value) in in_order(self.table(value, &at)?) {
            let region = RegionId::parse(name.get_ref()).map_err(|error| {
                let what = format!(
                    "invalid region '{}' in '{at}': {}",
                    name.get_ref(),
                    error.rule
                );
                self.wrong(what, &name.span())
            })?;
            let at = format!("{at}.\"{region}\"");
            let mut entries = Entries::new();
            for (name, value) in in_order(self.table(value, &at)?) {
                self.entry(&mut entries, Scope::Region, &at, name, value)?;
            }
            regions.insert(region, entries);
        }
        Ok(regions)
    }

    fn entry(
        &self,
        entries: &mut Entries,
        scope: Scope,
        at: &str,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), Error> {
        let full = joined(at, name.get_ref());
        let row = ROWS
            .iter()
            .find(|row| row.name == name.get_ref() && row.scope >= scope)
            .ok_or_else(|| self.unknown(name, &full, scope, value.get_ref().is_table()))?;
        let given = Entry {
            value: self.value(row, &full, value)?,
            origin: self.origin(&name.span()),
        };
        entries.insert(row.key, given);
        Ok(())
    }

    fn value(&self, row: &Row, name: &str, value: &Spanned<DeValue<'_>>) -> Result<Value, Error> {
        let wanted = match (row.shape, value.get_ref()) {
            (Shape::Text | Shape::Duration, DeValue::String(text)) => {
                return Ok(Value::of_text(row.key, text));
            }
            (Shape::Path, DeValue::String(text)) if text.is_empty() => {
                return Err(self.wrong(format!("'{name}' must not be empty"), &value.span()));
            }
            (Shape::Path, DeValue::String(text)) => {
                return Ok(Value::Path(self.path_of_the_file(text)));
            }
            (Shape::Number, DeValue::Integer(number)) => {
                return Ok(Value::Text(number.to_string()));
            }
            (Shape::Words, DeValue::Array(words)) => {
                let words: Option<Vec<String>> = words
                    .iter()
                    .map(|word| word.get_ref().as_str().map(str::to_owned))
                    .collect();
                match words {
                    Some(words) if words.first().is_some_and(|word| !word.is_empty()) => {
                        let words = self.program_of_the_file(words);
                        return Ok(if self.is_trusted {
                            Value::Words(words)
                        } else {
                            Value::Untrusted(words)
                        });
                    }
                    Some(_) => {
                        let what = format!("'{name}' names no program");
                        return Err(self.wrong(what, &value.span()));
                    }
                    None => {
                        let what = format!("'{name}' must be a list of strings only");
                        return Err(self.wrong(what, &value.span()));
                    }
                }
            }
            (Shape::List, DeValue::Array(items)) => {
                let items: Option<Vec<&str>> =
                    items.iter().map(|item| item.get_ref().as_str()).collect();
                match items {
                    Some(items) if !items.is_empty() => return Ok(Value::Text(items.join(","))),
                    Some(_) => {
                        let what = format!("'{name}' must not be empty");
                        return Err(self.wrong(what, &value.span()));
                    }
                    None => {
                        let what = format!("'{name}' must be a list of strings only");
                        return Err(self.wrong(what, &value.span()));
                    }
                }
            }
            (Shape::Text | Shape::Path, _) => "text in quotes",
            (Shape::Duration, _) => "text like \"30s\"",
            (Shape::Number, _) => "a whole number",
            (Shape::List, _) => "a list of strings, like [\"cn-east-3\"]",
            (Shape::Words, _) => "a list of strings, like [\"program\", \"argument\"]",
        };
        let error = self.wrong_type(name, wanted, value);
        if row.key == Key::Profile && value.get_ref().is_table() {
            return Err(error.hint("the table of the profiles is called 'profiles'"));
        }
        Err(error)
    }

    /// Returns a path of the file: relative to it, or to the home directory after `~/`.
    fn path_of_the_file(&self, text: &str) -> PathBuf {
        let directory = self.path.parent().unwrap_or(Path::new(""));
        directory.join(self.environment.expanded(Path::new(text)))
    }

    /// A program that is a relative path is relative to the file, as every path in it.
    fn program_of_the_file(&self, mut words: Vec<String>) -> Vec<String> {
        if let Some(program) = words.first_mut()
            && program.contains(std::path::is_separator)
            && let Some(path) = self.path_of_the_file(program).to_str()
        {
            path.clone_into(program);
        }
        words
    }

    fn unknown(
        &self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        full: &str,
        scope: Scope,
        is_table: bool,
    ) -> Error {
        let typed = name.get_ref().as_ref();
        let error = self.wrong(format!("unknown key '{full}'"), &name.span());
        let elsewhere = ROWS.iter().find(|row| row.name == typed);
        match elsewhere.map(|row| row.scope) {
            Some(Scope::Top) => return error.hint(format!("'{typed}' belongs to the top level")),
            Some(Scope::Profile) => {
                return error.hint(format!("'{typed}' belongs to the top level or a profile"));
            }
            _ => {}
        }
        let tables = match scope {
            Scope::Top => ["profiles", "regions"].as_slice(),
            Scope::Profile => &["regions"],
            _ => &[],
        };
        let keys = ROWS
            .iter()
            .filter(|row| row.scope >= scope)
            .map(|row| row.name);
        let near = if is_table {
            nearest(typed, tables.iter().copied())
        } else {
            None
        };
        match near.or_else(|| nearest(typed, keys.chain(tables.iter().copied()))) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error,
        }
    }
}

fn joined(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

/// Returns a warning when others can read a file that holds a secret.
pub(super) fn warning(file: &ConfigFile) -> Option<String> {
    let secret = file.secret()?.name();
    files::is_readable_by_others(&file.path).then(|| {
        format!(
            "'{path}' holds a secret ({secret}), and others can read it; \
             close it: chmod 600 '{path}'",
            path = file.path.display()
        )
    })
}

impl ConfigFile {
    /// Returns the first key that holds a secret anywhere in the file.
    fn secret(&self) -> Option<Key> {
        std::iter::once(&self.top)
            .chain(self.profiles.values())
            .flat_map(|table| std::iter::once(&table.entries).chain(table.regions.values()))
            .flat_map(BTreeMap::iter)
            .find(|(_, given)| matches!(given.value, Value::Secret(_)))
            .map(|(key, _)| *key)
    }
}
