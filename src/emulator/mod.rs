//! The service, played on 127.0.0.1.
mod clock;
mod cloud;
mod fault;
mod identity;
mod options;
mod refusal;
mod reply;
mod resources;
mod switches;
mod world;

pub use cloud::Received;
pub use fault::Fault;
pub use options::Options;
pub use switches::{Row, Switches};
