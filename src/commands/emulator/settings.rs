//! What `start` and `exec` have in common: how the emulator is set up.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::commands::raw_arg::Problems;
use crate::duration;
use crate::emulator::{Fault, Options, Switches};
use crate::names::RegionId;

/// How the emulator is set up, as typed.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// Serve this region; may be given several times, the first one is the source (default: cn-north-4, cn-east-3,
    /// ap-southeast-1)
    // Takes the place of the global option, so it has its id and its type.
    #[arg(long = "region", value_name = "ID", id = "region")]
    regions: Vec<String>,
    /// Keep everything in this file between runs
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    state: Option<PathBuf>,
    /// Add what this file declares to the usual content
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    seed: Option<PathBuf>,
    /// Inject a fault: 'METHOD PATH: WHAT xN'; may be given several times
    #[arg(long, value_name = "SPEC", long_help = fault_help())]
    fault: Vec<String>,
    /// Delay every response by this long
    #[arg(long, value_name = "DURATION")]
    latency: Option<String>,
    /// Choose how undocumented behavior is emulated; may be given several times
    #[arg(long = "as", value_name = "NAME=VALUE", id = "as", long_help = switch_help())]
    switches: Vec<String>,
}

fn fault_help() -> String {
    let mut text = "Inject a fault: METHOD PATTERN[@REGION]: WHAT [xN] [after=K] [every=K]. \
                    Faults are counted, never random.\n"
        .to_owned();
    for (word, meaning) in Fault::WORDS {
        text.push_str(&format!("\n  {word}: {meaning}"));
    }
    text.push_str(
        "\n\nExamples: 'POST sync_repo: 503 x2', '* *: cut-after every=20', 'COPY v1: failed'",
    );
    text
}

fn switch_help() -> String {
    let mut text =
        "Choose how undocumented behavior is emulated; the first value is the default.\n"
            .to_owned();
    for row in Switches::rows() {
        text.push_str(&format!(
            "\n  {}={}: {}",
            row.name,
            row.values.join("|"),
            row.meaning
        ));
    }
    text
}

impl Settings {
    /// Validates everything and notes every problem.
    pub(super) fn validate(self, problems: &mut Problems) -> Options {
        let raw = self
            .regions
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect();
        let regions = problems.take_all::<RegionId>("--region", raw);
        let mut faults = Vec::new();
        for text in self.fault {
            match Fault::parse(&text) {
                Ok(fault) => faults.push(fault),
                Err(rule) => {
                    let message = format!("invalid fault '{text}' (--fault): {rule}");
                    problems.note("--fault", text, message);
                }
            }
        }
        let mut switches = Switches::default();
        for text in self.switches {
            if let Err(rule) = switches.set(&text) {
                let message = format!("invalid choice '{text}' (--as): {rule}");
                problems.note("--as", text, message);
            }
        }
        let mut latency = Duration::ZERO;
        if let Some(text) = self.latency {
            match duration::parse(&text) {
                Ok(found) => latency = found,
                Err(error) => {
                    let message = format!("invalid duration '{text}' (--latency): {}", error.rule);
                    problems.note("--latency", text, message);
                }
            }
        }
        Options {
            regions,
            port: None,
            state: self.state,
            seed: self.seed,
            faults,
            latency,
            record: false,
            switches,
        }
    }
}
