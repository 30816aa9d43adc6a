//! The nearest name to one that the service does not know: one more request, after the answer.

use percent_encoding::percent_decode_str;

use crate::api::Code;
use crate::context::Context;
use crate::error::Error;
use crate::names::{Namespace, nearest};

/// So many names are looked through; more would cost more than one request.
const LOOKED_AT: usize = 1000;

/// Adds the nearest name to an error that says that a namespace or a repository is not there. Where
/// the names cannot be listed, the error stays as it is.
pub(super) fn suggest(context: &Context, error: Error) -> Error {
    match nearest_name(context, &error) {
        Some(name) => error.hint(format!("did you mean '{name}'?")),
        None => error,
    }
}

fn nearest_name(context: &Context, error: &Error) -> Option<String> {
    let details = error.details();
    let code = Code::of(details.code.as_deref()?)?;
    let (_, path) = details.request.as_ref()?;
    let path = path.split('?').next()?;
    let mut parts = path.split('/').skip_while(|part| *part != "namespaces");
    let namespace = parts.nth(1)?;
    match code {
        Code::NamespaceNotFound => {
            let names = context.service().ok()?.namespaces().ok()?;
            let names: Vec<&str> = names.iter().map(|found| found.name.as_str()).collect();
            another(namespace, names)
        }
        Code::RepositoryNotFound => {
            let repository = percent_decode_str(parts.nth(1)?).decode_utf8().ok()?;
            let repository = repository.replace('$', "/");
            let namespace = Namespace::listed(namespace)?;
            let service = context.service().ok()?;
            let names: Vec<String> = service
                .repositories(Some(&namespace))
                .take(LOOKED_AT)
                .map_while(Result::ok)
                .map(|found| found.name)
                .collect();
            another(&repository, names.iter().map(String::as_str))
        }
        _ => None,
    }
}

/// Returns the nearest name, unless it is the one that was typed: then the names are not the reason.
fn another<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, names)
        .filter(|near| *near != typed)
        .map(str::to_owned)
}
