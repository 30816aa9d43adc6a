//! `swr man`: the manual pages.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr man | man -l -\n  \
    swr man --to ~/.local/share/man/man1")]
pub struct Man {
    /// Write one page per command into this directory (default: the first page, to standard output)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    to: Option<PathBuf>,
}

impl Man {
    /// Prints or writes the pages.
    ///
    /// # Errors
    /// A directory or standard output that cannot be written.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let pages = pages()?;
        let Some(directory) = self.to else {
            let first = pages
                .first()
                .map(|(_, page)| page.as_str())
                .unwrap_or_default();
            context.output().write(first)?;
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
    clap_mangen::Man::new(command.clone().display_name(name))
        .title(name.to_uppercase())
        .date("")
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
