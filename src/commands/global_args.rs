//! The options that every command takes, before or after its name.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueHint};

use crate::output::Format;
use crate::settings::Options;

/// The options of every command, as typed.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Read this config file
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// Use this profile of the config file
    #[arg(long, global = true, value_name = "NAME", add = crate::commands::complete::profiles())]
    profile: Option<String>,
    /// Region of the source
    #[arg(long, global = true, value_name = "ID", add = crate::commands::complete::regions())]
    region: Option<String>,
    /// Endpoint of the source region, where it is not the region's own
    #[arg(long, global = true, value_name = "URL")]
    endpoint: Option<String>,
    /// Project of the source region (for access keys)
    #[arg(long, global = true, value_name = "ID")]
    project_id: Option<String>,
    /// Form of results and errors
    #[arg(short, long, global = true, value_name = "FORMAT",
          value_parser = PossibleValuesParser::new(["human", "json", "jsonl"]))]
    output: Option<String>,
    /// Time limit for one request, like 30s
    #[arg(long, global = true, value_name = "DURATION")]
    timeout: Option<String>,
    /// Time limit for connecting, like 10s
    #[arg(long, global = true, value_name = "DURATION")]
    connect_timeout: Option<String>,
    /// How often a request is sent again at the most
    #[arg(long, global = true, value_name = "N")]
    retries: Option<String>,
    /// Trust the CA certificates in this file, too
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
    /// When to use color
    #[arg(long, global = true, value_name = "WHEN",
          value_parser = PossibleValuesParser::new(["auto", "always", "never"]))]
    color: Option<String>,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Show each request (-vv: headers and bodies, too; secrets never)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

impl From<Globals> for Options {
    fn from(globals: Globals) -> Options {
        Options {
            config: globals.config,
            profile: globals.profile,
            region: globals.region,
            endpoint: globals.endpoint,
            project_id: globals.project_id,
            output: globals.output,
            timeout: globals.timeout,
            connect_timeout: globals.connect_timeout,
            retries: globals.retries,
            ca_file: globals.ca_file,
            color: globals.color,
            quiet: globals.quiet,
            verbose: globals.verbose,
        }
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
