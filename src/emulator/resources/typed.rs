//! Which names can be made through the service. Source: `reference/swr-api.md` section 4.

use crate::emulator::switches::{Switch, Switches};
use crate::names::{Name, Namespace, Repository};

/// Tells whether a namespace can be called so; `library` is reserved.
pub(super) fn is_namespace(name: &str, switches: Switches) -> bool {
    fits::<Namespace>(name, 64, switches) && name != "library"
}

/// Tells whether a repository can be called so.
pub(super) fn is_repository(name: &str, switches: Switches) -> bool {
    fits::<Repository>(name, 128, switches)
}

/// Whether repeated hyphens are taken nobody has recorded: docker's own grammar takes them.
fn fits<T: Name>(name: &str, longest: usize, switches: Switches) -> bool {
    if !switches.has(Switch::HyphensAreTaken) {
        return T::parse(name).is_ok();
    }
    let mut judged = name.to_owned();
    while judged.contains("--") {
        judged = judged.replace("--", "-");
    }
    name.len() <= longest && T::parse(&judged).is_ok()
}
