//! What docs/credentials.md says, against the emulated cloud, each with an empty home.

use crate::support::Cloud;

#[test]
fn x() {
    let _ = Cloud::start();
}
