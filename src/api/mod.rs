//! The service's API: methods, paths, wire types, retries, error bodies.
//!
//! `commands` call [`Service`]; `credentials` implement [`Authorize`]; `context` connects
//! [`Trace`] to the output. It never knows clap, a terminal, a variable, or where a credential
//! came from. Source of everything here: `reference/swr-api.md`.

pub mod account;
mod advice;
mod answer;
mod authorize;
mod call;
mod error_body;
mod jobs;
mod joined;
mod lenient;
mod lost;
pub mod namespaces;
mod pages;
mod pause;
pub mod regions;
pub mod repositories;
mod roots;
mod service;
pub mod sync;
pub mod tags;
mod transport;

pub use advice::{ADVICE, Advice};
pub use answer::Answer;
pub use authorize::{Authorize, Draft};
pub use call::{Call, Method, Repeat, Shown, ShownCredential};
pub use error_body::{ErrorBody, read_error_body};
pub use jobs::Jobs;
pub use joined::Joined;
pub use pages::{Lists, Pages};
pub use roots::{Roots, Trust};
pub use service::{Service, refusal};
pub use transport::{Event, Limits, Trace, Transport};
