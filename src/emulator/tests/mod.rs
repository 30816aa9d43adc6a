//! The emulator over real sockets: one test a behavior of `reference/swr-api.md` section 8.

mod faults;
mod lists;
mod registry;
pub(in crate::emulator) mod support;
mod switches;
mod sync;
mod whole;

use support::{EAST, NORTH, Played, REPO};
