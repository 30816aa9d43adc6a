//! The global options, as typed.
//!
//! `commands` fills it from the command line, `settings` validates it; nothing is parsed here.

use std::path::PathBuf;

/// The global options as they were typed; `None` where one was not given.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--config FILE`
    pub config: Option<PathBuf>,
    /// `--profile NAME`
    pub profile: Option<String>,
    /// `--region ID`
    pub region: Option<String>,
    /// `--endpoint URL`
    pub endpoint: Option<String>,
    /// `--project-id ID`
    pub project_id: Option<String>,
    /// `-o`, `--output`
    pub output: Option<String>,
    /// `--timeout DURATION`
    pub timeout: Option<String>,
    /// `--connect-timeout DURATION`
    pub connect_timeout: Option<String>,
    /// `--retries N`
    pub retries: Option<String>,
    /// `--ca-file FILE`
    pub ca_file: Option<PathBuf>,
    /// `--color WHEN`
    pub color: Option<String>,
    /// `-q`, `--quiet`
    pub quiet: bool,
    /// How often `-v`, `--verbose` was given.
    pub verbose: u8,
}
