//! What every test needs: a run of the built binary, and something to talk to.

mod run;
mod wire;

pub use run::{Home, Run, mode_of};
pub use wire::{Heard, Reply, Wire};
