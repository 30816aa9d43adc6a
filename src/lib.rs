//! `swr` keeps container images of Huawei Cloud SWR in more than one region.
//!
//! The map of the rooms stands in `docs/architecture.md`; imports run down its list only.

pub mod api;
pub mod credentials;
pub mod endpoint;
pub mod error;
pub mod exit;
pub mod interrupt;
pub mod names;
pub mod origin;
pub mod output;
pub mod secret;
pub mod settings;
