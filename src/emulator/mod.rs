//! The service, played on 127.0.0.1.
mod asked;
mod clock;
mod cloud;
mod fault;
mod front;
mod identity;
mod options;
mod push;
mod refusal;
mod reply;
mod resources;
mod server;
mod switches;
mod world;

pub use cloud::Received;
pub use fault::Fault;
pub use options::Options;
pub use push::push;
pub use switches::{Row, Switches};
