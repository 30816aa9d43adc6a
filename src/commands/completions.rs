//! `swr completions`: the script that makes a shell complete `swr`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::complete::{SHELLS, script};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    source <(swr completions bash)                                   # in ~/.bashrc\n  \
    swr completions zsh > ~/.zfunc/_swr                              # a directory of $fpath\n  \
    swr completions fish > ~/.config/fish/completions/swr.fish")]
pub struct Completions {
    /// The shell to complete in
    #[arg(value_name = "SHELL",
          value_parser = PossibleValuesParser::new(SHELLS))]
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

#[cfg(test)]
mod tests {
    use snapbox::{Data, assert_data_eq};

    use super::super::complete::script;

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
