//! The nearest name to one that the service does not know: one more request, after the answer.

use percent_encoding::percent_decode_str;

use crate::api::Code;
use crate::context::Context;
use crate::error::Error;
use crate::names::{Namespace, Repository};
use crate::sync::nearest;

/// Adds the nearest name to an error that says that a namespace, a repository or a tag is not there.
/// Where the names cannot be listed, the error stays as it is.
pub(super) fn suggest(context: &Context, error: Error) -> Error {
    match nearest::hint([nearest_name(context, &error)]) {
        Some(hint) => error.hint(hint),
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
    let service = || context.service().ok();
    if code == Code::NamespaceNotFound {
        return nearest::namespace(&service()?, namespace);
    }
    let namespace = Namespace::listed(namespace)?;
    let repository = percent_decode_str(parts.nth(1)?).decode_utf8().ok()?;
    let repository = repository.replace('$', "/");
    match code {
        Code::RepositoryNotFound => nearest::repository(&service()?, &namespace, &repository),
        Code::TagNotFound => {
            let repository = Repository::listed(&repository)?;
            nearest::tag(&service()?, &namespace, &repository, parts.nth(1)?)
        }
        _ => None,
    }
}
