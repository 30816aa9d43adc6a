//! `swr repo list`.

use clap::Args;

use super::report::RepositoryReport;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::table;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::Namespace;

#[derive(Debug, Args)]
pub struct List {
    /// Only the repositories of this namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Option<Raw<Namespace>>,
}

impl List {
    /// Lists the repositories, as the pages come.
    ///
    /// # Errors
    /// A wrong name, settings, and whatever the service refuses.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let namespace = problems.take_optional("--namespace", self.namespace);
        problems.end()?;
        let service = context.service()?;
        let mut found = service.repositories(namespace.as_ref()).peekable();
        // The service lists nothing for a namespace that is not there.
        if found.peek().is_none()
            && let Some(namespace) = &namespace
            && let Err(error) = service.require_namespace(namespace)
            && error.details().http_status == Some(404)
        {
            return Err(error);
        }
        let nothing = match &namespace {
            Some(namespace) => format!(
                "no repository in '{namespace}'; 'swr namespace list' shows your namespaces"
            ),
            None => "there is no repository that you can see".to_owned(),
        };
        table::write(
            context.output(),
            found.map(|info| {
                Ok(RepositoryReport::of(
                    info?,
                    namespace.as_ref(),
                    context.region(),
                ))
            }),
            &nothing,
        )?;
        Ok(Exit::Done)
    }
}
