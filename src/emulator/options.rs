//! What an emulator is started with.
//!
//! `commands` fill it from the command line, tests manually.

use std::path::PathBuf;
use std::time::Duration;

use super::fault::Fault;
use super::switches::Switches;
use crate::names::RegionId;

/// What an emulator is started with; the default serves three regions on free ports.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The regions to serve, one port each; none means cn-north-4, cn-east-3, ap-southeast-1.
    pub regions: Vec<RegionId>,
    /// The first region's port, the next ones follow; none means free ports.
    pub port: Option<u16>,
    /// A file that is read at the start, if it is there, and written after changes and at the end.
    pub state: Option<PathBuf>,
    /// A file with namespaces, repositories, tags and tasks to begin with; `docs/emulator.md` shows
    /// its form.
    pub seed: Option<PathBuf>,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
    /// By how much each response is delayed.
    pub latency: Duration,
    /// Keep every request for [`super::Emulator::received`]: for tests, whose memory is theirs.
    pub record: bool,
    /// How the service behaves where that is not recorded.
    pub switches: Switches,
}
