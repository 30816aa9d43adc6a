//! The calls of SWR, one file a resource, each by its own reading of `reference/swr-api.md`
//! sections 2 and 3.
//!
//! `server` asks [`Route::of`] what a request means, and [`Route::answer`] for the reply. Nothing
//! here sees HTTP beyond method, path, query and body.

mod account;
mod call;
mod namespaces;
mod page;
mod regions;
mod sync_images;
mod sync_job;
mod sync_repo;
mod typed;

pub(super) use account::Account;
pub(super) use call::Call;
