//! Which credential, and from where: tokens, keys, logins, the vendor's variables and files.
//!
//! `context` asks for the credential of a region. This room knows the order of the sources and
//! what each one means (contract section 2, auth.md); it knows no command and no resource.

mod asked;
mod chain;
mod keys;
pub mod signature;
mod source;
mod spot;
mod store;
#[cfg(test)]
mod tests;
mod token_command;

pub use chain::{Chain, Found};
pub use keys::Keys;
pub use source::{Federation, IdToken, Kind, Pod, Source, Sts};
pub use store::{Login, Logins, Store, TokenLogin};
