//! Synchronization: tasks, copies, waits, and the proof that images have arrived.
//!
//! `commands` and `fleet` ask for it. This room knows what the service does and what its answers
//! mean; it knows neither the command line nor a terminal nor exit codes. What it has to say on the
//! way goes to its [`Host`], what went wrong is a [`Failure`], whose [`Reason`] the caller turns
//! into advice.

mod cause;
pub mod compare;
pub mod copy;
pub mod coverage;
pub mod digests;
mod discover;
mod failure;
mod host;
pub mod jobs;
pub mod namespace;
pub mod nearest;
pub mod poll;
pub mod preflight;
pub mod select;
pub mod task;
pub mod wait;

pub use discover::{Discovery, Gaps, Source};
pub use failure::{Failure, Reason};
pub use host::{Event, Host, Open};
pub use task::Link;
