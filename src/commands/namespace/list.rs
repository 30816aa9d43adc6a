//! `swr namespace list`.

use super::report::NamespaceReport;
use crate::commands::table;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// Lists the namespaces that the caller can see; the service gives them all at once.
///
/// # Errors
/// Settings, and whatever the service refuses.
pub(super) fn run(context: &Context) -> Result<Exit, Error> {
    let namespaces = context.service()?.namespaces()?;
    table::write(
        context.output(),
        namespaces
            .into_iter()
            .map(|info| Ok(NamespaceReport::of(info, context.region()))),
        "there is no namespace that you can see",
    )?;
    Ok(Exit::Done)
}
