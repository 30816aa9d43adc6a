//! Where a value came from, so that an error can name the place to change.
//!
//! `settings` attaches origins, `error` and `output` show them. It never holds a value.

use std::fmt;
use std::path::PathBuf;

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An option of the command line, as it is typed: `--region`.
    Option(&'static str),
    /// An environment variable.
    Variable(String),
    /// A file, with the line (from 1) where it is known.
    File(PathBuf, Option<usize>),
    /// The output of a command that the settings name, with the origin of the command.
    Command(Box<Origin>),
    /// Standard input.
    Stdin,
    /// A login of `swr auth login`, with the file that keeps it.
    Login(PathBuf),
    /// A service, by its address.
    Service(String),
    /// Another setting, by its name: `region`.
    Derived(&'static str),
    /// The built-in default.
    Default,
}

impl Origin {
    /// Returns `true` if the value was given on the command line, which decides between exit 1 and 2.
    pub fn is_option(&self) -> bool {
        matches!(self, Origin::Option(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Option(name) => f.write_str(name),
            Origin::Variable(name) => f.write_str(name),
            Origin::File(path, Some(line)) => write!(f, "{}:{line}", path.display()),
            Origin::File(path, None) => write!(f, "{}", path.display()),
            Origin::Command(place) => write!(f, "token_command ({place})"),
            Origin::Stdin => f.write_str("standard input"),
            Origin::Login(_) => f.write_str("login"),
            Origin::Service(address) => f.write_str(address),
            Origin::Derived(from) => write!(f, "derived from {from}"),
            Origin::Default => f.write_str("default"),
        }
    }
}
