//! What every test needs: a run of the built binary, and something to talk to.

mod run;
mod terminal;
mod wire;

pub use run::{Home, Run, mode_of};
pub use terminal::at_a_terminal;
pub use wire::{Heard, Reply, Wire};
