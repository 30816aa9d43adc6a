//! The options that every command takes, before or after its name.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, ValueHint, value_parser};

use crate::output::Format;
use crate::settings::{Key, OptionText, Options, ROWS, Row, Shape, Value};

/// The options of every command, as typed.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Read this config file
    #[arg(long, global = true, hide = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingArgs,
    /// Filter the JSON of the result, as jq does (implies -o json)
    #[arg(long, global = true, hide = true, value_name = "FILTER")]
    jq: Option<String>,
    /// Print only errors on standard error
    #[arg(short, long, global = true, hide = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print help ('swr --help' lists the options of every command: --region, --output, ...;
    /// 'swr help environment' and 'swr help config' say where settings come from)
    #[arg(short, long, global = true, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// Show each request (-vv: headers and bodies, too; secrets never)
    #[arg(short, long, global = true, hide = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

impl From<Globals> for Options {
    fn from(globals: Globals) -> Options {
        let mut options = globals.settings.0;
        options.config = globals.config;
        options.jq = globals.jq;
        options.quiet = globals.quiet;
        options.verbose = globals.verbose;
        options
    }
}

/// The options of the table of settings.
#[derive(Debug, Clone, Default)]
struct SettingArgs(Options);

/// Returns the settings that have an option.
fn options() -> impl Iterator<Item = (&'static Row, OptionText)> {
    ROWS.iter().filter_map(|row| Some((row, row.option?)))
}

fn argument(row: &Row, option: OptionText) -> Arg {
    let argument = Arg::new(row.name)
        .long(option.long.trim_start_matches('-'))
        .value_name(option.value)
        .help(option.help)
        .hide(true)
        .global(true);
    let argument = match option.short {
        Some(short) => argument.short(short),
        None => argument,
    };
    let argument = match (row.key, row.shape) {
        (Key::Profile, _) => argument.add(super::complete::profiles()),
        (Key::Region, _) => argument.add(super::complete::regions()),
        (_, Shape::Path) => argument
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath),
        _ => argument,
    };
    if option.words.is_empty() {
        argument
    } else {
        argument.value_parser(PossibleValuesParser::new(option.words))
    }
}

impl Args for SettingArgs {
    fn augment_args(command: Command) -> Command {
        command.args(options().map(|(row, option)| argument(row, option)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        SettingArgs::augment_args(command)
    }
}

impl FromArgMatches for SettingArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<SettingArgs, clap::Error> {
        let mut settings = SettingArgs::default();
        settings.update_from_arg_matches(matches)?;
        Ok(settings)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for (row, _) in options() {
            let value = match row.shape {
                Shape::Path => matches
                    .get_one::<PathBuf>(row.name)
                    .cloned()
                    .map(Value::Path),
                _ => matches
                    .get_one::<String>(row.name)
                    .cloned()
                    .map(Value::Text),
            };
            if let Some(value) = value {
                self.0.set(row.key, value);
            }
        }
        Ok(())
    }
}

fn named(name: &str) -> Option<Format> {
    Format::ALL
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, format)| format)
}

/// Reads `-o` off a command line that clap refused: its own `ignore_errors` forgets whatever
/// follows an unknown option.
pub fn format_of_refused_line(arguments: &[OsString]) -> Option<Format> {
    let mut words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    let mut found = None;
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        let value = if word == "--output" {
            words.next()
        } else if let Some(value) = word.strip_prefix("--output=") {
            Some(value)
        } else if let Some(cluster) = word
            .strip_prefix('-')
            .filter(|cluster| !cluster.starts_with('-'))
        {
            // -o json, -ojson, -o=json, -qo json: `o` ends a cluster of switches.
            match cluster.trim_start_matches(['q', 'v']).strip_prefix('o') {
                Some("") => words.next(),
                Some(value) => Some(value.strip_prefix('=').unwrap_or(value)),
                None => None,
            }
        } else {
            None
        };
        found = value.and_then(named).or(found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::format_of_refused_line;
    use crate::output::Format;

    #[test]
    fn the_format_is_read_off_a_refused_line() {
        let read = |line: &str| {
            let words: Vec<_> = line.split(' ').map(std::ffi::OsString::from).collect();
            format_of_refused_line(&words)
        };
        for line in [
            "swr --bogus -o json",
            "swr -ojson --bogus",
            "swr -o=json",
            "swr -qo json",
            "swr x --output=json",
            "swr --output json x",
        ] {
            assert_eq!(read(line), Some(Format::Json), "{line}");
        }
        assert_eq!(read("swr x -- -o json"), None);
        assert_eq!(read("swr -o jsonl -v"), Some(Format::JsonLines));
    }
}
