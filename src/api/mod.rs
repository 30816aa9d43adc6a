//! The service's API: methods, paths, wire types, retries, error bodies.
//!
//! `commands` call [`Service`]; `credentials` implement [`Authorize`]; `context` connects
//! [`Trace`] to the output. This room must never know clap, a terminal, a variable, or where a
//! credential came from. Source of everything here: `reference/swr-api.md`.

pub mod account;
mod advice;
mod answer;
mod any_list;
mod authorize;
mod backoff;
mod call;
mod cursor;
mod error_body;
mod fields;
mod headers;
mod jobs;
mod limits;
pub mod namespaces;
mod paginate;
mod proxy_refusal;
mod refusal;
pub mod regions;
mod registry;
pub mod repositories;
mod resolver;
mod roots;
mod send_error;
mod service;
pub mod sync;
pub mod tags;
mod tls_error;
mod trace;
mod transport;

#[cfg(test)]
pub use advice::ADVICE;
pub use advice::Code;
pub use answer::Answer;
pub use any_list::AnyList;
pub use authorize::{Authorize, Draft, Header, HeaderText};
pub use call::{Call, Method, PreviewCredential, Repeat, RequestPreview};
pub use limits::Limits;
pub use registry::{RegistryPassword, try_registry_login};
pub use roots::Trust;
pub use service::Service;
pub use trace::{Event, Trace};
pub use transport::{ProxyOf, Transport};
