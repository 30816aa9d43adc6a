//! `swr completions`: the script that makes a shell complete `swr`.

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap_complete::env::Shells;

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;

/// The variable through which a shell asks for completions.
pub(super) const VARIABLE: &str = "SWR_COMPLETE";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    source <(swr completions bash)                                   # in ~/.bashrc\n  \
    swr completions zsh > ~/.zfunc/_swr                              # a directory of $fpath\n  \
    swr completions fish > ~/.config/fish/completions/swr.fish")]
pub struct Completions {
    /// The shell to complete in
    #[arg(value_name = "SHELL",
          value_parser = PossibleValuesParser::new(["bash", "zsh", "fish", "powershell", "elvish"]))]
    shell: String,
}

impl Completions {
    /// Prints the script.
    ///
    /// # Errors
    /// Standard output that cannot be written.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        context.output().write(&script(&self.shell)?)?;
        Ok(Exit::Done)
    }
}

/// Returns the script for a shell. It asks the program itself, so it is never out of date.
///
/// # Errors
/// Kind `usage` for a shell that is not known.
fn script(shell: &str) -> Result<String, Error> {
    let unknown = || {
        Error::new(
            Kind::Usage,
            format!("no completions for the shell '{shell}'"),
        )
    };
    let shells = Shells::builtins();
    let completer = shells.completer(shell).ok_or_else(unknown)?;
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, "swr", "swr", "swr", &mut script)
        .map_err(|error| Error::new(Kind::Io, "the script cannot be made").cause(error))?;
    Ok(String::from_utf8_lossy(&script).trim_start().to_owned())
}

#[cfg(test)]
mod tests {
    use snapbox::{Data, assert_data_eq};

    use super::script;

    #[test]
    fn the_scripts_in_completions_are_those_of_the_program() {
        for (shell, file) in [
            ("bash", "swr.bash"),
            ("zsh", "_swr"),
            ("fish", "swr.fish"),
            ("powershell", "swr.ps1"),
            ("elvish", "swr.elv"),
        ] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("completions")
                .join(file);
            assert_data_eq!(script(shell).unwrap(), Data::read_from(&path, None).raw());
        }
    }
}
