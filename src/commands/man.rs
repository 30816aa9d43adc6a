//! `swr man`: the manual pages.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr man sync create | man -l -\n  \
    swr man --to ~/.local/share/man/man1")]
pub struct Man {
    /// The command whose page is printed (default: swr itself)
    #[arg(value_name = "COMMAND", add = super::complete::command_words())]
    words: Vec<String>,
    /// Write one page per command into this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "words")]
    to: Option<PathBuf>,
}

impl Man {
    /// Prints or writes the pages.
    ///
    /// # Errors
    /// A command that is not there; a directory or standard output that cannot be written.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let pages = pages()?;
        let Some(directory) = self.to else {
            let name = format!(
                "{}.1",
                [&["swr".to_owned()], self.words.as_slice()]
                    .concat()
                    .join("-")
            );
            let Some((_, page)) = pages.iter().find(|(other, _)| *other == name) else {
                let words = self.words.join(" ");
                let error = Error::new(Kind::Usage, format!("there is no command '{words}'"));
                return Err(error.hint("'swr --help' lists the commands"));
            };
            context.output().write(page)?;
            return Ok(Exit::Done);
        };
        for (name, page) in pages {
            let path = directory.join(name);
            std::fs::write(&path, page).map_err(|error| {
                Error::new(Kind::Io, format!("'{}' cannot be written", path.display()))
                    .cause(error)
                    .hint("name an existing directory that you can write to")
            })?;
        }
        Ok(Exit::Done)
    }
}

/// Returns the name and the text of each page.
fn pages() -> Result<Vec<(String, String)>, Error> {
    let command = super::Arguments::tree();
    let mut pages = Vec::new();
    collect(&command, "swr", &mut pages)?;
    Ok(pages)
}

fn collect(
    command: &clap::Command,
    name: &str,
    pages: &mut Vec<(String, String)>,
) -> Result<(), Error> {
    let mut page = Vec::new();
    let shown = command
        .clone()
        .display_name(name)
        .override_usage(usage(command));
    clap_mangen::Man::new(shown)
        .title(name.to_uppercase())
        .date("")
        .source(concat!("swr ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)
        .map_err(|error| Error::new(Kind::Io, "the page cannot be created").cause(error))?;
    pages.push((
        format!("{name}.1"),
        String::from_utf8_lossy(&page).into_owned(),
    ));
    for inner in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        collect(inner, &format!("{name}-{}", inner.get_name()), pages)?;
    }
    Ok(())
}

/// Returns how a command is written, each option with its value: the library shows none.
fn usage(command: &clap::Command) -> String {
    let mut words = vec![
        command
            .get_bin_name()
            .unwrap_or(command.get_name())
            .to_owned(),
    ];
    let (positionals, options): (Vec<_>, Vec<_>) = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .partition(|arg| arg.is_positional());
    for arg in options {
        let short = arg.get_short().map(|short| format!("-{short}"));
        let long = arg.get_long().map(|long| format!("--{long}"));
        let name = [short, long]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("|");
        let values = match (arg.get_action().takes_values(), arg.get_value_names()) {
            (true, Some(values)) => {
                let values = values.join(" ");
                let is_optional = arg
                    .get_num_args()
                    .is_some_and(|count| count.min_values() == 0);
                if is_optional {
                    format!("[={values}]")
                } else {
                    format!(" {values}")
                }
            }
            _ => String::new(),
        };
        words.push(format!("[{name}{values}]"));
    }
    if command.has_subcommands() {
        words.push("COMMAND".to_owned());
    }
    for arg in positionals {
        let values = arg.get_value_names().unwrap_or_default().join(" ");
        let several = arg
            .get_num_args()
            .is_some_and(|count| count.max_values() > 1);
        let values = if several {
            format!("{values}...")
        } else {
            values
        };
        words.push(if arg.is_required_set() {
            values
        } else {
            format!("[{values}]")
        });
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use snapbox::{Data, assert_data_eq};

    #[test]
    fn the_pages_in_man_are_those_of_the_program() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
        let pages = super::pages().unwrap();
        let made: BTreeSet<_> = pages.iter().map(|(name, _)| name.clone()).collect();
        for (name, page) in pages {
            assert_data_eq!(page, Data::read_from(&directory.join(&name), None).raw());
        }
        let kept: BTreeSet<_> = std::fs::read_dir(&directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(kept, made, "a page of a command that is no more");
    }
}
