//! The service, played on 127.0.0.1.
mod clock;
mod fault;
mod identity;
mod options;
mod refusal;
mod reply;
mod switches;
mod world;

pub use fault::Fault;
pub use options::Options;
pub use switches::{Row, Switches};
