//! The nearest name to one that is not there, among those that the service has: one more request,
//! after the answer. Where the names cannot be listed, there is none.

use crate::api::Service;
use crate::api::regions::near;
use crate::names::{self, Namespace, Repository};

/// So many names are looked through; more would cost more than one request.
const LOOKED_AT: usize = 1000;

/// Returns the nearest namespace.
pub fn namespace(service: &Service, typed: &str) -> Option<String> {
    let names = service.namespaces().ok()?.into_iter();
    another(typed, names.map(|found| found.name))
}

/// Returns the nearest repository of a namespace.
pub fn repository(service: &Service, namespace: &Namespace, typed: &str) -> Option<String> {
    let rows = service.repositories(Some(namespace)).take(LOOKED_AT);
    another(typed, rows.map_while(Result::ok).map(|found| found.name))
}

/// Returns the nearest tag of a repository.
pub fn tag(
    service: &Service,
    namespace: &Namespace,
    repository: &Repository,
    typed: &str,
) -> Option<String> {
    let rows = service.tags(namespace, repository).take(LOOKED_AT);
    another(typed, rows.map_while(Result::ok).map(|found| found.tag))
}

/// Returns the nearest region of those that are documented.
pub fn region(typed: &str) -> Option<String> {
    near(typed).map(str::to_owned)
}

/// Returns the nearest of names that were read anyway.
pub fn of<'a>(typed: &str, names: impl Iterator<Item = &'a String>) -> Option<String> {
    another(typed, names.cloned())
}

/// Returns the nearest name, unless it is the one that was typed: then the names are not the reason.
fn another(typed: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let names: Vec<String> = names.collect();
    names::nearest(typed, names.iter().map(String::as_str))
        .filter(|near| *near != typed)
        .map(str::to_owned)
}

/// Returns the hint that names what may be meant; `None` where nothing is near.
pub fn hint(near: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let near: Vec<String> = near
        .into_iter()
        .flatten()
        .map(|name| format!("'{name}'"))
        .collect();
    (!near.is_empty()).then(|| format!("did you mean {}?", near.join(" and ")))
}
