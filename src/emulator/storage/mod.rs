//! Images as bytes: digests, the store of content, and the small image that seeds and pushes make.
//!
//! The world links content by its digest, the registry reads and writes it. It knows neither.

mod digest;
mod image;
mod store;

pub(super) use digest::Digest;
pub(super) use image::{Image, Manifest};
pub(super) use store::{Incomplete, Store};
