//! What every test needs: a run of the built binary, and something to talk to.

mod browser;
mod cloud;
mod run;
mod terminal;
mod wire;

pub use browser::Browser;
pub use cloud::{Cloud, EAST, NORTH};
pub use run::{Home, Run, mode_of, shell_path};
pub use terminal::{Typed, at_a_terminal, in_a_window, in_a_window_of};
pub use wire::{Heard, Reply, Wire};
